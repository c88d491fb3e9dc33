# SPDX-License-Identifier: Apache-2.0
"""Programs that use no accelerator do the same on QEMU's machine `virt` as on the platform: console bytes, exit code."""

import shutil
import subprocess
import unittest

from platform_run import PlatformTest, firmware, misuse, vp

QEMU = shutil.which("qemu-system-riscv64")


@unittest.skipUnless(QEMU, "qemu-system-riscv64 is not installed (Debian package qemu-system-misc)")
class QemuEquality(PlatformTest):
    def compare(self, elf):
        """What both have written and returned."""
        qemu = subprocess.run(
            [QEMU, "-M", "virt", "-bios", "none", "-nographic", "-kernel", elf],
            stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)
        ours = vp("run", elf, "--exit-code", "guest", "--max-sim-time", "10s", cwd=self.folder)
        self.assertEqual(ours.out.decode(), qemu.stdout.decode())
        self.assertEqual(ours.status, qemu.returncode, ours.err + qemu.stderr.decode())
        return ours.out, ours.status

    def test_hello(self):
        self.assertEqual(self.compare(firmware("hello")), (b"hello from hart 0\n", 0))

    def test_arithmetic_atomics_registers_traps_and_interrupts(self):
        out, status = self.compare(misuse("bare_machine"))
        self.assertEqual(status, 42)
        lines = out.decode().splitlines()
        self.assertEqual(lines[-1], "traps 0000000000000009")  # the program came to its end
        self.assertIn("timer 8000000000000007", lines)


if __name__ == "__main__":
    unittest.main()
