#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures how fast the simulator is: builds what it needs, runs every row, compares with the targets.

Writes out/bench.json, prints a table; a run of all rows also renews the measured part of docs/performance.md.
"""
import argparse
import os
import subprocess
import sys

import measurements
import report
import rows as table

ROOT = table.ROOT
PAGE = ROOT / "docs/performance.md"


def arguments(argv):
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 repetitions instead of 5, fewer workloads")
    parser.add_argument("--only", metavar="NAME[,NAME]", default="", help="rows whose names begin with one of these")
    parser.add_argument("--strict", action="store_true", help="exit status 1 if a target is missed")
    parser.add_argument("--list", action="store_true", help="name the rows and their targets, measure nothing")
    parser.add_argument("--no-build", action="store_true", help="measure what is there")
    return parser.parse_args(argv)


def build():
    """Everything but the tests."""
    if not (ROOT / measurements.BUILD / "build.ninja").exists():
        subprocess.run(["cmake", "--preset", "release", "-B", measurements.BUILD], stdout=sys.stderr, check=True)
    known = subprocess.run(["ninja", "-C", measurements.BUILD, "-t", "targets", "all"], capture_output=True, text=True, check=True).stdout
    wanted = [name for name in ("dixion-vp", "dixion_firmware", "kernels_bench", "dram_bench", "dixion_bench_firmware") if f"{name}: phony" in known or f"bin/{name}: " in known]
    subprocess.run(["cmake", "--build", measurements.BUILD, "--target", *wanted], stdout=sys.stderr, check=True)


def main(argv):
    options = arguments(argv)
    only = [name for name in options.only.split(",") if name]
    every = table.all_rows()
    try:
        chosen = table.select(every, only, options.quick)
    except ValueError as error:
        print(f"bench: {error}; --list names them", file=sys.stderr)
        return 2
    if options.list:
        for row in chosen:
            print(f"{row.name:44} {row.unit:7} {row.target or '-':8} {row.what}")
        return 0
    os.chdir(ROOT)
    if not options.no_build:
        build()
    bench = measurements.Bench(options.quick)
    entries = [report.measured(row, bench) for row in chosen]
    command = " ".join(["./run bench", *argv])
    report.write_json(ROOT / "out/bench.json", entries, command, report.machine())
    if not only:
        PAGE.write_text(report.replaced(PAGE.read_text(), report.markdown(entries, every, command, report.machine())))
        print("written: out/bench.json, docs/performance.md", file=sys.stderr)
    print("\n".join(report.summary(entries)))
    return 1 if report.missed(entries) and options.strict else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
