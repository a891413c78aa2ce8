"""Solutions of equations, and minima, as expressions with gradients by the implicit function theorem."""

from croton.errors import ConvergenceError
from croton.optimize.fixed_points import fixed_point
from croton.optimize.scalar_solvers import minimize_scalar, root_scalar
from croton.optimize.solvers import minimize, root

__all__ = ["ConvergenceError", "fixed_point", "minimize", "minimize_scalar", "root", "root_scalar"]
