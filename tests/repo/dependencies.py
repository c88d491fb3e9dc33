#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every package that `run` installs has its line in docs/dependencies.md, and that no line is left over."""
import re

from repository import ROOT, report

script = (ROOT / "run").read_text()
packages = {name for group in re.findall(r"PACKAGES=\(([^)]*)\)", script) for name in group.split()}
documented = set(re.findall(r"^\| `([\w.+-]+)`", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE))
report([f"run installs {name}, docs/dependencies.md does not name it" for name in sorted(packages - documented)]
       + [f"docs/dependencies.md names {name}, run does not install it" for name in sorted(documented - packages)],
       "Each dependency has a line: what for, why this one.")
