"""The examples in docstrings and in docs/ do what they say."""

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

import croton
import croton.tensor

NAMES = {"np": np, "ct": croton, "T": croton.tensor}  # what examples in docstrings may use
DOCS = sorted((Path(__file__).resolve().parent.parent / "docs").glob("*.md"))


def modules() -> list[str]:
    found = pkgutil.walk_packages(croton.__path__, "croton.")
    return ["croton"] + [
        module.name for module in found if not module.name.split(".")[-1].startswith(("_", "lib"))
    ]


def check(tests: list[doctest.DocTest]) -> None:
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for test in tests:
        runner.run(test, out=report.append)
    assert not runner.failures, "".join(report)


@pytest.mark.parametrize("name", modules())
def test_docstrings(name):
    module = importlib.import_module(name)
    check(doctest.DocTestFinder(exclude_empty=True).find(module, name, extraglobs=NAMES))


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_pages(path):
    text = path.read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text, {}, path.name, str(path), 0)
    assert test.examples, f"{path.name} has no examples"
    check([test])


def test_every_function_is_described():
    functions = {name: value for name, value in vars(croton.tensor).items() if inspect.isfunction(value)}
    assert not [name for name, value in functions.items() if name[0] != "_" and not value.__doc__]


def public_functions():
    """The functions that croton.tensor, croton.tensor.nnet and croton.sparse offer."""
    modules = [croton.tensor, croton.tensor.nnet, croton.sparse]
    found = {f"{m.__name__}.{name}": getattr(m, name) for m in modules for name in dir(m) if name[0] != "_"}
    return {name: f for name, f in found.items() if inspect.isfunction(f) and f.__module__[:6] == "croton"}


# What a docstring says whose function takes the arguments of another one.
ELSEWHERE = re.compile(r"^`|[Aa]rguments as|same arguments|these arguments|[Ss]ee `|[Aa]s for `")


def test_every_parameter_is_described():
    """Named in the docstring, where there is more than one, or said to be those of another function."""
    missing = {}
    for where, function in public_functions().items():
        doc = inspect.getdoc(function) or ""
        names = [p for p in inspect.signature(function).parameters if p not in ("args", "kwargs", "options")]
        left = [name for name in names if not re.search(rf"\b{name}\b", doc)]
        if left and len(names) > 1 and not ELSEWHERE.search(doc):
            missing[where] = left
    assert not missing
