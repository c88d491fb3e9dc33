# SPDX-License-Identifier: Apache-2.0
"""How things are measured: child processes on one processor, medians, a straight line."""
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass


class NotAvailable(Exception):
    """A row cannot be measured here; the text says why."""


@dataclass(frozen=True)
class Run:
    wall: float  # seconds
    cpu: float  # seconds, user and system: what the wall clock shows on a machine with nothing else to do
    peak_bytes: int
    output: str  # stdout and stderr


def one_processor():
    """The last processor this process may use: the first is the busiest one on most machines."""
    return {max(os.sched_getaffinity(0))}


def run(command):
    """Runs a command on one processor. An exit status other than 0 is an error with the command's last lines."""
    processors = one_processor()
    print("  $ " + " ".join(command), file=sys.stderr, flush=True)
    begin = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                             preexec_fn=lambda: os.sched_setaffinity(0, processors))
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    if child.returncode != 0:
        raise NotAvailable(f"{' '.join(command)} ended with {child.returncode}: " + " | ".join(output.strip().splitlines()[-3:]))
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, output)


def median_of_pairs(pairs, first, second):
    """Median of first() / second(), each pair taken one right after the other: what slows the machine slows both."""
    return statistics.median(first() / second() for _ in range(pairs))


def fit(points):
    """Least squares through (x, y): slope, intercept, R squared. At least two different x."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    slope, intercept = statistics.linear_regression(xs, ys)
    mean = statistics.fmean(ys)
    total = sum((y - mean) ** 2 for y in ys)
    left = sum((y - slope * x - intercept) ** 2 for x, y in points)
    return slope, intercept, 1.0 if total == 0 else 1 - left / total
