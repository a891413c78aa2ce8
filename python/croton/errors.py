"""Exceptions, and messages that say what was required, what was given, and where the user wrote it."""

from __future__ import annotations

import os
import sys

PACKAGE = os.path.dirname(os.path.abspath(__file__))


class UnusedInputError(ValueError):
    """An input of a function has no influence on its outputs and updates."""


class MissingInputError(ValueError):
    """An expression depends on a variable that is not among the inputs."""


class DisconnectedInputError(ValueError):
    """A gradient is asked for with respect to something that the cost does not depend on."""


class NotScalarConstantError(Exception):
    """The value of an expression is not known before the call, or is no single number."""


class EmptyConstantError(NotScalarConstantError):
    """A constant has no elements."""


class NullTypeGradError(TypeError):
    """A gradient is asked for through an expression that is said to have none."""


class ConvergenceError(ArithmeticError):
    """A solver has found no solution."""


class AsTensorError(TypeError):
    """A value is no expression, and nothing that NumPy makes numbers of."""


class GradientError(Exception):
    """The gradient of an expression is not what finite differences give."""


def user_source() -> str:
    """ " (file:line)" of the innermost frame outside this package."""
    frame = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return f" ({frame.f_code.co_filename}:{frame.f_lineno})"
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def complaint(operation: str, required: str, given: str, remedy: str = "") -> str:
    """The text of an error in the form that all of Croton's have."""
    text = f"{operation}: required {required}, given {given}"
    if remedy:
        text += f"; {remedy}"
    return text + user_source()
