#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""take_idea.py PAGE SECTION HEADER SOURCE ROOT FOLDER: does what a section of docs/try_your_idea.md tells its reader to
do, in FOLDER: writes the new file HEADER and the changed SOURCE (both relative to the project's ROOT)."""
import pathlib
import re
import sys


def section_of(page, title):
    found = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if len(found) != 1:
        sys.exit(f"the page has {len(found)} sections '{title}', one is expected")
    return found[0]


def block(section, language):
    found = re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    if len(found) != 1:
        sys.exit(f"the section has {len(found)} {language} blocks, one is expected")
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


page_path, title, header, source, root, folder = sys.argv[1:]
section = section_of(pathlib.Path(page_path).read_text(encoding="utf-8"), title)
for path in (header, source):
    name = pathlib.PurePath(path)
    if f"`{name}`" not in section and not (f"`{name.name}`" in section and f"`{name.parent}`" in section):
        sys.exit(f"section '{title}' does not name {path}")
new_file = pathlib.Path(folder) / header
new_file.parent.mkdir(parents=True, exist_ok=True)
new_file.write_text(block(section, "cpp"), encoding="utf-8")
(pathlib.Path(folder) / pathlib.PurePath(source).name).write_text(
    changed((pathlib.Path(root) / source).read_text(encoding="utf-8"), block(section, "diff")), encoding="utf-8")
