"""Croton at work on real data: least squares, logistic regression and a small neural network."""

import breast_cancer
import digits
import regression
from reporting import print_report


def main() -> None:
    functions = []
    for title, example in (
        ("Least squares: the gradient, derived", regression),
        ("Breast cancer: logistic regression", breast_cancer),
        ("Handwritten digits: a 64-128-10 network", digits),
    ):
        print(f"\n{title}\n{'-' * len(title)}")
        functions += example.main()

    title = "How the functions were compiled"
    print(f"\n{title}\n{'-' * len(title)}")
    for compiled in functions:
        print_report(compiled)


if __name__ == "__main__":
    main()
