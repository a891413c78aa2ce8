"""Results as Markdown tables, with the bars beside them: `python bench/report.py results.json`."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

FUSED = ["blackscholes", "chain", "softmax", "layernorm", "logreg", "mlp", "cnn", "hier", "deepgraph"]
FIRST_COLD = {"mlp": 0.080, "hier": 0.060, "chain": 0.015, "deepgraph": 0.500}
FIRST_WARM = {"mlp": 0.020, "deepgraph": 0.100}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |"]
    lines.append("|" + "---|" * (lines[0].count("|") - 1))
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def in_ms(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{1e3 * seconds:.4f}" if seconds < 1e-3 else f"{1e3 * seconds:.2f}"


def geometric_mean(values: Iterable[float]) -> float:
    return float(np.exp(np.mean(np.log(list(values)))))


def good_peers(case: dict[str, Any]) -> dict[str, Any]:
    """The peers that gave a result, and the right one."""
    return {f: r for f, r in case.items() if f != "croton" and "error" not in r and not r.get("disagrees")}


def caveat(case: dict[str, Any]) -> str:
    """What keeps a comparison from saying everything: a wrong result, or peers that did not take part."""
    if case.get("croton", {}).get("disagrees"):
        return ", but the results differ"
    missing = [f for f in case if f != "croton" and f not in good_peers(case)]
    return f", but without {', '.join(missing)}" if missing else ""


def ratio(case: dict[str, Any], key: str = "median") -> float | None:
    """Croton's figure over the best peer's."""
    peers = good_peers(case)
    if "error" in case.get("croton", {"error": ""}) or not peers:
        return None
    return case["croton"][key] / min(r[key] for r in peers.values())


def cell(result: dict[str, Any] | None) -> str:
    if result is None:
        return ""
    if "error" in result:
        return "failed"
    return in_ms(result["median"]) + (" (disagrees)" if result.get("disagrees") else "")


def times_of_cases(cases: dict[str, Any]) -> str:
    frameworks = list(dict.fromkeys(f for case in cases.values() for f in case))
    rows = []
    for name, case in cases.items():
        value, least = ratio(case), ratio(case, "min")
        peers = good_peers(case)
        best = min(peers, key=lambda f: peers[f]["median"]) if peers else ""
        row = [name, *(cell(case.get(f)) for f in frameworks), best]
        rows.append([*row, f"{value:.2f}" if value else "", f"{least:.2f}" if least else ""])
    head = ["case, ms", *frameworks, "best peer", "ratio", "ratio of minima"]
    return table(head, rows)


def first_results(cases: dict[str, Any]) -> str:
    frameworks = list(dict.fromkeys(f for case in cases.values() for f in case))

    def shown(result: dict[str, Any] | None, kind: str = "") -> str:
        if not result or "error" in result:
            return ""
        parts = (result.get("first_cold" + kind), result.get("first_warm" + kind))
        return " / ".join(f"{1e3 * t:.3g}" for t in parts if t is not None)

    rows = []
    for name, case in cases.items():
        cpu = shown(case.get("croton"), "_cpu")
        rows.append([name, *(shown(case.get(f)) for f in frameworks), cpu])
    return table(["first result, ms (cold / warm)", *frameworks, "croton, processor time"], rows)


def peaks(cases: dict[str, Any]) -> str:
    frameworks = list(dict.fromkeys(f for case in cases.values() for f in case))

    def shown(result: dict[str, Any] | None) -> str:
        if not result or "error" in result:
            return ""
        return f"{result['peak_mb']:.0f} / {result['grown_mb']:.0f}"

    rows = [[name, *(shown(case.get(f)) for f in frameworks)] for name, case in cases.items()]
    return table(["peak memory, MB (process / beyond the data)", *frameworks], rows)


def product_ratios(products: dict[str, Any]) -> dict[str, float]:
    if any("error" in products.get(f, {"error": ""}) for f in ("croton", "numpy", "torch")):
        return {}
    best = {k: min(products[f][k]["median"] for f in ("numpy", "torch")) for k in products["croton"]}
    return {k: r["median"] / best[k] for k, r in products["croton"].items()}


def product_table(products: dict[str, Any]) -> str:
    """One row for a shape and dtype; in the cells, Croton's GFLOP/s and its time over the best peer's."""
    ratios = product_ratios(products)
    if not ratios:
        return "\n".join(f"{f}: {r['error']}" for f, r in products.items() if "error" in r)
    rows: dict[str, dict[str, str]] = {}
    for key, value in ratios.items():
        dtype, form, shape = key.split(" ", 2)
        row = rows.setdefault(f"{shape} {dtype}", {})
        row[form] = f"{products['croton'][key]['gflops']:.0f}, {value:.2f}"
    forms = ["nn", "nt", "tn", "tt"]
    head = ["GFLOP/s, ratio", "A B", "A Bᵀ", "Aᵀ B", "Aᵀ Bᵀ"]
    return table(head, [[name, *(row[f] for f in forms)] for name, row in rows.items()])


def convolution_ratios(convolutions: dict[str, Any], key: str = "median") -> dict[str, float]:
    if any("error" in convolutions.get(f, {"error": ""}) for f in ("croton", "torch")):
        return {}
    return {name: r[key] / convolutions["torch"][name][key] for name, r in convolutions["croton"].items()}


def differs(mine: dict[str, float], other: dict[str, float]) -> bool:
    """Whether the weighted sums of two results lie further apart than rounding explains."""
    return abs(mine["sum"] - other["sum"]) > 1e-3 * other["norm"]


def convolution_table(convolutions: dict[str, Any]) -> str:
    """One row for a variant; in the cells, Croton's time and its ratios to torch's, of medians and minima."""
    ratios, least = convolution_ratios(convolutions), convolution_ratios(convolutions, "min")
    if not ratios:
        return "\n".join(f"{f}: {r['error']}" for f, r in convolutions.items() if "error" in r)
    rows: dict[str, dict[str, str]] = {}
    for name, value in ratios.items():
        variant, _, direction = name.rpartition(" ")
        time = in_ms(convolutions["croton"][name]["median"])
        wrong = differs(convolutions["croton"][name], convolutions["torch"][name])
        time += " (disagrees)" if wrong else ""
        rows.setdefault(variant, {})[direction] = f"{time}, {value:.2f}, {least[name]:.2f}"
    directions = ["forward", "d-input", "d-weight"]
    head = ["ms, ratio, ratio of minima", *directions]
    return table(head, [[variant, *(row[d] for d in directions)] for variant, row in rows.items()])


# Sections in which Croton's rows are compared with one peer's: what a row is, and the peer.
PAIRS = {
    "random": ("one core, ns a number", "numpy"),
    "elementwise": ("all cores, ns an element", "torch"),
    "tensor_ops": ("one core, ns an element", "numpy"),
}


def pair_ratios(results: dict[str, Any], section: str, key: str = "median") -> dict[str, float]:
    rows, peer = results.get(section, {}), PAIRS[section][1]
    if any("error" in rows.get(f, {"error": ""}) for f in ("croton", peer)):
        return {}
    return {name: r[key] / rows[peer][name][key] for name, r in rows["croton"].items()}


def pair_table(results: dict[str, Any], section: str) -> str:
    head, peer = PAIRS[section]
    ratios, least = pair_ratios(results, section), pair_ratios(results, section, "min")
    rows = []
    for name, r in ratios.items():
        figures = [f"{results[section][f][name]['median']:.3f}" for f in ("croton", peer)]
        rows.append([name, *figures, f"{r:.2f}", f"{least[name]:.2f}"])
    return table([head, "croton", peer, "ratio", "ratio of minima"], rows)


# What the rows of "loops" have to reach: a ratio to a peer's time, or seconds a step.
LOOP_RATIOS = {
    "logistic map": ("numba", 1.3),
    "3x3 matrices": ("jax", 0.3),
    "jacobian": ("jax", 1.0),
    "hessian of hier": ("jax", 1.5),
}
LOOP_STEPS = {"logistic map": (1_000_000, 20), "logistic map, gradient": (1_000_000, 60)}


def loop_table(loops: dict[str, Any]) -> str:
    rows = []
    for name, mine in loops.get("croton", {}).items():
        if "median" not in mine:
            continue
        row = [name, in_ms(mine["median"])]
        for peer in ("jax", "numba"):
            theirs = loops.get(peer, {}).get(name)
            if theirs is None:
                row.append("")
                continue
            agree = abs(theirs["value"] - mine["value"]) <= 1e-6 * (1 + abs(theirs["value"]))
            ratio = mine["median"] / theirs["median"]
            row.append(f"{in_ms(theirs['median'])}, {ratio:.2f}" + ("" if agree else " (disagrees)"))
        rows.append(row)
    return table(["all cores, ms, ratio", "croton", "jax", "numba"], rows)


def loop_bars(loops: dict[str, Any]) -> list[list[str]]:
    mine = loops.get("croton", {})
    if not mine or "error" in mine:
        return []
    rows = []
    for name, (steps, bar) in LOOP_STEPS.items():
        rows.append(verdict(f"{name}: one step", 1e9 * mine[name]["median"] / steps, bar, " ns"))
    for name, (peer, bar) in LOOP_RATIOS.items():
        theirs = loops.get(peer, {}).get(name)
        if theirs:
            rows.append(verdict(f"{name}: time over {peer}'s", mine[name]["median"] / theirs["median"], bar))
    stored, few = mine["1,000 steps, stored"], mine["1,000 steps, checkpoints"]
    rows.append(verdict("1,000 steps: memory with checkpoints", few["arena_mb"] / stored["arena_mb"], 0.15))
    rows.append(verdict("1,000 steps: time with checkpoints", few["median"] / stored["median"], 1.5))
    rows.append(verdict("2,000 unrolled steps: compile", mine["2,000 unrolled steps"]["compile"], 3, " s"))
    return rows


def node_table(nodes: dict[str, Any]) -> str:
    rows = []
    for kind, results in nodes.items():
        for r in results:
            if "error" in r:
                rows.append([kind, str(r["depth"]), r["error"], "", "", "", ""])
                continue
            seconds, warm = sum(r["seconds"].values()), r.get("warm")
            row = [kind, str(r["nodes"]), *(in_ms(r["seconds"][k]) for k in ("build", "compile"))]
            row += [f"{1e6 * seconds / r['nodes']:.0f}", in_ms(sum(warm.values())) if warm else ""]
            rows.append([*row, f"{r['peak_mb']:.0f}"])
    head = ["expression", "nodes", "write, ms", "compile, ms", "µs a node", "all, warm, ms", "peak MB"]
    return table(head, rows)


def bandwidth_table(bandwidth: dict[str, Any]) -> str:
    triad = best_triad(bandwidth)
    rows = []
    for framework, results in bandwidth.items():
        if "error" in results:
            rows.append([framework, results["error"], "", "", ""])
            continue
        for name, r in results.items():
            share = f"{r['median'] / triad:.2f}" if triad else ""
            rows.append([framework, name, f"{r['median']:.1f}", f"{r['best']:.1f}", share])
    return table(["framework", "kernel", "GB/s, median", "best", "of the fastest triad"], rows)


def best_triad(bandwidth: dict[str, Any]) -> float:
    """The fastest triad of all frameworks, in GB/s."""
    rows = [r for r in bandwidth.values() if "error" not in r]
    return max((r["triad x + 3y"]["median"] for r in rows), default=0.0)


def verdict(name: str, value: float | None, bar: float, unit: str = "", least: bool = False) -> list[str]:
    if value is None:
        return [name, f"{bar:g}{unit}", "not measured", ""]
    met = value >= bar if least else value <= bar
    return [name, f"{bar:g}{unit}", f"{value:.3g}{unit}", "met" if met else "missed"]


def case_bars(cases: dict[str, Any]) -> list[list[str]]:
    present = [name for name in FUSED if name in cases]
    ratios = {name: ratio(cases[name]) for name in present}
    rows = [verdict(f"{name}: time over the best peer's", r, 1.0) for name, r in ratios.items()]
    for name, row in zip(ratios, rows, strict=True):
        row[-1] += caveat(cases[name])
    known = [r for r in ratios.values() if r]
    rows.append(verdict("the same, geometric mean", geometric_mean(known) if known else None, 0.7))
    croton = {name: case["croton"] for name, case in cases.items() if "median" in case.get("croton", {})}
    if "scalar" in croton:
        rows.append(verdict("scalar: one call", 1e6 * croton["scalar"]["median"], 1.0, " µs"))
    for word, bars in (("cold", FIRST_COLD), ("warm", FIRST_WARM)):
        for name, bar in bars.items():
            if croton.get(name, {}).get(f"first_{word}"):
                value = 1e3 * croton[name][f"first_{word}"]
                rows.append(verdict(f"{name}: first result, {word}", value, 1e3 * bar, " ms"))
    for name in croton:
        for key, what in (("peak_mb", "process"), ("grown_mb", "beyond the data")):
            value = ratio(cases[name], key)
            rows.append(verdict(f"{name}: peak memory over the leanest peer's ({what})", value, 1.0))
    return rows


def other_bars(results: dict[str, Any]) -> list[list[str]]:
    rows = []
    ratios = product_ratios(results.get("products", {}))
    if ratios:
        over = sum(r > 1.05 for r in ratios.values())
        rows.append(verdict(f"products: the worst of {len(ratios)} ratios", max(ratios.values()), 1.05))
        rows.append(verdict(f"products: how many of {len(ratios)} are over 1.05", over, 0))
        rows.append(verdict("products: geometric mean of the ratios", geometric_mean(ratios.values()), 0.85))
    ratios = convolution_ratios(results.get("convolutions", {}))
    if ratios:
        over = sum(r > 1.2 for r in ratios.values())
        rows.append(verdict(f"convolutions: the worst of {len(ratios)} ratios", max(ratios.values()), 1.2))
        rows.append(verdict(f"convolutions: how many of {len(ratios)} are over 1.2", over, 0))
        rows.append(verdict("convolutions: geometric mean of the ratios", geometric_mean(ratios.values()), 1))
    for kind, sizes in results.get("nodes", {}).items():
        costs = [sum(r["seconds"].values()) / r["nodes"] for r in sizes if "nodes" in r]
        if costs:
            growth = costs[-1] / costs[0]
            rows.append(verdict(f"{kind}: cost of a node, largest graph over smallest", growth, 1.5))
    plans = results.get("plans", {})
    if "sizes" in plans:
        rows.append(verdict("50 batch sizes: kernels built after the first", plans["kernels_after_first"], 0))
        rows.append(verdict("50 batch sizes: a new plan, median", 1e6 * plans["plan_median"], 200, " µs"))
        rows.append(verdict("50 batch sizes: a new plan, worst", 1e6 * plans["plan_max"], 200, " µs"))
    bandwidth = results.get("bandwidth", {})
    if best_triad(bandwidth) and "error" not in bandwidth.get("croton", {"error": ""}):
        for name, r in bandwidth["croton"].items():
            share = r["median"] / best_triad(bandwidth)
            rows.append(verdict(f"{name}: bandwidth over the triad's", share, 0.9, least=True))
    for law, value in pair_ratios(results, "random").items():
        if law.startswith(("uniform", "normal")):
            rows.append(verdict(f"{law}: time over NumPy's", value, 1.0))
    for section in ("elementwise", "tensor_ops"):
        ratios, least = pair_ratios(results, section), pair_ratios(results, section, "min")
        if not ratios:
            continue
        over = [name for name, r in ratios.items() if min(r, least[name]) > 1]
        what = f"{section}: rows of {len(ratios)} slower than {PAIRS[section][1]}"
        rows.append(verdict(", ".join([what, *over]), len(over), 0))
    rows += loop_bars(results.get("loops", {}))
    package = results.get("package", {})
    if "import" in package:
        rows.append(verdict("import croton", 1e3 * package["import"].get("croton", 0), 150, " ms"))
        rows.append(verdict("wheel", package.get("wheel_mb"), 40, " MB"))
    return rows


def render(results: dict[str, Any]) -> str:
    """The whole report."""
    m = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in m["versions"].items())
    parts = [
        f"{m['cpu']}, {m['threads']} threads, Python {m['python']}; {versions}; commit {m['commit']}; "
        f"{m['date']}; {results['rounds']} rounds; load average at the start {m['load']:.1f}."
    ]
    if "cases" in results:
        cases = results["cases"]
        noise = max((r["spread"] for case in cases.values() for r in good_peers(case).values()), default=1)
        parts += [
            times_of_cases(cases),
            f"Noise: medians of one peer differ by up to {noise:.1f}x between rounds.",
        ]
        parts += [first_results(cases), peaks(cases)]
    sections = {
        "products": product_table,
        "convolutions": convolution_table,
        "nodes": node_table,
        "bandwidth": bandwidth_table,
        "loops": loop_table,
    }
    parts += [show(results[name]) for name, show in sections.items() if name in results]
    parts += [pair_table(results, name) for name in PAIRS if name in results]
    if "import" in results.get("package", {}):
        times = results["package"]["import"]
        parts.append(table(["import, ms", *times], [["", *(f"{1e3 * t:.0f}" for t in times.values())]]))
    bars = (case_bars(results["cases"]) if "cases" in results else []) + other_bars(results)
    parts.append(table(["what", "bar", "measured", ""], bars))
    return "\n\n".join(parts)


if __name__ == "__main__":
    print(render(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
