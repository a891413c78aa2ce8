"""Random indices of every kind, mixed: x[index], set_subtensor and inc_subtensor give what NumPy gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import croton as ct
import croton.tensor as T

KINDS = st.sampled_from(["slice", "int", "array", "array", "array", "mask", "mask of two axes"])
SIZES = st.sampled_from([2, 3, 4, 1, 3, 4, 0])
TOGETHER = st.sampled_from([(2,), (3,), (), (1,), (2, 3), (3, 1), (0,), (1, 2)])
INDEX_DTYPES = st.sampled_from(["int64", "int64", "int32", "int8", "uint8"])


def draw_slice(draw, size: int) -> slice:
    bound = st.none() | st.none() | st.integers(-size - 2, size + 2)
    return slice(draw(bound), draw(bound), draw(st.sampled_from([None, 1, 2, 3, -1, -2, -3])))


def draw_positions(draw, size: int, shape: tuple[int, ...]) -> np.ndarray:
    """Integers in a shape that broadcasts to `shape`, some of them negative, many of them equal."""
    shape = tuple(draw(st.sampled_from([n, n, 1])) for n in shape[draw(st.integers(0, len(shape))) :])
    dtype, count = draw(INDEX_DTYPES), int(np.prod(shape, dtype=int))
    low = 0 if dtype == "uint8" else -size
    numbers = draw(st.lists(st.integers(low, size - 1), min_size=count, max_size=count))
    return np.array(numbers, dtype).reshape(shape)


def draw_mask(draw, shape: tuple[int, ...], count: int | None) -> np.ndarray:
    """With `count` true elements if it has so many; any number of them where it is None."""
    size = int(np.prod(shape, dtype=int))
    count = draw(st.integers(0, size)) if count is None else count
    order = draw(st.permutations(range(size)))
    return np.isin(np.arange(size), order[:count]).reshape(shape)


def parts_for(draw, shape: tuple[int, ...]) -> list[object]:
    """An entry for each axis of an array of this shape; a mask may stand for two."""
    # What all arrays broadcast to: masks are arrays of as many positions as they have true elements.
    together, masked = draw(TOGETHER), False
    parts: list[object] = []
    axis = 0
    while axis < len(shape):
        size, kind = shape[axis], draw(KINDS)
        part = draw_slice(draw, size)
        if kind == "int" and size:
            part = draw(st.integers(-size, size - 1))
        elif kind == "array" and size:
            part = draw_positions(draw, size, together)
        elif kind.startswith("mask") and (masked or not any(isinstance(x, np.ndarray) for x in parts)):
            axes = min(2 if "two" in kind else 1, len(shape) - axis)
            mask = draw_mask(draw, shape[axis : axis + axes], together[0] if masked else None)
            if not masked or mask.sum() == together[0]:
                part, together, masked = mask, (int(mask.sum()),), True
                axis += axes - 1
        parts.append(part)
        axis += 1
    return parts


@st.composite
def indices(draw) -> tuple[tuple[int, ...], tuple[object, ...]]:
    """The shape of an array, and an index of it."""
    shape = tuple(draw(st.lists(SIZES, min_size=draw(st.integers(1, 3)), max_size=4)))
    parts = parts_for(draw, shape)
    first, last = sorted((draw(st.integers(0, len(parts))), draw(st.integers(0, len(parts)))))
    leave = draw(st.sampled_from(["nothing", "the end", "an ellipsis"]))
    if leave == "the end":
        parts = parts[:last]
    if leave == "an ellipsis":
        parts[first:last] = [Ellipsis]
    for place in draw(st.lists(st.integers(0, len(parts)), max_size=2)):
        parts.insert(place, None)
    return shape, tuple(parts)


class Arguments:
    """Variables and their values."""

    def __init__(self) -> None:
        self.inputs, self.values = [], []

    def variable(self, value: object, known: bool = False) -> object:
        array = np.asarray(value)
        shape = array.shape if known else (None,) * array.ndim
        self.inputs.append(T.TensorType(array.dtype.name, shape)())
        self.values.append(array)
        return self.inputs[-1]

    def symbolic(self, part: object) -> object:
        """The part of an index with its numbers and arrays as variables."""
        if isinstance(part, slice):
            bounds = (x if x is None else self.variable(x) for x in (part.start, part.stop))
            return slice(*bounds, part.step)
        return part if part is None or part is Ellipsis else self.variable(part)


@given(indices(), st.data())
def test_indexing_is_as_numpy(case, data):
    shape, index = case
    array = np.arange(1.0, 1.0 + np.prod(shape, dtype=int)).reshape(shape)
    part = array[index]
    new = -np.arange(1.0, 1.0 + part.size).reshape(part.shape)
    if data.draw(st.booleans()):  # broadcast
        new = new[(0,) * data.draw(st.integers(0, part.ndim))] if part.size else np.array(-1.0)
    put, added = array.copy(), array.copy()
    put[index] = new
    np.add.at(added, index, new)

    arguments = Arguments()
    x = arguments.variable(array, known=data.draw(st.booleans()))
    y = arguments.variable(new, known=data.draw(st.booleans()))
    chosen = tuple(arguments.symbolic(p) if data.draw(st.booleans()) else p for p in index)
    outputs = [x[chosen], T.set_subtensor(x[chosen], y), T.inc_subtensor(x[chosen], y)]
    mode = data.draw(st.sampled_from([None, None, "reference"]))
    got = ct.function(arguments.inputs, outputs, mode=mode)(*arguments.values)
    for result, want in zip(got, (part, put, added), strict=True):
        assert result.shape == want.shape, f"{result.shape}, required {want.shape} for {shape} {index}"
        np.testing.assert_array_equal(result, want, err_msg=f"{shape} {index}")
