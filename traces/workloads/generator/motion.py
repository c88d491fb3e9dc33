# SPDX-License-Identifier: Apache-2.0
"""MLD, MDM and EDGE: transformers over few tokens that draw human motion."""

from generator.image_parts import finish_rows, narrow_latent, sampler, start_noise
from generator.transformer import (add, attend, gelu_ffn, heads_of, linear, narrow, norm, project, self_attention,
                                   step_mlp, time_code)
from generator.writer import Workload

STABLE = "schedule: SCALED_LINEAR beta_first: 0.00085 beta_last: 0.012"


def encoder_layer(s, p, tokens, width, heads, inner):
    """x = norm(x + attention(x)); x = norm(x + ffn(x)), on "x" in place."""
    src = narrow(s, p, "x", "x", tokens, width)
    post_norm(s, p, "norm1", self_attention(s, f"{p}.self", src, tokens, width, heads), tokens, width)
    src = narrow(s, p, "y", "x", tokens, width)
    post_norm(s, p, "norm2", gelu_ffn(s, f"{p}.ffn", src, tokens, width, inner), tokens, width)


def post_norm(s, p, what, update, tokens, width):
    add(s, f"{p}.{what}.sum", "x", update)
    normed = norm(s, p, what, "x", tokens, width)
    s.op("CONVERT", f"{p}.{what}.widen", src=normed, dst="x")


def copy_tokens(s, name, src, x, tokens, first, count, width, src_stride=None):
    """Puts [rows, count, width] of src behind the first tokens of x."""
    from_ = src if src_stride is None else s.view(f"{name}.from", src, ["rows", count, width], src_stride)
    to = s.view(f"{name}.to", x, ["rows", count, width], [tokens * width, width, 1], first * width or None)
    s.op("DMA_COPY", name, src=from_, dst=to)


def mld():
    width, inner, heads, tokens = 256, 1024, 4, 3
    w = Workload(
        "mld", "human motion from text, one latent token", "Chen et al., Executing your Commands via Motion Diffusion in "
        "Latent Space, CVPR 2023; github.com/ChenFengYe/motion-latent-diffusion (config_mld_humanml3d)",
        ["MLD: encoder of 9 layers of width 256 with skip connections, over 3 tokens: latent, time, text.",
         "In: the denoiser; the text's projection once per run. Left out: CLIP, VAE decoder."],
        50, 7.5, f"kind: DDIM prediction: NOISE train_steps: 1000 spacing: LEADING {STABLE}")
    s = start_noise(w, 1, width, "Start noise; the text's projection.")
    s.constant("text", ["rows", 1, 768], "INT12")
    s.tensor("text.relu", ["rows", 1, 768])
    s.op("RELU", "text.relu", src="text", dst="text.relu")
    s.tensor("text_token", ["rows", 1, width], "INT32", lifetime="RUN")
    linear(s, "text.projection", "text.relu", "text.projection", "text_token")

    s = w.section("EACH_STEP", comment="Three tokens, with their positions.")
    codes = time_code(s, 768)
    s.tensor("time_rows", ["rows", 768])
    s.view("time_repeated", codes, ["rows", 768], [0, 1])
    s.op("DMA_COPY", "time_rows", src="time_repeated", dst="time_rows")
    time = step_mlp(s, "time", "time_rows", [width, width], rows="rows")
    s.tensor("x", ["rows", tokens, width], "INT32")
    s.view("latent_rows", "latent", ["samples", "branches", width], [width, 0, 1])
    s.view("x.latent", "x", ["samples", "branches", width], [f"branches * {tokens * width}", tokens * width, 1])
    s.op("DMA_COPY", "x.latent", src="latent_rows", dst="x.latent")
    copy_tokens(s, "x.time", time, "x", tokens, 1, 1, width, [width, width, 1])
    copy_tokens(s, "x.text", "text_token", "x", tokens, 2, 1, width)
    s.constant("position", [1, tokens, width])
    s.op("ADD", "position", a="x", b="position", dst="x")

    s = w.section("EACH_STEP", 4, "Input layers; what they leave is kept for the output layers.")
    encoder_layer(s, "{layer}", tokens, width, heads, inner)
    s.tensor("skip{layer}", ["rows", tokens, width], "INT32")
    s.op("DMA_COPY", "skip{layer}", src="x", dst="skip{layer}")
    encoder_layer(w.section("EACH_STEP", 1, "The middle layer."), "middle", tokens, width, heads, inner)
    for i in range(4):
        s = w.layer("An output layer: x and the matching input layer's result, side by side.")
        p = f"out{i}"
        s.tensor(f"{p}.both", ["rows", tokens, 2 * width], "INT32")
        for half, src in enumerate(("x", f"skip{3 - i}")):
            s.view(f"{p}.both.{half}", f"{p}.both", ["rows", tokens, width], [tokens * 2 * width, 2 * width, 1],
                   half * width or None)
            s.op("DMA_COPY", f"{p}.both.{half}", src=src, dst=f"{p}.both.{half}")
        linear(s, f"{p}.skip", narrow(s, p, "both", f"{p}.both", tokens, 2 * width), f"{p}.skip", "x")
        encoder_layer(s, p, tokens, width, heads, inner)

    s = w.section("EACH_STEP", comment="Guidance, next latent: the first token.")
    normed = norm(s, "final", "norm", "x", tokens, width)
    s.tensor("prediction", ["rows", tokens, width], "INT32")
    s.op("CONVERT", "prediction", src=normed, dst="prediction")
    sampler(s, "prediction", 1, width, row_tokens=tokens)
    finish_rows(w, 1, width)
    return w


def mdm():
    width, inner, heads, frames, features = 512, 1024, 4, 196, 263
    tokens = frames + 1
    w = Workload(
        "mdm", "human motion of 196 frames from text",
        "Tevet et al., Human Motion Diffusion Model, ICLR 2023; github.com/GuyTevet/motion-diffusion-model",
        ["MDM: encoder of 8 layers of width 512 over 196 frames and one token for time and text.",
         "In: the denoiser; the text's projection once per run. Left out: CLIP. The network predicts the clean motion. Sampler:",
         "deterministic, where the published one adds noise in every step."],
        50, 2.5, "kind: DDIM prediction: CLEAN train_steps: 1000 schedule: COSINE")
    s = start_noise(w, frames, features, "Start noise; the text's projection.")
    s.constant("text", ["rows", 512], "INT12")
    s.tensor("text_rows", ["rows", width], "INT32", lifetime="RUN")
    linear(s, "text.projection", "text", "text.projection", "text_rows")

    s = w.section("EACH_STEP", comment="Frames to tokens; time and text are the first one.")
    time = step_mlp(s, "time", time_code(s, width), [width, width])
    s.tensor("x", ["rows", tokens, width], "INT32")
    s.view("x.first", "x", ["rows", width], [tokens * width, 1])
    s.op("ADD", "x.first", a="text_rows", b=time, dst="x.first")
    s.view("x.frames", "x", ["rows", frames, width], [tokens * width, width, 1], width)
    linear(s, "embed", narrow_latent(s, frames, features), "embed", "x.frames")
    s.constant("position", [1, tokens, width])
    s.op("ADD", "position", a="x", b="position", dst="x")

    encoder_layer(w.section("EACH_STEP", 8, "The encoder."), "{layer}", tokens, width, heads, inner)

    s = w.section("EACH_STEP", comment="Tokens to frames, guidance, next motion.")
    src = narrow(s, "final", "x", "x", tokens, width)
    s.view("final.frames", src, ["rows", frames, width], [tokens * width, width, 1], width)
    s.tensor("prediction", ["rows", frames, features], "INT32")
    linear(s, "out", "final.frames", "out", "prediction")
    sampler(s, "prediction", frames, features)
    finish_rows(w, frames, features)
    return w


FRAMES, TIME_TOKENS, CONTEXT = 150, 2, 152  # of music and dance, of time, together
EDGE_WIDTH, EDGE_INNER, EDGE_HEADS, EDGE_LAYERS = 512, 1024, 8, 8


def rotate(s, name, src, table, tokens):
    dst = s.tensor(name, ["rows", tokens, EDGE_WIDTH])
    s.op("ROTARY", name, src=src, table=table, dst=dst)
    return dst


def rotated_attention(s, p, x):
    """Self attention of norm(x), queries and keys from rotated tokens."""
    normed = norm(s, p, "norm1", x, FRAMES, EDGE_WIDTH)
    rotated = rotate(s, f"{p}.rotated", normed, "rotation.frames", FRAMES)
    return self_attention(s, f"{p}.self", normed, FRAMES, EDGE_WIDTH, EDGE_HEADS, rotated=rotated)


def edge_keys(s, p, context, rotated, tokens, first):
    """Keys of the rotated and values of the plain context, behind the first rows of {p}.k and {p}.v."""
    for part, src in (("k", rotated), ("v", context)):
        rows = s.view(f"{p}.{part}.from{first}", f"{p}.{part}", ["rows", tokens, EDGE_WIDTH],
                      [CONTEXT * EDGE_WIDTH, EDGE_WIDTH, 1], first * EDGE_WIDTH or None)
        linear(s, f"{p}.{part}.from{first}", src, f"{p}.{part}", rows)


def film(s, p, t, update):
    """x += update * (1 + scale) + shift."""
    vector = s.tensor(f"{p}.vector", ["rows", 2 * EDGE_WIDTH], "INT32")
    linear(s, f"{p}.vector", t, f"{p}.vector", vector)
    scale = s.view(f"{p}.scale", vector, ["rows", EDGE_WIDTH], [2 * EDGE_WIDTH, 1])
    shift = s.view(f"{p}.shift", vector, ["rows", EDGE_WIDTH], [2 * EDGE_WIDTH, 1], EDGE_WIDTH)
    dst = s.tensor(f"{p}.out", ["rows", FRAMES, EDGE_WIDTH], "INT32")
    s.op("MODULATE", f"{p}.modulate", src=update, shift=shift, scale=scale, dst=dst)
    add(s, f"{p}.residual", "x", dst)


def edge_once(w, features):
    s = start_noise(w, FRAMES, features, "Start noise; the music's projection.")
    s.constant("rotation", [CONTEXT, EDGE_WIDTH], "INT16", scale=2.0**-14)
    s.view("rotation.frames", "rotation", [FRAMES, EDGE_WIDTH])
    s.view("rotation.time", "rotation", [TIME_TOKENS, EDGE_WIDTH], None, FRAMES * EDGE_WIDTH)
    s.constant("music", ["rows", FRAMES, 4800], "INT12")
    s.tensor("x_music", ["rows", FRAMES, EDGE_WIDTH], "INT32")
    linear(s, "music.projection", "music", "music.projection", "x_music")
    s = w.section("ONCE", 2, "The music's encoder.")
    p = "music{layer}"
    add(s, f"{p}.residual1", "x_music", rotated_attention(s, p, "x_music"))
    add(s, f"{p}.residual2", "x_music",
        gelu_ffn(s, f"{p}.ffn", norm(s, p, "norm2", "x_music", FRAMES, EDGE_WIDTH), FRAMES, EDGE_WIDTH, EDGE_INNER))
    s = w.section("ONCE", comment="What the blocks attend to; the music's mean joins the time.")
    context = norm(s, "context", "norm", "x_music", FRAMES, EDGE_WIDTH)
    rotate(s, "context.rotated", context, "rotation.frames", FRAMES)
    s.constant("mean_row", ["rows", 1, FRAMES], "INT12", scale=2.0**-12)
    s.view("context.columns", context, ["rows", EDGE_WIDTH, FRAMES], [FRAMES * EDGE_WIDTH, 1, EDGE_WIDTH])
    s.tensor("music.mean", ["rows", 1, EDGE_WIDTH])
    s.op("MATMUL", "music.mean", src="mean_row", weight="context.columns", dst="music.mean")
    s.view("music.mean.row", "music.mean", ["rows", EDGE_WIDTH])
    s.tensor("music_rows", ["rows", EDGE_WIDTH], "INT32", lifetime="RUN")
    mean = step_mlp(s, "music.hidden", "music.mean.row", [EDGE_WIDTH, EDGE_WIDTH], rows="rows")
    s.op("DMA_COPY", "music_rows", src=mean, dst="music_rows")
    s = w.section("ONCE", EDGE_LAYERS, "Keys and values of the music; each step writes those of its time tokens.")
    p = "{layer}.cross"
    for part in "kv":
        s.tensor(f"{p}.{part}", ["rows", CONTEXT, EDGE_WIDTH], lifetime="RUN")
    edge_keys(s, p, "context.norm.out", "context.rotated", FRAMES, 0)


def edge_time(s):
    """What FiLM reads, and the two time tokens of the context."""
    s.tensor("time.hidden", [1, 4 * EDGE_WIDTH])
    linear(s, "time.hidden", time_code(s, EDGE_WIDTH), "time.hidden", "time.hidden")
    s.tensor("time.active", [1, 4 * EDGE_WIDTH])
    s.op("SILU", "time.active", src="time.hidden", dst="time.active")
    for name, width in (("time.cond", EDGE_WIDTH), ("time.tokens", TIME_TOKENS * EDGE_WIDTH)):
        s.tensor(name, [1, width], "INT32")
        linear(s, name, "time.active", name, name)
    s.tensor("t", ["rows", EDGE_WIDTH], "INT32")
    s.op("ADD", "t", a="music_rows", b="time.cond", dst="t")
    s.tensor("t.active", ["rows", EDGE_WIDTH])
    s.op("SILU", "t.active", src="t", dst="t.active")
    s.view("time.rows", "time.tokens", ["rows", TIME_TOKENS, EDGE_WIDTH], [0, EDGE_WIDTH, 1])
    for part in ("shift", "scale"):
        s.view(f"time.norm.{part}", f"context.norm.{part}", [EDGE_WIDTH])
    normed = norm(s, "time", "norm", "time.rows", TIME_TOKENS, EDGE_WIDTH, "time.norm.shift", "time.norm.scale")
    rotate(s, "time.rotated", normed, "rotation.time", TIME_TOKENS)


def edge():
    features = 151
    w = Workload(
        "edge", "dance of 5 seconds for music",
        "Tseng, Castellon and Liu, EDGE: Editable Dance Generation From Music, CVPR 2023; github.com/Stanford-TML/EDGE",
        ["EDGE: decoder of 8 layers of width 512 with FiLM, rotary positions and cross attention to 150 tokens of music and two",
         "of time. In: the denoiser; once per run the music's projection, its encoder of two layers and the music's keys and",
         "values. Left out: Jukebox. Mish runs as SiLU, which costs the same. The network predicts the clean motion. Sampler:",
         "DDIM."],
        50, 2.0, "kind: DDIM prediction: CLEAN train_steps: 1000 schedule: COSINE clip: 1")
    edge_once(w, features)
    s = w.section("EACH_STEP", comment="Time; frames to tokens.")
    edge_time(s)
    s.tensor("x", ["rows", FRAMES, EDGE_WIDTH], "INT32")
    linear(s, "embed", narrow_latent(s, FRAMES, features), "embed", "x")

    s = w.section("EACH_STEP", EDGE_LAYERS, "The decoder.")
    p = "{layer}"
    film(s, f"{p}.film1", "t.active", rotated_attention(s, p, "x"))
    edge_keys(s, f"{p}.cross", "time.norm.out", "time.rotated", TIME_TOKENS, FRAMES)
    query = rotate(s, f"{p}.cross.rotated", norm(s, p, "norm2", "x", FRAMES, EDGE_WIDTH), "rotation.frames", FRAMES)
    depth = EDGE_WIDTH // EDGE_HEADS
    src = project(s, f"{p}.cross", "query", query, FRAMES, EDGE_WIDTH)
    q = heads_of(s, f"{p}.cross.q.heads", src, "rows", FRAMES, EDGE_HEADS, depth, EDGE_WIDTH)
    k, v = (heads_of(s, f"{p}.cross.{part}.heads", f"{p}.cross.{part}", "rows", CONTEXT, EDGE_HEADS, depth, EDGE_WIDTH)
            for part in "kv")
    mixed = attend(s, f"{p}.cross", q, k, v, FRAMES, EDGE_HEADS, depth)
    film(s, f"{p}.film2", "t.active", project(s, f"{p}.cross", "o", mixed, FRAMES, EDGE_WIDTH, "INT32"))
    normed = norm(s, p, "norm3", "x", FRAMES, EDGE_WIDTH)
    film(s, f"{p}.film3", "t.active", gelu_ffn(s, f"{p}.ffn", normed, FRAMES, EDGE_WIDTH, EDGE_INNER))

    s = w.section("EACH_STEP", comment="Tokens to frames, guidance, next dance.")
    s.tensor("prediction", ["rows", FRAMES, features], "INT32")
    linear(s, "out", narrow(s, "final", "x", "x", FRAMES, EDGE_WIDTH), "out", "prediction")
    sampler(s, "prediction", FRAMES, features)
    finish_rows(w, FRAMES, features)
    return w
