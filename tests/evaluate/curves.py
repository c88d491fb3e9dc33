# SPDX-License-Identifier: Apache-2.0
"""Threshold against quality, work, cycles of one technique: docs/plots/NAME.csv and NAME.svg, and what docs/sparsity.md shows of them."""
import csv
import io
import json
import sys

import glyph_runs
import work
from glyph_runs import ROOT, TUNED_ON, Samples
from measure import NotAvailable
from quality_rows import QUALITY_SOC, SETTINGS
from svg_chart import Line, Panel, chart
from techniques import TECHNIQUES

PLOTS = ROOT / "docs/plots"
TRIALS = ROOT / "out/curves"  # of fewer samples than a curve has
PAGE = ROOT / "docs/sparsity.md"
BEGIN, END = "<!-- curves: begin -->", "<!-- curves: end -->"
SOCS = ("exion24", "disc", "dixion")
CYCLE_SAMPLES = Samples(TUNED_ON.seed, TUNED_ON.first, 4)


def select(names):
    """Techniques by name, comma separated; none for None. Raises ValueError."""
    chosen = [name for name in (names or "").split(",") if name]
    for name in chosen:
        if name not in {technique.name for technique in TECHNIQUES}:
            raise ValueError(f"no technique is called '{name}'; there are {', '.join(technique.name for technique in TECHNIQUES)}")
    return [technique for technique in TECHNIQUES if technique.name in chosen]


def points(technique):
    """Values of the first swept key, each with the committed settings of the others."""
    committed = json.loads(SETTINGS.read_text())[technique.name]
    others = tuple(committed[key] for key in technique.swept[1:])
    values = technique.curve or [point[0] for point in technique.points]
    return [(value, *others) for value in values]


def masked_group(technique):
    """The group whose cycles the technique is about: of the engine where it names one, else everything in blocks."""
    marked = [entry.measure.removesuffix("_marked") for entry in technique.work if entry.measure.endswith("_marked")]
    return marked[0] if marked else "blocks"


def columns(technique, quality, by_soc):
    """One line of the table as {heading: value}."""
    group, shares = masked_group(technique), work.shares(quality.sparse, quality.dense)
    line = {"samples": quality.samples, "psnr_mean_db": quality.mean_psnr, "psnr_lowest_db": min(quality.psnr), "recognised": quality.recognised,
            "recognised_dense": quality.reference_recognised, "lost": quality.lost, "gained": quality.gained,
            **{name + "_percent": value for name, value in shares.items()}}
    for soc, judged in by_soc.items():
        line[f"{soc}_{group}_cycles_percent"] = 100 * judged.sparse[group].cycles / judged.dense[group].cycles
        line[f"{soc}_{group}_exploited_percent"] = work.exploited_share(judged.sparse, group) or 0.0
        line[f"{soc}_time_percent"] = judged.time_share
        line[f"{soc}_energy_percent"] = judged.energy_share
    return line


def table(technique, settings, lines):
    """CSV: a column per swept key, then the measured ones."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*technique.swept, *lines[0]])
    for point, line in zip(settings, lines):
        writer.writerow([*point, *(f"{value:.2f}" if isinstance(value, float) else value for value in line.values())])
    return out.getvalue()


def picture(technique, settings, lines):
    group = masked_group(technique)

    def line(name, column):
        return Line(name, tuple(entry[column] for entry in lines))

    socs = [soc for soc in SOCS if f"{soc}_time_percent" in lines[0]]
    panels = (Panel("PSNR to the dense run, dB", (line("mean", "psnr_mean_db"), line("lowest", "psnr_lowest_db")), technique.psnr_db),
              Panel("MACs, % of the dense run's", tuple(line(name.replace("_", " "), name + "_percent") for name in ("blocks_left", *(f"{group}_marked" for group in [group] if group != "blocks")))),
              Panel(f"engine cycles of {group}, % of dense", tuple(line(soc, f"{soc}_{group}_cycles_percent") for soc in socs), 100),
              Panel("simulated time, % of dense", tuple(line(soc, f"{soc}_time_percent") for soc in socs), 100))
    return chart(panels, [point[0] for point in settings], technique.swept[0])


def cycles_by_soc(runs, sets, samples=CYCLE_SAMPLES):
    """Of the SoCs that have what the technique needs."""
    found = {}
    for soc in SOCS:
        try:
            found[soc] = runs.judge(soc, sets, samples)
        except NotAvailable as reason:
            print(f"left out: {soc}: {reason}", file=sys.stderr)
    return found


def page_table(technique, text):
    """Markdown of the main columns of a CSV."""
    rows = list(csv.DictReader(io.StringIO(text)))
    group, socs = masked_group(technique), [soc for soc in SOCS if f"{soc}_time_percent" in rows[0]]
    marked = [] if group == "blocks" else [("marked", lambda row: f"{float(row[group + '_marked_percent']):.0f} %")]
    shown = [(technique.swept[0], lambda row: row[technique.swept[0]]), ("dB", lambda row: f"{float(row['psnr_mean_db']):.1f} ({float(row['psnr_lowest_db']):.1f})"),
             ("recognised", lambda row: f"{row['recognised']} of {row['samples']}"), *marked, ("left", lambda row: f"{float(row['blocks_left_percent']):.0f} %"),
             *((f"`{soc}`", lambda row, soc=soc: f"{float(row[f'{soc}_{group}_cycles_percent']):.0f} %, {float(row[f'{soc}_time_percent']):.0f} %") for soc in socs)]
    lines = ["| " + " | ".join(heading for heading, _ in shown) + " |", "|" + "---|" * len(shown)]
    return "\n".join(lines + ["| " + " | ".join(value(row) for _, value in shown) + " |" for row in rows])


def block(folder):
    """What the page shows: a section per technique whose curve was drawn."""
    parts = [BEGIN]
    for technique in TECHNIQUES:
        path = folder / f"{technique.name}.csv"
        if not path.exists():
            continue
        others = list(csv.DictReader(io.StringIO(path.read_text())))[0]
        fixed = "".join(f", `{key}={others[key]}`" for key in technique.swept[1:])
        parts.append(f"### {technique.title}\n\n![{technique.swept[0]} against quality, work and cycles](plots/{technique.name}.svg)\n\n"
                     f"`./run evaluate --curves {technique.name}`{fixed}; engine cycles: of {masked_group(technique)}.\n\n{page_table(technique, path.read_text())}\n")
    return "\n".join(parts + [END])


def replaced(page, text):
    """The page with `text` in place of its block. Raises ValueError if it has none."""
    begin, end = page.find(BEGIN), page.find(END)
    if begin < 0 or end < begin:
        raise ValueError("the page has no markers for curves")
    return page[:begin] + text + page[end + len(END):]


def draw(runs, technique, count=None):
    """Runs what is missing, writes both files, returns their paths; renews the page. With fewer samples, as a trial, elsewhere."""
    settings = points(technique)
    sets = [technique.sets(point) for point in settings]
    glyph_runs.check(sets[0])
    samples = Samples(TUNED_ON.seed, TUNED_ON.first, min(count or TUNED_ON.count, TUNED_ON.count))
    quality = runs.judge(QUALITY_SOC, sets, samples)
    cycles = cycles_by_soc(runs, sets, Samples(samples.seed, samples.first, min(samples.count, CYCLE_SAMPLES.count)))
    lines = [columns(technique, quality[i], {soc: judged[i] for soc, judged in cycles.items()}) for i in range(len(settings))]
    folder = PLOTS if samples == TUNED_ON else TRIALS
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{technique.name}.csv", folder / f"{technique.name}.svg"]
    paths[0].write_text(table(technique, settings, lines))
    paths[1].write_text(picture(technique, settings, lines))
    if folder == PLOTS:
        PAGE.write_text(replaced(PAGE.read_text(), block(folder)))
        paths.append(PAGE)
    return paths
