# SPDX-License-Identifier: Apache-2.0
"""Mistakes of the software under test: one line each, and the simulation goes on."""

import unittest

from platform_run import PlatformTest, misuse


class GuestErrors(PlatformTest):
    def test_every_mistake_has_its_line_and_none_ends_the_run(self):
        result = self.run_vp("run", misuse("guest_mistakes"), "--max-sim-time", "10ms")
        self.assertEqual(result.status, 0, result.err)
        errors = [line for line in result.lines if line.startswith("guest error: ")]
        for line in errors:
            self.assertRegex(line, r"^guest error: \S+ .+ = 0x[0-9a-f]+, expected .+; pc 0x[0-9a-f]+ in \S+ \(hart 0\)$")
        expected = ["0x50000000", "RING_SIZE = 0xc", "DOORBELL", "= 0x7f", "0x1000000000"]
        for word in expected:
            self.assertEqual(sum(word in line for line in errors), 1, f"{word} in\n" + "\n".join(errors))

    def test_place_is_the_function_that_did_it(self):
        result = self.run_vp("run", misuse("guest_mistakes"), "--max-sim-time", "10ms")
        line = next(line for line in result.lines if "0x50000000" in line)
        self.assertRegex(line, r"in main\+0x[0-9a-f]+ \(hart 0\)$")


if __name__ == "__main__":
    unittest.main()
