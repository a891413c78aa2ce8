"""What `f.compile_report()` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kernel:
    """One fused piece of machine code: the ops in it, where it came from, and the milliseconds it took."""

    name: str
    ops: list[str]
    origin: str
    ms: float


@dataclass(frozen=True)
class Report:
    """How a function was compiled."""

    name: str
    total_ms: float
    kernels: list[Kernel]
    passes: list[tuple[str, float]]
    plans: int

    def __str__(self) -> str:
        lines = [f"{self.name}: compiled in {self.total_ms:.2f} ms; plans for {self.plans} tuples of shapes"]
        width = max([4, *(len(name) for name, _ in self.passes)])
        lines += [f"  {'pass':<{width}} {'ms':>8}"]
        lines += [f"  {name:<{width}} {ms:8.3f}" for name, ms in self.passes]
        width = max([6, *(len(kernel.name) for kernel in self.kernels)])
        lines += [f"  {'kernel':<{width}} {'ms':>8}  {'from':<8} ops"]
        for kernel in self.kernels:
            lines.append(
                f"  {kernel.name:<{width}} {kernel.ms:8.3f}  {kernel.origin:<8} {' '.join(kernel.ops)}"
            )
        return "\n".join(lines)


def make_report(name: str, data: dict[str, Any]) -> Report:
    """The report made from the engine's own."""
    kernels = []
    for entry in data["kernels"]:
        ops = entry["ops"]
        parts = ops.replace(",", " ").split() if isinstance(ops, str) else [str(op) for op in ops]
        kernels.append(Kernel(entry["name"], parts, entry["origin"], entry["ms"]))
    return Report(name, data["total_ms"], kernels, list(data["passes"]), data["plans"])
