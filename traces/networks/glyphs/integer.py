# SPDX-License-Identifier: Apache-2.0
"""The quantised glyph network in exact integers, operator by operator as docs/numerics.md defines them.

Independent of the C++ of this project: it shares the script that generates the tables, and the page. Tensors are int64;
products of matrices run in float64, which is exact because no sum leaves 2^53.
"""
import importlib.util
import json
import math
import struct

import numpy as np
import torch

from network import EPSILON, GUIDANCE, HEADS, HERE, LAYERS, LIMIT, NULL, PIXELS, TOKENS, WIDTH, schedule

Q16 = 65536
IDENTITY = (1, 0)
LOG2_E = 1.4426950408889634
DTYPES = {"I8": np.int8, "I16": np.int16, "I32": np.int32, "F32": np.float32, "F64": np.float64}


def load_tables():
    path = HERE.parents[2] / "models/common/generate_tables.py"
    spec = importlib.util.spec_from_file_location("generate_tables", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: torch.tensor(entries) for name, _, entries in module.tables()}


TABLES = load_tables()


def read_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(data[8 + length + begin : 8 + length + end], DTYPES[entry["dtype"]])
        tensors[name] = array.reshape(entry["shape"])
    return tensors


def half_away(x):
    """Nearest integer of a double, ties away from zero."""
    whole = math.floor(abs(x))
    whole += abs(x) - whole >= 0.5
    return whole if x >= 0 else -whole


def factor(real):
    """Section 12: (multiplier, shift) nearest to a positive real factor."""
    shift = 62
    while shift > 0 and half_away(math.ldexp(real, shift)) >= 2**31:
        shift -= 1
    return half_away(math.ldexp(real, shift)), shift


def saturate(x, bits):
    return x.clamp(-(1 << (bits - 1)), (1 << (bits - 1)) - 1)


def rshr(x, shift):
    """Rounded half away from zero: floor((x + half - [x < 0]) / 2^shift). shift: a number, or one >= 1 per column."""
    if isinstance(shift, int) and shift == 0:
        return x
    half = 1 << (shift - 1) if isinstance(shift, int) else torch.ones_like(shift) << (shift - 1)
    return (x + half + (x >> 63)) >> shift


def requant(x, pair, bits):
    return saturate(rshr(x * pair[0], pair[1]), bits)


def lerp(table, index, r, f):
    low = TABLES[table][index]
    return low + (((TABLES[table][index + 1] - low) * r + (1 << (f - 1) if f else 0)) >> f)


def exp2_table():
    """exp2n of every t below 21 << 16, and the zero above."""
    t = torch.arange((21 << 16) + 1)
    v = lerp("kExp2", (t & 65535) >> 10, t & 1023, 10)
    e = rshr(v, 8 + (t >> 16)).clamp(max=4095)
    e[-1] = 0
    return e.double()


EXP2N = exp2_table()


def attention(q, k, v, score, output):
    """[batch, heads, tokens, depth] each."""
    return torch.stack([torch.stack([head(*of_head, score, output) for of_head in zip(*of_batch)])
                        for of_batch in zip(q.double(), k.double(), v.double())])


def head(q, k, v, score, output):
    """[tokens, depth] each, float64. One head at a time stays in the cache."""
    s = q @ k.T
    t = (s.amax(1, keepdim=True) - s).long()
    t.mul_(score[0]).add_(1 << (score[1] - 1)).bitwise_right_shift_(score[1]).clamp_(max=21 << 16)
    e = EXP2N.index_select(0, t.flatten()).reshape(t.shape)
    total, o = e.sum(1, keepdim=True).long(), (e @ v).long()
    # rdiv(o * multiplier, total << shift), where o < 2^32 and multiplier < 2^31; the quotient is split to stay in int64.
    magnitude, shift = o.abs() * output[0], output[1]
    quotient, rest = magnitude // total, magnitude % total
    low = quotient & ((1 << shift) - 1)
    up = (2 * (low * total + rest) >= total << shift).long()
    return saturate(torch.sign(o) * ((quotient >> shift) + up), 12)


def rsqrt(v):
    p = torch.frexp(v.double())[1] - 1  # exact: v < 2^53
    h = torch.where(p % 2 == 0, p - 30, p - 31).long()
    u = torch.where(h >= 0, v >> h.clamp(min=0), v << (-h).clamp(min=0))
    return lerp("kRsqrt", (u >> 23) - 128, u & (2**23 - 1), 23), h


def norm_modulate(x, shift, scale, output):
    """x [batch, tokens, width] Q16; shift, scale [batch, 1, width] Q16."""
    width = x.shape[-1]
    total = x.sum(-1, keepdim=True)
    mean = torch.sign(total) * ((2 * total.abs() + width) // (2 * width))
    c = saturate(x - mean, 26)
    v = ((c * c).sum(-1, keepdim=True) + width // 2) // width + half_away(EPSILON * 2**32)
    r, h = rsqrt(v)
    n = rshr(c * r, 29 + h // 2)
    return requant(n + rshr(n * scale, 16) + shift, output, 12)


def activate(table, x, step):
    end = 512 << step
    inside = x.clamp(-end, end - 1) + end
    y = lerp(table, inside >> step, inside & ((1 << step) - 1), step)
    return torch.where(x >= end, x, torch.where(x < -end, torch.zeros_like(x), y))


def silu(x, output):
    return requant(activate("kSilu", x, 11), output, 12)


def gelu(x, into, output):
    """x is INT12: one table over its 4096 values."""
    every = torch.arange(-2048, 2048)
    table = requant(activate("kGelu", requant(every, into, 32), 10), output, 12)
    return table.index_select(0, (x + 2048).flatten()).reshape(x.shape)


def gated_residual(x, gate, h):
    return saturate(x + rshr(gate * h, 16), 32)


def sampler_update(x, conditional, plain, constants):
    a, b, c, d, guidance, limit = constants
    g = saturate(plain + rshr(guidance * (conditional - plain), 16), 32)
    clean = rshr(a * x + b * g, 24).clamp(-limit, limit)
    return saturate(rshr(c * x + d * clean, 24), 32)


def sampler_constants(abar, following, guidance=GUIDANCE):
    """Section 10, for a step at abar whose next step is at `following` (1.0 behind the last)."""
    c = math.sqrt(1 - following) / math.sqrt(1 - abar)
    exact = (math.sqrt(abar), -math.sqrt(1 - abar), c, math.sqrt(following) - c * math.sqrt(abar))
    return tuple(half_away(x * 2**24) for x in exact) + (half_away(guidance * Q16), half_away(LIMIT * Q16))


def philox(counter, key):
    """counter [n, 4] uint64 of 32-bit words, key two words -> [n, 4]"""
    mask = np.uint64(0xFFFFFFFF)
    c = [counter[:, i].copy() for i in range(4)]
    for number in range(10):
        k = [np.uint64((word + number * step) & 0xFFFFFFFF) for word, step in zip(key, (0x9E3779B9, 0xBB67AE85))]
        first, second = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(second >> np.uint64(32)) ^ c[1] ^ k[0], second & mask, (first >> np.uint64(32)) ^ c[3] ^ k[1], first & mask]
    return np.stack(c, 1)


def noise(samples, elements, seed, stream=0):
    """Section 11 -> [len(samples), elements] Q16; `samples` are their numbers."""
    rows = []
    for number in samples:
        counter = np.zeros((elements // 4, 4), np.uint64)
        counter[:, 0], counter[:, 2], counter[:, 3] = np.arange(elements // 4), number, stream
        word = torch.tensor(philox(counter, (seed & 0xFFFFFFFF, seed >> 32)).reshape(-1).astype(np.int64))
        t = word & 0x7FFFFFFF
        n = (torch.frexp(t.double())[1] - 1).long().clamp(min=5)
        index = torch.where(t < 32, t, 32 * (n - 4) + (t >> (n - 5)) - 32)
        low, high = TABLES["kNormal"][index], TABLES["kNormal"][index + 1]
        f, r = n - 5, torch.where(t < 32, torch.zeros_like(t), t & ((1 << (n - 5)) - 1))
        z = low + (((high - low) * r + torch.where(f > 0, 1 << (f - 1).clamp(min=0), 0)) >> f)
        rows.append(torch.where(word >> 31 > 0, -z, z))
    return torch.stack(rows)


class Product:
    """A matrix product with bias and the requantise table of section 12."""

    def __init__(self, tensors, name, scale_in, scale_out):
        weight_scale = tensors[name + ".weight_scale"].astype(np.float64)
        self.weight = torch.tensor(tensors[name + ".weight"]).double().T.contiguous()
        limit = 2**31
        bias = [half_away(float(b) / (scale_in * w)) for b, w in zip(tensors[name + ".bias"], weight_scale)]
        self.bias = torch.tensor([max(-limit, min(limit - 1, b)) for b in bias])
        pairs = torch.tensor([factor(scale_in * float(w) / scale_out) for w in weight_scale])
        self.pairs = (pairs[:, 0], pairs[:, 1])

    def __call__(self, x, bits):
        return requant((x.double() @ self.weight).long() + self.bias, self.pairs, bits)


class IntegerNetwork:
    def __init__(self):
        self.tensors = t = read_safetensors(HERE / "glyphs.safetensors")
        self.scales = s = json.loads((HERE / "scales.json").read_text())
        one = 1 / Q16
        self.time_code, self.classes = torch.tensor(t["time_code"]).long(), torch.tensor(t["class_embedding"]).long()
        self.position = torch.tensor(t["position"]).long()
        self.t1, self.t2 = Product(t, "t1", s["time_code"], one), Product(t, "t2", s["t1_silu"], one)
        self.inp, self.out = Product(t, "inp", s["latent"], one), Product(t, "out", s["final_norm"], one)
        self.ada = Product(t, "ada", s["condition"], one)
        self.layers = []
        for n in range(LAYERS):
            b = f"blocks.{n}."
            qkv = s[b + "qkv"]
            self.layers.append({
                "ada": Product(t, b + "ada", s["condition"], one), "qkv": Product(t, b + "qkv", s[b + "norm1"], qkv),
                "o": Product(t, b + "o", s[b + "attention"], one), "f1": Product(t, b + "f1", s[b + "norm2"], s[b + "f1"]),
                "f2": Product(t, b + "f2", s[b + "gelu"], one),
                "score": factor(Q16 * qkv * qkv * LOG2_E / math.sqrt(WIDTH // HEADS)),
                "weighted": factor(qkv / s[b + "attention"]), "norm1": factor(one / s[b + "norm1"]),
                "norm2": factor(one / s[b + "norm2"]), "gelu_in": factor(s[b + "f1"] / one),
                "gelu_out": factor(one / s[b + "gelu"])})

    def condition(self, step, labels):
        """INT12 [batch, width]"""
        hidden = silu(self.t1(self.time_code[step][None], 32), factor(1 / Q16 / self.scales["t1_silu"]))
        c = saturate(self.t2(hidden, 32) + self.classes[labels], 32)
        return silu(c, factor(1 / Q16 / self.scales["condition"]))

    def forward(self, latent, step, labels, observe):
        """latent [batch, 256, 4] Q16, one step for all, labels [batch] -> v [batch, 256, 4] Q16."""
        condition = observe("condition", self.condition(step, labels))
        narrow = observe("latent", requant(latent, factor(1 / Q16 / self.scales["latent"]), 12))
        x = observe("embedded", saturate(self.inp(narrow, 32) + self.position, 32))
        batch = len(x)
        for number, layer in enumerate(self.layers):
            name = f"blocks.{number}."
            ada = observe(name + "ada", layer["ada"](condition, 32))
            shift1, scale1, gate1, shift2, scale2, gate2 = ada[:, None].chunk(6, 2)
            h = observe(name + "norm1", norm_modulate(x, shift1, scale1, layer["norm1"]))
            qkv = observe(name + "qkv", layer["qkv"](h, 12))
            q, k, v = qkv.reshape(batch, TOKENS, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
            h = attention(q, k, v, layer["score"], layer["weighted"])
            h = observe(name + "attention", h.transpose(1, 2).reshape(batch, TOKENS, WIDTH))
            x = observe(name + "residual1", gated_residual(x, gate1, layer["o"](h, 32)))
            h = observe(name + "norm2", norm_modulate(x, shift2, scale2, layer["norm2"]))
            h = observe(name + "f1", layer["f1"](h, 12))
            h = observe(name + "gelu", gelu(h, layer["gelu_in"], layer["gelu_out"]))
            x = observe(name + "residual2", gated_residual(x, gate2, layer["f2"](h, 32)))
        shift, scale = self.ada(condition, 32)[:, None].chunk(2, 2)
        h = observe("final_norm", norm_modulate(x, shift, scale, factor(1 / Q16 / self.scales["final_norm"])))
        return observe("prediction", self.out(h, 32))

    def sample(self, labels, latent, steps=50, observe=lambda _step, _name, x: x):
        """Guided DDIM. latent [batch, 256, 4] Q16; branches are the batch's fast axis: asked-for class, then none."""
        abar, visited = self.tensors["alpha_bar"], schedule(steps)
        both = torch.stack([labels, torch.full_like(labels, NULL)], 1).flatten()
        for k, t in enumerate(visited):
            v = self.forward(latent.repeat_interleave(2, 0), t, both, lambda name, x, k=k: observe(k, name, x))
            following = float(abar[visited[k + 1]]) if k + 1 < steps else 1.0
            constants = sampler_constants(float(abar[t]), following)
            latent = observe(k, "next", sampler_update(latent, v[0::2], v[1::2], constants))
        return latent


def initial_latent(samples, seed):
    return noise(samples, TOKENS * PIXELS, seed).reshape(-1, TOKENS, PIXELS)
