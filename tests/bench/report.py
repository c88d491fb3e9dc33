# SPDX-License-Identifier: Apache-2.0
"""What becomes of measured rows: out/bench.json, a table, the page docs/performance.md."""
import json
import pathlib
import platform
import sys

from measure import NotAvailable

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def result(row, value, command, reason=None):
    entry = {"name": row.name, "value": value, "unit": row.unit, "target": row.target, "met": row.met(value), "source": " ".join(command)}
    if reason:
        entry["reason"] = reason
    return entry


def measured(row, context):
    print(row.name, file=sys.stderr, flush=True)
    try:
        value, command = row.measure(context)
        return result(row, value, command)
    except NotAvailable as reason:
        return result(row, None, [], str(reason))


def shown(value):
    return "-" if value is None else f"{value:.4g}"


def verdict(entry):
    if entry["value"] is None:
        return "not available"
    return {None: "", True: "met", False: "MISSED"}[entry["met"]]


def table(entries):
    """Lines for a terminal."""
    lines = [("row", "value", "unit", "target", "")]
    lines += [(e["name"], shown(e["value"]), e["unit"], e["target"] or "", verdict(e)) for e in entries]
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    return ["  ".join(cell.rjust(w) if i == 1 else cell.ljust(w) for i, (cell, w) in enumerate(zip(line, widths))).rstrip() for line in lines]


def missed(entries):
    return [e for e in entries if e["met"] is False]


def summary(entries):
    """Lines for a terminal: the table, what could not be measured, what missed its target."""
    return (table(entries) + [f"not available: {e['name']}: {e['reason']}" for e in entries if e.get("reason")]
            + [f"missed: {e['name']} is {shown(e['value'])} {e['unit']}, target {e['target']}" for e in missed(entries)])


def machine():
    """What the numbers were measured on."""
    model = platform.machine()
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return model


def markdown(entries, rows, command, where):
    what = {row.name: row.what for row in rows}
    lines = [BEGIN, f"Written by `{command}` on {where}.", "", "| row | what | value | target | |", "|---|---|---|---|---|"]
    for e in entries:
        value = f"{shown(e['value'])} {e['unit']}".strip() if e["value"] is not None else "-"
        lines.append(f"| `{e['name']}` | {what[e['name']]} | {value} | {e['target'] or ''} | {verdict(e)} |")
    reasons = [f"* `{e['name']}`: {e['reason']}" for e in entries if e.get("reason")]
    if reasons:
        lines += ["", "Not available:", "", *reasons]
    return "\n".join(lines + [END])


def replaced(page, block):
    """The page with the measured block in place of the old one. Raises ValueError if it has no place for it."""
    begin, end = page.find(BEGIN), page.find(END)
    if begin < 0 or end < begin:
        raise ValueError("the page has no markers for measured values")
    return page[:begin] + block + page[end + len(END):]


def write_json(path, entries, command, where):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"schema": 1, "command": command, "machine": where, "rows": entries}, indent=2) + "\n")
