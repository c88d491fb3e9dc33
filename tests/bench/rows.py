# SPDX-License-Identifier: Apache-2.0
"""The rows of a benchmark run, as data: name, unit, target, what measures it (tests/bench/measurements.py)."""
import pathlib
from dataclasses import dataclass
from typing import Callable, Optional

import measurements as m

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Row:
    name: str
    unit: str
    target: Optional[str]  # "<= 3" or ">= 0.5"; None: told, not judged
    what: str
    measure: Callable  # (Bench) -> (value, source); raises NotAvailable
    quick: bool = True  # part of --quick

    def met(self, value):
        """True or False; None without a target or value."""
        if self.target is None or value is None:
            return None
        relation, limit = self.target.split()
        return value <= float(limit) if relation == "<=" else value >= float(limit)


FIXED = [
    Row("kernel.int16_bare", "GMAC/s", None, "bare kernel, 16-bit operands, one core", m.bare_rate("int16")),
    Row("kernel.int8_bare", "GMAC/s", None, "bare kernel, 8-bit operands, one core", m.bare_rate("int8")),
    Row("engine.matmul_ratio", "", ">= 0.5", "rate of the matrix engine over the bare 16-bit kernel's, worst product of a DiT-XL/2 block", m.matmul_ratio),
    Row("functional.dit_forward", "s", None, "one functional forward pass of DiT-XL/2 256 under firmware", m.dit_forward),
    Row("functional.dit_forward_ratio", "", "<= 3", "that over the bare kernels for the same products", m.dit_forward_ratio),
    Row("functional.dit_start", "s", None, "the same run's time before its first pass: weights made, image packed, memory filled", m.dit_start),
    Row("hart.mips", "M/s", None, "instructions per second of one hart", m.hart_mips),
    Row("hart.qemu_ratio", "", ">= 0.25", "speed of a hart over QEMU's", m.qemu_ratio),
    Row("start.hello", "s", "<= 0.2", "dixion-vp run hello.elf", m.hello("wall")),
    Row("start.hello_memory", "MB", "<= 100", "its peak memory", m.hello("memory")),
    Row("glyphs.one_sample", "s", "<= 10", "one glyph in 50 steps", m.glyphs, quick=False),
    Row("dram.weights", "GB/s", ">= 300", "weights of DiT-XL/2 streamed from 29 GDDR6 channels, bytes simulated per second", m.dram_rate("dram/weights/gddr6_29", 1e9)),
    Row("dram.weights_hbm2e", "GB/s", None, "the same from 80 pseudo-channels of HBM2E", m.dram_rate("dram/weights/hbm2e_80", 1e9)),
    Row("dram.random", "M/s", ">= 1", "random DRAM requests of 64 bytes simulated per second", m.dram_rate("dram/random/gddr6_29", 1e6)),
    Row("timing.cost_per_command", "us", "<= 20", "timing mode, from the line through several step counts", m.command_line("slope")),
    Row("timing.linearity", "", ">= 0.99", "R squared of that line", m.command_line("r2")),
    Row("timing.fixed_cost", "s", None, "where that line meets no commands", m.command_line("intercept")),
]
# Workload, SoC, overrides, seconds, in --quick.
TIMED = [
    ("dit-xl-2-256", "disc", ("workload.steps=50",), 15, True),
    ("dit-xl-2-256", "exion24", ("workload.steps=50",), 15, True),
    ("pixart-sigma-1k", "disc", ("workload.steps=20",), 60, True),
    # The same with DRAM command by command.
    ("dit-xl-2-256", "disc+hbm2e", ("workload.steps=50",), 15, True),
    ("dit-xl-2-256", "exion24+gddr6", ("workload.steps=50",), 15, True),
    ("dit-xl-2-256", "exion4+lpddr5", ("workload.steps=50",), 15, False),
    ("pixart-sigma-1k", "disc+hbm2e", ("workload.steps=20",), 60, False),
    ("pixart-sigma-1k", "exion24+gddr6", ("workload.steps=20",), 60, False),
]
OTHERS_SECONDS = 120
MEMORY_MB = 2048


def timed_workloads():
    """TIMED and every other workload on exion24, the largest and the one with a target of its own left out."""
    named = {workload for workload, *_ in TIMED}
    files = sorted(path.stem for path in (ROOT / "traces/workloads").glob("*.textproto"))
    others = [name for name in files if name not in named and not name.endswith(("-2k", "-4k")) and name != "glyphs"]
    return TIMED + [(name, "exion24", (), OTHERS_SECONDS, False) for name in others]


def all_rows():
    rows = list(FIXED)
    for workload, soc, sets, seconds, quick in timed_workloads():
        name = f"timing.{workload}.{soc}"
        rows.append(Row(name, "s", f"<= {seconds}", f"whole run in timing mode{', ' + ', '.join(sets) if sets else ''}", m.timing(workload, soc, sets, "wall"), quick))
        rows.append(Row(name + ".memory", "MB", f"<= {MEMORY_MB}", "its peak memory", m.timing(workload, soc, sets, "memory"), quick))
    return rows


def select(rows, only, quick):
    """Rows whose name is or begins with one of `only` (all if empty). Raises ValueError for a name that fits none."""
    for prefix in only:
        if not any(row.name.startswith(prefix) for row in rows):
            raise ValueError(f"no row begins with '{prefix}'")
    return [row for row in rows if (not only or row.name.startswith(tuple(only))) and (row.quick or only or not quick)]
