"""Every public name of Theano exists here, or docs/theano.md says what to use instead."""

import importlib
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
NAMES = (TESTS / "theano_names.txt").read_text(encoding="utf-8").split()
PAGE = (TESTS.parent / "docs" / "theano.md").read_text(encoding="utf-8")
ABSENT = PAGE.split("## Names that do not exist")[1]
LISTED = [
    f"theano.{name}"
    for line in ABSENT.splitlines()
    if line.startswith("| `")
    for name in re.findall(r"`([^`]*)`", line.split("|")[1])
]


def resolves(name: str) -> bool:
    """Whether `from module import name` works, with croton in the place of theano."""
    module, _, last = name.replace("theano", "croton", 1).rpartition(".")
    try:
        if hasattr(importlib.import_module(module), last):
            return True
        importlib.import_module(f"{module}.{last}")
    except ModuleNotFoundError:
        return False
    return True


MISSING = [name for name in NAMES if not resolves(name)]


def test_the_table_is_a_table():
    assert len(NAMES) == len(set(NAMES)) > 700
    assert all(re.fullmatch(r"theano(\.\w+)+", name) for name in NAMES)


def test_missing_names_are_documented():
    unlisted = [name for name in MISSING if not any(fnmatchcase(name, entry) for entry in LISTED)]
    assert not unlisted, f"neither in croton nor in docs/theano.md: {', '.join(unlisted)}"


@pytest.mark.parametrize("entry", LISTED)
def test_documented_names_are_missing(entry):
    """A name that has come into being leaves the page."""
    assert any(fnmatchcase(name, entry) for name in MISSING), f"take {entry} out of docs/theano.md"


def test_share(record_property):
    stated = int(re.search(r"at least\s+(\d+) of 100", PAGE)[1])
    found = len(NAMES) - len(MISSING)
    record_property("resolved", f"{found} of {len(NAMES)}")
    print(f"{found} of {len(NAMES)} names resolve: {found / len(NAMES):.1%}")
    assert 100 * found >= stated * len(NAMES)


def test_replacements_exist():
    """What the page recommends can be found itself."""
    for line in ABSENT.splitlines():
        if not line.startswith("| `"):
            continue
        for name in re.findall(r"`T\.(\w+(?:\.\w+)*)", line.split("|")[2]):
            assert resolves(f"theano.tensor.{name}"), f"docs/theano.md recommends T.{name}"
