"""What editors and type checkers see: stubs that fit the modules, and docstrings."""

import importlib
import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import croton as ct
import croton.tensor as T
from croton import _core

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(ct.__file__).resolve().parent

PROGRAM = """
import numpy as np
import croton as ct
import croton.tensor as T
from croton.printing import Print

x = T.matrix("x")
shifted: T.Variable = T.exp(x) + T.fmatrix("f").T
w = ct.shared(np.zeros((3, 2)), name="w")
hidden = T.nnet.softmax(T.dot(Print("x")(x), w))
cost = T.log(hidden).mean() + T.sqr(w).sum() * 0.01 - T.arccosh(2.0)
gradient = ct.grad(cost, w)
with ct.config.change_flags(floatX="float32"):
    name: str = ct.config.floatX
f = ct.function([x], [cost, shifted], updates=[(w, w - 0.1 * gradient)], mode=ct.Mode("py"))
chosen = T.switch(x > 0, x[0], -x) ** 2
flat = T.concatenate([x, x], axis=0).reshape((-1,)).sum(axis=0)
value: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]" = f(np.ones((2, 3)))[0]
checked = T.opt.Assert("positive")(x, x.sum() > 0)
page: str = ct.printing.html(f)
"""
REVEALED = {"T.exp(x)": "croton.tensor.variable.Variable", "w.get_value()": "numpy.ndarray[Any, Any]"}
WRONG = {"T.nosuch(x)": "attr-defined", "ct.Mode(linker=3)": "arg-type", "T.exp()": "call-arg"}


def test_stubs_of_tables_are_up_to_date():
    spec = importlib.util.spec_from_file_location("stubs", ROOT / "tools" / "stubs.py")
    stubs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(stubs)
    assert stubs.PATH.read_text(encoding="utf-8") == stubs.text(), "run `make stubs`"
    assert (PACKAGE / "py.typed").is_file()


def parameters_of(function) -> int:
    """How many parameters a function of the engine has, by the signature that its docstring begins with."""
    signature = function.__doc__.splitlines()[0]
    return len(re.findall(r"\w+: ", signature.partition("(")[2].rpartition(") ->")[0]))


def test_stub_of_the_engine_fits_it():
    """Its functions and classes with as many parameters, no more and no fewer."""
    text = (ROOT / "python" / "croton" / "_core.pyi").read_text(encoding="utf-8")
    names = {name for name in vars(_core) if not name.startswith("__")}
    stubs = dict(re.findall(r"^def (\w+)\(((?:[^()]|\([^()]*\))*)\)", text, re.MULTILINE))
    classes = set(re.findall(r"^class (\w+)", text, re.MULTILINE))
    assert names == set(stubs) | classes
    for name, parameters in stubs.items():
        count = len(re.findall(r"\w+: ", parameters))
        assert count == parameters_of(getattr(_core, name)), name
    members = set(
        re.findall(r"^    (?:def )?(\w+)[:(]", text.partition("class CompiledFunction")[0], re.MULTILINE)
    )
    assert {name for name in vars(_core.Variable) if "__" not in name and "pybind" not in name} <= members


def test_type_checker_accepts_a_program(tmp_path):
    pytest.importorskip("mypy", reason="needs mypy, one of the test requirements")
    lines = [PROGRAM, *(f"reveal_type({text})" for text in REVEALED), *WRONG]
    path = tmp_path / "program.py"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = True\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), str(path)]
    environment = (
        {"PATH": "", "MYPYPATH": str(PACKAGE.parent)} if "site-packages" not in str(PACKAGE) else None
    )
    found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True).stdout
    errors = [line for line in found.splitlines() if ": error:" in line]
    assert [re.search(r"\[([\w-]+)\]$", line)[1] for line in errors] == list(WRONG.values()), found
    assert re.findall(r'Revealed type is "(.*)"', found) == list(REVEALED.values())


# ---- docstrings

MODULES = (
    "croton",
    "croton.compile",
    "croton.gof.graph",
    "croton.gradient",
    "croton.printing",
    "croton.raise_op",
    "croton.random",
    "croton.tensor",
    "croton.tensor.extra_ops",
    "croton.tensor.linalg",
    "croton.tensor.nlinalg",
    "croton.tensor.nnet",
    "croton.tensor.signal.pool",
    "croton.tensor.slinalg",
)
FUNCTIONS = {
    f"{module}.{name}": function
    for module in MODULES
    for name, function in vars(importlib.import_module(module)).items()
    if inspect.isfunction(function) and not name.startswith("_") and "croton" in function.__module__
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring(name):
    """There is one, and a list of parameters names them all."""
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    assert text
    if "Parameters\n-" in text:
        described = text.partition("Parameters\n-")[2]
        for parameter in inspect.signature(FUNCTIONS[name]).parameters:
            assert re.search(rf"\b{parameter}\b", described), f"{name} does not describe {parameter}"


@pytest.mark.parametrize("name", T.constructors.FUNCTIONS.keys() | T.elementwise.FUNCTIONS.keys())
def test_made_functions_list_parameters_and_results(name):
    function = getattr(T, name)
    if inspect.isfunction(function) and function.__module__ == "croton.tensor.constructors":
        assert "Parameters\n" in function.__doc__
        assert "Returns\n" in function.__doc__
