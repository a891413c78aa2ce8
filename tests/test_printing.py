"""debugprint, dot_source, pydotprint, html: trees, graphs as text, drawings."""

import itertools
import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

x, m = T.dvector("x"), T.fmatrix("m")
w = ct.shared(np.zeros(2, "float32"), name="w")
twice = T.exp(x)
loss = T.sqr(m * w).sum()
LINE = sys._getframe().f_lineno - 1
loss.name = "loss"

# name: (what to print, options, the lines)
TREES = {
    "leaf": (x, {}, ["x [id A]"]),
    "constant": (T.constant(2.5), {"print_type": True}, ["2.5 <float64[]> [id A]"]),
    "unnamed": (T.dscalar(), {"ids": ""}, ["<float64[]>"]),
    "attributes": (m.T, {}, ["dimshuffle [1,0] [id A]", " |m [id B]"]),
    "shared_part": (
        twice + twice.sum(),
        {"ids": "int"},
        [
            "add [id 0]",
            " |exp [id 1]",
            " | |x [id 2]",
            " |sum [0] [id 3]",
            " | |exp [id 1] (shown above)",
        ],
    ),
    "depth": (twice + 1, {"depth": 2, "ids": ""}, ["add", " |exp", " |1"]),
    "several": ([x, twice], {"ids": "int"}, ["x [id 0]", "exp [id 1]", " |x [id 0]"]),
    "named": (
        loss,
        {"print_type": True, "ids": ""},
        [
            "sum [0,1] <float32[]> 'loss'",
            " |square <float32[?, ?]>",
            " | |mul <float32[?, ?]>",
            " | | |m <float32[?, ?]>",
            " | | |w <float32[?]>",
        ],
    ),
    "stop_on_name": ([loss], {"stop_on_name": True}, ["sum [0,1] [id A] 'loss'"]),
    "function": (
        ct.function([x], twice, updates=[(w, w + 1)]),
        {"ids": ""},
        ["exp", " |x", "add 'update of w'", " |w", " |1"],
    ),
    "no_outputs": (ct.function([], []), {}, []),
}


@pytest.mark.parametrize("name", TREES)
def test_tree(name, capsys):
    what, options, lines = TREES[name]
    assert ct.printing.debugprint(what, file="str", **options).splitlines() == lines
    ct.debugprint(what, **options)
    assert capsys.readouterr().out.splitlines() == lines


def test_deep_lines_say_their_depth():
    y = x
    for _ in range(100):
        y = T.sin(y)
    lines = ct.debugprint(y, file="str").splitlines()
    assert lines[40].startswith(" |" * 40 + "sin")
    assert lines[99].startswith(" (99)|sin")
    assert lines[100].startswith(" (100)|x")


def test_many_identifiers():
    text = ct.debugprint([T.dscalar(f"x{k}") for k in range(800)], file="str").splitlines()
    ids = [line.split("[id ")[1].rstrip("]") for line in text]
    assert [ids[k] for k in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
    assert len(set(ids)) == 800


def test_graph():
    y = T.dscalar('a "b"\\')
    text = ct.printing.dot_source([y - 1, y])
    assert text.splitlines() == [
        "digraph {",
        r'  0 [label="sub\nfloat64[]", shape=ellipse];',
        r'  1 [label="a \"b\"\\\nfloat64[]", shape=box];',
        r'  2 [label="1\nfloat64[]", shape=plaintext];',
        "  1 -> 0 [label=0];",
        "  2 -> 0 [label=1];",
        "}",
    ]


def test_pictures_are_made_by_graphviz(tmp_path, monkeypatch):
    """A program called dot that copies its arguments and its input stands for Graphviz's."""
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho $1\ncat\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    want = "\n" + ct.printing.dot_source(loss) + "\n"
    assert ct.printing.pydotprint(loss, return_image=True).decode() == "-Tpng" + want
    assert ct.printing.pydotprint(loss, tmp_path / "a.svg") is None
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == "-Tsvg" + want
    ct.printing.pydotprint(loss, tmp_path / "b", format="gv")
    assert "\n" + (tmp_path / "b").read_text(encoding="utf-8") == want


def test_marks_that_a_node_keeps_and_test_values():
    y = T.dvector("y")
    y.tag.test_value = [1.0]
    z = T.exp(y)
    first, second = ct.debugprint(z, ids="id", file="str"), ct.debugprint(z, ids="id", file="str")
    assert first == second == f"exp [id {z._node._id}]\n |y [id {y._node._id}]\n"
    with ct.config.change_flags(print_test_value=True):
        assert ct.debugprint(z, ids="", file="str") == "exp\n |y test_value=[1.0]\n"


def test_informative_text_is_the_same_for_equal_graphs():
    text = ct.printing.min_informative_str(twice + twice.sum())
    assert text == "A. add\n B. exp\n  C. x\n D. sum [0]\n  <B>"
    other = T.dvector("x")
    assert text == ct.printing.min_informative_str(T.exp(other) + T.exp(other).sum())
    assert ct.printing.min_informative_str([x, x], 2) == "  A. x\n  <A>"


# ---- drawings


def parts_of(page):
    """The nodes, edges and details of a drawing, and the text of its picture."""
    picture = ElementTree.fromstring(re.search(r"<svg.*</svg>", page, re.S)[0])
    details = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])
    nodes = [each for each in picture if each.get("class").startswith("node")]
    edges = {(int(e.get("data-from")), int(e.get("data-to"))) for e in picture if e.get("class") == "edge"}
    return nodes, edges, details, ["".join(node.itertext()) for node in nodes]


def test_drawing_has_every_node_and_edge():
    nodes, edges, details, texts = parts_of(ct.printing.html(loss))
    labels = [node["label"] for node in details["nodes"]]
    assert labels == ["m", "w", "mul", "square", "sum [0,1]"]
    assert edges == {(0, 2), (1, 2), (2, 3), (3, 4)}
    assert texts[0] == "mfloat32[?, ?]"
    assert texts[4].startswith("loss = sum")
    assert [node.get("class").split()[1] for node in nodes] == ["input", "shared", "op", "op", "result"]
    chosen = details["nodes"][2]
    assert chosen["doc"] == "x * y; for bools, logical and."
    assert chosen["source"].endswith(f"{Path(__file__).name}:{LINE}")
    assert chosen["inputs"] == [["m", 0], ["w", 1]]


def test_drawing_of_a_function_shows_its_launches():
    f = ct.function([m], [loss, T.dot(m, m)], updates=[(w, w * 2)], name="a <script>alert(1)</script>")
    page = ct.printing.html(f)
    _, _, details, _ = parts_of(page)
    kinds = {launch["kind"]: launch["ops"] for launch in details["launches"]}
    assert kinds["product"] == ["matmul"]
    of = {node["label"]: node["launches"] for node in details["nodes"]}
    assert of["square"] == of["sum [0,1]"] != of["matmul"]
    assert {launch for launches in of.values() for launch in launches} == set(range(len(details["launches"])))
    assert "update of w" in [node["name"] for node in details["nodes"]]
    assert "<title>a &lt;script&gt;alert(1)&lt;/script&gt;</title>" in page
    assert parts_of(ct.printing.html(ct.function([m], loss, mode="reference")))[2]["launches"] == []


@pytest.mark.parametrize("name", ["<b>&amp;", "</script><script>alert(1)</script>", "<!--DATA-->", '"\\ö'])
def test_drawing_escapes_names(name, tmp_path):
    y = T.dscalar(name)
    ct.d3viz.d3viz(T.exp(y), tmp_path / "graph.html")
    page = (tmp_path / "graph.html").read_text(encoding="utf-8")
    assert page.count("<script") == page.count("</script>") == 2
    _, _, details, texts = parts_of(page)
    assert details["nodes"][0]["label"] == name
    assert texts[0].startswith(name[:20])


def test_drawing_needs_nothing_from_outside():
    page = ct.printing.html(loss).replace("http://www.w3.org/2000/svg", "")
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|src=|href=|@import|url\(|fetch\(", page)


def test_drawn_nodes_do_not_overlap():
    y = x
    for k in range(40):
        y = T.tanh(y * float(k)) + T.exp(y).sum() * T.dvector(f"input number {k}")
    nodes, edges, _, _ = parts_of(ct.printing.html(y))
    assert len(nodes) > 150
    assert len(edges) > 150
    rows = {}
    for node in nodes:
        left, top = map(float, re.findall(r"-?[\d.]+", node.get("transform")))
        width = float(node[0].get("width"))
        rows.setdefault(top, []).append((left - width / 2, left + width / 2))
    for row in rows.values():
        row.sort()
        assert all(a[1] < b[0] for a, b in itertools.pairwise(row))


def test_dot_files_under_theanos_name(tmp_path):
    ct.d3viz.d3write(loss, tmp_path / "graph.dot")
    assert (tmp_path / "graph.dot").read_text(encoding="utf-8") == ct.printing.dot_source(loss) + "\n"


def test_graph_of_a_function(tmp_path):
    f = ct.function([m], loss, updates=[(w, w * 2)])
    path = tmp_path / "graph.dot"
    ct.printing.pydotprint(f, path, with_ids=True)
    text = path.read_text(encoding="utf-8")
    assert text == ct.printing.dot_source(f) + "\n"
    assert "label=\"mul 'update of w'\\nfloat32[?]\"" in text
    assert text.count("fillcolor=lightgrey") == 1


ERRORS = {
    "picture": (lambda: ct.printing.pydotprint(x, "graph.png"), ValueError, r"\.dot or \.gv.*dot -Tpng"),
    "number": (lambda: ct.debugprint(3), TypeError, "debugprint: required variables or a compiled function"),
    "ids": (lambda: ct.debugprint(x, ids="name"), ValueError, "ids of 'CHAR', 'int', 'id' or ''"),
    "ending": (
        lambda: ct.printing.pydotprint(x, "graph.txt"),
        ValueError,
        r"\.dot, \.gv or \.png.*graph.txt",
    ),
    "nowhere": (lambda: ct.printing.pydotprint(x), TypeError, "return_image=True, given neither"),
    "html": (lambda: ct.printing.html([x, 3]), TypeError, "html: required variables or a compiled function"),
    "formula": (lambda: ct.pprint([x]), TypeError, "pp: required a symbolic variable"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: None)
    call, error, message = ERRORS[name]
    with pytest.raises(error, match=message):
        call()
