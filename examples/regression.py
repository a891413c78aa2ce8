"""The gradient of a sum of squares, on scikit-learn's diabetes data.

The engine derives the gradient that one would otherwise work out by hand: 2 Xᵀ(Xw - y).
"""

import numpy as np
from reporting import Compiled, print_report
from sklearn.datasets import load_diabetes

import croton
import croton.tensor as T


def main() -> list[Compiled]:
    X, y, w = T.matrix("X"), T.vector("y"), T.vector("w")
    E = ((T.dot(X, w) - y) ** 2).sum()
    Efun = croton.function([X, w, y], E, allow_input_downcast=True)
    gfun = croton.function([X, w, y], croton.grad(E, w), allow_input_downcast=True)

    data, target = load_diabetes(return_X_y=True)
    target = target - target.mean()
    start = np.zeros(data.shape[1])
    best = np.linalg.lstsq(data, target, rcond=None)[0]

    by_hand = 2 * data.T @ (data @ start - target)
    error = np.abs(gfun(data, start, target) - by_hand).max() / np.abs(by_hand).max()
    print(f"sum of squares at w = 0: {float(Efun(data, start, target)):.6g}")
    print(f"sum of squares at the least-squares solution: {float(Efun(data, best, target)):.6g}")
    print(f"gradient at w = 0: {np.array2string(gfun(data, start, target), precision=1)}")
    print(f"largest relative difference from the gradient by hand: {error:.1e}")
    if error > 1e-4:
        raise SystemExit("the gradient is wrong")
    return [
        Compiled("regression, value", Efun, (data, start, target)),
        Compiled("regression, gradient", gfun, (data, start, target)),
    ]


if __name__ == "__main__":
    for compiled in main():
        print_report(compiled)
