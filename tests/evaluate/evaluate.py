#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what the platform models with targets and published figures: quality, work left out, cycles saved.

Writes out/evaluate.json and prints a table. Runs are kept in out/evaluate/: what was interrupted goes on. A run of all rows on
all samples tunes the settings first and renews tests/evaluate/settings.json and the table in docs/evaluate.md.
"""
import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "bench"))
import curves
import network_rows
import published_rows
import quality_rows
import report
import row as row_module
from glyph_runs import JUDGED_ON, ROOT, Runs

PAGE = ROOT / "docs/evaluate.md"
BUILD = "build/release"
QUICK_SAMPLES = 32


def arguments(argv):
    parser = argparse.ArgumentParser(prog="./run evaluate", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"committed settings, {QUICK_SAMPLES} samples instead of {JUDGED_ON.count}")
    parser.add_argument("--samples", type=int, metavar="N", help=f"judge on N samples, at most {JUDGED_ON.count}")
    parser.add_argument("--no-tune", action="store_true", help="judge the committed settings")
    parser.add_argument("--only", metavar="NAME[,NAME]", default="", help="rows whose names begin with one of these")
    parser.add_argument("--strict", action="store_true", help="exit status 1 if a target is missed")
    parser.add_argument("--list", action="store_true", help="name the rows and their targets, measure nothing")
    parser.add_argument("--curves", metavar="NAME[,NAME]", help="sweep techniques instead: docs/plots/NAME.csv and NAME.svg; with --samples N a trial in out/curves")
    parser.add_argument("--jobs", type=int, metavar="N", default=len(os.sched_getaffinity(0)), help="simulations side by side (default: processors)")
    parser.add_argument("--no-build", action="store_true", help="measure what is there")
    options = parser.parse_args(argv)
    options.trial = options.samples
    if options.samples is None:
        options.samples = QUICK_SAMPLES if options.quick else JUDGED_ON.count
    if not 1 <= options.samples <= JUDGED_ON.count:
        parser.error(f"--samples must be from 1 to {JUDGED_ON.count}")
    return options


def all_rows(samples):
    return published_rows.ROWS + network_rows.rows() + quality_rows.rows(samples)


def build():
    if not (ROOT / BUILD / "build.ninja").exists():
        subprocess.run(["cmake", "--preset", "release", "-B", BUILD], cwd=ROOT, stdout=sys.stderr, check=True)
    subprocess.run(["cmake", "--build", BUILD, "--target", "dixion-vp", "dixion_firmware"], cwd=ROOT, stdout=sys.stderr, check=True)


def main(argv):
    options = arguments(argv)
    every = all_rows(options.samples)
    try:
        chosen = row_module.select(every, [name for name in options.only.split(",") if name])
        techniques = curves.select(options.curves)
    except ValueError as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 2
    if options.list:
        for one in chosen:
            print(f"{one.name:46} {one.unit:5} {one.target or '-':14} {one.what}")
        return 0
    os.chdir(ROOT)
    if not options.no_build:
        build()
    runs = Runs(options.jobs)
    if techniques:
        for technique in techniques:
            print("\n".join(str(path.relative_to(ROOT)) for path in curves.draw(runs, technique, options.trial)))
        return 0
    tune = not (options.quick or options.no_tune)
    context = quality_rows.Context(runs, options.samples, tune)
    entries = [report.measured(one, context) for one in chosen]
    command = " ".join(["./run evaluate", *argv])
    report.write_json(ROOT / "out/evaluate.json", entries, command, report.machine())
    if tune:
        context.write_settings()
    if not options.only and not options.quick:
        PAGE.write_text(report.replaced(PAGE.read_text(), report.markdown(entries, every, command, "any machine: only rows named wall depend on it")))
    print("\n".join(report.summary(entries)))
    return 1 if report.missed(entries) and options.strict else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
