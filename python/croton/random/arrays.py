"""Distributions of vectors, and draws from given elements."""

from __future__ import annotations

from typing import Any

from croton import _core
from croton.errors import complaint
from croton.random.base import sizes_of_draw
from croton.random.discrete import Discrete
from croton.random.draw import Draw, count_dtype, float_dtype, parameter
from croton.tensor import linalg, products, reductions
from croton.tensor.elementwise import apply, cast, where
from croton.tensor.expression import (
    Node,
    Size,
    TensorLike,
    as_size,
    as_variable,
    describe,
    dims_of,
    product,
    size_node,
    wrap,
)
from croton.tensor.joining import stack
from croton.tensor.movement import moveaxis
from croton.tensor.nnet import softmax
from croton.tensor.positions import one_hot
from croton.tensor.reductions import normalize_axes
from croton.tensor.sorting import argsort
from croton.tensor.variable import Variable

MOST_CATEGORIES = 64  # of a multinomial draw, for which one expression each is written down


class Arrays(Discrete):
    """Draws whose elements depend on each other."""

    def multivariate_normal(
        self,
        mean: TensorLike,
        cov: TensorLike,
        size: Any = None,
        dtype: Any = None,
        *,
        method: str = "cholesky",
    ) -> Variable:
        """Normal vectors of a mean (d,) and a covariance matrix (d, d), in the shape size + (d,).

        Parameters
        ----------
        mean, cov : array_like or Variable
        size : int or sequence of int and scalars, optional
        dtype : optional
            Of floats; by default floatX, or a wider one of the parameters.
        method : {"cholesky", "eigh", "svd"}
            How the root of `cov` is found. The first has gradients and needs a positive definite matrix.

        Raises
        ------
        ValueError
            If `mean` is no vector or `cov` no matrix, or for another method.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> rng.multivariate_normal([0.0, 1.0], [[2.0, 1.0], [1.0, 2.0]], size=5).eval().shape
        (5, 2)
        """
        name = "multivariate_normal"
        result = float_dtype(name, dtype, [mean, cov])
        work = "float32" if result in ("float16", "bfloat16") else result
        mu, matrix = parameter(name, "mean", mean, work), parameter(name, "cov", cov, work)
        if mu.ndim != 1 or matrix.ndim != 2:
            given = f"{describe(mu)} and {describe(matrix)}"
            raise ValueError(complaint(name, "a vector as mean and a matrix as cov", given))
        leading = sizes_of_draw(name, () if size is None else size, None, [])
        sizes = [*leading, size_node(dims_of(mu._node)[0])]
        draw = self._draw(sizes, result, work)
        z = draw.normal()
        return draw.finish(mu + products.dot(z, _root(matrix, method).T))

    def dirichlet(self, alpha: TensorLike, size: Any = None, dtype: Any = None) -> Variable:
        """Vectors of shares, which add up to 1, in the shape size + (k,) for `alpha` of shape (..., k).

        Parameters
        ----------
        alpha : array_like or Variable
            Concentrations above 0.
        size : int or sequence of int and scalars, optional
            By default that of `alpha` without its last axis.
        dtype : optional
            Of floats; by default floatX, or a wider one of `alpha`.

        Raises
        ------
        ValueError
            If `alpha` is a scalar, or a constant with elements of 0 or less.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> shares = rng.dirichlet([1.0, 2.0, 3.0], size=4).eval()
        >>> shares.shape, bool(np.allclose(shares.sum(axis=1), 1))
        ((4, 3), True)
        """
        result = float_dtype("dirichlet", dtype, [alpha])
        work = "float32" if result in ("float16", "bfloat16") else result
        shapes = parameter("dirichlet", "alpha", alpha, work, "positive")
        draw, spread = self._rows("dirichlet", shapes, size, result, work)
        return draw.finish(softmax(draw.log_gamma(spread), axis=-1))

    def _rows(
        self, operation: str, rows: Variable, size: Any, result: str, work: str = "float64"
    ) -> tuple[Draw, Variable]:
        """A draw for each element of rows repeated to `size`, and the rows of that shape."""
        if rows.ndim < 1:
            raise ValueError(complaint(operation, "vectors", describe(rows)))
        sizes = [size_node(n) for n in dims_of(rows._node)]
        if size is not None:
            sizes = [*sizes_of_draw(operation, size, None, []), sizes[-1]]
        spread = wrap(_core.broadcast_to(rows._node, sizes))
        return self._draw(sizes, result, work), spread

    def categorical(self, p: TensorLike, size: Any = None, dtype: Any = "int64") -> Variable:
        """A position along the last axis of `p`, drawn with chances proportional to its elements.

        The position whose exponential draw of rate p comes first: exact, and as many draws as elements.

        Parameters
        ----------
        p : array_like or Variable
            Chances of shape (..., k), which need not add up to 1.
        size : int or sequence of int and scalars, optional
            By default that of `p` without its last axis.
        dtype : optional

        Returns
        -------
        Variable
            Of shape `size`, numbers below k.

        Raises
        ------
        ValueError
            If `p` is a scalar, or a constant with negative elements.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> rng.categorical([0.0, 1.0, 0.0], size=3).eval()
        array([1, 1, 1])
        """
        chances = parameter("categorical", "p", p, "float64", "scale")
        draw, spread = self._rows("categorical", chances, size, count_dtype("categorical", dtype))
        return draw.finish(reductions.argmin(draw.exponential() / spread, axis=-1))

    def multinomial(
        self, n: TensorLike, pvals: TensorLike, size: Any = None, dtype: Any = "int64"
    ) -> Variable:
        """How often each of k outcomes comes in `n` trials, in the shape size + (k,) for `pvals` (..., k).

        Parameters
        ----------
        n : int or Variable
            A scalar, or of the shape of the result but for the last axis.
        pvals : array_like or Variable
            Chances that add up to 1 along the last axis; the last one is what the others leave.
        size : int or sequence of int and scalars, optional
        dtype : optional

        Raises
        ------
        NotImplementedError
            For an array `n` where the number of outcomes is not known, or above 64.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> int(rng.multinomial(20, [0.2, 0.3, 0.5]).eval().sum())
        20
        """
        name = "multinomial"
        dtype = count_dtype(name, dtype)
        chances = parameter(name, "pvals", pvals, "float64", "chance")
        count = parameter(name, "n", n, "float64", "count")
        categories = chances._node.static_shape[-1] if chances.ndim else None
        known = count._node._value() if count._node._op == "constant" else None
        one = known is not None and known.ndim == 0 and bool(known == 1)
        if one or (not count.ndim and (categories is None or categories > MOST_CATEGORIES)):
            return self._counted(name, count, chances, size, dtype)
        if categories is None or categories > MOST_CATEGORIES:
            remedy = f"give a scalar n, or declare {MOST_CATEGORIES} outcomes or less with specify_shape"
            raise NotImplementedError(complaint(name, "known outcomes", describe(chances), remedy))
        if size is None:
            first = chances[..., 0]
            sizes = sizes_of_draw(name, None, None, [first, count])
        else:
            sizes = sizes_of_draw(name, size, None, [])
        draw = self._draw(sizes, dtype)
        # Outcome by outcome, each among the trials that are left.
        left = wrap(_core.broadcast_to(count._node, sizes))
        rest = 1.0 - 0.0 * chances[..., 0]
        parts = []
        for k in range(categories - 1):
            share = apply("clip", chances[..., k] / apply("maximum", rest, 1e-300), 0.0, 1.0)
            hits = apply("draw_binomial", left, share, draw.bits(k))
            parts.append(hits)
            left, rest = left - hits, rest - chances[..., k]
        return draw.finish(stack([*parts, left], axis=-1))

    def _counted(self, name: str, n: Variable, chances: Variable, size: Any, dtype: str) -> Variable:
        """Every trial drawn and counted."""
        if chances.ndim < 1:
            raise ValueError(complaint(name, "vectors as pvals", describe(chances)))
        trials = size_node(as_size(cast(n, "int64"), name))
        sizes = [size_node(k) for k in dims_of(chances._node)]
        if size is not None:
            sizes = [*sizes_of_draw(name, size, None, []), sizes[-1]]
        spread = wrap(_core.broadcast_to(chances._node, [trials, *sizes]))
        draw = self._draw([trials, *sizes], dtype)
        picked = reductions.argmin(draw.exponential() / spread, axis=-1)
        hits = one_hot(picked, wrap(sizes[-1]), "int64")
        return draw.finish(reductions.sum(hits, axis=0))

    def multivariate_hypergeometric(
        self, colors: TensorLike, nsample: TensorLike, size: Any = None, dtype: Any = "int64"
    ) -> Variable:
        """How many of `nsample` things are of each kind, drawn without replacement, in the shape size + (k,).

        Kind by kind, each from the hypergeometric distribution of what is left.

        Parameters
        ----------
        colors : array_like or Variable
            How many things there are of each of k kinds, 64 of them at most: whole numbers of shape (..., k).
        nsample : int or Variable
            At most as many as there are things; results are -1 where a call brings more.
        size : int or sequence of int and scalars, optional
            By default that of `colors` without its last axis.
        dtype : optional

        Returns
        -------
        Variable
            Numbers that add up to `nsample` along the last axis.

        Raises
        ------
        ValueError
            If `colors` is a scalar, and for constants that are no whole numbers of 0 or more.
        NotImplementedError
            Where the number of kinds is not known, or above 64.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> int(rng.multivariate_hypergeometric([4, 3, 5], 6).eval().sum())
        6
        """
        name = "multivariate_hypergeometric"
        dtype = count_dtype(name, dtype)
        kinds = parameter(name, "colors", colors, "float64", "count")
        count = parameter(name, "nsample", nsample, "float64", "count")
        if kinds.ndim < 1:
            raise ValueError(complaint(name, "vectors", describe(kinds)))
        known = kinds._node.static_shape[-1]
        if known is None or known > MOST_CATEGORIES:
            remedy = f"declare {MOST_CATEGORIES} kinds or less with specify_shape"
            raise NotImplementedError(complaint(name, "a known number of kinds", describe(kinds), remedy))
        sizes = sizes_of_draw(name, size, None, [kinds.sum(axis=-1), count])
        draw = self._draw(sizes, dtype)
        left = wrap(_core.broadcast_to(count._node, sizes))
        rest = wrap(_core.broadcast_to(kinds.sum(axis=-1)._node, sizes))
        possible, parts = left <= rest, []
        for k in range(known):
            own = kinds[..., k]
            rest = rest - own
            hits = apply("draw_hypergeometric", own, rest, left, draw.bits(k))
            parts.append(where(possible, hits, -1.0))
            left = left - hits
        return draw.finish(stack(parts, axis=-1))

    # ---- draws from given elements
    def permutation(self, x: TensorLike, axis: int = 0) -> Variable:
        """`x` with the slices along `axis` in random order, or range(x) for an integer scalar.

        The order is that of 64 random bits for each slice; equal ones keep their order.

        Parameters
        ----------
        x : array_like or Variable
        axis : int

        Returns
        -------
        Variable
            Of the shape and dtype of `x`; of a scalar n, an int64 vector of n.

        Raises
        ------
        TypeError
            For a scalar that is no integer.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> sorted(rng.permutation(4).eval().tolist())
        [0, 1, 2, 3]
        """
        value = as_variable(x)
        if value.ndim == 0:
            return self._orders("permutation", [], as_size(value, "permutation"))
        (axis,) = normalize_axes("permutation", value._node, axis)
        length = dims_of(value._node)[axis]
        order = self._orders("permutation", [], length)
        result = moveaxis(moveaxis(value, axis, 0)[order], 0, axis)
        return _with_state(result, order)

    def _orders(self, operation: str, sizes: list[Node], length: Size) -> Variable:
        """Random orders of `length` positions, one for each element of an array of `sizes`."""
        draw = self._draw([*sizes, size_node(length)])
        return draw.finish(argsort(draw.bits(), axis=-1))

    def _permutations(self, size: Any, n: TensorLike, ndim: int | None) -> Variable:
        """Permutations of range(n) along the last axis, one for each element of an array of `size`."""
        sizes = sizes_of_draw("permutation", () if size is None else size, ndim, [])
        return self._orders("permutation", sizes, as_size(n, "permutation"))

    def _row_positions(self, p: Variable, count: Any, replace: bool, dtype: Any) -> Variable:
        """`count` positions for each row of a matrix of chances."""
        chances = parameter("choice", "p", p, "float64", "scale")
        rows, columns = dims_of(chances._node)
        wanted = as_size(count, "choice")
        if replace:
            sizes = [wrap(size_node(n)) for n in (rows, wanted)]
            return self.categorical(chances.dimshuffle(0, "x", 1), sizes, dtype)
        if isinstance(wanted, int) and isinstance(columns, int) and wanted > columns:
            remedy = "replace=True draws positions again"
            raise ValueError(complaint("choice", f"at most {columns} positions", str(wanted), remedy))
        draw = self._draw([size_node(rows), size_node(columns)], count_dtype("choice", dtype))
        order = argsort(draw.exponential() / chances, axis=-1)
        return draw.finish(order[:, : wrap(size_node(wanted))])

    def permuted(self, x: TensorLike, axis: int | None = None) -> Variable:
        """`x` with the elements along `axis` in random orders, each line its own; all elements without.

        Parameters
        ----------
        x : array_like or Variable
        axis : int, optional
            Without one, all elements are mixed.

        Returns
        -------
        Variable
            Of the shape and dtype of `x`.

        Raises
        ------
        ValueError
            If `x` has no such axis.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> np.sort(rng.permuted([[1, 2, 3], [4, 5, 6]], axis=1).eval(), axis=1)
        array([[1, 2, 3],
               [4, 5, 6]])
        """
        value = as_variable(x)
        if axis is None:
            flat = value.flatten()
            order = self._orders("permuted", [], dims_of(flat._node)[0])
            whole = [size_node(n) for n in dims_of(value._node)]
            return _with_state(wrap(_core.reshape(flat[order]._node, whole)), order)
        lines = moveaxis(value, axis, -1)
        sizes = [size_node(n) for n in dims_of(lines._node)]
        rows = size_node(product(dims_of(lines._node)[:-1]))
        order = self._orders("permuted", sizes[:-1], dims_of(lines._node)[-1])
        starts = wrap(_core.iota([rows, size_node(1)], 0)) * wrap(sizes[-1])
        places = wrap(_core.reshape(order._node, [rows, sizes[-1]])) + starts
        mixed = _core.reshape(lines.flatten()[places.flatten()]._node, sizes)
        return _with_state(moveaxis(wrap(mixed), -1, axis), order)

    def shuffle_row_elements(self, input: TensorLike) -> Variable:
        """`input` with the elements of each row (its last axis) in a random order of their own."""
        return self.permuted(input, axis=-1)

    def choice(
        self,
        a: TensorLike,
        size: Any = None,
        replace: bool = True,
        p: TensorLike = None,
        axis: int = 0,
        shuffle: bool = True,
    ) -> Variable:
        """Elements of `a`, or of range(a) for an integer.

        Parameters
        ----------
        a : array_like or Variable
        size : int, sequence or Variable, optional
        replace : bool
            Whether an element may be drawn twice.
        p : array_like or Variable, optional
            Chances; equal ones if not given. Without replacement, those of the elements that are left.
        axis : int
            Of `a`, along which slices are drawn.
        shuffle : bool
            Accepted as in NumPy: the order is always random.

        Returns
        -------
        Variable
            Of shape `size`, or with slices in place of elements; a scalar without a `size`.

        Raises
        ------
        ValueError
            If there is nothing to draw from; if `p` is no vector, or known to be of another length; or for
            more elements than there are, without `replace`.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> sorted(rng.choice(["no", "yes"].index("yes") + 2, 3, replace=False).eval().tolist())
        [0, 1, 2]
        """
        value = as_variable(a)
        length = as_size(value, "choice") if value.ndim == 0 else dims_of(value._node)[axis]
        place = self._positions(length, size, replace, p)
        if value.ndim == 0:
            return place
        drawn = moveaxis(value, axis, 0)[place]
        return _with_state(moveaxis(drawn, 0, axis) if place.ndim == 1 else drawn, place)

    def _positions(self, length: Size, size: Any, replace: bool, p: TensorLike) -> Variable:
        chances = None if p is None else parameter("choice", "p", p, "float64", "scale")
        if chances is not None and chances.ndim != 1:
            raise ValueError(complaint("choice", "a vector as p", describe(chances)))
        if length == 0:
            raise ValueError(complaint("choice", "elements to draw from", "none"))
        if chances is not None and isinstance(length, int):
            given = chances._node.static_shape[0]
            if given not in (None, length):
                raise ValueError(complaint("choice", f"as p one chance for each of {length}", f"{given}"))
        if replace:
            if chances is None:
                return self.integers(wrap(size_node(length)), size=() if size is None else size)
            return self.categorical(chances, () if size is None else size)
        sizes = sizes_of_draw("choice", () if size is None else size, None, [])
        count = product([as_size(n) for n in sizes])
        if isinstance(count, int) and isinstance(length, int) and count > length:
            remedy = "replace=True draws elements again"
            raise ValueError(complaint("choice", f"at most {length} elements", str(count), remedy))
        draw = self._draw([size_node(length)])
        # In the order of the elements' exponential draws of rate p (Efraimidis and Spirakis, 2006).
        keys = draw.bits() if chances is None else draw.exponential() / chances
        first = argsort(keys)[: wrap(size_node(count))]
        return draw.finish(wrap(_core.reshape(first._node, sizes)))


def _with_state(result: Variable, draw: Variable) -> Variable:
    """`result` with the attributes `rng` and `update` of the draw it is made from."""
    result.__dict__.update(rng=draw.rng, update=draw.update)  # type: ignore[attr-defined]
    return result


def _root(matrix: Variable, method: str) -> Variable:
    """A matrix whose product with its transpose is `matrix`."""
    if method == "cholesky":
        return linalg.cholesky(matrix)
    if method == "eigh":
        values, vectors = linalg.eigh(matrix)
        return vectors * apply("sqrt", apply("maximum", values, 0.0))
    if method == "svd":
        left, values, _ = linalg.svd(matrix)
        return left * apply("sqrt", values)  # type: ignore[no-any-return]
    raise ValueError(
        complaint("multivariate_normal", 'a method of "cholesky", "eigh" or "svd"', repr(method))
    )
