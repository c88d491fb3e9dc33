#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""take_idea.py PAGE MERGE_RULE_CPP FOLDER: does what docs/try_your_idea.md tells its reader to do, in FOLDER."""
import pathlib
import re
import sys


def block(page, language):
    found = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    if len(found) != 1:
        sys.exit(f"the page has {len(found)} {language} blocks, one is expected")
    return found[0]


def changed(source, diff):
    """Puts each added line behind the line above it in the diff."""
    lines = source.split("\n")
    anchor = None
    for line in diff.rstrip("\n").split("\n"):
        if line.startswith("+"):
            if anchor is None:
                sys.exit("the diff adds a line behind nothing")
            lines.insert(anchor + 1, line[1:])
            anchor += 1
        else:
            if lines.count(line[1:]) != 1:
                sys.exit(f"merge_rule.cpp has not exactly one line '{line[1:]}'")
            anchor = lines.index(line[1:])
    return "\n".join(lines)


page_path, source_path, folder = sys.argv[1:]
page = pathlib.Path(page_path).read_text(encoding="utf-8")
models = pathlib.Path(folder) / "models" / "sparsity"
models.mkdir(parents=True, exist_ok=True)
(models / "balanced_rule.h").write_text(block(page, "cpp"), encoding="utf-8")
(pathlib.Path(folder) / "merge_rule.cpp").write_text(
    changed(pathlib.Path(source_path).read_text(encoding="utf-8"), block(page, "diff")), encoding="utf-8")
