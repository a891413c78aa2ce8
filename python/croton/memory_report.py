"""What `f.memory_report()` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from croton.arguments import Converter
    from croton.spec import Spec


@dataclass(frozen=True)
class Buffer:
    """An intermediate in the arena.

    Attributes
    ----------
    value : str
        The expression.
    dtype : str
    shape : tuple of int
    bytes : int
    offset : int
        In the arena; buffers whose lives do not meet may overlap.
    first, last : int
        Numbers of the first and the last launch of its life.
    source : (str, int) or None
        The user's file and line.
    """

    value: str
    dtype: str
    shape: tuple[int, ...]
    bytes: int
    offset: int
    first: int
    last: int
    source: tuple[str, int] | None

    def __str__(self) -> str:
        life = f"at {self.offset}, launches {self.first}-{self.last}"
        return f"{life}: {_typed(self)} {self.value}{_place(self.source)}"


@dataclass(frozen=True)
class Result:
    """An output, or the next value of a shared variable; `in_place`: written over the old value."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    bytes: int
    in_place: bool

    def __str__(self) -> str:
        return f"{self.name}: {_typed(self)}{', in place' if self.in_place else ''}"


@dataclass(frozen=True)
class Copy:
    """Elements that move without being computed.

    Attributes
    ----------
    value : str
        The argument or the expression.
    reason : str
    bytes : int
        In one call; of an argument, altogether.
    times : int
        How often; 1 for what every call copies.
    source : (str, int) or None
        The user's file and line of the expression.
    """

    value: str
    reason: str
    bytes: int
    times: int
    source: tuple[str, int] | None

    def __str__(self) -> str:
        times = f", {self.times} times" if self.times > 1 else ""
        return f"{self.value}{times}: {self.reason}{_place(self.source)}"


@dataclass(frozen=True)
class MemoryReport:
    """The memory of a function's latest call, in bytes; printing it shows tables.

    Attributes
    ----------
    name : str
        The function's.
    arena_bytes : int
        The block that holds all intermediates.
    scratch_bytes : int
        Beside the arena, for each thread: rows and panels that are being worked on.
    buffers : list of Buffer
        What lies in the arena.
    results : list of Result
        Outputs, then updates.
    argument_copies : list of Copy
        Arguments that were converted, over all calls.
    copies : list of Copy
        What each call like the latest one copies.
    """

    name: str
    arena_bytes: int
    scratch_bytes: int
    buffers: list[Buffer]
    results: list[Result]
    argument_copies: list[Copy]
    copies: list[Copy]

    def __str__(self) -> str:
        whole = sum(buffer.bytes for buffer in self.buffers)
        text = [
            f"{self.name}: arena of {self.arena_bytes} bytes for intermediates of {whole}, "
            f"scratch of {self.scratch_bytes} for each thread"
        ]
        for title, entries in (
            ("arena", self.buffers),
            ("results", self.results),
            ("copied arguments, all calls", self.argument_copies),
            ("copies", self.copies),
        ):
            text.append(f"  {title}:" if entries else f"  {title}: none")
            text += [f"  {entry.bytes:12}  {entry}" for entry in entries]
        return "\n".join(text)


def _typed(entry: Buffer | Result) -> str:
    return f"{entry.dtype}[{', '.join(map(str, entry.shape))}]"


def _place(source: tuple[str, int] | None) -> str:
    return f"  ({source[0]}:{source[1]})" if source else ""


def make_memory_report(
    name: str, data: dict[str, Any], spec: Spec, converters: list[Converter]
) -> MemoryReport:
    """The report made from the engine's own, and from what the arguments' converters did."""
    keys = spec.results if isinstance(spec.results, tuple) else range(len(spec.outputs))
    names = [f"output {key}" for key in keys]
    names += [f"update of {target._leaf_name or target._text(40)}" for target, _ in spec.updates]
    arguments = [
        Copy(converter.name or f"argument {converter.position}", reason, size, times, None)
        for converter in converters
        for reason, (times, size) in converter.copies.items()
    ]
    return MemoryReport(
        name,
        data["arena_bytes"],
        data["scratch_bytes"],
        [Buffer(*entry) for entry in data["buffers"]],
        [Result(title, *entry) for title, entry in zip(names, data["results"], strict=True)],
        arguments,
        [Copy(value, reason, size, 1, source) for value, reason, size, source in data["copies"]],
    )
