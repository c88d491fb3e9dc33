# SPDX-License-Identifier: Apache-2.0
"""Rows of the techniques on the glyphs network: quality, work, cycles."""
import json
import math
import pathlib
import statistics

import glyph_runs
import work
from glyph_runs import JUDGED_ON, TUNED_ON, Samples
from measure import NotAvailable
from row import Row
from techniques import TECHNIQUES

SETTINGS = pathlib.Path(__file__).resolve().parent / "settings.json"
QUALITY_SOC = "exion24"  # pictures do not depend on the SoC
CYCLE_SAMPLES = Samples(JUDGED_ON.seed, JUDGED_ON.first, 4)  # cycles per sample hardly depend on their number
MOST_LOST = 4 / JUDGED_ON.count  # recognised samples lost minus gained, per sample
MOST_LOST_TUNING = 1  # of those 32


class Context:
    """What rows share: runs, how many samples are judged, whether settings are chosen anew."""

    def __init__(self, runs, samples, tune):
        self.runs, self.samples, self.tune = runs, Samples(JUDGED_ON.seed, JUDGED_ON.first, samples), tune
        self.settings = json.loads(SETTINGS.read_text())
        self.memory = {}

    def once(self, key, make):
        """make(), the first time; later what it gave then, also if it was NotAvailable."""
        if key not in self.memory:
            try:
                self.memory[key] = (make(), None)
            except NotAvailable as reason:
                self.memory[key] = (None, reason)
        value, reason = self.memory[key]
        if reason is not None:
            raise reason
        return value

    def point(self, technique):
        return self.once(("point", technique.name), lambda: self.tuned(technique) if self.tune else self.committed(technique))

    def committed(self, technique):
        chosen = self.settings[technique.name]
        point = tuple(chosen[key] for key in technique.swept)
        glyph_runs.check(technique.sets(point))
        return point

    def tuned(self, technique):
        glyph_runs.check(technique.sets(technique.points[0]))
        judged = self.runs.judge(QUALITY_SOC, [technique.sets(point) for point in technique.points], TUNED_ON)
        point = technique.points[best(technique, judged)]
        self.settings[technique.name] = dict(zip(technique.swept, point))
        return point

    def judged(self, technique):
        return self.once(("judged", technique.name), lambda: self.runs.judge(QUALITY_SOC, [technique.sets(self.point(technique))], self.samples)[0])

    def cycles(self, technique, saved):
        def judge():
            sets = technique.sets(self.point(technique)) + [f"workload.techniques.{key}={value}" for key, value in saved.extra]
            return self.runs.judge(saved.soc, [sets], CYCLE_SAMPLES)[0]
        return self.once(("cycles", technique.name, saved), judge)

    def write_settings(self):
        SETTINGS.write_text(json.dumps(self.settings, indent=2) + "\n")


def margin(psnr):
    """dB that tuning keeps between the mean of the samples it sees and the target: the standard error of that mean."""
    return statistics.stdev(psnr) / math.sqrt(len(psnr))


def best(technique, judged):
    """Index of the point that leaves least work among those of sufficient quality; else of the one of best quality."""
    good = [i for i, one in enumerate(judged) if one.mean_psnr >= technique.psnr_db + margin(one.psnr) and one.lost - one.gained <= MOST_LOST_TUNING]
    if good:
        return min(good, key=lambda i: work.left(judged[i].sparse, judged[i].dense, "blocks"))
    return max(range(len(judged)), key=lambda i: judged[i].mean_psnr)


WORK_WORDS = {"ffn_marked": "MACs of the feed-forward networks that can be skipped", "attention_marked": "MACs of the attentions that can be skipped",
              "blocks_left": "MACs of the blocks that are left"}


def quality_rows(technique, samples):
    name, title = f"glyphs.{technique.name}", technique.title

    def from_judged(value):
        def measure(context):
            judged = context.judged(technique)
            return value(judged), judged.command
        return measure

    rows = [Row(name + ".psnr", "dB", f">= {technique.psnr_db}", f"{title}: mean PSNR to the dense run", from_judged(lambda j: j.mean_psnr)),
            Row(name + ".lost", "", f"<= {MOST_LOST * samples:g}", f"{title}: recognised samples lost minus gained, of {samples}", from_judged(lambda j: j.lost - j.gained)),
            Row(name + ".recognised", "", None, f"{title}: recognised samples, of {samples}", from_judged(lambda j: j.recognised))]
    for entry in technique.work:
        rows.append(Row(f"{name}.{entry.measure}", "%", entry.target, f"{title}: {WORK_WORDS[entry.measure]}", from_judged(lambda j, m=entry.measure: work.shares(j.sparse, j.dense)[m])))
    return rows


CHARGED_WORDS = {"busy": "if memory and schedules never made the array wait", "masks": "if waits for masks are charged too", "serial": "if schedules were built while nothing else runs"}


def saved_rows(technique):
    rows = []
    for entry in technique.saved:
        def measured(value, entry=entry):
            def measure(context):
                judged = context.cycles(technique, entry)
                result = value(judged, entry.group)
                if result is None:
                    raise NotAvailable(f"{' '.join(judged.command)} marked nothing")
                return result, judged.command
            return measure

        name = f"glyphs.{technique.name}.{entry.soc}.{entry.group}{entry.variant}"
        title = technique.title + (" with ConMerge" if entry.variant else "")
        rows += [Row(name + "_saved", "%", entry.target, f"{title}: share of the marked {entry.group} MACs that became engine cycles saved on {entry.soc}",
                     measured(lambda judged, group: work.saved_share(judged.sparse, judged.dense, group))),
                 *(Row(f"{name}_saved_{charged}", "%", None, f"{title}: the same {words}", measured(lambda judged, group, charged=charged: work.saved_share(judged.sparse, judged.dense, group, charged)))
                   for charged, words in (CHARGED_WORDS.items() if entry.schedules else ())),
                 Row(name + "_exploited", "%", None, f"{title}: share of them that {entry.soc} did not compute", measured(lambda judged, group: work.exploited_share(judged.sparse, group))),
                 Row(f"glyphs.{technique.name}.{entry.soc}.time{entry.variant}", "%", None, f"{title}: simulated time of the dense run's on {entry.soc}", measured(lambda judged, _: judged.time_share))]
    return rows


def rows(samples):
    return [row for technique in TECHNIQUES for row in quality_rows(technique, samples) + saved_rows(technique)]
