# SPDX-License-Identifier: Apache-2.0
"""One command from the doorbell store to the interrupt handler, hop by hop."""

import re
import unittest

from platform_run import PlatformTest, firmware


class Doorbell(PlatformTest):
    def test_hops_come_in_order(self):
        result = self.run_vp("run", firmware("doorbell"), "-d", "irq,mmio,commands")
        self.assertEqual(result.status, 0, result.err)
        hops = [
            r"mmio: write 32 bit accelerator\.queue0\.DOORBELL <- 0x1; pc 0x[0-9a-f]+ in \S+",
            r"commands: dispatch queue 0, command 0 NOP",
            r"commands: begin queue 0, command 0 NOP",
            r"commands: end queue 0, command 0 NOP",
            r"commands: complete queue 0, command 0 NOP",
            r"irq: accelerator line 0 rose",
            r"irq: trap: external interrupt",
            r"mmio: read 32 bit plic\.context0\.claim -> 0x40",
            r"mmio: write 32 bit accelerator\.INTR_STATUS",
            r"mmio: write 32 bit plic\.context0\.claim <- 0x40",
        ]
        position = result.err.index("DOORBELL <-") - 200
        for hop in hops:
            found = re.compile(hop).search(result.err, max(position, 0))
            self.assertIsNotNone(found, f"{hop} does not follow in\n{result.err}")
            position = found.end()
        self.assertIn("commands: doorbell of queue 0, tail 1", result.err)

    def test_registers_are_shown_with_fields(self):
        result = self.run_vp("run", firmware("doorbell"), "-d", "mmio")
        self.assertIn("accelerator.CONTROL {ENABLE=0x1} <- 0x1", result.err)
        self.assertIn("accelerator.ID -> 0x314e5844", result.err)

    def test_nothing_is_shown_that_was_not_asked_for(self):
        result = self.run_vp("run", firmware("doorbell"), "-d", "irq")
        self.assertNotIn("mmio:", result.err)
        self.assertNotIn("commands:", result.err)


if __name__ == "__main__":
    unittest.main()
