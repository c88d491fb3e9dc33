# SPDX-License-Identifier: Apache-2.0
"""What a run reports about energy."""

import unittest

from platform_run import SmallGlyphs

PARTS = ["matrix", "vector", "core_sram", "global_buffer", "network", "dma", "dram"]
REST = ["fetch", "dram_activation", "leakage", "dram_background", "dram_refresh"]


class Energy(SmallGlyphs):
    def test_commands_and_time_add_up_to_the_total(self):
        summary = self.glyphs("a").err
        statistics = self.statistics("a")
        rows = self.rows("a/layers.csv")
        for part in PARTS:
            self.assertEqual(sum(int(row[f"energy_{part}_pj"]) for row in rows), statistics["energy." + part]["value"])
        for bound in ("", ".low", ".high"):
            column = "energy" + bound.replace(".", "_") + "_pj"
            commands = sum(int(row[column]) for row in rows)
            rest = sum(statistics["energy." + part + bound]["value"] for part in REST)
            self.assertEqual(commands + rest, statistics["energy.total" + bound]["value"], column)
        for row in rows:
            self.assertEqual(sum(int(row[f"energy_{part}_pj"]) for part in PARTS), int(row["energy_pj"]))
            self.assertLessEqual(int(row["energy_low_pj"]), int(row["energy_pj"]))
            self.assertLessEqual(int(row["energy_pj"]), int(row["energy_high_pj"]))
        self.assertEqual(statistics["energy.total"]["unit"], "pJ")
        self.assertEqual(statistics["energy.total"]["fidelity"], "estimate")
        self.assertRegex(summary, r"energy +[0-9.]+ [um]J, from [0-9.]+ [um]J to [0-9.]+ [um]J; mean power")

    def test_counts_are_those_of_the_other_statistics(self):
        self.glyphs("a")
        values = self.values("a")
        self.assertEqual(values["accelerator.matrix.macs"],
                         values["energy.count.mac_int12_int8"] + values["energy.count.mac_int12"])
        # No bytes are charged that the DRAM did not move for the accelerator.
        moved = sum(value for name, value in values.items()
                    if name.startswith("dram.") and name.endswith("_bytes") and ".host" not in name)
        self.assertEqual(values["energy.count.dram_byte"], moved)

    def test_activations_have_a_row_of_their_own(self):
        dram = ["--set", "soc.memory.dram.preset=LPDDR5-6400"]
        self.glyphs("simple")
        self.glyphs("rows", *dram)
        values = {name: self.values(name) for name in ("simple", "rows")}
        self.assertEqual(values["simple"]["energy.dram_activation"], 0)
        self.assertGreater(values["rows"]["dram.activates"], 0)
        self.assertEqual(values["rows"]["energy.dram_activation"], values["rows"]["dram.activates"] * 1740)
        # 1740 pJ per page of 2048 bytes are 850 fJ per byte, which commands pay less; they are rounded to pJ, each.
        rows = self.rows("rows/layers.csv")
        moved = sum(int(row["dram_read_bytes"]) + int(row["dram_write_bytes"]) for row in rows)
        commands = sum(int(row["commands"]) for row in rows)
        saved = values["simple"]["energy.dram"] - values["rows"]["energy.dram"]
        self.assertLessEqual(abs(saved - moved * 0.850), commands)

    def test_a_row_of_the_table_is_a_setting(self):
        self.glyphs("a")
        self.glyphs("b", "--set", "soc.energy.dram_byte.nominal=61000")
        a, b = self.rows("a/layers.csv"), self.rows("b/layers.csv")
        for old, new in zip(a, b, strict=True):
            moved = int(old["dram_read_bytes"]) + int(old["dram_write_bytes"])
            self.assertEqual(int(new["energy_dram_pj"]) - int(old["energy_dram_pj"]), moved)
        wrong = self.run_vp("run", "--workload", "glyphs", "--set", "soc.energy.dram_byte.low=70000")
        self.assert_user_error(wrong, "soc.energy.dram_byte", "ascending")


if __name__ == "__main__":
    unittest.main()
