# SPDX-License-Identifier: Apache-2.0
"""How near two output files of workload glyphs are."""

import array
import math

from platform_run import read

PEAK = 2.0  # pictures are from -1 to 1


def pixels(path):
    """Q16 numbers of an output file."""
    values = array.array("i")
    values.frombytes(read(path))
    return [value / 65536 for value in values]


def psnr(a, b):
    """In dB, limited to the picture's range as a viewer would."""
    error = sum((min(1, max(-1, x)) - min(1, max(-1, y))) ** 2 for x, y in zip(a, b)) / len(a)
    return math.inf if error == 0 else 10 * math.log10(PEAK**2 / error)
