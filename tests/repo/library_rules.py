#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what makes the models usable as a library: no process-wide state or effects in models/ and platform/dram/ (docs/architecture.md)."""
import re
import sys

from repository import CODE, ROOT, expect, files, report

FORBIDDEN = {
    r"\bsc_stop\b|\bsc_pause\b": "the simulation belongs to the application",
    r"\b(std::)?(exit|abort|_exit|quick_exit)\s*\(": "a library does not end the process",
    r"\bsignal\s*\(\s*SIG|\bsigaction\b": "signal handlers belong to the application",
    r"sc_set_time_resolution|sc_get_time_resolution|sc_max_time": "the time resolution belongs to the application",
    r"tlm_global_quantum|tlm_quantumkeeper": "the quantum belongs to the application",
    r"std::c(out|err|log)\b|\bprintf\s*\(|\bputs\s*\(": "a library does not print; it reports",
    r"SC_DISABLE_API_VERSION_CHECK": "never",
    r"\brand\s*\(|\bsrand\s*\(|random_device|system_clock|steady_clock|\btime\s*\(\s*(0|NULL|nullptr)\s*\)": "results depend on input and seed only",
}
COMMENT = re.compile(r"//.*?$|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"", re.MULTILINE | re.DOTALL)


def violations(path, text):
    code = COMMENT.sub(lambda match: "\n" * match.group(0).count("\n"), text)
    for number, line in enumerate(code.split("\n"), 1):
        for pattern, reason in FORBIDDEN.items():
            if re.search(pattern, line):
                yield f"{path}:{number}: {line.strip()} ({reason})"


def self_test():
    for bad in ("sc_stop();", "std::exit(1);", 'std::cout << x;', "auto t = std::chrono::steady_clock::now();", "sc_core::sc_set_time_resolution(1, sc_core::SC_NS);"):
        expect(list(violations("models/x.cpp", bad)), bad)
    expect(not list(violations("models/x.cpp", "// never calls sc_stop()\nwait(event);")), "a comment")


if sys.argv[1:] == ["--self-test"]:
    self_test()
else:
    report([line for path in files() if str(path).startswith(("models/", "platform/dram/")) and path.suffix in CODE for line in violations(path, (ROOT / path).read_text())],
           "The models and the DRAM are libraries.")
