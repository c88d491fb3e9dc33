# SPDX-License-Identifier: Apache-2.0
"""What layers.csv says of the work of the transformer blocks."""
import csv
import json
from collections import defaultdict
from dataclasses import dataclass

# Which operators of a block belong together, by the name behind "<layer>.".
GROUPS = {"ffn": ("f1", "f2", "gelu", "ffn"), "attention": ("attention", "score")}
# Commands that make schedules, for the group whose mask they read.
GENERATORS = ("CONMERGE_BUILD",)
IN_COMMANDS = ("busy", "operand_bank", "fill", "dram", "global_buffer", "output", "drain")


@dataclass
class Sums:
    macs: int = 0
    marked: int = 0  # a mask makes them unnecessary
    exploited: int = 0  # of the marked, not done by the hardware
    cycles: float = 0  # from begin to end of commands of the matrix engine
    busy: float = 0  # of these, those in which it computes, on all cores
    waited: float = 0  # the matrix engine standing still for schedules of this group
    waited_masks: float = 0  # and for other commands of the sparsity controller, of a run with schedules of this group
    built: float = 0  # from begin to end of commands that make schedules, whatever ran beside them


def group_of(name):
    """"ffn", "attention" or None of an operator like "0.f1", "0.gelu.schedule"."""
    part = name.partition(".")[2]
    for group, beginnings in GROUPS.items():
        if part.startswith(beginnings):
            return group
    return None


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def matrix_stalls(path, *reasons):
    """Lane-cycles of the matrix engine over the whole run. Rows of layers.csv lack those behind its last command."""
    values = {entry["name"]: entry["value"] for entry in json.loads(path.read_text(encoding="utf-8"))["statistics"]}
    return [values["accelerator.matrix.stall." + reason] for reason in reasons]


def read_layers(path):
    """Sums by group of one run, from its layers.csv and, of runs with schedules, statistics.json; "blocks" has everything that belongs to a layer."""
    sums = defaultdict(Sums)
    cores = 1
    for row in rows_of(path):
        if row["unit"] == "matrix" and int(row["accel_cycles"]) > 0:
            cores = max(cores, sum(int(row.get(reason) or 0) for reason in IN_COMMANDS) // int(row["accel_cycles"]))
        generator = row["command"] in GENERATORS
        if row["layer"] == "" or not (row["unit"] == "matrix" or generator):
            continue
        for group in filter(None, ("blocks", group_of(row["name"]))):
            sums[group].macs += int(row["macs"])
            sums[group].marked += int(row.get("macs_marked") or 0)
            sums[group].exploited += int(row.get("macs_exploited") or 0)
            if generator:
                sums[group].built += int(row["accel_cycles"])
            else:
                sums[group].cycles += int(row["accel_cycles"])
                sums[group].busy += int(row.get("busy") or 0)
    # Several groups with schedules: each is charged all of the waiting.
    for entry in sums.values():
        entry.busy /= cores
        if entry.built:
            entry.waited, entry.waited_masks = (stall / cores for stall in matrix_stalls(path.parent / "statistics.json", "schedule", "sparsity"))
    return dict(sums)


def added(all_sums):
    """Sums of several runs together."""
    total = defaultdict(Sums)
    for sums in all_sums:
        for group, entry in sums.items():
            for field in ("macs", "marked", "exploited", "cycles", "busy", "waited", "waited_masks", "built"):
                setattr(total[group], field, getattr(total[group], field) + getattr(entry, field))
    return dict(total)


# Shares in percent, `sparse` and `dense` being sums of runs with and without techniques. MACs that a run does not even
# issue (tokens that are not active) and MACs that a mask marks count alike: both are not left.

def left(sparse, dense, group):
    return 100 * (sparse[group].macs - sparse[group].marked) / dense[group].macs


def shares(sparse, dense):
    return {"blocks_left": left(sparse, dense, "blocks"), "ffn_marked": 100 - left(sparse, dense, "ffn"),
            "attention_marked": 100 - left(sparse, dense, "attention")}


# What a group is charged, by name: "exposed" is meant where nothing is said.
CHARGED = {"exposed": lambda entry: entry.cycles + entry.waited, "masks": lambda entry: entry.cycles + entry.waited + entry.waited_masks,
           "serial": lambda entry: entry.cycles + entry.built, "busy": lambda entry: entry.busy}


def saved_share(sparse, dense, group, charged="exposed"):
    """Share of engine cycles saved over share of MACs marked. None if nothing is marked."""
    marked = 100 - left(sparse, dense, group)
    if marked == 0:
        return None
    return 100 * (100 - 100 * CHARGED[charged](sparse[group]) / CHARGED[charged](dense[group])) / marked


def exploited_share(sparse, group):
    """Share of the marked MACs that the hardware did not do. None if nothing is marked."""
    return 100 * sparse[group].exploited / sparse[group].marked if sparse[group].marked else None
