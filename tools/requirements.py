"""Prints the requirements of one kind from pyproject.toml: `build`, or the name of an extra."""

import sys
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    from pip._vendor import tomli as tomllib

project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
extras = project["project"]["optional-dependencies"] | {"build": project["build-system"]["requires"]}
print("\n".join(extras[sys.argv[1]]))
