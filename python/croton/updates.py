"""Updates of shared variables, collected from several places."""

from __future__ import annotations

from typing import Any

from croton.errors import complaint
from croton.shared import SharedVariable
from croton.tensor.expression import describe


class OrderedUpdates(dict[SharedVariable, Any]):
    """A dict from shared variables to the expressions of their next values, which refuses conflicts.

    `a + b` has the updates of both; two different ones for one variable raise KeyError.

    Parameters
    ----------
    updates : dict or sequence of pairs, optional

    Raises
    ------
    TypeError
        For a key that is no shared variable.
    KeyError
        For two updates of one variable.
    """

    def __init__(self, updates: Any = ()) -> None:
        super().__init__()
        self.update(updates)

    def __setitem__(self, key: SharedVariable, value: Any) -> None:
        if not isinstance(key, SharedVariable):
            raise TypeError(complaint("OrderedUpdates", "shared variables as keys", describe(key)))
        super().__setitem__(key, value)

    def update(self, other: Any = (), /) -> None:
        """Adds the updates of `other`, a dict or pairs.

        Raises
        ------
        KeyError
            For a second, different update of a variable.
        """
        for key, value in dict(other).items():
            if key in self and self[key] is not value and self[key] != value:
                raise KeyError(complaint("OrderedUpdates", "one update for each variable", f"two for {key}"))
            self[key] = value

    def __add__(self, other: Any) -> OrderedUpdates:
        result = OrderedUpdates(self)
        result.update(other)
        return result

    def __radd__(self, other: Any) -> OrderedUpdates:
        return OrderedUpdates(other) + self
