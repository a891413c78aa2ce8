"""What the repository promises about itself: include order, who sees which library, sizes, portable paths."""

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["base", "graph", "ops", "autodiff", "rewrite", "schedule", "codegen", "runtime", "compile", "bind"]
MAX_FILE, MAX_FUNCTION, MAX_LINE = 600, 60, 110

CPP = {".h", ".cpp", ".cu"}
CODE = CPP | {".py", ".cmake"}

# Whose headers may be included below which folders only.
OWNERS = {
    "cpp/codegen/llvm": re.compile(r"^(llvm|llvm-c|clang)/"),
    "cpp/bind": re.compile(r"^(pybind11/|numpy/|Python\.h$)"),
    "cuda": re.compile(r"^(cuda|nvrtc|cublas|cudnn|nccl|curand|cusolver|cusparse|cufft|nvToolsExt|nvtx)"),
}
LOCAL_PATH = re.compile(r"(?<![\w.~$}])/(?:work|root|tmp|home|Users|mnt|opt)/\w")
BLOCK_START = re.compile(r"^(\s{0,2})(?!namespace|extern|struct|class|enum|union)\S.*\).*\{$")


def repository_files() -> list[Path]:
    """Tracked and new files; every file when this is not a git checkout."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        names = listing.splitlines()
    except (OSError, subprocess.CalledProcessError):
        hidden = {".venv", ".venv-bench", "build", "dist", "__pycache__"}
        names = [
            os.path.relpath(os.path.join(folder, file), ROOT)
            for folder, _, files in os.walk(ROOT)
            for file in files
            if not hidden & set(Path(folder).relative_to(ROOT).parts)
        ]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


FILES = repository_files()


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def files_with(suffixes: set[str]) -> list[Path]:
    return [path for path in FILES if path.suffix in suffixes]


def includes(path: Path) -> list[tuple[int, str]]:
    """Line number and target of every #include."""
    found = []
    for number, line in enumerate(lines_of(path), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if match:
            found.append((number, match[1]))
    return found


def stage(path_in_cpp: str) -> str:
    """The stage that a path relative to cpp/ belongs to; compile.* and the public headers are `compile`."""
    first = path_in_cpp.split("/")[0]
    return "compile" if first.startswith("compile") or first in ("croton", "include") else first


def report(problems: list[str]) -> None:
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def test_includes_go_one_way():
    problems = []
    for path in files_with(CPP):
        name = relative(path)
        if name.startswith("cpp/"):
            here = stage(name.removeprefix("cpp/"))
        elif name.startswith("cuda/"):
            here = "runtime"
        else:
            continue
        if here not in ORDER:
            problems.append(f"{name}: the folder {here} is not one of {', '.join(ORDER)}")
            continue
        for number, target in includes(path):
            there = stage(target)
            if there in ORDER and ORDER.index(there) > ORDER.index(here):
                problems.append(f"{name}:{number}: {here} must not include {target}, which comes after it")
    report(problems)


def test_quoted_includes_are_relative_to_cpp():
    problems = []
    for path in files_with(CPP):
        if not relative(path).startswith("cpp/"):
            continue
        for number, line in enumerate(lines_of(path), 1):
            match = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
            roots = (ROOT / "cpp", ROOT / "cpp" / "include", ROOT)
            if match and not any((root / match[1]).is_file() for root in roots):
                problems.append(f'{relative(path)}:{number}: "{match[1]}" is not a path relative to cpp/')
    report(problems)


def test_libraries_stay_in_their_folder():
    problems = []
    for path in files_with(CPP):
        for number, target in includes(path):
            for folder, pattern in OWNERS.items():
                ours = (ROOT / target).is_file()  # "cuda/scalar_text.h" is no header of CUDA
                if pattern.match(target) and not ours and not relative(path).startswith(folder + "/"):
                    problems.append(f"{relative(path)}:{number}: {target} may be included in {folder}/ only")
    report(problems)


def test_only_the_list_of_backends_knows_cuda():
    problems = []
    for path in files_with(CPP):
        name = relative(path)
        if name.startswith("cpp/") and name != "cpp/compile.cpp":
            problems += [f"{name}:{n}: includes {t}" for n, t in includes(path) if t.startswith("cuda/")]
    report(problems)


def test_headers_are_included_once():
    problems = [
        f"{relative(path)}: has no #pragma once"
        for path in files_with({".h"})
        if "#pragma once" not in lines_of(path)
    ]
    report(problems)


def test_files_are_short():
    sizes = [(len(lines_of(path)), relative(path)) for path in files_with(CODE)]
    report([f"{name}: {size} lines, at most {MAX_FILE}" for size, name in sizes if size > MAX_FILE])


def test_lines_are_short():
    problems = []
    for path in [*files_with(CODE), ROOT / "CMakeLists.txt"]:
        for number, line in enumerate(lines_of(path), 1):
            if len(line) > MAX_LINE:
                problems.append(f"{relative(path)}:{number}: {len(line)} columns, at most {MAX_LINE}")
    report(problems)


def test_python_functions_are_short():
    problems = []
    for path in files_with({".py"}):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = node.end_lineno - node.lineno + 1 - docstring_lines(node)
                if size > MAX_FUNCTION:
                    problems.append(f"{relative(path)}:{node.lineno}: {node.name} has {size} lines")
    report(problems)


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if ast.get_docstring(node) is None:
        return 0
    return node.body[0].end_lineno - node.body[0].lineno + 1


def test_cpp_functions_are_short():
    """Blocks that open with `) ... {` at the outermost two levels of indentation are functions."""
    problems = []
    for path in files_with(CPP):
        open_at: dict[str, int] = {}
        for number, line in enumerate(lines_of(path), 1):
            start = BLOCK_START.match(line)
            if start:
                open_at[start[1]] = number
            end = re.match(r"^(\s{0,2})\}", line)
            begin = open_at.pop(end[1], None) if end and not line.endswith("{") else None
            if begin and number - begin + 1 > MAX_FUNCTION:
                problems.append(f"{relative(path)}:{begin}: a function of {number - begin + 1} lines")
    report(problems)


def test_no_local_paths():
    problems = []
    for path in files_with(CODE | {".md", ".toml", ".txt", ".in", ".pyi", ""}):
        for number, line in enumerate(lines_of(path), 1):
            match = LOCAL_PATH.search(line)
            if match:
                problems.append(f"{relative(path)}:{number}: a path of one machine: {match[0]}...")
    report(problems)


def test_no_binaries():
    report([f"{relative(path)}: a binary file" for path in FILES if b"\0" in path.read_bytes()[:8000]])
