"""Einstein's summation over any number of arrays, as matrix products of pairs in a good order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from croton import _core
from croton.errors import complaint
from croton.tensor.diagonals import diagonal
from croton.tensor.elementwise import apply
from croton.tensor.expression import (
    Node,
    Size,
    TensorLike,
    describe,
    dims_of,
    nodes_of,
    product,
    same_dtype,
    wrap,
)
from croton.tensor.movement import reshape_sizes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["einsum"]

TYPICAL_SIZE = 100  # stands for sizes that are not known when the order is chosen
MOST_FOR_OPTIMUM = 6  # operands: up to here every order is tried, beyond it the cheapest next pair is taken


class Term(NamedTuple):
    """An operand with a label for each axis: a letter, or ".k" for the k-th last axis of an ellipsis."""

    node: Node
    labels: tuple[str, ...]


# ---- what the user wrote
def _spell(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """The subscripts and the arrays of einsum(a, [0, 1], b, [1, 2], [0, 2])."""
    arrays, lists = list(operands[: len(operands) // 2 * 2 : 2]), list(operands[1::2])

    def text(entries: Any) -> str:
        if any(entry is not Ellipsis and not 0 <= int(entry) < 52 for entry in entries):
            raise ValueError(complaint("einsum", "labels from 0 to 51 or ...", str(entries)))
        letters = [
            "..." if entry is Ellipsis else chr((65 if entry < 26 else 71) + int(entry)) for entry in entries
        ]
        return "".join(letters)

    subscripts = ",".join(text(entries) for entries in lists)
    return subscripts + ("->" + text(operands[-1]) if len(operands) % 2 else ""), arrays


def _labels(part: str, ellipsis_rank: int, subscripts: str) -> tuple[str, ...]:
    """The labels of one part of the subscripts."""
    before, dots, after = part.partition("...")
    if not all(letter.isascii() and letter.isalpha() for letter in before + after):
        raise ValueError(complaint("einsum", "letters, commas, one ... for each operand and ->", subscripts))
    return (*before, *(f".{k}" for k in reversed(range(ellipsis_rank if dots else 0))), *after)


def _parse(subscripts: str, nodes: Sequence[Node]) -> tuple[list[Term], tuple[str, ...]]:
    text = subscripts.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    parts = inputs.split(",")
    if len(parts) != len(nodes):
        raise ValueError(complaint("einsum", f"{len(parts)} arrays for {subscripts!r}", str(len(nodes))))
    terms = []
    for part, node in zip(parts, nodes, strict=True):
        named = len(part.replace("...", ""))
        if named > node.ndim or (named < node.ndim and "..." not in part):
            raise ValueError(complaint("einsum", f"an array with the axes {part!r}", describe(wrap(node))))
        terms.append(Term(node, _labels(part, node.ndim - named, subscripts)))
    used = [label for term in terms for label in term.labels]
    dots = sorted({label for label in used if label[0] == "."}, reverse=True)
    if not arrow:
        return terms, (
            *dots,
            *sorted(label for label in set(used) if used.count(label) == 1 and label[0] != "."),
        )
    result = _labels(output, len(dots), subscripts)
    if len(set(result)) < len(result) or not set(result) <= set(used):
        required = "each label of the result once, and among the operands'"
        raise ValueError(complaint("einsum", required, subscripts))
    return terms, result


# ---- single operands
def _without_repeats(term: Term) -> Term:
    """The diagonals of axes with equal labels."""
    node, labels = term
    while len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        i, j = [axis for axis, label in enumerate(labels) if label == twice][:2]
        dims = dims_of(node)
        m, n = node.static_shape[i], node.static_shape[j]
        if m is not None and n is not None and m != n:
            raise ValueError(complaint("einsum", f"equal sizes for {twice!r}", describe(wrap(node))))
        square = reshape_sizes(node, [*dims[:j], dims[i], *dims[j + 1 :]])
        node = diagonal(square, 0, i, j)._node
        labels = (*(label for axis, label in enumerate(labels) if axis not in (i, j)), twice)
    return Term(node, labels)


def _summed(term: Term, needed: set[str]) -> Term:
    """Without the axes that nobody needs."""
    axes = [axis for axis, label in enumerate(term.labels) if label not in needed]
    if not axes:
        return term
    return Term(_core.reduce("sum", term.node, axes, False), tuple(x for x in term.labels if x in needed))


def _aligned(term: Term, labels: Sequence[str]) -> Node:
    """With one axis for each of `labels`, of size 1 where the term has none."""
    return _core.dimshuffle(
        term.node, [term.labels.index(label) if label in term.labels else -1 for label in labels]
    )


def _sizes(term: Term) -> dict[str, Size]:
    return dict(zip(term.labels, dims_of(term.node), strict=True))


# ---- pairs
def contract(x: Term, y: Term, needed: set[str]) -> Term:
    """The product of two terms, summed over the labels that are not needed. All of those are in both."""
    x, y = _without_units(x, y), _without_units(y, x)
    x, y = _summed(x, needed | set(y.labels)), _summed(y, needed | set(x.labels))
    shared = [label for label in x.labels if label in y.labels]
    batch = [label for label in shared if label in needed]
    summed = [label for label in shared if label not in needed]
    left = [label for label in x.labels if label not in shared]
    right = [label for label in y.labels if label not in shared]
    labels = (*batch, *left, *right)
    if not summed or (batch and not left and not right):
        every = [*labels, *summed]
        whole = apply("mul", wrap(_aligned(x, every)), wrap(_aligned(y, every)))
        return _summed(Term(whole._node, tuple(every)), needed)
    sizes = {**_sizes(y), **_sizes(x)}

    def merged(term: Term, *groups: list[str]) -> Node:
        node = _core.dimshuffle(term.node, [term.labels.index(label) for group in groups for label in group])
        if all(len(group) == 1 for group in groups[1:]):
            return node
        own = _sizes(term)
        merged_sizes = [product([own[label] for label in group]) for group in groups[1:]]
        return reshape_sizes(node, [*(own[label] for label in groups[0]), *merged_sizes])._node

    result = _core.matmul(merged(x, batch, left, summed), merged(y, batch, summed, right))
    if len(left) == len(right) == 1:
        return Term(result, labels)
    lead = dims_of(result)[: len(batch)]
    return Term(reshape_sizes(result, [*lead, *(sizes[label] for label in (*left, *right))])._node, labels)


def _without_units(x: Term, y: Term) -> Term:
    """`x` without the axes of size 1 along which the other one has more."""
    other = dict(zip(y.labels, y.node.static_shape, strict=True))
    sizes = zip(x.labels, x.node.static_shape, strict=True)
    kept = [k for k, (label, n) in enumerate(sizes) if n != 1 or other.get(label, 1) == 1]
    return Term(_core.dimshuffle(x.node, kept), tuple(x.labels[k] for k in kept))


# ---- the order
Tree = Any  # the number of an operand, or a pair of trees


def _cost(labels: set[str], sizes: dict[str, int]) -> int:
    return math.prod(sizes[label] for label in labels)


def _needed_by_others(kept: set[str], terms: Sequence[set[str]], inside: Sequence[int]) -> set[str]:
    return kept.union(*(labels for k, labels in enumerate(terms) if k not in inside))


def _best_order(terms: Sequence[set[str]], result: set[str], sizes: dict[str, int]) -> Tree:
    """The order with the fewest multiplications; of equal ones that from left to right."""
    count = len(terms)
    best: dict[int, tuple[int, Tree, set[str]]] = {1 << k: (0, k, terms[k]) for k in range(count)}
    for mask in sorted(range(1, 1 << count), key=int.bit_count):
        inside = [k for k in range(count) if mask >> k & 1]
        needed = _needed_by_others(result, terms, inside)
        part = (mask - 1) & mask
        while part:
            other = mask ^ part
            if part > other:
                (a, tree_a, labels_a), (b, tree_b, labels_b) = best[other], best[part]
                cost = a + b + _cost(labels_a | labels_b, sizes)
                if mask not in best or cost <= best[mask][0]:
                    best[mask] = cost, (tree_a, tree_b), (labels_a | labels_b) & needed
            part = (part - 1) & mask
    return best[(1 << count) - 1][1]


def _greedy_order(terms: Sequence[set[str]], result: set[str], sizes: dict[str, int]) -> Tree:
    """Always the pair with the fewest multiplications next."""
    left: list[tuple[Tree, set[str]]] = list(enumerate(terms))
    while len(left) > 1:
        labels = [labels for _, labels in left]
        i, j = min(combinations(range(len(left)), 2), key=lambda p: _cost(labels[p[0]] | labels[p[1]], sizes))
        needed = _needed_by_others(result, labels, (i, j))
        merged = ((left[i][0], left[j][0]), (labels[i] | labels[j]) & needed)
        left = [*left[:i], merged, *left[i + 1 : j], *left[j + 1 :]]
    return left[0][0]


def _contract_all(terms: list[Term], result: tuple[str, ...]) -> Term:
    sizes: dict[str, int] = {}
    for term in terms:
        for label, size in zip(term.labels, term.node.static_shape, strict=True):
            sizes[label] = max(sizes.get(label, 1), TYPICAL_SIZE if size is None else size)
    sets = [set(term.labels) for term in terms]
    order = _best_order if len(terms) <= MOST_FOR_OPTIMUM else _greedy_order
    tree = order(sets, set(result), sizes)

    def evaluate(tree: Tree, outside: set[str]) -> Term:
        if isinstance(tree, int):
            return terms[tree]
        a, b = tree
        return contract(evaluate(a, outside | labels_of(b)), evaluate(b, outside | labels_of(a)), outside)

    def labels_of(tree: Tree) -> set[str]:
        return sets[tree] if isinstance(tree, int) else labels_of(tree[0]) | labels_of(tree[1])

    return evaluate(tree, set(result))


def einsum(subscripts: Any, *operands: TensorLike, optimize: Any = True) -> Variable:
    """Sums of products of arrays over labelled axes.

    Parameters
    ----------
    subscripts : str
        A letter for each axis of each array, and after "->" those of the result: axes that it leaves out are
        summed over. Axes of equal letters have equal sizes, or a size known to be 1; a letter twice in one
        array means its diagonal. "..." stands for further axes, which broadcast. Without "->" the result has
        "..." and the letters that occur once, in alphabetical order.
    *operands : array_like or Variable
        Any number. The form einsum(a, [0, 1], b, [1, 2], [0, 2]) is understood, too.
    optimize : optional
        Accepted as in NumPy. The order of the products is always chosen by the sizes that are known.

    Returns
    -------
    Variable
        In the common dtype of the operands.

    Raises
    ------
    ValueError
        For subscripts that do not fit the arrays, and for sizes that differ; here if they are known, else in
        the call.

    Examples
    --------
    >>> T.einsum("ij,jk->ik", [[1, 2], [3, 4]], [[1, 0], [1, 1]]).eval()
    array([[3, 2],
           [7, 4]])
    >>> T.einsum("ii->i", [[1, 2], [3, 4]]).eval()
    array([1, 4])
    """
    arrays: list[Any] = list(operands)
    if not isinstance(subscripts, str):
        subscripts, arrays = _spell([subscripts, *operands])
    if not arrays:
        raise ValueError(complaint("einsum", "one array or more", "none"))
    terms, result = _parse(subscripts, same_dtype(nodes_of(arrays, "einsum")))
    _check_sizes(terms, subscripts)
    terms = [_without_repeats(term) for term in terms]
    for k, term in enumerate(terms):
        others = (other.labels for n, other in enumerate(terms) if n != k)
        terms[k] = _summed(term, set(result).union(*others))
    term = _contract_all(terms, result) if len(terms) > 1 else terms[0]
    return wrap(_aligned(term, result))


def _check_sizes(terms: Sequence[Term], subscripts: str) -> None:
    known: dict[str, int] = {}
    for term in terms:
        for label, size in zip(term.labels, term.node.static_shape, strict=True):
            if size is None or size == 1:
                continue
            if known.setdefault(label, size) != size:
                name = "..." if label[0] == "." else repr(label)
                given = f"{known[label]} and {size} in {subscripts!r}"
                raise ValueError(complaint("einsum", f"equal sizes for {name}", given))
