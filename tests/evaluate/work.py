# SPDX-License-Identifier: Apache-2.0
"""What layers.csv says of the work of the transformer blocks."""
import csv
from collections import defaultdict
from dataclasses import dataclass

# Which operators of a block belong together, by the name behind "<layer>.".
GROUPS = {"ffn": ("f1", "f2", "gelu", "ffn"), "attention": ("attention", "score")}
# Commands that make schedules: their time is charged to the group whose mask they read.
GENERATORS = ("CONMERGE_BUILD",)


@dataclass
class Sums:
    macs: int = 0
    marked: int = 0  # a mask makes them unnecessary
    exploited: int = 0  # of the marked, not done by the hardware
    cycles: int = 0  # from begin to end of commands of the matrix engine and of generators


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


def read_layers(path):
    """Sums by group of one run; "blocks" has everything that belongs to a layer."""
    sums = defaultdict(Sums)
    for row in rows_of(path):
        if row["layer"] == "" or not (row["unit"] == "matrix" or row["command"] in GENERATORS):
            continue
        for group in filter(None, ("blocks", group_of(row["name"]))):
            sums[group].macs += int(row["macs"])
            sums[group].marked += int(row.get("macs_marked") or 0)
            sums[group].exploited += int(row.get("macs_exploited") or 0)
            sums[group].cycles += int(row["accel_cycles"])
    return dict(sums)


def added(all_sums):
    """Sums of several runs together."""
    total = defaultdict(Sums)
    for sums in all_sums:
        for group, entry in sums.items():
            for field in ("macs", "marked", "exploited", "cycles"):
                setattr(total[group], field, getattr(total[group], field) + getattr(entry, field))
    return dict(total)


# Shares in percent, `sparse` and `dense` being sums of runs with and without techniques. MACs that a run does not even
# issue (tokens that are not active) and MACs that a mask marks count alike: both are not left.

def left(sparse, dense, group):
    return 100 * (sparse[group].macs - sparse[group].marked) / dense[group].macs


def shares(sparse, dense):
    return {"blocks_left": left(sparse, dense, "blocks"), "ffn_marked": 100 - left(sparse, dense, "ffn"),
            "attention_marked": 100 - left(sparse, dense, "attention")}


def saved_share(sparse, dense, group):
    """Share of engine cycles saved over share of MACs marked. None if nothing is marked."""
    marked = 100 - left(sparse, dense, group)
    if marked == 0:
        return None
    return 100 * (100 - 100 * sparse[group].cycles / dense[group].cycles) / marked


def exploited_share(sparse, group):
    """Share of the marked MACs that the hardware did not do. None if nothing is marked."""
    return 100 * sparse[group].exploited / sparse[group].marked if sparse[group].marked else None
