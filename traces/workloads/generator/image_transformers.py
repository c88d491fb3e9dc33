# SPDX-License-Identifier: Apache-2.0
"""DiT-XL/2 and PixArt-Sigma: transformers over patches of a latent picture."""

from generator.image_parts import finish_patches, narrow_latent, sampler, start_noise
from generator.transformer import (add, cross_attention, cross_keys, gated, gelu_ffn, linear, narrow, norm,
                                   self_attention, step_mlp, time_code)
from generator.writer import PLAIN_TRANSFORMER, Workload

WIDTH, HEADS, LAYERS, INNER, PATCH, CHANNELS = 1152, 16, 28, 4608, 2, 4
PIXELS = PATCH * PATCH * CHANNELS  # numbers of one token
TEXT_TOKENS, TEXT_WIDTH = 300, 4096
SAMPLER = ("kind: DDIM prediction: NOISE train_steps: 1000 spacing: LEADING schedule: LINEAR beta_first: 0.0001 "
           "beta_last: 0.02")


def modulation(s, p, of, parts, row_width):
    """Views of the parts of a modulation vector [rows, row_width]."""
    views = {}
    for i, part in enumerate(parts):
        gate = part.startswith("gate")
        shape = ["rows", 1, WIDTH] if gate else ["rows", WIDTH]
        stride = [row_width, 0, 1] if gate else [row_width, 1]
        views[part] = s.view(f"{p}.{part}", of, shape, stride, i * WIDTH or None)
    return views


SIX = ("shift1", "scale1", "gate1", "shift2", "scale2", "gate2")


def dit(pixels):
    grid = pixels // 8 // PATCH
    tokens = grid * grid
    w = Workload(
        f"dit-xl-2-{pixels}", f"class-conditional pictures of {pixels} x {pixels} pixels",
        "Peebles and Xie, Scalable Diffusion Models with Transformers, ICCV 2023; github.com/facebookresearch/DiT",
        [f"DiT-XL/2 at {pixels} x {pixels}: 28 blocks of width 1152, 16 heads, adaLN-zero, {tokens} tokens.",
         "In: the denoiser. Left out: the VAE decoder. The output has 8 channels, of which the sampler takes 4 (the rest is",
         "the learned variance). Sampler: DDIM."],
        50, 4.0, SAMPLER,
        classes="207", conditioning="class_count: 1000 null_class: 1000", techniques=PLAIN_TRANSFORMER)
    s = start_noise(w, tokens, PIXELS, "Start noise, class embeddings.")
    s.tensor("classes", ["rows"], "UINT32", content="CLASS_LIST")
    s.constant("class_embedding", [1001, WIDTH])
    s.tensor("class_rows", ["rows", WIDTH], "INT32", lifetime="RUN")
    s.op("DMA_GATHER", "embed_class", src="class_embedding", list="classes", dst="class_rows")

    s = w.section("EACH_STEP", comment="Time and class to condition; latent to tokens, the same for both branches.")
    time = step_mlp(s, "time", time_code(s, 256), [WIDTH, WIDTH])
    s.tensor("time_class", ["rows", WIDTH], "INT32")
    s.op("ADD", "time_class", a="class_rows", b=time, dst="time_class")
    s.tensor("condition", ["rows", WIDTH])
    s.op("SILU", "condition", src="time_class", dst="condition")
    embed_patches(s, tokens)

    s = w.section("EACH_STEP", LAYERS, "The transformer blocks.")
    p = "{layer}"
    ada = s.tensor(f"{p}.ada.out", ["rows", 6 * WIDTH], "INT32")
    linear(s, f"{p}.ada", "condition", f"{p}.ada", ada)
    part = modulation(s, p, ada, SIX, 6 * WIDTH)
    normed = norm(s, p, "norm1", "x", tokens, WIDTH, part["shift1"], part["scale1"])
    gated(s, f"{p}.residual1", "x", part["gate1"], self_attention(s, f"{p}.self", normed, tokens, WIDTH, HEADS))
    normed = norm(s, p, "norm2", "x", tokens, WIDTH, part["shift2"], part["scale2"])
    gated(s, f"{p}.residual2", "x", part["gate2"],
          gelu_ffn(s, f"{p}.ffn", normed, tokens, WIDTH, INNER, "GELU_TANH"))

    s = w.section("EACH_STEP", comment="Final layer, guidance, next latent.")
    ada = s.tensor("final.ada.out", ["rows", 2 * WIDTH], "INT32")
    linear(s, "final.ada", "condition", "final.ada", ada)
    part = modulation(s, "final", ada, ("shift", "scale"), 2 * WIDTH)
    finish_prediction(s, tokens, part)
    finish_patches(w, grid, PATCH, CHANNELS)
    return w


def embed_patches(s, tokens):
    s.tensor("x", ["rows", tokens, WIDTH], "INT32")
    s.constant("position", [1, tokens, WIDTH])
    linear(s, "patch", narrow_latent(s, tokens, PIXELS), "patch", "x")
    s.op("ADD", "position", a="x", b="position", dst="x")


def finish_prediction(s, tokens, part):
    normed = norm(s, "final", "norm", "x", tokens, WIDTH, part["shift"], part["scale"])
    s.tensor("prediction", ["rows", tokens, 2 * PIXELS], "INT32")
    linear(s, "out", normed, "out", "prediction")
    sampler(s, "prediction", tokens, PIXELS, groups=PATCH * PATCH, kept=CHANNELS)


def table_rows(s, p, base, parts, count):
    """adaLN-single: a block's table added to what all blocks share."""
    s.constant(f"{p}.table", [1, count, WIDTH])
    own = s.tensor(f"{p}.own", ["rows", count, WIDTH], "INT32")
    s.op("ADD", f"{p}.own", a=base, b=f"{p}.table", dst=own)
    return modulation(s, p, own, parts, count * WIDTH)


def pixart(name, pixels, extrapolated=False):
    grid = pixels // 8 // PATCH
    tokens = grid * grid
    notes = [f"PixArt-Sigma at {pixels} x {pixels}: 28 blocks of width 1152, 16 heads, adaLN-single, self attention over",
             f"{tokens} tokens, cross attention to 300 text tokens (all of them: prompts are not masked), no compression of",
             "keys and values. In: the denoiser; the projection of the text and the keys and values of cross attention once per",
             "run. Left out: text encoder, VAE decoder. Sampler: DDIM, which is DPM-Solver's first order; the second order's",
             "correction is one more element-wise operator on the latent."]
    if extrapolated:
        notes.append("Extrapolated: no configuration of this size has been published; it follows from the smaller ones.")
    w = Workload(name, f"pictures of {pixels} x {pixels} pixels from text",
                 "Chen et al., PixArt-Sigma, ECCV 2024; github.com/PixArt-alpha/PixArt-sigma", notes, 20, 4.5,
                 SAMPLER, techniques=PLAIN_TRANSFORMER)
    s = start_noise(w, tokens, PIXELS, "Start noise; the text's projection.")
    s.constant("text", ["rows", TEXT_TOKENS, TEXT_WIDTH], "INT12")
    s.tensor("text.hidden", ["rows", TEXT_TOKENS, WIDTH])
    linear(s, "text.1", "text", "text.1", "text.hidden")
    s.tensor("text.active", ["rows", TEXT_TOKENS, WIDTH])
    s.op("GELU_TANH", "text.activation", src="text.hidden", dst="text.active")
    s.tensor("context", ["rows", TEXT_TOKENS, WIDTH], lifetime="RUN")
    linear(s, "text.2", "text.active", "text.2", "context")
    s = w.section("ONCE", LAYERS, "Keys and values of the text, once.")
    cross_keys(s, "{layer}.cross", "context", TEXT_TOKENS, WIDTH)

    s = w.section("EACH_STEP", comment="Time to what all blocks are modulated by; latent to tokens.")
    time = step_mlp(s, "time", time_code(s, 256), [WIDTH, WIDTH])
    s.tensor("time_silu", [1, WIDTH])
    s.op("SILU", "time_silu", src=time, dst="time_silu")
    s.tensor("time_rows", ["rows", WIDTH])
    s.view("time_repeated", "time_silu", ["rows", WIDTH], [0, 1])
    s.op("DMA_COPY", "time_rows", src="time_repeated", dst="time_rows")
    s.tensor("shared", ["rows", 6 * WIDTH], "INT32")
    linear(s, "shared", "time_rows", "shared", "shared")
    s.view("shared.rows", "shared", ["rows", 6, WIDTH])
    s.view("time.final", time, ["rows", 2, WIDTH], [0, 0, 1])
    embed_patches(s, tokens)

    s = w.section("EACH_STEP", LAYERS, "The transformer blocks.")
    p = "{layer}"
    part = table_rows(s, p, "shared.rows", SIX, 6)
    normed = norm(s, p, "norm1", "x", tokens, WIDTH, part["shift1"], part["scale1"])
    gated(s, f"{p}.residual1", "x", part["gate1"], self_attention(s, f"{p}.self", normed, tokens, WIDTH, HEADS))
    src = narrow(s, p, "x", "x", tokens, WIDTH)
    add(s, f"{p}.residual_cross", "x",
        cross_attention(s, f"{p}.cross", src, f"{p}.cross.kv", tokens, WIDTH, TEXT_TOKENS, HEADS))
    normed = norm(s, p, "norm2", "x", tokens, WIDTH, part["shift2"], part["scale2"])
    gated(s, f"{p}.residual2", "x", part["gate2"],
          gelu_ffn(s, f"{p}.ffn", normed, tokens, WIDTH, INNER, "GELU_TANH"))

    s = w.section("EACH_STEP", comment="Final layer, guidance, next latent.")
    finish_prediction(s, tokens, table_rows(s, "final", "time.final", ("shift", "scale"), 2))
    finish_patches(w, grid, PATCH, CHANNELS)
    return w
