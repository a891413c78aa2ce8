"""The installed package: it needs no compiler, keeps LLVM's symbols to itself, and serves C++ users."""

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PACKAGE = Path(importlib.util.find_spec("croton").origin).parent
SCRIPTS = sysconfig.get_path("scripts")

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "cpp"


def run(*command: object, **options) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.smoke
def test_loads_without_compiler_or_linker(tmp_path):
    code = "import croton; print(croton.__version__)"
    assert run(sys.executable, "-I", "-c", code, env={"PATH": str(tmp_path), "HOME": str(tmp_path)}).strip()


@pytest.mark.skipif(not sys.platform.startswith("linux") or shutil.which("nm") is None, reason="needs nm")
def test_exports_only_croton():
    table = run("nm", "-D", "--defined-only", "-P", PACKAGE / "libcroton.so")
    names = [line.split()[0] for line in table.splitlines()]
    assert names
    foreign = [name for name in names if "6croton" not in name and not name.startswith("croton_")]
    assert not foreign, foreign[:10]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the names are those of Linux")
def test_openblas_has_its_own_name():
    """Its SONAME differs from SciPy's, so the loader never takes one for the other."""
    data = (PACKAGE / "libcrotonopenblas.so").read_bytes()
    assert b"\0libcrotonopenblas.so\0" in data
    assert b"\0libscipy_openblas.so\0" not in data


@pytest.mark.parametrize(
    "part", ["mlc-llvm-static", "scipy-openblas32", "boost-headers", "pocketfft", "pybind11"]
)
def test_carries_licences(part):
    assert "copyright" in (PACKAGE / "licences" / f"{part}.txt").read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("order", [("croton", "scipy.linalg"), ("scipy.linalg", "croton")])
def test_lives_beside_scipy(order):
    code = f"import {order[0]}, {order[1]}, numpy as np; print(scipy.linalg.det(2 * np.eye(3)))"
    assert float(run(sys.executable, "-c", code)) == 8


def test_cmake_package(tmp_path):
    cmake = shutil.which("cmake", path=SCRIPTS) or shutil.which("cmake")
    ninja = shutil.which("ninja", path=SCRIPTS) or shutil.which("ninja")
    if cmake is None or ninja is None or shutil.which("c++") is None:
        pytest.skip("needs cmake, ninja and a C++ compiler")
    build = tmp_path / "build"
    generator = ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}"]
    run(cmake, "-S", EXAMPLE, "-B", build, *generator, f"-DCMAKE_PREFIX_PATH={PACKAGE}")
    run(cmake, "--build", build)
    lines = run(build / "logistic").splitlines()
    assert float(lines[-1].removeprefix("accuracy ")) > 0.85
