"""What takes a process of its own: the disk cache, life beside other libraries and without a compiler."""

import importlib.util
import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest

PROGRAM = """
import json
import numpy as np
import croton as ct, croton.tensor as T
from croton import _core

x, w = T.dmatrix("x"), ct.shared(np.linspace(-1, 1, 12).reshape(4, 3))
y = T.nnet.softmax(T.tanh(T.dot(x, w)))
f = ct.function([x], [y, *ct.grad(T.sum(y**2), [x, w])])
results = f(np.linspace(0, 1, 20).reshape(5, 4))
bits = [np.asarray(result).tobytes().hex() for result in results]
print(json.dumps({"built": _core.kernels_built(), "stats": _core.cache_stats(), "bits": bits}))
"""


def run(code: str = PROGRAM, **environment: str) -> str:
    variables = {**os.environ, **environment}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=variables)
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr[-3000:]}"
    return done.stdout


def report(folder, **environment) -> dict:
    return json.loads(run(CROTON_CACHE_DIR=str(folder), **environment))


def entries(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


# ---- the disk cache
def test_second_process_builds_nothing(tmp_path):
    folder = tmp_path / "cache"
    first, second = report(folder), report(folder)
    assert first["built"] > 0
    assert first["stats"]["writes"] > 0
    assert second["built"] == 0
    assert second["stats"]["hits"] > 0
    assert second["stats"]["errors"] == 0
    assert first["bits"] == second["bits"]
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0


def test_threads_that_want_one_kernel_build_it_once(tmp_path):
    program = """
import threading
import croton as ct, croton.tensor as T
from croton import _core

start = threading.Barrier(8)

def work():
    x = T.dvector("x")
    start.wait()
    ct.function([x], T.tanh(T.exp(x) * T.sin(x)))

workers = [threading.Thread(target=work) for _ in range(8)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(_core.kernels_built(), _core.cache_stats()["writes"])
"""
    assert run(program, CROTON_CACHE_DIR=str(tmp_path)).split() == ["1", "1"]


DAMAGES = {
    "truncated": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "one bit": lambda data: (
        data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]
    ),
    "last byte": lambda data: data[:-1] + bytes([data[-1] ^ 255]),
    "other text": lambda data: b"not what was written" * 100,
    "zeros": lambda data: bytes(len(data)),
    "longer": lambda data: data + b"more",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_entries_are_ignored(tmp_path, damage):
    first = report(tmp_path / "cache")
    for path in entries(tmp_path / "cache"):
        path.chmod(0o600)
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    second = report(tmp_path / "cache")
    assert second["bits"] == first["bits"]
    assert second["built"] > 0
    assert report(tmp_path / "cache")["bits"] == first["bits"]


def test_entries_of_other_kinds_are_ignored(tmp_path):
    first = report(tmp_path / "cache")
    for path in entries(tmp_path / "cache"):
        path.unlink()
        path.mkdir()
    assert report(tmp_path / "cache")["bits"] == first["bits"]


@pytest.mark.parametrize("kind", ["a file", "read-only", "missing", "of all users", "off", "full"])
def test_unusable_folders_are_not_needed(tmp_path, kind):
    folder = tmp_path / "cache"
    if kind == "a file":
        folder.write_text("not a folder")
    elif kind == "read-only":
        folder.mkdir(mode=0o500)
    elif kind == "missing":
        folder = tmp_path / "file" / "cache"
        (tmp_path / "file").write_text("not a folder")
    elif kind == "of all users":
        folder.mkdir()
        folder.chmod(0o777)
    elif kind == "off":
        folder = "off"
    elif not os.path.exists("/dev/full"):
        pytest.skip("needs a full device")
    else:
        folder = "/dev/full"
    first = report(folder)
    assert first["built"] > 0
    assert first["bits"] == report(tmp_path / "another")["bits"]
    if kind == "of all users":
        assert first["stats"]["folder"] == ""
        assert not entries(folder)


def test_many_processes_fill_one_cache(tmp_path):
    command = [sys.executable, "-c", PROGRAM]
    environment = {**os.environ, "CROTON_CACHE_DIR": str(tmp_path / "cache")}
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(4)]
    outputs = [json.loads(process.communicate()[0]) for process in processes]
    assert len({json.dumps(output["bits"]) for output in outputs}) == 1
    last = report(tmp_path / "cache")
    assert last["built"] == 0
    assert not [path for path in entries(tmp_path / "cache") if "tmp" in path.name]


# ---- beside other libraries
@pytest.mark.parametrize("first", [True, False], ids=["croton first", "croton last"])
@pytest.mark.parametrize("other", ["torch", "numba", "scipy.linalg", "jax", "llvmlite.binding"])
def test_lives_beside(other, first, tmp_path):
    if importlib.util.find_spec(other.partition(".")[0]) is None:
        pytest.skip(f"{other} is not installed")
    uses = {
        "torch": "assert float(torch.ones(300, 300).matmul(torch.ones(300, 300)).sum()) == 27e6",
        "numba": "assert numba.njit(lambda x: x + 1)(1) == 2",
        "scipy.linalg": "import scipy.linalg; assert abs(scipy.linalg.det(2 * np.eye(3)) - 8) < 1e-12",
        "jax": "import jax.numpy; assert float(jax.jit(lambda x: x + 1)(1.0)) == 2",
        "llvmlite.binding": "llvmlite.binding.initialize_native_target()",
    }
    use = f"import {other}\n{uses[other]}\n"
    code = "import numpy as np\n" + (PROGRAM + use if first else use + PROGRAM) + use
    alone = report(tmp_path / "alone")
    assert json.loads(run(code, CROTON_CACHE_DIR="off"))["bits"] == alone["bits"]


def test_needs_no_tools(tmp_path):
    """No compiler, linker or home folder: an empty PATH does."""
    bare = {"PATH": str(tmp_path), "CROTON_CACHE_DIR": str(tmp_path / "cache")}
    keep = {key: os.environ[key] for key in ("PYTHONPATH", "LD_LIBRARY_PATH") if key in os.environ}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, env={**keep, **bare})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["built"] > 0


def test_no_writable_place_is_needed(tmp_path):
    keep = {key: os.environ[key] for key in ("PYTHONPATH", "LD_LIBRARY_PATH") if key in os.environ}
    environment = {**keep, "HOME": "/nonexistent", "PATH": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/")
    assert done.returncode == 0, done.stderr
    assert not done.stderr


def test_threads_from_the_environment(tmp_path):
    code = PROGRAM + "\nprint(ct.num_threads())"
    outputs = [
        run(code, CROTON_NUM_THREADS=str(count), CROTON_CACHE_DIR="off").splitlines() for count in (1, 2, 3)
    ]
    assert [lines[1] for lines in outputs] == ["1", "2", "3"]
    assert len({json.dumps(json.loads(lines[0])["bits"]) for lines in outputs}) == 1


def test_a_terminal_interrupt(tmp_path):
    """SIGINT from outside, as from a terminal's Ctrl-C, while the main thread computes."""
    if not hasattr(os, "kill") or sys.platform == "win32":
        pytest.skip("needs POSIX signals")
    code = """
import numpy as np, croton as ct, croton.tensor as T
s = ct.shared(np.ones((3000, 3000)))
y = s
for k in range(60):
    y = T.dot(y, y) * 1e-4
f = ct.function([], updates=[(s, y)])
print("ready", flush=True)
try:
    f()
    print("finished")
except KeyboardInterrupt:
    print("interrupted", (s.get_value() == 1).all())
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert output == "interrupted True\n"
    assert process.returncode == 0
