"""A 64-128-10 network on scikit-learn's 1,797 handwritten digits."""

import time
from pathlib import Path

import matplotlib
import numpy as np
from reporting import Compiled, print_report
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import trange

import croton as ct
import croton.tensor as T

matplotlib.use("Agg")
import matplotlib.pyplot as plt

HIDDEN = 128
EPOCHS = 40
BATCH = 32
RATE = 0.2  # falls linearly to zero
MOMENTUM = 0.9
PENALTY = 0.001
REQUIRED = 0.97
PICTURE = Path(__file__).with_name("digits_loss.png")


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training images, test images (float32 in [0, 1], 64 to a row), training labels and test labels."""
    images, labels = load_digits(return_X_y=True)
    images = (images / 16).astype("float32")
    labels = labels.astype("int64")
    return tuple(train_test_split(images, labels, test_size=0.2, random_state=0, stratify=labels))


def layer(rng: np.random.Generator, inputs: int, outputs: int, name: str) -> tuple:
    """Weights of shape (inputs, outputs), drawn as He et al. (2015) propose, and biases of zero."""
    weights = rng.normal(0, np.sqrt(2 / inputs), (inputs, outputs)).astype("float32")
    return ct.shared(weights, name=f"W_{name}"), ct.shared(np.zeros(outputs, "float32"), name=f"b_{name}")


def momentum_updates(cost, parameters: list, rate) -> list[tuple]:
    """Gradient descent with momentum on `cost`."""
    updates = []
    for parameter, gradient in zip(parameters, ct.grad(cost, parameters), strict=True):
        velocity = ct.shared(np.zeros_like(parameter.get_value()), name=f"v_{parameter.name}")
        change = MOMENTUM * velocity - rate * gradient
        updates += [(velocity, change), (parameter, parameter + change)]
    return updates


def build(rng: np.random.Generator, rate) -> tuple:
    """The compiled training step (images, labels -> loss) and the classifier (images -> digits)."""
    x, y = T.matrix("x"), T.lvector("y")
    W1, b1 = layer(rng, 64, HIDDEN, "hidden")
    W2, b2 = layer(rng, HIDDEN, 10, "output")
    hidden = T.nnet.relu(T.dot(x, W1) + b1)
    p = T.nnet.softmax(T.dot(hidden, W2) + b2)
    loss = T.nnet.categorical_crossentropy(p, y).mean()
    cost = loss + PENALTY * ((W1**2).sum() + (W2**2).sum())
    train = ct.function([x, y], loss, updates=momentum_updates(cost, [W1, b1, W2, b2], rate))
    return train, ct.function([x], T.argmax(p, axis=1))


def save_curve(losses: list[float]) -> None:
    """Saves the mean loss of each epoch as a picture."""
    figure, axes = plt.subplots(figsize=(6, 4))
    axes.semilogy(range(1, len(losses) + 1), losses)
    axes.set(xlabel="epoch", ylabel="training loss", title="Handwritten digits, 64-128-10")
    figure.tight_layout()
    figure.savefig(PICTURE, dpi=120)
    plt.close(figure)


def main() -> list[Compiled]:
    ct.config.floatX = "float32"
    rng = np.random.default_rng(0)
    train_x, test_x, train_y, test_y = load()
    rate = ct.shared(np.float32(RATE), name="rate")
    train, classify = build(rng, rate)

    losses = []
    start = time.perf_counter()
    progress = trange(EPOCHS, desc="digits")
    for epoch in progress:
        rate.set_value(np.float32(RATE * (1 - epoch / EPOCHS)))
        order = rng.permutation(len(train_x))
        batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        losses.append(float(np.mean([train(train_x[batch], train_y[batch]) for batch in batches])))
        progress.set_postfix(loss=f"{losses[-1]:.4f}")
    seconds = time.perf_counter() - start

    accuracy = (classify(test_x) == test_y).mean()
    save_curve(losses)
    print(f"accuracy on {len(test_x)} held-out digits {accuracy:.1%} after {seconds:.2f} s of training")
    print(f"loss curve in {PICTURE.name}")
    if accuracy < REQUIRED:
        raise SystemExit(f"expected at least {REQUIRED:.0%}")
    return [
        Compiled("digits, training step", train, (train_x[:BATCH], train_y[:BATCH])),
        Compiled("digits, classification", classify, (test_x,)),
    ]


if __name__ == "__main__":
    for compiled in main():
        print_report(compiled)
