"""debugprint, dot_source and pydotprint: trees and graphs as text."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

x, m = T.dvector("x"), T.fmatrix("m")
w = ct.shared(np.zeros(2, "float32"), name="w")
twice = T.exp(x)
loss = T.sqr(m * w).sum()
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
    "ids": (lambda: ct.debugprint(x, ids="id"), ValueError, "ids of 'CHAR', 'int' or ''"),
    "formula": (lambda: ct.pprint([x]), TypeError, "pp: required a symbolic variable"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name):
    call, error, message = ERRORS[name]
    with pytest.raises(error, match=message):
        call()
