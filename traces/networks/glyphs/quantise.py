#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Quantises the glyph network: INT8 weights per output channel, INT12 activations with one static scale per tensor.

usage: quantise.py [--samples N]
Reads glyphs_float.npz; writes glyphs.safetensors (weights, tables) and scales.json (activation scales). The activation
scales come from whole sampling runs of the float network: of several clipping points that with the least squared error.
"""
import argparse
import json
import struct

import numpy as np
import torch

import network

OBSERVED_STEPS = {0, 1, 3, 7, 12, 18, 25, 32, 38, 43, 46, 48, 49}  # of 50, denser at both ends
KEPT = 1 << 16  # values kept per observation
MAXIMUM = {8: 127, 12: 2047}


def quantise_weight(weight):
    """float32 [N, K] -> INT8 [N, K], float32 scale [N]; each row clipped where its squared error is least."""
    top = np.abs(weight).max(1, keepdims=True)
    best_error, best_scale = np.full(top.shape, np.inf), top / MAXIMUM[8]
    for clip in np.linspace(1, 0.7, 31):
        scale = (top * clip / MAXIMUM[8]).astype(np.float32)
        error = ((np.clip(np.round(weight / scale), -127, 127) * scale - weight) ** 2).sum(1, keepdims=True)
        best_scale = np.where(error < best_error, scale, best_scale)
        best_error = np.minimum(error, best_error)
    return np.clip(np.round(weight / best_scale), -127, 127).astype(np.int8), best_scale[:, 0].astype(np.float32)


class Observer:
    """Keeps, for each observed tensor, an even subset of its values and the largest magnitude of all."""

    def __init__(self):
        self.active, self.values, self.top = False, {}, {}

    def __call__(self, name, x):
        if self.active:
            flat = x.flatten()
            self.top[name] = max(self.top.get(name, 0.0), flat.abs().max().item())
            self.values.setdefault(name, []).append(flat[:: max(1, len(flat) // KEPT)].double())
        return x

    def scale(self, name):
        """The scale whose INT12 grid has the least squared error, to four digits."""
        values, best = torch.cat(self.values[name]), (np.inf, 0.0)
        for clip in np.linspace(1, 0.5, 51):
            scale = float(f"{self.top[name] * clip / MAXIMUM[12]:.4g}")
            error = (((values / scale).round().clamp(-2048, 2047) * scale - values) ** 2).mean().item()
            best = min(best, (error, scale))
        return best[1]


def calibrate(net, samples):
    """name -> scale of every INT12 activation."""
    observer, labels = Observer(), torch.arange(samples) % len(network.CLASSES)
    noise = torch.randn(samples, network.TOKENS, network.PIXELS, generator=torch.Generator().manual_seed(20))
    forward, calls = net.forward, [0]

    def counted(*arguments, **keywords):
        observer.active = calls[0] in OBSERVED_STEPS
        calls[0] += 1
        return forward(*arguments, **keywords)

    net.forward = counted
    network.sample(net, labels, noise, observe=observer)
    net.forward = forward
    scales = {name: observer.scale(name) for name in observer.values}
    scales["time_code"] = 1 / MAXIMUM[12]
    return scales


def q16(table):
    return np.round(np.asarray(table, dtype=np.float64) * 65536).astype(np.int32)


def quantised_tensors(net):
    """name -> array, in the order of the file."""
    tensors = {}
    state = {name: value.numpy() for name, value in net.state_dict().items()}
    for name, value in state.items():
        if name.endswith(".weight") and name != "y.weight":
            tensors[name], tensors[name + "_scale"] = quantise_weight(value)
        elif name.endswith(".bias"):
            tensors[name] = value.astype(np.float32)
    tensors["class_embedding"] = q16(state["y.weight"])
    tensors["position"] = q16(network.position_table())
    tensors["time_code"] = np.round(network.time_code_table() * MAXIMUM[12]).astype(np.int16)
    tensors["alpha_bar"] = network.alpha_bar().astype(np.float64)
    return tensors


TYPES = {"int8": "I8", "int16": "I16", "int32": "I32", "float32": "F32", "float64": "F64"}


def write_safetensors(path, tensors):
    """u64 length of the header, the header in JSON, then the data; widest elements first, so all are aligned."""
    header, chunks, offset = {}, [], 0
    for name, array in sorted(tensors.items(), key=lambda item: (-item[1].itemsize, item[0])):
        data = np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": TYPES[str(array.dtype)], "shape": list(array.shape),
                        "data_offsets": [offset, offset + len(data)]}
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=16)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # small products: more threads lose more than they gain
    net = network.trained()
    write_safetensors(network.HERE / "glyphs.safetensors", quantised_tensors(net))
    scales = calibrate(net, arguments.samples)
    (network.HERE / "scales.json").write_text(json.dumps(scales, indent=1) + "\n")


if __name__ == "__main__":
    main()
