# SPDX-License-Identifier: Apache-2.0
"""Runs that do not get on: exit status 4 and who waits for what."""

import unittest

from platform_run import PlatformTest, misuse


class Hang(PlatformTest):
    def report(self, program, *arguments):
        result = self.run_vp("run", misuse(program), *arguments)
        self.assertEqual(result.status, 4, result.err)
        self.assertTrue(result.lines[-1].startswith("verdict: no progress: "), result.err)
        self.assertTrue(any(line.strip().startswith("hint: ") for line in result.lines), result.err)
        return result.err

    def test_all_harts_asleep_and_nothing_armed(self):
        text = self.report("sleep_forever")
        self.assertIn("hart 0: waits in wfi", text)
        self.assertIn("hart 0 is in main", text)
        self.assertIn("no timer armed", text)

    def test_a_time_limit_does_not_hide_the_hang(self):
        self.report("sleep_forever", "--max-sim-time", "1s")

    def test_trap_loop(self):
        text = self.report("trap_loop")
        self.assertIn("trap loop", text)
        self.assertIn("mtvec", text)

    def test_semaphore_that_nobody_signals(self):
        text = self.report("unsignalled_semaphore")
        self.assertRegex(text, r"queue 0.*semaphore 5")
        self.assertIn("which is 0 and must reach 4", text)
        self.assertIn("last commands:", text)

    def test_interrupt_that_is_pending_but_masked(self):
        self.assertRegex(self.report("masked_interrupt"), r"hint: interrupt 64 is pending but enabled for no hart")


if __name__ == "__main__":
    unittest.main()
