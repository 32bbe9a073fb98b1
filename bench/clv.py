"""Lifetime value learned from BENCH_SCALE customers (10,000,000), against the package `lifetimes` on a tenth of them.

The goal: the product's BG/NBD on all of them is fitted faster than BetaGeoFitter is on the tenth, and on that tenth both come
to the same log-likelihood to one part in a million. The product starts from its mart of purchase days, in the engine that
writes the scores, so grouping equal histories is part of its time. `lifetimes` is old and goes into an environment of its
own, with what it can still stand; it is measured only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

CUSTOMERS, DAYS, WEEK = 10_000_000, 1095, 7.0
COMPARED_ONE_IN, GOAL_LIKELIHOOD = 10, 1e-6
SEED = 2005
R, ALPHA, A, B = 0.243, 4.414, 0.793, 2.426  # weeks; what CDNOW's customers were found to be like
_PINNED = ("lifetimes==0.11.3", "autograd==1.6.2", "numpy==1.26.4", "scipy==1.11.4", "pandas==2.0.3")
_THEIRS = """
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from lifetimes import BetaGeoFitter
known, ours = np.load(sys.argv[1]), json.loads(sys.argv[2])
columns = [known[name] for name in ("repeats", "last", "age")]
def fitted(columns, weights):
    model, began = BetaGeoFitter(penalizer_coef=0.0), time.perf_counter()
    model.fit(*columns, weights=weights)
    return model, time.perf_counter() - began
model, seconds = fitted(columns, None)
each, weights = np.unique(np.column_stack(columns), axis=0, return_counts=True)
_, grouped = fitted(list(each.T), weights)
def likelihood(parameters):
    logs = np.log([parameters[name] for name in ("r", "alpha", "a", "b")])
    mean = BetaGeoFitter._negative_log_likelihood(logs, *columns, np.ones(len(columns[0])), 0.0)
    return -float(mean) * len(columns[0])
theirs = {name: float(value) for name, value in model.params_.items()}
print(json.dumps({
    "seconds": seconds, "grouped": grouped, "parameters": theirs, "likelihood": likelihood(theirs), "of_ours": likelihood(ours),
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def run() -> None:
    """In a process of its own, for a peak of memory of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-clv-") as folder:
        settings = {"RAPPORT_HOME": folder, "DJANGO_SETTINGS_MODULE": "rapport.config.settings"}
        subprocess.run([sys.executable, "-m", "bench.clv", folder], env=os.environ | settings, check=True)


def measure(folder: Path) -> None:
    import django

    django.setup()
    customers = int(os.environ.get("BENCH_SCALE", str(CUSTOMERS)))
    compared = customers // COMPARED_ONE_IN
    known = bought(customers)
    few = {name: column[:compared] for name, column in known.items()}
    print(f"   {customers:,} customers, {int((known['repeats'] > 0).sum()):,} of whom came back", flush=True)
    mine = _mine(few)
    whole = _mine(known)
    _print_mine(f"{compared:,}", mine)
    _print_mine(f"{customers:,}", whole)
    print(f"   peak memory of the learning process: {_peak_megabytes():,.0f} MB", flush=True)
    python = _python_with_lifetimes(folder)
    if python is not None:
        _compare(_asked(python, folder, few, mine["parameters"]), mine, whole, compared)


def bought(customers: int) -> dict[str, Any]:
    """Histories in days, drawn by BG/NBD from a seed: won within three years, and whoever buys twice a day bought once."""
    chance = np.random.default_rng(SEED)
    age = chance.integers(1, DAYS + 1, customers).astype(np.int32)
    rate = chance.gamma(R, 1 / ALPHA, customers) / WEEK
    leaving = chance.beta(A, B, customers)
    last, repeats = np.zeros(customers, dtype=np.int32), np.zeros(customers, dtype=np.int32)
    active, moment = np.arange(customers), np.zeros(customers)
    while len(active):
        moment = moment + chance.exponential(1.0, len(active)) / np.maximum(rate[active], 1e-12)
        stays = moment <= age[active]
        active, moment = active[stays], moment[stays]
        day = np.ceil(moment).astype(np.int32)
        repeats[active] += day > last[active]
        last[active] = day
        stays = chance.random(len(active)) >= leaving[active]
        active, moment = active[stays], moment[stays]
    return {"repeats": repeats, "last": last, "age": age}


def _mine(known: dict[str, Any]) -> dict[str, Any]:
    """As the product learns: the mart grouped by the engine, then each model."""
    import duckdb
    import ibis

    from rapport.insight.actions import BACKGROUND
    from rapport.insight.lifetime.learning import histories_of
    from rapport.insight.scores import bg_nbd, mbg_nbd, pareto_nbd

    rows = len(known["age"])
    mart = pa.table(
        {
            "customer_id": np.arange(1, rows + 1),
            **{name: known[key].astype(np.int64) for name, key in _MART.items()},
            "repeat_micros": known["repeats"].astype(np.int64) * 25_000_000,
        }
    )
    config = {
        "threads": BACKGROUND.threads,
        "memory_limit": BACKGROUND.memory,
        "temp_directory": os.environ["RAPPORT_HOME"],
    }
    with duckdb.connect(config=config) as connection:  # type: ignore[arg-type]
        connection.register("given", mart)
        connection.execute("create table purchase_days as select * from given")
        connection.unregister("given")
        del mart
        customers = ibis.duckdb.from_connection(connection).table("purchase_days")
        began = time.perf_counter()
        histories = histories_of(customers)
        grouping = time.perf_counter() - began
    seconds = {}
    for module in (bg_nbd, mbg_nbd, pareto_nbd):
        began = time.perf_counter()
        found = module.fit(histories)
        seconds[found.model.name] = time.perf_counter() - began
        if module is bg_nbd:
            kept = {"parameters": found.model.parameters, "likelihood": found.log_likelihood}
    return kept | {
        "grouping": grouping,
        "seconds": seconds,
        "unique": len(histories),
        "fit": grouping + seconds["BG/NBD"],
    }


_MART = {"repeats": "repeats", "last_days": "last", "age_days": "age"}


def _print_mine(customers: str, found: dict[str, Any]) -> None:
    others = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in found["seconds"].items())
    print(
        f"   {customers:>10} customers are {found['unique']:,} histories, grouped in {found['grouping']:.1f} s; fitted: {others}",
        flush=True,
    )


def _python_with_lifetimes(folder: Path) -> Path | None:
    """An environment that holds the package and what it can stand; None, said out loud, where it cannot be had."""
    python = folder / "lifetimes" / "bin" / "python"
    commands = (
        [sys.executable, "-m", "uv", "venv", "-q", "--python", sys.executable, str(folder / "lifetimes")],
        [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", str(python), *_PINNED],
    )
    for command in commands:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"   NOT COMPARED: {' '.join(_PINNED)} cannot be installed here: {why}")
            return None
    return python


def _asked(python: Path, folder: Path, known: dict[str, Any], ours: dict[str, float]) -> dict[str, Any]:
    """BetaGeoFitter on these customers, one by one and grouped; and both log-likelihoods by its own formula."""
    file = folder / "known.npz"
    np.savez(file, repeats=known["repeats"], last=known["last"] / WEEK, age=known["age"] / WEEK)
    done = subprocess.run(
        [str(python), "-c", _THEIRS, str(file), json.dumps(ours)], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _compare(theirs: dict[str, Any], mine: dict[str, Any], whole: dict[str, Any], compared: int) -> None:
    print(
        f"   lifetimes, {compared:,} customers one by one: {theirs['seconds']:.1f} s, {theirs['megabytes']:,.0f} MB;"
        f" told apart by history beforehand: {theirs['grouped']:.1f} s"
    )
    faster = theirs["seconds"] / whole["fit"]
    print(f"   lifetimes on a tenth / the product on all = {faster:.2f}  goal above 1: {_reached(faster > 1)}")
    print(f"   the product on the same tenth is {theirs['seconds'] / mine['fit']:.0f} times as fast")
    apart = (mine["likelihood"] - theirs["likelihood"]) / abs(theirs["likelihood"])
    by_their_formula = (theirs["of_ours"] - theirs["likelihood"]) / abs(theirs["likelihood"])
    told = ", ".join(
        f"{name} {value:.4f} (lifetimes {theirs['parameters'][name]:.4f})" for name, value in mine["parameters"].items()
    )
    print(f"   {told}")
    print(
        f"   log-likelihood {mine['likelihood']:.3f}, lifetimes {theirs['likelihood']:.3f}: apart by {apart:+.1e} of it,"
        f" by the formula of lifetimes {by_their_formula:+.1e}  goal within {GOAL_LIKELIHOOD:.0e}:"
        f" {_reached(max(abs(apart), abs(by_their_formula)) <= GOAL_LIKELIHOOD)}"
    )


def _reached(is_reached: bool) -> str:
    return "reached" if is_reached else "missed"


def _peak_megabytes() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
