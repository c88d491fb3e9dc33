#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the glyph network on the glyphs of the system's fonts, on the CPU.

usage: train.py [--total SECONDS] [--stop SECONDS]
--total is the length of the learning-rate schedule; --stop ends this sitting earlier. A sitting resumes from
out/glyphs/checkpoint.pt. At the end: glyphs_float.npz (averaged weights, float16), to be quantised by quantise.py.
"""
import argparse
import math
import os
import time

import numpy as np
import torch

import gallery
from network import CLASSES, HERE, NULL, TOKENS, TRAIN_STEPS, Network, alpha_bar, image, sample, tokens

CHECKPOINT = HERE.parents[2] / "out/glyphs/checkpoint.pt"
BATCH, RATE, NO_CLASS = 48, 1e-3, 0.1
SUBSET, SUBSET_UNTIL = 112, 0.65  # the first part of the time learns on some tokens only: over twice as fast on a CPU


def learning_rate(iteration, part):
    """Warm-up over 100 iterations, then a cosine over the whole time."""
    return RATE * min(1, (iteration + 1) / 100) * (0.5 * (1 + math.cos(math.pi * part)) + 0.02)


def training_pair(glyphs, labels, abar):
    """One batch: noisy latent, training step, label (sometimes none), and the v to be predicted."""
    pick = torch.randint(0, len(glyphs), (BATCH,))
    label = labels[pick].clone()
    label[torch.rand(BATCH) < NO_CLASS] = NULL
    shifted = torch.roll(glyphs[pick], (np.random.randint(-1, 2), np.random.randint(-1, 2)), (1, 2))
    clean, step = tokens(shifted), torch.randint(0, TRAIN_STEPS, (BATCH,))
    a, noise = abar[step][:, None, None], torch.randn_like(clean)
    return a.sqrt() * clean + (1 - a).sqrt() * noise, step, label, a.sqrt() * noise - (1 - a).sqrt() * clean


class Trainer:
    def __init__(self):
        self.network = Network()
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=RATE, weight_decay=0.01)
        self.average = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.iteration, self.spent, self.loss = 0, 0.0, None
        if CHECKPOINT.exists():
            saved = torch.load(CHECKPOINT)
            self.network.load_state_dict(saved["network"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.average, self.iteration = saved["average"], saved["iteration"]
            self.spent, self.loss = saved["spent"], saved["loss"]

    def save(self, spent):
        CHECKPOINT.parent.mkdir(parents=True, exist_ok=True)
        state = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict(), "average": self.average,
                 "iteration": self.iteration, "spent": spent, "loss": self.loss}
        torch.save(state, CHECKPOINT.with_suffix(".new"))
        os.replace(CHECKPOINT.with_suffix(".new"), CHECKPOINT)

    def step(self, pair, part):
        noisy, step, label, v = pair
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.iteration, part)
        subset = torch.randperm(TOKENS)[:SUBSET] if part < SUBSET_UNTIL else None
        target = v if subset is None else v[:, subset]
        loss = ((self.network(noisy, step, label, subset) - target) ** 2).mean()
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.iteration += 1
        self.loss = loss.item() if self.loss is None else 0.99 * self.loss + 0.01 * loss.item()
        decay = min(0.999, (1 + self.iteration) / (10 + self.iteration))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].mul_(decay).add_(value, alpha=1 - decay)


def train(total, stop):
    torch.set_num_threads(2)
    glyphs, labels = gallery.load()
    trainer, abar, start = Trainer(), torch.tensor(alpha_bar()).float(), time.time()
    before = trainer.spent
    print(f"{len(glyphs)} glyphs, {sum(p.numel() for p in trainer.network.parameters())} parameters, "
          f"resumed at {trainer.iteration}", flush=True)
    while time.time() - start < stop and before + time.time() - start < total:
        spent = before + time.time() - start
        trainer.step(training_pair(glyphs, labels, abar), spent / total)
        if trainer.iteration % 100 == 0:
            print(f"{trainer.iteration} {spent:.0f} s, loss {trainer.loss:.4f}", flush=True)
            trainer.save(spent)
    trainer.save(before + time.time() - start)
    trainer.network.load_state_dict(trainer.average)
    weights = {name: value.half().numpy() for name, value in trainer.average.items()}
    np.savez_compressed(HERE / "glyphs_float.npz", **weights)
    asked = torch.arange(len(CLASSES)).repeat(2)
    latent = sample(trainer.network, asked, torch.randn(len(asked), TOKENS, 4))
    right = gallery.recognise(image(latent), glyphs, labels) == asked
    print(f"recognised {int(right.sum())} of {len(asked)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--total", type=float, default=6000)
    parser.add_argument("--stop", type=float, default=math.inf)
    arguments = parser.parse_args()
    train(arguments.total, arguments.stop)
