# SPDX-License-Identifier: Apache-2.0
"""Runs of the glyphs network, kept in out/evaluate so that an interrupted evaluation goes on where it was.

A run's folder has its final name only when it is whole; it lies under a fingerprint of everything that decides its result.
"""
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import work
from measure import NotAvailable

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VP = "build/release/bin/dixion-vp"
CLASSES = "0123456789ABCDEF"
BATCH = 32
DECIDES = ("build/release/bin/dixion-vp", "build/release/firmware/denoise.elf", "traces/workloads/glyphs.textproto",
           "traces/networks/glyphs/glyphs.safetensors", "traces/networks/glyphs/scales.json", "traces/networks/glyphs/gallery.png",
           "platform/configs/exion24.textproto", "platform/configs/disc.textproto", "platform/configs/dixion.textproto")


@dataclass(frozen=True)
class Samples:
    """Samples first...first + count - 1 of a seed's noise."""
    seed: int
    first: int
    count: int

    def batches(self):
        return [Samples(self.seed, at, min(BATCH, self.first + self.count - at)) for at in range(self.first, self.first + self.count, BATCH)]

    def sets(self):
        return [f"workload.classes={CLASSES}", f"workload.samples={self.count}", f"workload.seed={self.seed}", f"workload.first_sample={self.first}"]


TUNED_ON = Samples(1, 0, 32)
JUDGED_ON = Samples(2, 0, 160)


@dataclass(frozen=True)
class Judged:
    """What samples of one setting came to, together with the dense runs of the same."""
    samples: int
    psnr: tuple  # dB per sample
    recognised: int
    reference_recognised: int
    lost: int
    gained: int
    sparse: dict  # work.Sums by group
    dense: dict
    time_share: float  # simulated time in percent of the dense runs'
    energy_share: float
    command: list

    @property
    def mean_psnr(self):
        return sum(self.psnr) / len(self.psnr)


def fingerprint():
    digest = hashlib.sha256()
    for name in DECIDES:
        digest.update(hashlib.sha256((ROOT / name).read_bytes()).digest())
    return digest.hexdigest()[:12]


def check(sets):
    """Raises NotAvailable, with the program's own words, if this build does not take the settings."""
    command = [VP, "check", "--workload", "glyphs"] + [word for entry in sets for word in ("--set", entry)]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotAvailable((done.stderr.strip().splitlines() or ["no reason given"])[-1])


class Runs:
    def __init__(self, jobs, folder=ROOT / "out/evaluate"):
        self.jobs = jobs
        self.folder = folder / fingerprint()
        for old in folder.glob("*/") if folder.exists() else ():
            if old != self.folder:
                shutil.rmtree(old)

    def arguments(self, soc, sets, samples):
        return ["run", "--workload", "glyphs", "--soc", soc, "--threads", "1"] + [word for entry in samples.sets() + list(sets) for word in ("--set", entry)]

    def place(self, soc, sets, samples):
        kind = "sparse" if sets else "dense"
        digest = hashlib.sha256("\n".join([soc, *sets]).encode()).hexdigest()[:12]
        return self.folder / f"{kind}-{soc}-{samples.seed}-{samples.first}-{samples.count}-{digest}"

    def run(self, soc, sets, samples):
        """The result folder of one batch. With settings it is compared with the run without, which must be there."""
        out = self.place(soc, sets, samples)
        if (out / "result.json").exists() and json.loads((out / "result.json").read_text())["verdict"] == "passed":
            return out
        command = [VP, *self.arguments(soc, sets, samples), "--out", str(out)]
        if sets:
            command += ["--reference", str(self.place(soc, (), samples))]
        print("  $ " + " ".join(command), file=sys.stderr, flush=True)
        done = subprocess.run(["nice", *command], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise NotAvailable(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip().splitlines()[-1]}")
        return out

    def judge(self, soc, settings, samples):
        """Judged per entry of `settings`, each a list of --set arguments, on one SoC."""
        batches = samples.batches()
        with ThreadPoolExecutor(self.jobs) as pool:
            dense = list(pool.map(lambda batch: self.run(soc, (), batch), batches))
            pairs = [(sets, batch) for sets in settings for batch in batches]
            sparse = list(pool.map(lambda pair: self.run(soc, pair[0], pair[1]), pairs))
        return [self.judged(dense, sparse[i * len(batches):(i + 1) * len(batches)], [VP, *self.arguments(soc, sets, batches[0])]) for i, sets in enumerate(settings)]

    def judged(self, dense, sparse, command):
        seen = [json.loads((folder / "result.json").read_text())["quality"] for folder in sparse]
        psnr = tuple(sample["psnr_mdb"] / 1000 for quality in seen for sample in quality["samples"])
        total = {key: sum(quality[key] for quality in seen) for key in ("recognised", "reference_recognised", "lost", "gained")}
        sums = [work.added(work.read_layers(folder / "layers.csv") for folder in folders) for folders in (sparse, dense)]
        return Judged(len(psnr), psnr, **total, sparse=sums[0], dense=sums[1], time_share=share(simulated_ps, sparse, dense), energy_share=share(energy_pj, sparse, dense), command=command)


def simulated_ps(folder):
    return json.loads((folder / "result.json").read_text())["simulated_time_ps"]


def energy_pj(folder):
    entries = json.loads((folder / "statistics.json").read_text())["statistics"]
    return next(entry["value"] for entry in entries if entry["name"] == "energy.total")


def share(of, sparse, dense):
    """Percent."""
    return 100 * sum(map(of, sparse)) / sum(map(of, dense))
