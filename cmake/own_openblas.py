"""Copies OpenBLAS under a name of its own, so that the loader never takes another package's copy for it.

usage: own_openblas.py LIBRARY DIRECTORY; prints the path of the copy.
"""

import subprocess
import sys
from pathlib import Path

# As long as the original name, so that it fits in its place in the string table.
OLD, NEW = b"libscipy_openblas.so", b"libcrotonopenblas.so"


def renamed_elf(data: bytes) -> bytes:
    """`data` with its SONAME changed; the name must stand there exactly once."""
    old, new = b"\0" + OLD + b"\0", b"\0" + NEW + b"\0"
    if data.count(old) != 1:
        raise SystemExit(f"the name {OLD.decode()} was found {data.count(old)} times, expected once")
    return data.replace(old, new)


def main() -> None:
    original, directory = Path(sys.argv[1]), Path(sys.argv[2])
    target = directory / ("libcrotonopenblas" + original.suffix)
    data = original.read_bytes()
    is_elf = data[:4] == b"\x7fELF"
    if is_elf:
        data = renamed_elf(data)
    if not target.exists() or target.stat().st_size != len(data) or target.read_bytes() != data:
        target.write_bytes(data)
        target.chmod(0o755)
        if not is_elf:
            subprocess.run(["install_name_tool", "-id", f"@rpath/{target.name}", str(target)], check=True)
    print(target.as_posix())


main()
