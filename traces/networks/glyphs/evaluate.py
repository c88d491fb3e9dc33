#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what quantisation costs: the same noise through the float and the integer network, 50 DDIM steps.

usage: evaluate.py [--per-class N] [--seed S] [--batch B]
Prints, per class and in all, how many samples are recognised (nearest glyph of gallery.png by cosine), and how far the
quantised pictures are from the float ones.
"""
import argparse
import time

import torch

import gallery
import integer
import network


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-class", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=4)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # small products: more threads lose more than they gain
    glyphs, glyph_labels = gallery.load()
    net, quantised = network.trained(), integer.IntegerNetwork()
    count, classes = arguments.per_class * len(network.CLASSES), len(network.CLASSES)
    hits, error, start = torch.zeros(2, classes, dtype=int), 0.0, time.time()
    lost = gained = 0
    for first in range(0, count, arguments.batch):
        samples = range(first, min(count, first + arguments.batch))
        labels = torch.tensor(samples) % classes
        noise = integer.initial_latent(samples, arguments.seed)
        exact = network.sample(net, labels, noise.float() / integer.Q16)
        ours = quantised.sample(labels, noise).float() / integer.Q16
        right = [gallery.recognise(network.image(x), glyphs, glyph_labels) == labels for x in (exact, ours)]
        for row, found in zip(hits, right):
            row.index_add_(0, labels, found.long())
        lost += int((right[0] & ~right[1]).sum())
        gained += int((~right[0] & right[1]).sum())
        error += float(((exact.clamp(-1, 1) - ours.clamp(-1, 1)) ** 2).mean((1, 2)).sum())
        print(f"{samples[-1] + 1} samples, {time.time() - start:.0f} s: float {int(hits[0].sum())}, "
              f"quantised {int(hits[1].sum())}, lost {lost}, gained {gained}", flush=True)
    print("class       " + " ".join(f"{c:>3}" for c in network.CLASSES))
    for name, row in zip(("float", "quantised"), hits):
        print(f"{name:<12}" + " ".join(f"{int(n):3d}" for n in row) + f"   {int(row.sum())} of {count}")
    print(f"PSNR of quantised to float {10 * torch.log10(torch.tensor(4 * count / error)).item():.1f} dB")


if __name__ == "__main__":
    main()
