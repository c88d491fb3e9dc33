# SPDX-License-Identifier: Apache-2.0
"""Mistakes of the user: one clear line, exit status 2."""

import json
import os
import unittest

from platform_run import PlatformTest, firmware, read, vp


class BadConfiguration(PlatformTest):
    def test_unknown_key_names_the_nearest(self):
        result = self.run_vp("run", firmware("hello"), "--set", "soc.accelerator.core=2")
        self.assert_user_error(result, "soc.accelerator.core", "did you mean", "'cores'")

    def test_unknown_key_in_a_file_has_line_and_column(self):
        with open(self.path("my.textproto"), "w", encoding="utf-8") as stream:
            stream.write("accelerator {\n  clok_hz: 5\n}\n")
        result = self.run_vp("run", firmware("hello"), "--soc", "my.textproto")
        self.assert_user_error(result, "my.textproto:2:", "clock_hz")

    def test_unknown_preset_names_the_nearest(self):
        self.assert_user_error(self.run_vp("run", firmware("hello"), "--soc", "exion5"), "'exion5'", "'exion4'")

    def test_unknown_workload_names_the_nearest(self):
        self.assert_user_error(self.run_vp("run", "--workload", "glyps"), "'glyps'", "'glyphs'")
        self.assertFalse(os.path.exists(self.path("out", "glyps-exion4")))

    def test_value_out_of_range_names_the_range(self):
        result = self.run_vp("run", firmware("hello"), "--set", "soc.accelerator.cores=65")
        self.assert_user_error(result, "soc.accelerator.cores", "65", "1 to 64")

    def test_setting_without_root(self):
        self.assert_user_error(self.run_vp("run", firmware("hello"), "--set", "cores=2"), "soc.", "workload.")

    def test_workload_setting_without_workload(self):
        self.assert_user_error(self.run_vp("run", firmware("hello"), "--set", "workload.steps=2"), "--workload")

    def test_shapes_that_do_not_fit(self):
        with open(os.path.join(os.environ["DIXION_SOURCE_DIR"], "traces", "workloads", "glyphs.textproto"),
                  encoding="utf-8") as stream:
            text = stream.read()
        root = os.path.join(os.environ["DIXION_SOURCE_DIR"], "traces", "workloads")
        wrong = text.replace('weights: "', 'weights: "' + root + "/").replace('scales: "', 'scales: "' + root + "/")
        changed = wrong.replace('value: "128"', 'value: "136"', 1)
        self.assertNotEqual(wrong, changed, "the workload has no symbol of 128 to spoil")
        with open(self.path("wide.textproto"), "w", encoding="utf-8") as stream:
            stream.write(changed)
        self.assert_user_error(self.run_vp("run", "--workload", "./wide.textproto"), "136")


class BadFiles(PlatformTest):
    def test_missing_elf(self):
        self.assert_user_error(self.run_vp("run", "nothing.elf"), "nothing.elf")

    def test_corrupt_elf(self):
        with open(self.path("text.elf"), "wb") as stream:
            stream.write(b"this is no program")
        self.assert_user_error(self.run_vp("run", "text.elf"), "text.elf")

    def test_truncated_elf(self):
        content = read(firmware("hello"))
        with open(self.path("half.elf"), "wb") as stream:
            stream.write(content[:5000])
        self.assert_user_error(self.run_vp("run", "half.elf"), "half.elf")

    def test_elf_of_another_machine(self):
        self.assert_user_error(self.run_vp("run", os.environ["DIXION_VP"]), "RISC-V")

    def test_output_folder_that_cannot_be_written(self):
        self.assert_user_error(self.run_vp("run", firmware("hello"), "--out", "/proc/out"), "--out", "/proc/out")

    def test_output_folder_with_foreign_files_is_left_alone(self):
        os.mkdir(self.path("mine"))
        with open(self.path("mine", "thesis.tex"), "w", encoding="utf-8") as stream:
            stream.write("years of work")
        self.assert_user_error(self.run_vp("run", firmware("hello"), "--out", "mine"), "thesis.tex")
        self.assertEqual(read(self.path("mine", "thesis.tex")), b"years of work")

    def test_load_outside_memory(self):
        with open(self.path("data.bin"), "wb") as stream:
            stream.write(bytes(16))
        self.assert_user_error(self.run_vp("run", firmware("hello"), "--load", "data.bin@0x1000"), "0x1000", "DRAM")

    def test_load_over_the_program(self):
        with open(self.path("data.bin"), "wb") as stream:
            stream.write(bytes(16))
        self.assert_user_error(self.run_vp("run", firmware("hello"), "--load", "data.bin@0x80000000"), "overlap")


class BadOptions(PlatformTest):
    def test_times_need_units(self):
        self.assert_user_error(self.run_vp("run", firmware("hello"), "--max-sim-time", "5"), "--max-sim-time", "100us")

    def test_unknown_debug_category(self):
        self.assert_user_error(self.run_vp("run", firmware("hello"), "-d", "mmoi"), "'mmoi'", "guest_errors")

    def test_nothing_to_run(self):
        self.assert_user_error(self.run_vp("run"), "--workload")

    def test_unknown_subcommand(self):
        self.assert_user_error(self.run_vp("rnu"), "rnu")


class GoodCalls(PlatformTest):
    def test_hello_writes_its_line_and_nothing_else(self):
        result = self.run_vp("run", firmware("hello"))
        self.assertEqual((result.status, result.out), (0, b"hello from hart 0\n"))
        self.assertEqual(os.listdir(self.folder), [])

    def test_user_error_with_out_leaves_a_result(self):
        self.run_vp("run", "nothing.elf", "--out", "res")
        self.assertEqual(json.loads(read(self.path("res", "result.json")))["verdict"], "user_error")

    def test_check_and_describe_run_nothing(self):
        self.assertEqual(self.run_vp("check", "--workload", "glyphs").status, 0)
        keys = self.run_vp("describe", "--keys")
        self.assertEqual(keys.status, 0)
        self.assertIn(b"soc.accelerator.array.dot_length = 16", keys.out)

    def test_help_names_every_exit_status(self):
        text = vp("run", "--help").out.decode()
        for word in ("0 firmware passed", "1 firmware failed", "2 mistake", "3 defect", "4 no progress", "5 limit", "130"):
            self.assertIn(word, text)


if __name__ == "__main__":
    unittest.main()
