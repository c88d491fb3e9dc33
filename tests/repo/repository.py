# SPDX-License-Identifier: Apache-2.0
"""What the repository tests share: the files that belong to the project, and how findings are reported."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CODE = {".h", ".cpp", ".c", ".S"}


def files():
    """Paths relative to the root: what git tracks or would track; without git, everything but build output."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
        paths = [pathlib.PurePosixPath(name) for name in listed.stdout.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file() and path.relative_to(ROOT).parts[0] not in ("build", "out", ".git")]
    return sorted(path for path in paths if (ROOT / path).is_file())


def report(findings, rule):
    """Prints findings, one per line, and ends the process: 0 if there are none."""
    for finding in findings:
        print(finding)
    if findings:
        sys.exit(f"{len(findings)} finding(s). {rule}")
    print("no findings")
    sys.exit(0)


def expect(condition, what):
    if not condition:
        sys.exit(f"self-test failed: {what}")
