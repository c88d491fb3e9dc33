# SPDX-License-Identifier: Apache-2.0
"""The papers' networks with and without techniques, whole runs in timing mode. Masks are made up from each network's assumed
settings (docs/workloads.md), so the rows say what hardware makes of such masks, not what a trained network would give."""
import json
import subprocess
import sys

import work
from glyph_runs import ROOT, VP
from measure import NotAvailable
from row import Row

FFN = ("ffn_reuse.enabled=true", "ffn_reuse.conmerge=true")
# Sensitivity: nothing is published of how masks are spread over columns.
SKEWED = FFN + ("ffn_reuse.masks.column_skew=4",)
FFN_EP = ("ffn_reuse.enabled=true", "ffn_reuse.conmerge=true", "ep.enabled=true")
FFN_EP_SCORES = FFN_EP + ("ep.conmerge=true",)
CTR_ST = ("ctr.enabled=true", "st.enabled=true")
EXION = ("mld", "mdm", "edge", "make-an-audio", "stable-diffusion-v1", "dit-xl-2-256", "videocrafter2")
DISC = ("dit-xl-2-256", "dit-xl-2-512", "pixart-sigma-512", "pixart-sigma-1k")
# Softmax thresholding and eager prediction share the layers: both mask the same attention.
ALL = CTR_ST + FFN_EP + ("st.layers=0-13", "ep.layers=14-27")
# Twice the wall seconds that dense runs may take.
WALL = {"dit-xl-2-256": 30, "pixart-sigma-1k": 120}


class TimingRun:
    """One run, made when it is asked for the first time."""

    def __init__(self, soc, workload, name, techniques):
        sets = [f"workload.techniques.{entry}" for entry in techniques]
        self.out = ROOT / "out/evaluate/networks" / f"{workload}-{soc}-{name}"
        self.command = [VP, "run", "--workload", workload, "--soc", soc, "--mode", "timing"] + [word for entry in sets for word in ("--set", entry)]
        self.result = None

    def get(self, key):
        if self.result is None:
            print("  $ " + " ".join(self.command), file=sys.stderr, flush=True)
            done = subprocess.run(self.command + ["--out", str(self.out)], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise NotAvailable(done.stderr.strip().splitlines()[-1])
            self.result = json.loads((self.out / "result.json").read_text())
            # What the accelerator takes: lists follow each other. Setting up is the firmware's.
            self.result["accel_cycles"] = sum(int(row["accel_cycles"]) for row in work.rows_of(self.out / "layers.csv") if row["command"] == "CALL")
        return self.result[key]


def pair(soc, workload, name, title, techniques):
    dense, sparse = TimingRun(soc, workload, "dense", ()), TimingRun(soc, workload, name, techniques)

    def speedup(_):
        return dense.get("accel_cycles") / sparse.get("accel_cycles"), sparse.command

    def wall(_):
        return sparse.get("wall_time_ms") / 1000, sparse.command
    stem = f"networks.{workload}.{soc}.{name}"
    return [Row(f"{stem}.speedup", "x", None, f"{workload}: accelerator time of the dense run over that with {title}", speedup),
            Row(f"{stem}.wall", "s", f"<= {WALL.get(workload, 240)}", f"{workload} with {title}: wall time of the simulation", wall)]


def rows():
    made = []
    for workload in EXION:
        made += pair("exion24", workload, "ffn", "FFN-Reuse, ConMerge", FFN)
        made += pair("exion24", workload, "ffn_skewed", "FFN-Reuse, ConMerge, columns of masks skewed", SKEWED)
        made += pair("exion24", workload, "ffn_ep", "FFN-Reuse, EP, ConMerge", FFN_EP)
        made += pair("exion24", workload, "ffn_ep_scores", "FFN-Reuse, EP, ConMerge of scores too", FFN_EP_SCORES)
    for workload in DISC:
        made += pair("disc", workload, "ctr_st", "CTR, ST", CTR_ST)
    for workload in DISC:
        made += pair("dixion", workload, "all", "all five", ALL)
    return made
