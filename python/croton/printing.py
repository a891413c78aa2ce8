"""Expressions to look at: a formula, a tree, a drawing; and values, printed while a function runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from croton.config import config
from croton.errors import complaint
from croton.graph_text import labels_of, roots_of
from croton.raise_op import observed
from croton.tensor.expression import Expression, Node
from croton.tensor.tags import find_tag
from croton.tensor.variable import Variable

DEEP = 40  # from this depth on, a line says how deep it is instead of showing it


def pp(x: Any) -> str:
    """The expression as a formula.

    Parameters
    ----------
    x : Variable

    Returns
    -------
    str

    Raises
    ------
    TypeError
        For anything but a symbolic variable.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> ct.pp(x)
    'x'
    """
    if not isinstance(x, Expression):
        raise TypeError(complaint("pp", "a symbolic variable", repr(x)))
    return x._node._text(100_000)


pprint = pp


def _identifier(number: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    text = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def _tree(
    roots: list[tuple[Node, str]], depth: int, print_type: bool, ids: str, stop_on_name: bool
) -> Iterator[str]:
    labels = labels_of([node for node, _ in roots])
    numbers: dict[Node, int] = {}
    for root, title in roots:
        todo = [(root, 0)]
        while todo:
            node, level = todo.pop()
            seen = node in numbers
            number = numbers.setdefault(node, len(numbers))
            label, kind = labels[node]
            line = " |" * level if level <= DEEP else f" ({level})|"
            line += label + (f" <{kind}>" if print_type else "")
            marks = {"CHAR": _identifier(number), "int": str(number), "id": str(node._id)}
            line += f" [id {marks[ids]}]" if ids else ""
            name = title if level == 0 else node._leaf_name if node._inputs else ""
            line += f" '{name}'" if name else ""
            if config.print_test_value and (value := getattr(find_tag(node), "test_value", None)) is not None:
                line += f" test_value={value!r:.60}"
            inputs = [] if level + 1 == depth or (stop_on_name and name) else node._inputs
            if inputs and seen:
                yield line + " (shown above)"
                continue
            yield line
            todo += [(each, level + 1) for each in reversed(inputs)]


def debugprint(
    obj: Any,
    depth: int = -1,
    print_type: bool = False,
    file: Any = None,
    ids: str = "CHAR",
    stop_on_name: bool = False,
) -> str | None:
    """Prints expressions as a tree: one line for each node, its inputs below it and further to the right.

    Parameters
    ----------
    obj : Variable, list of Variable, or compiled function
        Of a function, the expressions of its outputs and updates as they were written.
    depth : int
        How many levels to print; -1 means all.
    print_type : bool
        Whether to add the types.
    file : optional
        Where to print, by default standard output; "str" returns the text.
    ids : {"CHAR", "int", "id", ""}
        How to mark nodes: in order, or by a number that a node keeps. What has been printed before is not
        printed again below the same mark.
    stop_on_name : bool
        Whether to leave out what is below a node with a name.

    Raises
    ------
    ValueError
        For other `ids`.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> y = T.exp(x)
    >>> ct.debugprint(y.sum() + y, print_type=True)
    add <float64[?]> [id A]
     |sum [0] <float64[]> [id B]
     | |exp <float64[?]> [id C]
     | | |x <float64[?]> [id D]
     |exp <float64[?]> [id C] (shown above)
    """
    if ids not in ("CHAR", "int", "id", ""):
        raise ValueError(complaint("debugprint", "ids of 'CHAR', 'int', 'id' or ''", repr(ids)))
    lines = _tree(roots_of("debugprint", obj), depth, print_type, ids, stop_on_name)
    text = "".join(line + "\n" for line in lines)
    if file == "str":
        return text
    print(text, end="", file=file or sys.stdout)
    return None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


SHAPES = {"input": "box", "shared": "box, style=filled, fillcolor=lightgrey", "constant": "plaintext"}


def dot_source(obj: Any) -> str:
    """The graph of expressions in the language of Graphviz, an arrow from each input to what uses it.

    Parameters
    ----------
    obj : Variable, list of Variable, or compiled function

    Examples
    --------
    >>> print(ct.printing.dot_source(T.exp(T.dscalar("x"))))
    digraph {
      0 [label="exp\\nfloat64[]", shape=ellipse];
      1 [label="x\\nfloat64[]", shape=box];
      1 -> 0;
    }
    """
    roots = roots_of("dot_source", obj)
    labels = labels_of([node for node, _ in roots])
    numbers = {node: k for k, node in enumerate(labels)}
    titles = {node: f" '{title}'" for node, title in roots if title}
    lines = []
    for node, (label, kind) in labels.items():
        text = _quoted(f"{label}{titles.get(node, '')}\n{kind}")
        lines.append(f"  {numbers[node]} [label={text}, shape={SHAPES.get(node._op, 'ellipse')}];")
    for node in labels:
        for k, each in enumerate(node._inputs):
            place = f" [label={k}]" if len(node._inputs) > 1 else ""
            lines.append(f"  {numbers[each]} -> {numbers[node]}{place};")
    return "\n".join(["digraph {", *lines, "}"])


PICTURES = ("png", "svg", "pdf", "ps", "jpg", "gif")


def pydotprint(
    fct: Any, outfile: str | os.PathLike[str] | None = None, format: str | None = None, **options: Any
) -> bytes | None:
    """Writes a graph for Graphviz, or the picture that its program `dot` makes of it.

    Parameters
    ----------
    fct : Variable, list of Variable, or compiled function
    outfile : path
        Its ending says what to write: .dot and .gv are the text of `dot_source`; .png, .svg and .pdf need
        Graphviz. Not needed with `return_image`.
    format : str, optional
        Such an ending, for a name that has another.
    return_image : bool
        Whether to return the picture, a png unless `format` says otherwise.
    options
        Theano's options of style have no effect.

    Returns
    -------
    bytes or None
        The picture, with `return_image`.

    Raises
    ------
    TypeError
        Without the name of a file, unless it is to return the picture.
    ValueError
        For another kind of file, or a picture where there is no program `dot`.
    """
    wanted = bool(options.get("return_image"))
    if outfile is None and not wanted:
        raise TypeError(complaint("pydotprint", "the name of a file, or return_image=True", "neither"))
    kind = format or ("png" if outfile is None else os.path.splitext(outfile)[1].removeprefix("."))
    if kind not in (*PICTURES, "dot", "gv"):
        required = f"a file name with .dot, .gv or .{', .'.join(PICTURES)}"
        raise ValueError(complaint("pydotprint", required, str(outfile or kind)))
    content = (dot_source(fct) + "\n").encode()
    if kind in PICTURES:
        content = _picture(content, kind)
    if outfile is not None:
        with open(outfile, "wb") as file:
            file.write(content)
    return content if wanted else None


def _picture(source: bytes, kind: str) -> bytes:
    import shutil
    import subprocess

    program = shutil.which("dot")
    if program is None:
        remedy = "install it, or later make the picture with dot -Tpng; croton.printing.html needs nothing"
        raise ValueError(complaint("pydotprint", "a .dot or .gv file without Graphviz", f".{kind}", remedy))
    return subprocess.run([program, f"-T{kind}"], input=source, capture_output=True, check=True).stdout


def min_informative_str(obj: Any, indent_level: int = 0) -> str:
    """The graph of expressions as text that does not depend on names in memory or on how it was made.

    Parameters
    ----------
    obj : Variable, list of Variable, or compiled function
    indent_level : int
        How far to indent the first line.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> print(ct.printing.min_informative_str(T.exp(x) * T.exp(x).sum()))
    A. mul
     B. exp
      C. x
     D. sum [0]
      <B>
    """
    roots = roots_of("min_informative_str", obj)
    labels = labels_of([node for node, _ in roots])
    tags: dict[Node, str] = {}
    lines = []
    todo = [(node, indent_level) for node, _ in reversed(roots)]
    while todo:
        node, level = todo.pop()
        if node in tags:
            lines.append(" " * level + f"<{tags[node]}>")
            continue
        tags[node] = _identifier(len(tags))
        lines.append(" " * level + f"{tags[node]}. {labels[node][0]}")
        todo += [(each, level + 1) for each in reversed(node._inputs)]
    return "\n".join(lines)


def html(obj: Any, path: str | os.PathLike[str] | None = None, title: str | None = None) -> str:
    """A drawing of expressions to look at in a browser: one HTML file that needs no network.

    Drag to move, turn the wheel to zoom, click on a node for its type, its op, your line and what it reads.
    Of a compiled function it shows what runs, in colours: nodes of one colour are one launch.

    Parameters
    ----------
    obj : Variable, list of Variable, or compiled function
    path : path, optional
        The file to write.
    title : str, optional
        By default the function's name, or the expression.

    Returns
    -------
    str
        The text of the file.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> page = ct.printing.html(ct.function([x], T.exp(x).sum()))
    >>> "src=" in page, "https:" in page
    (False, False)
    """
    from croton.graph_view import page_of  # takes time to load, and few programs draw

    page = page_of(obj, title)
    if path is not None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)
    return page


class Print:
    """Prints a value each time it is computed.

    Parameters
    ----------
    message : str
    attrs : sequence of str
        What to print of the array: "__str__" its elements, or attributes such as "shape", "min" or "dtype";
        methods are called.
    global_fn : callable, optional
        Called as `global_fn(print_op, array)` instead of printing. It must not change shared variables if
        the function that calls it uses some, nor read any if that one updates some.

    Raises
    ------
    TypeError
        If `attrs` is a string.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> y = ct.printing.Print("the sum", attrs=("__str__", "shape"))(x.sum())
    >>> f = ct.function([x], 2 * y)
    >>> f([1.0, 2.0])
    the sum __str__ = 3.0
    the sum shape = ()
    array(6.)
    """

    def __init__(
        self,
        message: str = "",
        attrs: Sequence[str] = ("__str__",),
        global_fn: Callable[[Print, Any], None] | None = None,
    ) -> None:
        if isinstance(attrs, str):
            raise TypeError(complaint("Print", "a sequence of names", repr(attrs), f"write ({attrs!r},)"))
        self.message, self.attrs = message, tuple(attrs)
        self.global_fn = global_fn or _print_attributes

    def __call__(self, x: Any) -> Variable:
        """`x`, whose value is printed whenever a function computes it.

        What is not needed for the results of a function is not printed, nor is a value of which only the
        shape is needed. Gradients pass through.

        Parameters
        ----------
        x : TensorLike
        """
        return observed(x, [x], lambda array: self.global_fn(self, array))

    def __repr__(self) -> str:
        return f"Print({self.message!r}, attrs={self.attrs!r})"


def _print_attributes(op: Print, array: Any) -> None:
    for name in op.attrs:
        value = getattr(array, name)
        print(op.message, name, "=", value() if callable(value) else value)
