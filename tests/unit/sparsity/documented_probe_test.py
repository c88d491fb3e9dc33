#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""documented_probe_test.py PROGRAM PAGE: runs every `dixion-vp probe conmerge` line of the page; what it prints must follow it there."""
import pathlib
import re
import shlex
import subprocess
import sys

program, page_path = sys.argv[1:]
page = pathlib.Path(page_path).read_text(encoding="utf-8")
shown = re.findall(r"^```sh\ndixion-vp (probe conmerge .*)\n```\n", page, re.MULTILINE)
if not shown:
    sys.exit(f"{page_path} has no command with its output")
for arguments in shown:
    result = subprocess.run([program, *shlex.split(arguments)], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{arguments}: status {result.returncode}: {result.stderr}")
    if f"dixion-vp {arguments}\n```\n\n{result.stdout}\n" not in page:
        sys.exit(f"{page_path} must show below '{arguments}':\n{result.stdout}")
print(f"{len(shown)} command(s) as documented")
