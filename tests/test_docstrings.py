"""The examples in the docstrings of croton.tensor, and that its functions have docstrings."""

import doctest
import inspect
import pkgutil

import numpy as np
import pytest

import croton as ct
import croton.tensor
import croton.tensor as T

MODULES = [f"croton.tensor.{module.name}" for module in pkgutil.iter_modules(croton.tensor.__path__)]


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = []
    for name in MODULES:
        module = __import__(name, fromlist=["_"])
        found += [test for test in finder.find(module, name) if test.examples]
    return found


@pytest.mark.parametrize("test", examples(), ids=lambda test: test.name)
def test_example(test):
    test.globs = {"T": T, "ct": ct, "np": np}
    report: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=report.append)
    assert not report, "".join(report)


def test_every_function_is_described():
    functions = {name: value for name, value in vars(T).items() if inspect.isfunction(value)}
    assert not [name for name, value in functions.items() if name[0] != "_" and not value.__doc__]
