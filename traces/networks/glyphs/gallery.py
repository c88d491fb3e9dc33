#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The glyphs of the fonts: what the network learnt, and what its samples are recognised by.

usage: gallery.py    renders all usable fonts and writes gallery.png (needs the font packages of README.md)
gallery.png has one row per font and one column of 32 pixels per class, in 16 levels of grey.
"""
import glob

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from network import CLASSES, HERE

SIDE = 32


def render_font(path):
    """[16, 32, 32] uint8, or None when the font has no such characters."""
    row = []
    for char in CLASSES:
        box = ImageFont.truetype(path, 24).getbbox(char)
        width, height = box[2] - box[0], box[3] - box[1]
        if width < 3 or height < 6:
            return None
        font = ImageFont.truetype(path, max(8, int(24 * min(26 / width, 26 / height))))
        box = font.getbbox(char)
        at = ((SIDE - box[2] + box[0]) / 2 - box[0], (SIDE - box[3] + box[1]) / 2 - box[1])
        picture = Image.new("L", (SIDE, SIDE), 0)
        ImageDraw.Draw(picture).text(at, char, fill=255, font=font)
        row.append(np.asarray(picture))
    # Fonts without these characters draw the same box for all of them.
    if np.array_equal(row[0], row[1]) or np.abs(row[0].astype(int) - row[5]).mean() <= 8:
        return None
    return np.stack(row)


def render_all():
    """[fonts, 16, 32, 32] uint8: white on black, centred."""
    fonts = []
    for path in sorted(glob.glob("/usr/share/fonts/**/*.[to]tf", recursive=True)):
        try:
            row = render_font(path)
        except OSError:
            continue
        if row is not None:
            fonts.append(row)
    return np.stack(fonts)


def load():
    """The committed gallery: images [n, 32, 32] in -1...1 and labels [n]."""
    sheet = np.asarray(Image.open(HERE / "gallery.png"))
    cells = sheet.reshape(-1, SIDE, len(CLASSES), SIDE).transpose(0, 2, 1, 3).reshape(-1, SIDE, SIDE)
    labels = np.tile(np.arange(len(CLASSES)), len(cells) // len(CLASSES))
    return torch.tensor(cells).float() / 127.5 - 1, torch.tensor(labels)


def recognise(images, glyphs, glyph_labels):
    """The class of each image's nearest glyph by cosine; images [n, 32, 32] are cut to -1...1."""

    def unit(z):
        return z.reshape(len(z), -1) / z.reshape(len(z), -1).norm(dim=1, keepdim=True)

    return glyph_labels[(unit(images.clamp(-1, 1)) @ unit(glyphs).T).argmax(1)]


def main():
    fonts = render_all()
    sheet = fonts.transpose(0, 2, 1, 3).reshape(-1, len(CLASSES) * SIDE)
    grey = ((sheet.astype(int) * 15 + 127) // 255 * 17).astype(np.uint8)
    Image.fromarray(grey).save(HERE / "gallery.png", optimize=True)
    print(len(fonts), "fonts")


if __name__ == "__main__":
    main()
