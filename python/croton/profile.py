"""What `f.profile` of a function compiled with `profile=True` offers."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, NamedTuple

from croton import _core
from croton.errors import complaint


class Op(NamedTuple):
    """An op in a launch, and the user's file and line of the expression it belongs to (None if unknown)."""

    name: str
    file: str | None
    line: int | None


@dataclass(frozen=True)
class LaunchProfile:
    """One launch: a fused kernel or a product, and what runs behind its parts.

    Attributes
    ----------
    kind : str
        "map" (one pass), "rows" (several passes over each row), "product".
    ops : list of Op
        What was fused, in order. After rewriting, ops may differ from those that were written; their lines
        are those of the expressions they came from.
    runs : int
    seconds : float
        Altogether.
    share : float
        Of the time of all calls, 0 to 1.
    program : int
        0, 1, ...: a function has a program for arguments in general, and others for special sizes or strides.
    """

    kind: str
    ops: list[Op]
    runs: int
    seconds: float
    share: float
    program: int

    def lines(self) -> list[str]:
        """The ops, one string for each line of the user's program."""
        places: dict[str, list[str]] = {}
        for op in self.ops:
            place = f"{op.file}:{op.line}" if op.file else "unknown line"
            places.setdefault(place, []).append(op.name)
        return [f"{' '.join(names)}  ({place})" for place, names in places.items()]


@dataclass(frozen=True)
class Profile:
    """Where the time of a function's calls went; printing it shows a table.

    Attributes
    ----------
    name : str
        The function's.
    calls : int
        Calls that returned.
    seconds : float
        Their time altogether, conversion of arguments and making of results included.
    launches : list of LaunchProfile
        The most expensive first.
    """

    name: str
    calls: int
    seconds: float
    launches: list[LaunchProfile]

    @property
    def launch_seconds(self) -> float:
        """The time of all launches."""
        return sum(launch.seconds for launch in self.launches)

    def __str__(self) -> str:
        each = 1e6 * self.seconds / max(self.calls, 1)
        text = [f"{self.name}: {self.calls} calls in {1e3 * self.seconds:.3f} ms, {each:.2f} us each"]
        text.append(f"  {'share':>6} {'ms':>10} {'runs':>8} {'us each':>10}  kind")
        for launch in self.launches:
            each = 1e6 * launch.seconds / max(launch.runs, 1)
            total = 1e3 * launch.seconds
            text.append(f"  {launch.share:6.1%} {total:10.3f} {launch.runs:8} {each:10.2f}  {launch.kind}")
            text += [f"  {'':37}   {line}" for line in launch.lines()]
        rest = max(self.seconds - self.launch_seconds, 0.0)
        share = rest / self.seconds if self.seconds else 0.0
        text.append(f"  {share:6.1%} {1e3 * rest:10.3f} {'':19}  arguments, plan and results")
        return "\n".join(text)


class Profiler:
    """`f.profile`: call it for a `Profile` of all calls so far. It is false where nothing is measured."""

    def __init__(self, function: Any) -> None:
        self._function = function

    def __bool__(self) -> bool:
        return _core.profile(self._function) is not None

    def __call__(self) -> Profile:
        """The profile of all calls so far.

        Raises
        ------
        ValueError
            If the function was compiled without `profile=True`.
        """
        name, data = self._function.name, _core.profile(self._function)
        if data is None:
            raise ValueError(
                complaint("profile", "a function compiled with profile=True", f"{name}, compiled without")
            )
        launches = [
            LaunchProfile(
                entry["kind"],
                [Op(op, *(source or (None, None))) for op, source in entry["ops"]],
                entry["runs"],
                entry["seconds"],
                entry["seconds"] / data["seconds"] if data["seconds"] else 0.0,
                number,
            )
            for number, program in enumerate(data["programs"])
            for entry in program
        ]
        launches.sort(key=lambda launch: -launch.seconds)
        return Profile(name, data["calls"], data["seconds"], launches)

    def summary(self, file: Any = None) -> None:
        """Prints the profile, by default to standard error."""
        print(self(), file=file or sys.stderr)

    def reset(self) -> None:
        """Starts counting anew."""
        _core.reset_profile(self._function)
