#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that what the documentation names exists: `path`, `path: function` and links. Names in docs must be true."""
import re
import sys

from repository import ROOT, expect, files, report

TOP = ("platform/", "models/", "firmware/", "host/", "traces/", "tests/", "cmake/", "docs/", ".ci/", "CMakeLists.txt", "CMakePresets.json", "README.md")
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PATH = re.compile(r"^([\w./{},*<>-]+?)(?:: ([\w:~]+)(?:\(\))?)?$")


def expand(path):
    """`a/{b,c}.h` names two files."""
    match = re.search(r"\{([^{}]*)\}", path)
    if not match:
        return [path]
    return [rest for choice in match.group(1).split(",") for rest in expand(path[:match.start()] + choice + path[match.end():])]


def missing(document, text):
    for code in CODE.findall(text):
        match = PATH.match(code)
        if not match or not match.group(1).startswith(TOP) or "<" in code:
            continue
        for path in expand(match.group(1)):
            found = sorted(ROOT.glob(path.rstrip("/"))) if "*" in path else [ROOT / path.rstrip("/")]
            if not found or not all(entry.exists() for entry in found):
                yield f"{document}: `{path}` does not exist"
            elif match.group(2) and not any(re.search(r"\b" + re.escape(match.group(2).split("::")[-1]) + r"\b", entry.read_text()) for entry in found if entry.is_file()):
                yield f"{document}: `{path}` has no {match.group(2)}"
    for target in LINK.findall(text):
        if "://" not in target and not (ROOT / document).parent.joinpath(target).exists():
            yield f"{document}: link to {target} leads nowhere"


def self_test():
    expect(list(missing("docs/x.md", "see `models/nowhere.h`")), "a missing file")
    expect(list(missing("docs/x.md", "see `models/common/clock.h: nothing_like_it`")), "a missing function")
    expect(list(missing("docs/x.md", "[x](nowhere.md)")), "a dead link")
    expect(not list(missing("docs/x.md", "`models/common/clock.h: edge`, `models/common/{clock,check}.h`")), "what exists")


if sys.argv[1:] == ["--self-test"]:
    self_test()
else:
    report([line for path in files() if path.suffix == ".md" for line in missing(path, (ROOT / path).read_text())], "Documentation names only what exists.")
