# SPDX-License-Identifier: Apache-2.0
"""The glyph network in floating point: a class-conditional diffusion transformer with adaLN-zero blocks, and its sampler.

Images are 32x32; a token is a patch of 2x2 pixels, tokens and the pixels within one in row-major order. The latent is
kept in token space, [batch, 256, 4]; image() gives the picture.
"""
import math
import pathlib

import numpy as np
import torch

CLASSES = "0123456789ABCDEF"
WIDTH, LAYERS, HEADS, PATCH, GRID = 128, 4, 4, 2, 16
TOKENS, PIXELS, NULL = GRID * GRID, PATCH * PATCH, len(CLASSES)
TRAIN_STEPS, GUIDANCE, LIMIT, EPSILON = 1000, 2.0, 1.2, 1e-6
HERE = pathlib.Path(__file__).resolve().parent


def tokens(image):
    """[batch, 32, 32] -> [batch, 256, 4]"""
    return image.reshape(-1, GRID, PATCH, GRID, PATCH).permute(0, 1, 3, 2, 4).reshape(-1, TOKENS, PIXELS)


def image(latent):
    """[batch, 256, 4] -> [batch, 32, 32]"""
    side = GRID * PATCH
    return latent.reshape(-1, GRID, GRID, PATCH, PATCH).permute(0, 1, 3, 2, 4).reshape(-1, side, side)


def position_table():
    """[256, 128]: sine and cosine of the row in the first half of the width, of the column in the second."""
    frequency = 10000.0 ** (-np.arange(WIDTH // 4) / (WIDTH // 4))
    angle = np.arange(GRID)[:, None] * frequency
    code = np.concatenate([np.sin(angle), np.cos(angle)], 1)
    row = np.broadcast_to(code[:, None], (GRID, GRID, WIDTH // 2))
    column = np.broadcast_to(code[None], (GRID, GRID, WIDTH // 2))
    return np.concatenate([row, column], 2).reshape(TOKENS, WIDTH)


def time_code_table():
    """[1000, 128]: 64 cosines, then 64 sines of a training step's number."""
    angle = np.arange(TRAIN_STEPS)[:, None] * np.exp(-math.log(10000) * np.arange(WIDTH // 2) / (WIDTH // 2))
    return np.concatenate([np.cos(angle), np.sin(angle)], 1)


def alpha_bar():
    """[1000]: the cosine schedule, at least 1e-4."""
    a = np.cos((np.arange(TRAIN_STEPS + 1) / TRAIN_STEPS + 0.008) / 1.008 * math.pi / 2) ** 2
    return np.clip(a / a[0], 1e-4, 1)[1:]


def schedule(steps):
    """The training steps a run of `steps` visits: evenly spaced from 999 down to 0, rounded down."""
    return [(TRAIN_STEPS - 1) * (steps - 1 - k) // (steps - 1) for k in range(steps)] if steps > 1 else [TRAIN_STEPS - 1]


def norm(x):
    return torch.nn.functional.layer_norm(x, (WIDTH,), eps=EPSILON)


def ignore(_name, x):
    return x


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.o = torch.nn.Linear(WIDTH, 3 * WIDTH), torch.nn.Linear(WIDTH, WIDTH)
        self.f1, self.f2 = torch.nn.Linear(WIDTH, 4 * WIDTH), torch.nn.Linear(4 * WIDTH, WIDTH)
        self.ada = torch.nn.Linear(WIDTH, 6 * WIDTH)
        torch.nn.init.zeros_(self.ada.weight)
        torch.nn.init.zeros_(self.ada.bias)

    def forward(self, x, condition, observe):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.ada(condition)[:, None].chunk(6, 2)
        h = observe("norm1", norm(x) * (1 + scale1) + shift1)
        batch, count, _ = h.shape
        qkv = observe("qkv", self.qkv(h))
        q, k, v = qkv.reshape(batch, count, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        p = (q @ k.transpose(-1, -2) / math.sqrt(WIDTH // HEADS)).softmax(-1)
        h = observe("attention", (p @ v).transpose(1, 2).reshape(batch, count, WIDTH))
        x = x + gate1 * self.o(h)
        h = observe("f1", self.f1(observe("norm2", norm(x) * (1 + scale2) + shift2)))
        return x + gate2 * self.f2(observe("gelu", torch.nn.functional.gelu(h)))


class Network(torch.nn.Module):
    """Predicts v = sqrt(abar) * noise - sqrt(1 - abar) * image."""

    def __init__(self):
        super().__init__()
        self.inp, self.out = torch.nn.Linear(PIXELS, WIDTH), torch.nn.Linear(WIDTH, PIXELS)
        self.register_buffer("position", torch.tensor(position_table()).float(), persistent=False)
        self.register_buffer("time_code", torch.tensor(time_code_table()).float(), persistent=False)
        self.t1, self.t2 = torch.nn.Linear(WIDTH, WIDTH), torch.nn.Linear(WIDTH, WIDTH)
        self.y = torch.nn.Embedding(len(CLASSES) + 1, WIDTH)  # standard deviation 1: with 0.02 the class is ignored
        self.blocks = torch.nn.ModuleList(Block() for _ in range(LAYERS))
        self.ada = torch.nn.Linear(WIDTH, 2 * WIDTH)
        for layer in (self.out, self.ada):
            torch.nn.init.zeros_(layer.weight)
            torch.nn.init.zeros_(layer.bias)

    def forward(self, latent, step, label, subset=None, observe=ignore):
        """latent [batch, 256, 4], step and label [batch] -> v like latent, or of the tokens in `subset` alone.

        observe(name, tensor) sees every tensor that is stored as INT12 by the quantised network, and may replace it.
        """
        silu = torch.nn.functional.silu
        hidden = observe("t1_silu", silu(self.t1(observe("time_code", self.time_code[step]))))
        condition = observe("condition", silu(self.t2(hidden) + self.y(label)))
        x = self.inp(observe("latent", latent)) + self.position
        if subset is not None:
            x = x[:, subset]
        for number, block in enumerate(self.blocks):
            x = block(x, condition, lambda name, tensor, n=number: observe(f"blocks.{n}.{name}", tensor))
        shift, scale = self.ada(condition)[:, None].chunk(2, 2)
        return self.out(observe("final_norm", norm(x) * (1 + scale) + shift))


def trained():
    """The network with the committed float weights."""
    network = Network()
    with np.load(HERE / "glyphs_float.npz") as weights:
        network.load_state_dict({name: torch.tensor(weights[name]).float() for name in weights})
    return network.eval()


def sample(network, labels, noise, steps=50, guidance=GUIDANCE, observe=ignore):
    """DDIM with classifier-free guidance from `noise` [batch, 256, 4]; returns the clean latent."""
    abar, x, visited = alpha_bar(), noise, schedule(steps)
    with torch.no_grad():
        for k, t in enumerate(visited):
            step = torch.full((2 * len(labels),), t)
            both = network(torch.cat([x, x]), step, torch.cat([labels, torch.full_like(labels, NULL)]), observe=observe)
            conditional, plain = both.chunk(2)
            v, a = plain + guidance * (conditional - plain), abar[t]
            clean = (math.sqrt(a) * x - math.sqrt(1 - a) * v).clamp(-LIMIT, LIMIT)
            direction = (x - math.sqrt(a) * clean) / math.sqrt(1 - a)
            a = abar[visited[k + 1]] if k + 1 < steps else 1.0
            x = math.sqrt(a) * clean + math.sqrt(1 - a) * direction
    return x
