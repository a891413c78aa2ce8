"""f.profile and f.memory_report: what they count, name and place."""

import io
import threading
from pathlib import Path

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

HERE = str(Path(__file__).resolve())
RNG = np.random.default_rng(0)


def line_of(text: str) -> int:
    """The line of this file that ends with the comment `# text`."""
    lines = Path(HERE).read_text(encoding="utf-8").splitlines()
    return next(k for k, line in enumerate(lines, 1) if line.endswith(f"# {text}"))


def network(profile=True, name="step"):
    x = T.dmatrix("x")
    w = ct.shared(RNG.normal(size=(7, 5)), name="w")
    hidden = T.tanh(T.dot(x, w))  # hidden layer
    cost = T.nnet.softmax(hidden)[:, 0].sum()  # cost
    return ct.function([x], cost, updates=[(w, w - ct.grad(cost, w))], profile=profile, name=name)


# ---- profile


def test_profile_counts_calls_and_launches():
    f = network()
    assert f.profile
    assert f.profile().calls == 0
    for rows in (4, 1, 300, 0):
        f(RNG.normal(size=(rows, 7)))
    profile = f.profile()
    assert profile.name == "step"
    assert profile.calls == 4
    assert profile.seconds > 0
    assert 0 < profile.launch_seconds <= profile.seconds
    assert sum(launch.share for launch in profile.launches) <= 1
    assert all(1 <= launch.runs <= 4 for launch in profile.launches)
    times = [launch.seconds for launch in profile.launches]
    assert times == sorted(times, reverse=True)


def test_profile_names_ops_with_the_users_lines():
    f = network()
    f(RNG.normal(size=(4, 7)))
    places = {(op.name, op.file, op.line) for launch in f.profile().launches for op in launch.ops}
    assert ("matmul", HERE, line_of("hidden layer")) in places
    assert ("tanh", HERE, line_of("hidden layer")) in places
    assert ("exp", HERE, line_of("cost")) in places
    assert {launch.kind for launch in f.profile().launches} >= {"product", "rows"}


def test_profile_text_and_reset():
    f = network()
    f(RNG.normal(size=(4, 7)))
    text = str(f.profile())
    assert text.startswith("step: 1 calls in ")
    assert f"(test_inspection.py:{line_of('cost')})" in text.replace(HERE, "test_inspection.py")
    file = io.StringIO()
    f.profile.summary(file=file)
    assert file.getvalue() == text + "\n"
    f.profile.reset()
    assert f.profile().calls == 0
    assert f.profile().launches == []


def test_programs_for_special_sizes_are_told_apart():
    a, b = T.dmatrices("a", "b")
    f = ct.function([a, b], a + b, profile=True)
    f(np.ones((2, 3)), np.ones((2, 3)))
    f(np.ones((2, 3)), np.ones((1, 3)))
    assert sorted((launch.program, launch.runs) for launch in f.profile().launches) == [(0, 1), (1, 1)]


def test_failed_calls_do_not_count():
    x, k = T.dvector("x"), T.lscalar("k")
    f = ct.function([x, k], x[k], profile=True)
    f([1.0, 2.0], 1)
    with pytest.raises(IndexError):
        f([1.0, 2.0], 5)
    with pytest.raises(TypeError):
        f([1.0, 2.0])
    assert f.profile().calls == 1


def test_calls_from_threads_are_all_counted():
    x = T.dvector("x")
    f = ct.function([x], T.exp(x), profile=True)
    threads = [threading.Thread(target=lambda: [f(np.ones(9)) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    profile = f.profile()
    assert (profile.calls, [launch.runs for launch in profile.launches]) == (200, [200])


def test_without_a_profile():
    f = network(profile=False)
    f(RNG.normal(size=(4, 7)))
    assert not f.profile
    with pytest.raises(ValueError, match=r"step.*profile=True|profile=True.*step"):
        f.profile()
    assert f.copy(profile=True).profile
    assert network().copy().profile


# ---- memory_report


def test_memory_report_before_the_first_call():
    with pytest.raises(ValueError, match="a call before"):
        network().memory_report()


@pytest.mark.parametrize("rows", [0, 1, 2, 1000])
def test_arena_holds_its_buffers(rows):
    f = network()
    f(RNG.normal(size=(rows, 7)))
    report = f.memory_report()
    for buffer in report.buffers:
        assert buffer.offset >= 0
        assert buffer.offset + buffer.bytes <= report.arena_bytes
        assert buffer.bytes == np.prod(buffer.shape) * np.dtype(buffer.dtype).itemsize
        assert buffer.first <= buffer.last
    for a in report.buffers:
        for b in report.buffers:
            lives_meet = a.first <= b.last and b.first <= a.last
            memory_meets = a.offset < b.offset + b.bytes and b.offset < a.offset + a.bytes
            assert a is b or not (lives_meet and memory_meets), f"{a} and {b}"
    assert [(r.name, r.shape, r.in_place) for r in report.results] == [
        ("output 0", (), False),
        ("update of w", (7, 5), True),
    ]
    assert any(b.source == (HERE, line_of("hidden layer")) for b in report.buffers)


def test_the_latest_call_counts():
    x = T.dmatrix("x")
    f = ct.function([x], {"double": 2 * x})
    for shape in ((3, 4), (1, 2), (3, 4), (5, 6)):
        f(np.ones(shape))
        (result,) = f.memory_report().results
        assert (result.name, result.shape, result.bytes) == ("output double", shape, 8 * np.prod(shape))


m, v = T.dmatrix("m"), T.dvector("v")
MATRIX = np.arange(12.0).reshape(3, 4)

# ---- expression of a matrix m: (value, reason, bytes) of the copies that it takes for MATRIX
COPIES = {
    "computed": (m * 2, []),
    "view_of_input": (m.T, [("dimshuffle(m, [1,0])", "result: ", 96)]),
    "input": (m, [("m", "result: ", 96)]),
    "slice": (m[::2], [("slice(m", "result: ", 64)]),
    "folded_view": (m.T[::2] + 1, []),
    "reshape_of_transposed": (m.T.reshape((-1,)) + 1, [("dimshuffle(m, [1,0])", "reshape: ", 96)]),
    "joined": (T.concatenate([m, m + 1]), [("m", "concatenate: ", 96), ("(m + 1)", "concatenate: ", 96)]),
    "product_of_transposed": (T.dot(m.T, m), []),
}


@pytest.mark.parametrize("name", COPIES)
def test_copies_and_reasons(name):
    expression, wanted = COPIES[name]
    f = ct.function([m], expression)
    f(MATRIX)
    report = f.memory_report()
    assert report.argument_copies == []
    assert len(report.copies) == len(wanted), str(report)
    for copy, (value, reason, size) in zip(report.copies, wanted, strict=True):
        assert copy.value.startswith(value)
        assert copy.reason.startswith(reason)
        assert copy.bytes == size
        assert reason in str(report)


class Subclass(np.ndarray):
    pass


PACKED = np.zeros((3, 4), [("x", "f8"), ("y", "i4")])
PADDED = np.zeros((3, 4), np.dtype(PACKED.dtype.descr, align=True))
PACKED["x"] = PADDED["x"] = MATRIX
UNALIGNED = np.frombuffer(bytearray(97), np.uint8)[1:].view(np.float64).reshape(3, 4)

# ---- an argument for m, and why it is copied; None: it is read where it lies
ARGUMENTS = {
    "dense": (MATRIX, None),
    "read_only": (np.broadcast_to(MATRIX, MATRIX.shape), None),
    "one_row_of_fortran": (np.asfortranarray(MATRIX[:1]), None),
    "empty": (MATRIX[:0, ::2], None),
    "fortran": (np.asfortranarray(MATRIX), None),
    "reversed": (MATRIX[::-1, ::-1], None),
    "field_of_padded_record": (PADDED["x"], None),
    "field_of_packed_record": (PACKED["x"], "not aligned to its elements"),
    "list": (MATRIX.tolist(), "made from list"),
    "float32": (MATRIX.astype("float32"), "cast from float32"),
    "int8": (MATRIX.astype("int8"), "cast from int8"),
    "big_endian": (MATRIX.astype(">f8"), "bytes in the other order"),
    "unaligned": (UNALIGNED, "not aligned to its elements"),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_copies_of_arguments(name):
    argument, reason = ARGUMENTS[name]
    f = ct.function([m], 2 * m)
    for _ in range(3):
        np.testing.assert_array_equal(f(argument), 2 * np.asarray(argument, np.float64))
    found = [(c.value, c.reason, c.times, c.bytes) for c in f.memory_report().argument_copies]
    assert found == ([] if reason is None else [("m", reason, 3, 3 * 96)])
