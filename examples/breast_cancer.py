"""Logistic regression on scikit-learn's breast-cancer data, compared with scikit-learn's own."""

import numpy as np
from reporting import Compiled, print_report
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tqdm import trange

import croton as ct
import croton.tensor as T

PENALTY = 0.01
RATE = 0.5
STEPS = 2000


def load() -> list[np.ndarray]:
    """Training inputs, test inputs, training labels and test labels in float32; inputs are standardised."""
    inputs, labels = load_breast_cancer(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(inputs, labels, test_size=0.2, random_state=0)
    scaler = StandardScaler().fit(train_x)
    arrays = scaler.transform(train_x), scaler.transform(test_x), train_y, test_y
    return [array.astype("float32") for array in arrays]


def main() -> list[Compiled]:
    ct.config.floatX = "float32"
    train_x, test_x, train_y, test_y = load()

    x, y = T.matrix("x"), T.vector("y")
    w = ct.shared(np.zeros(train_x.shape[1], dtype="float32"), name="w")
    b = ct.shared(np.float32(0), name="b")
    p = T.nnet.sigmoid(T.dot(x, w) + b)
    cross_entropy = -y * T.log(p) - (1 - y) * T.log(1 - p)
    cost = cross_entropy.mean() + PENALTY * (w**2).sum()
    grad_w, grad_b = ct.grad(cost, [w, b])
    train = ct.function([x, y], cost, updates=[(w, w - RATE * grad_w), (b, b - RATE * grad_b)])
    predict = ct.function([x], p > 0.5)

    for _ in trange(STEPS, desc="breast cancer"):
        last = train(train_x, train_y)

    accuracy = (predict(test_x) == test_y).mean()
    # scikit-learn minimises |w|²/2 + C Σ cross-entropy: the same minimum for this C.
    theirs = LogisticRegression(C=1 / (2 * PENALTY * len(train_x)), tol=1e-8, max_iter=1000)
    theirs.fit(train_x, train_y)
    print(f"cost {float(last):.6f}, accuracy on {len(test_x)} held-out cases {accuracy:.1%}")
    print(f"scikit-learn's accuracy {theirs.score(test_x, test_y):.1%}")
    print(f"largest difference between the weights {np.abs(w.get_value() - theirs.coef_[0]).max():.1e}")
    return [
        Compiled("logistic regression, training step", train, (train_x, train_y)),
        Compiled("logistic regression, prediction", predict, (test_x,)),
    ]


if __name__ == "__main__":
    for compiled in main():
        print_report(compiled)
