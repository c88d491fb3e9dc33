# SPDX-License-Identifier: Apache-2.0
"""Runs the built dixion-vp; paths come from CTest's environment."""

import csv
import json
import os
import subprocess
import tempfile
import unittest

VP = os.environ["DIXION_VP"]
SOURCE = os.environ["DIXION_SOURCE_DIR"]


def firmware(name):
    """ELF of a firmware app."""
    return os.path.join(os.environ["DIXION_FIRMWARE"], name + ".elf")


def misuse(name):
    """ELF of a program that does wrong on purpose (tests/system/firmware)."""
    return os.path.join(os.environ["DIXION_TEST_FIRMWARE"], name + ".elf")


def read(*parts):
    with open(os.path.join(*parts), "rb") as stream:
        return stream.read()


class Result:
    """What a finished run left: exit status, stdout as bytes, stderr as text."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def lines(self):
        return self.err.splitlines()


def vp(*arguments, cwd=None):
    done = subprocess.run([VP, *arguments], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return Result(done.returncode, done.stdout, done.stderr.decode())


class PlatformTest(unittest.TestCase):
    """Each test runs in a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dixion-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def run_vp(self, *arguments):
        return vp(*arguments, cwd=self.folder)

    def assert_user_error(self, result, *words):
        """Exit status 2, nothing on stdout, one line that holds all words."""
        self.assertEqual(result.status, 2, result.err)
        self.assertEqual(result.out, b"")
        self.assertEqual(len(result.lines), 1, result.err)
        for word in words:
            self.assertIn(word, result.err)

    def statistics(self, out):
        """Entries of a run's statistics.json by name."""
        entries = json.loads(read(self.path(out, "statistics.json")))["statistics"]
        return {entry["name"]: entry for entry in entries}

    def values(self, out):
        """Values of the same by name."""
        return {name: entry["value"] for name, entry in self.statistics(out).items()}

    def rows(self, *parts):
        """Lines of a table as dictionaries."""
        with open(self.path(*parts), encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))


class SmallGlyphs(PlatformTest):
    def glyphs(self, out, *arguments):
        """One step of one glyph."""
        result = self.run_vp("run", "--workload", "glyphs", "--set", "workload.steps=1", "--set", "workload.classes=3",
                             "--out", out, *arguments)
        self.assertEqual(result.status, 0, result.err)
        return result
