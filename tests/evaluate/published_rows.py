# SPDX-License-Identifier: Apache-2.0
"""Rows that compare with published figures; timing mode and `describe` only, so they are cheap."""
import re
import subprocess
import sys

import work
from glyph_runs import ROOT, VP
from measure import NotAvailable
from row import Row

OPERATOR = re.compile(r"^  (?:once|step|finish) +\S+ +(\d+) +\d+ +\d+ +(\S+)  ", re.MULTILINE)


def operators(text):
    """(name, MACs) of every operator that `describe` lists."""
    return [(name, int(macs)) for macs, name in OPERATOR.findall(text)]


def per_call(text):
    """GMACs of one denoiser call."""
    return int(re.search(r"^  per call +([\d,]+) ", text, re.MULTILINE)[1].replace(",", "")) / 1e9


def macs_share(part, whole):
    """describe text -> percent that operators matching `part` have of those matching `whole`."""
    def value(text):
        found = operators(text)
        return 100 * sum(macs for name, macs in found if re.search(part, name)) / sum(macs for name, macs in found if re.search(whole, name))
    return value


def described(workload, value):
    command = [VP, "describe", "--workload", workload]

    def measure(_):
        return value(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout), command
    return measure


def ffn_skip(steps, dense_every, density_permille):
    """Percent of FFN operations that FFN-Reuse marks when masks keep the given share, on mld in timing mode."""
    sets = [f"workload.steps={steps}", "workload.techniques.ffn_reuse.enabled=true", f"workload.techniques.ffn_reuse.dense_every={dense_every}",
            f"soc.accelerator.mask_source.ffn_density_permille={density_permille}"]

    def measure(_):
        out = ROOT / f"out/evaluate/ffn-skip-{steps}-{dense_every}-{density_permille}"
        command = [VP, "run", "--workload", "mld", "--soc", "exion24", "--mode", "timing"] + [word for entry in sets for word in ("--set", entry)] + ["--out", str(out)]
        print("  $ " + " ".join(command), file=sys.stderr, flush=True)
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NotAvailable(done.stderr.strip().splitlines()[-1])
        return ffn_marked(out), command[:-2]
    return measure


def ffn_marked(out):
    """Percent of the MACs of *.ffn.f1 and *.ffn.f2 that masks make unnecessary."""
    macs, marked = 0, 0
    for row in work.rows_of(out / "layers.csv"):
        if re.search(r"\.ffn\.f[12]", row["name"]):
            macs += int(row["macs"])
            marked += int(row.get("macs_marked") or 0)
    return 100 * marked / macs


DERIVED = "derived from the published configuration"
ROWS = [
    Row("published.dit-xl-2-256.macs", "GMAC", "118.6 +- 0.6", f"DiT-XL/2 at 256, one call ({DERIVED})", described("dit-xl-2-256", per_call)),
    Row("published.dit-xl-2-512.macs", "GMAC", "524.5 +- 2.6", f"DiT-XL/2 at 512, one call ({DERIVED})", described("dit-xl-2-512", per_call)),
    Row("published.stable-diffusion-v1.macs", "GMAC", "401.6 +- 2.0", f"Stable Diffusion v1, one call ({DERIVED})", described("stable-diffusion-v1", per_call)),
    Row("published.mld.ffn_share", "%", "66.5 +- 0.5", "MLD: feed-forward networks of the transformer's MACs (EXION: up to 67 %)", described("mld", macs_share(r"\.ffn\.", r"\.(ffn|self)\."))),
    # Attentions and feed-forward networks; the 1x1 convolutions before and behind them count as convolutions.
    Row("published.make-an-audio.transformer_share", "%", "40 +- 3", "Make-an-Audio: transformers of all MACs (EXION: from 38 %)", described("make-an-audio", macs_share(r"^spatial.*\.(self|cross|ffn)\.", "."))),
    Row("published.ffn_reuse.skip_most", "%", "85.41 +- 0.5", "FFN-Reuse: operations skipped, 5 % kept in 9 of 10 of 50 steps (EXION's largest)", ffn_skip(50, 10, 50)),
    Row("published.ffn_reuse.skip_least", "%", "52.47 +- 0.5", "FFN-Reuse: operations skipped, 30 % kept in 3 of 4 of 100 steps (EXION's least)", ffn_skip(100, 4, 300)),
]
