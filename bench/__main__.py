"""Run every benchmark of this folder, or those named: `python -m bench imports lists`. BENCH_SCALE shrinks or grows them."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys
import time

import bench

_NOT_BENCHMARKS = {"__main__", "apart", "shop"}


def main(wanted: list[str]) -> int:
    found = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in _NOT_BENCHMARKS)
    unknown = sorted(set(wanted) - set(found))
    if unknown:
        print(f"There is no benchmark named {', '.join(unknown)}. There are: {', '.join(found)}.", file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}")
    failed = 0
    for name in wanted or found:
        print(f"\n== {name}", flush=True)
        started = time.perf_counter()
        try:
            importlib.import_module(f"bench.{name}").run()
        except Exception as error:
            failed += 1
            print(f"   {name} ended with {type(error).__name__}: {error}", file=sys.stderr)
        print(f"   ({time.perf_counter() - started:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
