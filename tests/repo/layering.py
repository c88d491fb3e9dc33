#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that includes follow the layering of docs/architecture.md: a layer includes only what stands below it."""
import re
import sys

from repository import CODE, ROOT, expect, files, report

BLOCKS = ["models/command_processor", "models/dma", "models/memory", "models/engines", "models/interconnect", "models/sparsity"]
BELOW_BLOCKS = ["models/abi", "models/common"]
# Layer -> prefixes it may include besides its own. Longest matching prefix decides a file's layer.
ALLOWED = {
    "models/abi": [],
    "models/common": ["models/abi"],
    "models/fast_kernels": BELOW_BLOCKS,
    **{block: BELOW_BLOCKS for block in BLOCKS},
    # Ports reach buffers, and buffers share bandwidth: one layer in two folders.
    "models/interconnect": BELOW_BLOCKS + ["models/memory"],
    "models/memory": BELOW_BLOCKS + ["models/interconnect"],
    # Operands lie in banked core SRAM, the model of which needs no kernel.
    # ConMerge's plain core is shared by the unit that builds schedules and the array that runs them.
    "models/engines": BELOW_BLOCKS + ["models/interconnect", "models/memory/bank_map.h", "models/sparsity"],
    "models/command_processor": BELOW_BLOCKS + ["models/interconnect"],
    "models/accelerator": BELOW_BLOCKS + BLOCKS,
    "host": BELOW_BLOCKS,
    "platform/dram": BELOW_BLOCKS + ["models/interconnect", "models/memory"],
    "platform": BELOW_BLOCKS + ["models/accelerator", "models/command_processor/queue_status.h", "models/interconnect", "models/engines/matrix/list_array.h", "models/engines/matrix/mask_rule.h", "models/memory/bank_map.h", "models/memory/bank_conflicts.h", "models/fast_kernels", "models/sparsity", "platform/dram", "host", "traces", "firmware/runtime/image_format.h"],
    "firmware": ["models/abi"],
    "traces": BELOW_BLOCKS + ["firmware/runtime/image_format.h"],
}
PLAIN = re.compile(r"(_function|_timing|/ring|/decoder|/transfer_plan|/bank_map|/mask_rule|/scoreboard|/semaphores|/max_min)\.(h|cpp)$|^host/iss/|^models/common/|^models/fast_kernels/|^models/sparsity/|^traces/image/|^platform/dram/(?!dram_|simple_dram)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
SYSTEMC = ("systemc", "tlm", "sysc/", "tlm_utils/")


def layer_of(path):
    fitting = [layer for layer in ALLOWED if str(path).startswith(layer + "/")]
    return max(fitting, key=len, default=None)


def violations(path, text):
    layer = layer_of(path)
    for kind, included in INCLUDE.findall(text):
        if kind == "<":
            if PLAIN.search(str(path)) and included.startswith(SYSTEMC):
                yield f"{path}: includes <{included}>, but this file is plain C++"
        elif layer is not None and "/" in included:
            own = layer_of(included)
            if included.startswith(layer + "/") and own == layer or any(included == prefix or included.startswith(prefix + "/") for prefix in ALLOWED[layer]):
                continue
            if layer == "firmware" and (ROOT / "firmware" / included).exists():
                continue
            if included.endswith(".pb.h"):
                continue
            yield f"{path}: includes {included}, which is not below {layer}"


def self_test():
    expect(list(violations("models/common/a.h", '#include "models/memory/b.h"')), "common includes a block")
    expect(list(violations("host/a.h", '#include "models/memory/b.h"')), "host includes a block")
    expect(list(violations("models/engines/matrix/x_timing.h", "#include <systemc>")), "timing includes SystemC")
    expect(list(violations("platform/dram/channel.cpp", "#include <systemc>")), "the DRAM core includes SystemC")
    expect(not list(violations("platform/dram/dram_target.h", "#include <systemc>")), "the DRAM shell includes SystemC")
    expect(list(violations("firmware/apps/a.c", '#include "host/hart.h"')), "firmware includes the host")
    expect(not list(violations("models/memory/a.h", '#include "models/common/clock.h"')), "a block includes common")


if sys.argv[1:] == ["--self-test"]:
    self_test()
else:
    found = [line for path in files() if path.suffix in CODE and not str(path).startswith("tests/") for line in violations(path, (ROOT / path).read_text())]
    report(found, "A layer includes only what stands below it (docs/architecture.md).")
