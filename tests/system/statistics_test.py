# SPDX-License-Identifier: Apache-2.0
"""Every cycle has one reason, in every file; the glossary says what the program says."""

import json
import re
import unittest

from platform_run import SOURCE, PlatformTest, read, vp

UNITS = ["dma", "matrix", "vector"]
CLOCKS = ["accel_cycles", "hart_cycles", "dram_cycles"]


class Statistics(PlatformTest):
    def run_glyphs(self, out, *arguments):
        result = self.run_vp("run", "--workload", "glyphs", "--set", "workload.steps=2", "--mode", "timing", "--out", out,
                             *arguments)
        self.assertEqual(result.status, 0, result.err)
        document = json.loads(read(self.path(out, "statistics.json")))
        self.assertEqual(document["schema"], 2)
        return result, self.statistics(out), self.rows(out, "layers.csv")

    def check_closing(self, statistics, rows):
        for unit in UNITS:
            prefix = f"accelerator.{unit}."
            value = {name[len(prefix):]: entry["value"] for name, entry in statistics.items() if name.startswith(prefix)}
            stalls = {name[len("stall."):]: cycles for name, cycles in value.items() if name.startswith("stall.")}
            self.assertEqual(value["busy"] + sum(stalls.values()) + value["unfinished"] + value["idle"], value["total"])
            self.assertEqual(value["unfinished"], 0)
            mine = [row for row in rows if row["unit"] == unit]
            self.assertTrue(mine)
            for reason, cycles in [("busy", value["busy"]), *stalls.items(), ("macs", value["macs"])]:
                self.assertEqual(sum(int(row[reason]) for row in mine), cycles, f"{unit} {reason}")
            for way in ("read", "write"):
                self.assertEqual(sum(int(row[f"dram_{way}_bytes"]) for row in mine),
                                 statistics[f"dram.{unit}.{way}_bytes"]["value"], f"{unit} {way}")

    def test_layers_add_up_to_the_statistics(self):
        for soc in ("exion4", "exion24"):
            with self.subTest(soc):
                _, statistics, rows = self.run_glyphs(soc, "--soc", soc)
                self.check_closing(statistics, rows)
                self.assertGreater(statistics["accelerator.matrix.stall.semaphore"]["value"], 0)

    def test_one_command_per_row_has_its_cycles_explained(self):
        _, _, rows = self.run_glyphs("out")
        inside = ["busy", "operand_bank", "fill", "dram", "global_buffer", "output", "drain"]
        for row in rows:
            if row["unit"] not in UNITS:
                continue
            lane_cycles = sum(int(row[reason]) for reason in inside)
            self.assertGreater(lane_cycles, 0)
            self.assertGreaterEqual(lane_cycles, int(row["accel_cycles"]), row)

    def test_the_summary_says_where_the_matrix_engines_cycles_went(self):
        result, statistics, _ = self.run_glyphs("out")
        total = statistics["accelerator.matrix.total"]["value"]
        lines = result.lines[next(i for i, line in enumerate(result.lines) if "matrix engine" in line):]
        shares = [re.fullmatch(r" *(?:matrix engine)? *([\d.]+) % (\w+)", line) for line in lines]
        shares = {match[2]: float(match[1]) for match in shares[:shares.index(None)]}
        for reason in ("busy", "stall.semaphore", "idle"):
            value = statistics["accelerator.matrix." + reason]["value"]
            self.assertAlmostEqual(shares[reason.split(".")[-1]], 100 * value / total, delta=0.051)
        self.assertAlmostEqual(sum(shares.values()), 100, delta=0.5)

    def test_what_the_port_bursts_is_fetch_descriptors_and_records(self):
        _, statistics, _ = self.run_glyphs("out")
        value = lambda name: statistics[name]["value"]
        for who in ("fetch", "descriptors"):
            self.assertGreater(value(f"dram.{who}.read_bytes"), 0)
            self.assertEqual(value(f"dram.{who}.write_bytes"), 0)
        self.assertGreater(value("dram.records.write_bytes"), 0)
        self.assertEqual(value("dram.records.read_bytes"), 0)
        self.assertEqual(value("dram.fetch.read_bytes") + value("dram.descriptors.read_bytes"), value("accelerator.memory_port.burst_read"))
        self.assertEqual(value("dram.records.write_bytes"), value("accelerator.memory_port.burst_write"))
        self.assertEqual(value("dram.other.read_requests") + value("dram.other.write_requests"), 0)
        self.assertEqual(value("dram.hart.read_requests"), 0)  # harts go by direct pointer

    def test_harts_on_exact_memory_are_requesters(self):
        _, statistics, _ = self.run_glyphs("exact", "--set", "soc.host.memory=exact")
        value = lambda name: statistics[name]["value"]
        self.assertGreater(value("dram.hart.read_requests"), 0)
        self.assertEqual(value("dram.hart.access_latency"), value("dram.hart.read_requests") + value("dram.hart.write_requests"))
        self.assertEqual(value("dram.other.read_requests"), 0)

    def test_histograms_hold_what_they_count(self):
        _, statistics, _ = self.run_glyphs("out")
        for unit in UNITS:
            entry = statistics[f"dram.{unit}.stream_latency"]
            self.assertEqual(sum(bucket["count"] for bucket in entry["buckets"]), entry["value"])
            requests = sum(statistics[f"dram.{unit}.{way}_requests"]["value"] for way in ("read", "write"))
            self.assertEqual(entry["value"], requests)

    def test_each_statistic_is_explained_once_and_cycles_name_their_clock(self):
        _, statistics, _ = self.run_glyphs("out")
        page = read(SOURCE, "docs", "statistics.md").decode()
        for name, entry in statistics.items():
            self.assertRegex(entry["unit"], r"^\w+$", name)
            if "cycle" in entry["unit"]:
                self.assertIn(entry["unit"], CLOCKS, name)
            line = f"| `{re.sub(r'[0-9]+[.]', '<n>.', name)}` | {entry['unit']} | {entry['fidelity']} | {entry['sentence']} |"
            self.assertEqual(page.count(line), 1, line)


class Glossary(unittest.TestCase):
    def test_the_page_is_what_the_program_prints(self):
        shown = vp("describe", "--statistics")
        self.assertEqual(shown.status, 0, shown.err)
        self.assertEqual(shown.out.decode(), read(SOURCE, "docs", "statistics.md").decode(),
                         "run dixion-vp describe --statistics > docs/statistics.md")


if __name__ == "__main__":
    unittest.main()
