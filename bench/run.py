"""Runs the benchmarks: each framework in its own process, in turn, over several rounds.

`python bench/run.py` prints tables and writes JSON; `--help` lists what can be chosen. See README.md.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import report
from cases import CASES, FRAMEWORKS

HERE = Path(__file__).resolve().parent
SECTIONS = [
    "package",
    "cases",
    "nodes",
    "plans",
    "bandwidth",
    "products",
    "convolutions",
    "random",
    "elementwise",
    "tensor_ops",
    "loops",
]
DEPTHS = {
    "gradient": [6, 19, 62, 187, 625, 1875],  # 16 nodes a step: 100 to 30,000
    "vectors": [16, 50, 166, 500, 1666, 5000],
    "layers": [25, 75, 250, 750, 2500, 7500],
}
IMPORT = "import time; t = time.perf_counter(); import {0}; print(time.perf_counter() - t)"
MODULES = ["numpy", "croton", "numexpr", "numba", "pytensor", "torch", "jax"]


class Runner:
    """Starts workers, shows what they do, and keeps what they say."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.caches = Path(options.out).parent / "caches"
        self.threads = str(len(os.sched_getaffinity(0)))
        shutil.rmtree(self.caches, ignore_errors=True)

    def environment(self, cache: str) -> dict[str, str]:
        """Every framework's disk cache in a folder of its own, and the same number of threads for all."""
        folder = self.caches / cache
        folder.mkdir(parents=True, exist_ok=True)
        names = ["BENCH", "CROTON_NUM", "OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "NUMEXPR_NUM", "NUMBA_NUM"]
        # Peers choose their own code for this processor, whatever the shell has pinned.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
        return {
            **inherited,
            **{name + "_THREADS": self.threads for name in names},
            "CROTON_CACHE_DIR": str(folder),
            "TORCHINDUCTOR_CACHE_DIR": str(folder),
            "NUMBA_CACHE_DIR": str(folder),
            "PYTENSOR_FLAGS": f"base_compiledir={folder}",
            "JAX_PLATFORMS": "cpu",
        }

    def worker(self, cache: str, script: str, *args: Any) -> dict[str, Any]:
        """What a worker prints, or {"error": ...}."""
        command = [sys.executable, str(HERE / script), *map(str, args)]
        try:
            done = subprocess.run(
                command,
                env=self.environment(cache),
                capture_output=True,
                text=True,
                timeout=self.options.timeout,
            )
        except subprocess.TimeoutExpired:
            return {"error": f"longer than {self.options.timeout} s"}
        for line in done.stdout.splitlines():
            if line.startswith("RESULT "):
                return json.loads(line[7:])
        return {"error": (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1][:300]}

    def rounds(self, frameworks: list[str]) -> Iterator[tuple[int, str]]:
        """Every framework once a round, another one first each time."""
        for k in range(self.options.rounds):
            turn = k % len(frameworks)
            for framework in frameworks[turn:] + frameworks[:turn]:
                yield k, framework


def say(text: str) -> None:
    print(f"{datetime.now():%H:%M:%S}  {text}", file=sys.stderr, flush=True)


def run_case(runner: Runner, name: str) -> dict[str, Any]:
    chosen = [f for f in CASES[name].frameworks.split() if f in runner.options.frameworks]
    found: dict[str, list[Any]] = {f: [] for f in chosen}
    for k, framework in runner.rounds(chosen):
        if found[framework] and "error" in found[framework][0]:
            continue
        args = "case_worker.py", name, framework, runner.options.seconds
        result = runner.worker(f"{name}-{framework}", *args)
        found[framework].append(result)
        shown = result.get("error") or f"{1e3 * result['median']:.4g} ms, first {result['first']:.3g} s"
        say(f"{name}, round {k + 1}, {framework}: {shown}")
    results = {f: summarize(rounds) for f, rounds in found.items()}
    mark_disagreement(results, CASES[name].tolerance)
    return results


def summarize(rounds: list[Any]) -> dict[str, Any]:
    """One framework's rounds as one: the first had an empty disk cache, the others its contents."""
    good = [r for r in rounds if "error" not in r]
    if not good or "error" in rounds[0]:
        return {"error": rounds[0].get("error", "failed")}
    medians = [r["median"] for r in good]
    return {
        "median": float(np.median(medians)),
        "spread": max(medians) / min(medians),
        "min": min(r["min"] for r in good),
        "first_cold": good[0]["first"],
        "first_cold_cpu": good[0]["first_cpu"],
        "first_warm": float(np.median([r["first"] for r in good[1:]])) if len(good) > 1 else None,
        "first_warm_cpu": float(np.median([r["first_cpu"] for r in good[1:]])) if len(good) > 1 else None,
        "peak_mb": max(r["peak_mb"] for r in good),
        "grown_mb": max(r["grown_mb"] for r in good),
        "digests": good[0]["digests"],
    }


def mark_disagreement(case: dict[str, Any], tolerance: float) -> None:
    """Adds "disagrees" to frameworks whose results differ from what most say."""
    digests = {f: np.array(r.pop("digests")) for f, r in case.items() if "digests" in r}
    if not digests:
        return
    middle = np.median(list(digests.values()), axis=0)
    bound = tolerance * (middle[:, 2:] + 1e-12)
    for framework, values in digests.items():
        if not (np.abs(values - middle) <= bound).all():
            case[framework]["disagrees"] = True
            say(f"{framework} disagrees: {values.tolist()}, most say {middle.tolist()}")


def merge_rounds(found: dict[str, list[Any]], middle: Any) -> dict[str, Any]:
    """Per framework and row, each figure's middle over the rounds; or the first error."""
    merged: dict[str, Any] = {}
    for framework, rounds in found.items():
        bad = [r["error"] for r in rounds if "error" in r]
        if bad:
            say(f"{framework}: {bad[0]}")
            merged[framework] = {"error": bad[0]}
            continue
        merged[framework] = {
            row: {key: middle([r[row][key] for r in rounds]) for key in rounds[0][row]} for row in rounds[0]
        }
    return merged


def run_beside(peers: list[str], part: float) -> Callable[[Runner, str], dict[str, Any]]:
    """A section whose worker times all its rows in Croton or a peer, each for `part` of the usual time."""

    def run(runner: Runner, section: str) -> dict[str, Any]:
        found: dict[str, list[Any]] = {framework: [] for framework in ["croton", *peers]}
        for k, framework in runner.rounds(list(found)):
            say(f"{section}, round {k + 1}, {framework}")
            args = f"{section}_worker.py", framework, runner.options.seconds * part
            found[framework].append(runner.worker(f"{section}-{framework}", *args))
        return merge_rounds(found, lambda values: float(np.median(values)))

    return run


def run_nodes(runner: Runner, _: str) -> dict[str, Any]:
    results: dict[str, Any] = {}
    for kind, depths in DEPTHS.items():
        results[kind] = []
        for depth in depths:
            result = runner.worker(f"nodes-{kind}-{depth}", "nodes_worker.py", kind, depth)
            if "error" not in result:
                warm = runner.worker(f"nodes-{kind}-{depth}", "nodes_worker.py", kind, depth)
                result["warm"] = warm.get("seconds")
            results[kind].append({"depth": depth, **result})
            say(f"compile time, {kind} of depth {depth}: {result}")
            if "error" in result:
                break
    return results


def run_plans(runner: Runner, _: str) -> dict[str, Any]:
    result = runner.worker("plans", "plans_worker.py")
    say(f"50 batch sizes: {result}")
    return result


def run_package(runner: Runner, _: str) -> dict[str, Any]:
    times: dict[str, list[float]] = {name: [] for name in MODULES}
    for k in range(5):
        for name in MODULES[: None if k < 3 else 2]:
            command = [sys.executable, "-c", IMPORT.format(name)]
            done = subprocess.run(command, capture_output=True, text=True, env=runner.environment("imports"))
            if done.returncode == 0:
                times[name].append(float(done.stdout))
    wheels = sorted((HERE.parent / "dist").glob("*.whl"), key=lambda path: path.stat().st_mtime)
    result = {
        "import": {name: float(np.median(values)) for name, values in times.items() if values},
        "wheel_mb": wheels[-1].stat().st_size / 1e6 if wheels else None,
    }
    say(f"import and wheel: {result}")
    return result


def machine() -> dict[str, Any]:
    """What the figures were measured on, and with."""
    cpu = platform.processor()
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    versions = {}
    for name in MODULES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed as a package"
    command = ["git", "-C", str(HERE), "describe", "--always", "--dirty"]
    commit = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return {
        "cpu": cpu,
        "threads": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "versions": versions,
        "commit": commit,
        "date": datetime.now(timezone.utc).isoformat(timespec="minutes"),
        "load": os.getloadavg()[0],
    }


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sections", nargs="+", default=SECTIONS, choices=SECTIONS)
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=list(CASES))
    parser.add_argument("--frameworks", nargs="+", default=list(FRAMEWORKS), choices=list(FRAMEWORKS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="how long to time each case in each round")
    parser.add_argument("--timeout", type=float, default=900, help="seconds after which a worker is ended")
    parser.add_argument("--out", default=str(HERE.parent / "build" / "bench" / "results.json"))
    return parser.parse_args()


def main() -> None:
    options = parse()
    out = Path(options.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    results = json.loads(out.read_text()) if out.exists() else {}
    results["machine"] = machine()
    results["rounds"] = options.rounds
    runner = Runner(options)
    steps = {
        "package": run_package,
        "nodes": run_nodes,
        "plans": run_plans,
        "bandwidth": run_beside(["torch", "numexpr"], 1 / 2),
        "products": run_beside(["numpy", "torch"], 1 / 20),
        "convolutions": run_beside(["torch"], 1 / 10),
        "random": run_beside(["numpy"], 1 / 4),
        "elementwise": run_beside(["torch"], 1 / 10),
        "tensor_ops": run_beside(["numpy"], 1 / 5),
        "loops": run_beside(["jax", "numba"], 1 / 2),
    }

    def save() -> None:
        out.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")

    start = time.monotonic()
    for section in options.sections:
        if section == "cases":
            for name in options.cases:
                results.setdefault("cases", {})[name] = run_case(runner, name)
                save()
        else:
            results[section] = steps[section](runner, section)
            save()
    shutil.rmtree(runner.caches, ignore_errors=True)
    say(f"done in {(time.monotonic() - start) / 60:.0f} min; JSON in {out}")
    print(report.render(results))


if __name__ == "__main__":
    main()
