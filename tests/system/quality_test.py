# SPDX-License-Identifier: Apache-2.0
"""run --reference and recognised classes, against a second implementation in Python."""

import array
import json
import math
import operator
import os
import struct
import unittest
import zlib

from platform_run import PlatformTest, read

GALLERY = os.path.join(os.environ["DIXION_SOURCE_DIR"], "traces", "networks", "glyphs", "gallery.png")
CLASSES, SIDE = "0123456789ABCDEF", 32
ST = ["--set", "workload.techniques.st.enabled=true", "--set", "workload.techniques.st.threshold=2"]


def grey_rows(path):
    """Lines of an 8-bit grey PNG (PNG specification, filters 0 to 4)."""
    content, at, packed = read(path), 8, b""
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at:at + 8])
        data = content[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", data)
            assert (depth, colour, interlace) == (8, 0, 0)
        elif kind == b"IDAT":
            packed += data
        at += length + 12
    raw, above, rows = zlib.decompress(packed), bytes(width), []
    for begin in range(0, len(raw), width + 1):
        method, line = raw[begin], bytearray(raw[begin + 1:begin + 1 + width])
        for x in range(width):
            left, up, corner = (line[x - 1], above[x], above[x - 1]) if x else (0, above[0], 0)
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda value: abs(guess - value))
            line[x] = line[x] + (0, left, up, (left + up) // 2, paeth)[method] & 255
        above = bytes(line)
        rows.append(above)
    return rows


def examples():
    """(class, pixels from -1 to 1) of every cell."""
    rows = grey_rows(GALLERY)
    for top in range(0, len(rows), SIDE):
        for column, name in enumerate(CLASSES):
            cell = b"".join(rows[y][column * SIDE:(column + 1) * SIDE] for y in range(top, top + SIDE))
            yield name, [value / 127.5 - 1 for value in cell]


def dot(a, b):
    return sum(map(operator.mul, a, b))


def recognise(picture, gallery):
    return max(gallery, key=lambda example: dot(picture, example[1]) / math.sqrt(dot(example[1], example[1])))[0]


def pictures(path):
    """Samples of an output.bin, limited to -1...1."""
    values = array.array("i")
    values.frombytes(read(path))
    flat = [min(1.0, max(-1.0, value / 65536)) for value in values]
    return [flat[at:at + SIDE * SIDE] for at in range(0, len(flat), SIDE * SIDE)]


def psnr(a, b):
    return 10 * math.log10(4 / (sum((x - y) ** 2 for x, y in zip(a, b)) / len(a)))


class Quality(PlatformTest):
    def glyphs(self, out, *arguments, classes="3E", steps=6):
        return self.run_vp("run", "--workload", "glyphs", "--set", f"workload.steps={steps}", "--set",
                           f"workload.classes={classes}", "--out", out, *arguments)

    def quality(self, out):
        return json.loads(read(self.path(out, "result.json"))).get("quality")

    def test_every_sample_is_recognised_and_compared(self):
        self.assertEqual(self.glyphs("dense").status, 0)
        result = self.glyphs("sparse", *ST, "--reference", "dense")
        self.assertEqual(result.status, 0, result.err)
        gallery = list(examples())
        self.assertEqual(len(gallery), 224 * len(CLASSES))
        seen = self.quality("sparse")
        both = [pictures(self.path(name, "output.bin")) for name in ("sparse", "dense")]
        self.assertEqual(len(seen["samples"]), 2)
        for sample, asked, mine, other in zip(seen["samples"], "3E", *both):
            self.assertEqual(sample["asked"], asked)
            self.assertEqual(sample["recognised"], recognise(mine, gallery))
            self.assertEqual(sample["reference_recognised"], recognise(other, gallery))
            self.assertAlmostEqual(sample["psnr_mdb"] / 1000, psnr(mine, other), delta=0.001)
            self.assertGreater(sample["different_values"], 900)
        mean = sum(sample["psnr_mdb"] for sample in seen["samples"]) / 2
        self.assertAlmostEqual(seen["psnr_mean_mdb"], mean, delta=1)
        self.assertAlmostEqual(seen["psnr_pooled_mdb"] / 1000, psnr(sum(both[0], []), sum(both[1], [])), delta=0.001)
        self.assertEqual(seen["recognised"], sum(s["recognised"] == s["asked"] for s in seen["samples"]))
        self.assertIn(f"PSNR {mean / 1000:.2f} dB in the mean", result.err)
        self.assertIn("against dense", result.err)
        # What compare says of the same two runs.
        text = self.run_vp("compare", "dense", "sparse").out.decode()
        self.assertIn(f"PSNR {seen['psnr_pooled_mdb'] / 1000:.2f} dB", text)
        self.assertRegex(text, r"recognised: A \d, B \d of 2 samples")

    def test_without_reference_only_classes_are_told(self):
        result = self.glyphs("dense", classes="3")
        self.assertRegex(result.err, r"quality +recognised 1 of 1\n +sample 0: 3 recognised\n")
        self.assertEqual(self.quality("dense"), {"recognised": 1, "samples": [{"asked": "3", "recognised": "3"}]})
        self.glyphs("timing", "--mode", "timing", classes="3")
        self.assertIsNone(self.quality("timing"))

    def test_an_equal_picture_counts_as_100_db(self):
        self.glyphs("dense", classes="3", steps=1)
        self.glyphs("again", "--reference", "dense", "--set", "soc.accelerator.cores=2", classes="3", steps=1)
        self.assertEqual(self.quality("again")["psnr_mean_mdb"], 100000)
        self.assertEqual(self.quality("again")["samples"][0]["different_values"], 0)

    def test_a_reference_that_does_not_fit_is_refused_in_a_line(self):
        self.glyphs("dense", steps=1)
        self.glyphs("timing", "--mode", "timing", steps=1)
        self.run_vp("run", "--workload", "mld", "--set", "workload.steps=1", "--mode", "timing", "--out", "mld")

        def refused(reference, *words, arguments=(), **changes):
            result = self.glyphs("new", "--reference", reference, *arguments, **{"steps": 1, **changes})
            self.assert_user_error(result, *words)

        refused("nowhere", "nowhere", "is no folder")
        refused("mld", "--reference", "ran the workload 'mld', this run has 'glyphs'")
        refused("timing", "--reference", "timing holds no output, timing mode computes none")
        refused("dense", "--reference", "dense holds 2 samples, this run makes 3", classes="3E1")
        refused("dense", "--reference", "asked for 'E' as sample 1, this run for '1'", classes="31")
        refused("dense", "--reference", "workload.seed = 1, this run has 2", arguments=["--seed", "2"])
        refused("dense", "--reference", "timing mode", arguments=["--mode", "timing"])
        self.assert_user_error(self.glyphs("dense", "--reference", "dense"), "--reference", "replaces")
        self.assertTrue(os.path.exists(self.path("dense", "output.bin")))
        os.remove(self.path("dense", "output.bin"))
        refused("dense", "--reference", "dense holds no output")

    def test_a_gallery_that_does_not_fit_is_refused(self):
        result = self.glyphs("new", "--set", "workload.gallery=nowhere.png", steps=1)
        self.assert_user_error(result, "workload.gallery", "nowhere.png")


if __name__ == "__main__":
    unittest.main()
