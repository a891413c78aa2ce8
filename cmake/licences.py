"""Collects the licences of what a wheel carries besides croton.

usage: licences.py DIRECTORY HEADER...; writes one file for each package and, of headers that come without a
package of their own, the comment they begin with.
"""

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

PACKAGES = ("mlc-llvm-static", "scipy-openblas32", "boost-headers", "pybind11")


def texts(package: str) -> str:
    """The licence files of an installed package; empty if it is not installed."""
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        return ""
    found = [file for file in files if "licenses" in file.parts or file.name.startswith("LICENSE")]
    return "\n".join(file.locate().read_text(encoding="utf-8") for file in found)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        if text := texts(package):
            (folder / f"{package}.txt").write_text(text, encoding="utf-8")
    for header in map(Path, sys.argv[2:]):
        comment = header.read_text(encoding="utf-8").split("*/")[0].removeprefix("/*").strip()
        (folder / f"{header.stem}.txt").write_text(comment + "\n", encoding="utf-8")
    print(folder)


if __name__ == "__main__":
    main()
