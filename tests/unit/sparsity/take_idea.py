#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""take_idea.py PAGE SECTION SOURCE_CPP HEADER FOLDER: does what a section of docs/try_your_idea.md tells its reader to do, in
FOLDER: HEADER, a path in the repository, gets the section's C++ block, a copy of SOURCE_CPP the lines of its diff."""
import pathlib
import re
import sys


def block(page, language):
    found = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    if len(found) != 1:
        sys.exit(f"the section has {len(found)} {language} blocks, one is expected")
    return found[0]


def section(page, heading):
    found = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if len(found) != 1:
        sys.exit(f"the page has {len(found)} sections '{heading}', one is expected")
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
                sys.exit(f"the source has not exactly one line '{line[1:]}'")
            anchor = lines.index(line[1:])
    return "\n".join(lines)


page_path, heading, source_path, header, folder = sys.argv[1:]
text = section(pathlib.Path(page_path).read_text(encoding="utf-8"), heading)
target = pathlib.Path(folder) / header
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(block(text, "cpp"), encoding="utf-8")
source = pathlib.Path(source_path)
(pathlib.Path(folder) / source.name).write_text(changed(source.read_text(encoding="utf-8"), block(text, "diff")),
                                                encoding="utf-8")
