#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the workloads of published networks into this folder.

usage: generate.py [--check]      --check: writes nothing, fails if a file is not what would be written
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from generator.image_transformers import dit, pixart  # noqa: E402
from generator.motion import edge, mdm, mld  # noqa: E402
from generator.unet import make_an_audio, stable_diffusion, videocrafter2  # noqa: E402


def workloads():
    return [mld(), mdm(), edge(), make_an_audio(), stable_diffusion(), dit(256), dit(512), videocrafter2(),
            pixart("pixart-sigma-512", 512), pixart("pixart-sigma-1k", 1024), pixart("pixart-sigma-2k", 2048),
            pixart("pixart-sigma-4k", 4096, extrapolated=True)]


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    stale = []
    for workload in workloads():
        path = pathlib.Path(__file__).parent / f"{workload.name}.textproto"
        text = workload.text()
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path.name)
        if not check:
            path.write_text(text)
    if check and stale:
        sys.exit(f"{', '.join(stale)}: not as generated; run traces/workloads/generate.py")
    print("unchanged" if not stale else "written: " + ", ".join(stale), file=sys.stderr)


if __name__ == "__main__":
    main()
