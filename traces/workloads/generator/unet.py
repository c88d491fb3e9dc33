# SPDX-License-Identifier: Apache-2.0
"""UNets of latent diffusion: Stable Diffusion v1, Make-an-Audio, VideoCrafter2. Activations are [images, height * width,
channels]; an image is a row of the batch, or a frame of one."""

from generator.image_parts import finish_rows, narrow_latent, sampler, start_noise
from generator.transformer import (add, cross_attention, cross_keys, geglu_ffn, linear, narrow, norm, project,
                                   self_attention, step_mlp, time_code)
from generator.writer import Workload

GROUPS = 32


class Map:
    """A feature map: tensor, size, channels."""

    def __init__(self, name, height, width, channels):
        self.name, self.height, self.width, self.channels = name, height, width, channels
        self.pixels = height * width


class UNet:
    def __init__(self, w, height, width, base, multipliers, blocks, context, heads=None, depth=None, frames=1):
        self.w, self.height, self.width, self.base, self.multipliers, self.blocks = (w, height, width, base,
                                                                                     multipliers, blocks)
        self.context_tokens, self.context_width = context
        self.heads, self.depth, self.frames = heads, depth, frames
        self.images = "rows" if frames == 1 else f"rows * {frames}"
        self.count = {"res": 0, "spatial": 0, "temporal": 0, "conv": 0, "join": 0}
        self.keys = None

    # Names and small parts.

    def number(self, kind):
        self.count[kind] += 1
        return f"{kind}{self.count[kind] - 1}"

    def heads_for(self, channels):
        return self.heads or channels // self.depth

    def tensor(self, s, name, pixels, channels, format="INT12"):
        return s.tensor(name, [self.images, pixels, channels], format)

    def group_norm(self, s, p, what, src, m, activation=True, images=None, pixels=None):
        shape = [images or self.images, pixels or m.pixels, m.channels]
        for part in ("shift", "scale"):
            s.constant(f"{p}.{what}.{part}", [m.channels])
        s.tensor(f"{p}.{what}.out", shape)
        s.op("GROUP_NORM", f"{p}.{what}", src=src, shift=f"{p}.{what}.shift", scale=f"{p}.{what}.scale",
             dst=f"{p}.{what}.out", groups=GROUPS)
        if not activation:
            return f"{p}.{what}.out"
        s.tensor(f"{p}.{what}.silu", shape)
        s.op("SILU", f"{p}.{what}.silu", src=f"{p}.{what}.out", dst=f"{p}.{what}.silu")
        return f"{p}.{what}.silu"

    def convolve(self, s, p, src, m, channels, stride=1, dst=None):
        """3 x 3 convolution: im2col, then a product. Returns the Map [images, pixels', channels], INT32."""
        height, width = -(-m.height // stride), -(-m.width // stride)
        out = Map(dst or f"{p}.out", height, width, channels)
        s.view(f"{p}.src", src, [self.images, m.height, m.width, m.channels])
        self.tensor(s, f"{p}.columns", out.pixels, 9 * m.channels)
        s.view(f"{p}.windows", f"{p}.columns", [self.images, height, width, 9 * m.channels])
        s.op("DMA_IM2COL", f"{p}.im2col", src=f"{p}.src", dst=f"{p}.windows",
             window=[("height", 3), ("width", 3), ("stride_y", stride), ("stride_x", stride), ("pad_y", 1), ("pad_x", 1)])
        if dst is None:
            self.tensor(s, out.name, out.pixels, channels, "INT32")
        linear(s, p, f"{p}.columns", p, out.name)
        return out

    # Blocks.

    def res_block(self, m, channels):
        s, p = self.w.layer(f"ResBlock, {m.channels} to {channels} channels, {m.height} x {m.width}."), self.number("res")
        h = self.convolve(s, f"{p}.conv1", self.group_norm(s, p, "norm1", m.name, m), m, channels)
        s.tensor(f"{p}.time", ["rows", channels], "INT32")
        linear(s, f"{p}.time", "time_silu", f"{p}.time", f"{p}.time")
        self.add_time(s, p, h)
        out = self.convolve(s, f"{p}.conv2", self.group_norm(s, p, "norm2", h.name, h), h, channels)
        skip = m.name
        if m.channels != channels:
            skip = self.tensor(s, f"{p}.skip", m.pixels, channels, "INT32")
            src = narrow(s, p, "skip", m.name, m.pixels, m.channels, self.images)
            linear(s, f"{p}.skip", src, f"{p}.skip", skip)
        add(s, f"{p}.residual", out.name, skip)
        if self.frames > 1:
            self.temporal_convolutions(s, p, out)
        return out

    def add_time(self, s, p, h):
        if self.frames == 1:
            vector = s.view(f"{p}.time.pixels", f"{p}.time", ["rows", 1, h.channels])
            s.op("ADD", f"{p}.add_time", a=h.name, b=vector, dst=h.name)
            return
        shape = ["rows", self.frames, h.pixels, h.channels]
        vector = s.view(f"{p}.time.pixels", f"{p}.time", ["rows", 1, 1, h.channels])
        frames = s.view(f"{p}.time.frames", h.name, shape)
        s.op("ADD", f"{p}.add_time", a=frames, b=vector, dst=frames)

    def temporal_convolutions(self, s, p, m):
        """Four times norm, SiLU and a convolution over three frames; the sum with what came in."""
        f, src = self.frames, m.name
        for i in range(4):
            q = f"{p}.frames{i}"
            x = s.view(f"{q}.in", src, ["rows", f * m.pixels, m.channels])
            active = self.group_norm(s, q, "norm", x, m, images="rows", pixels=f * m.pixels)
            s.view(f"{q}.src", active, ["rows", f, m.pixels, m.channels])
            s.tensor(f"{q}.columns", ["rows", f * m.pixels, 3 * m.channels])
            s.view(f"{q}.windows", f"{q}.columns", ["rows", f, m.pixels, 3 * m.channels])
            s.op("DMA_IM2COL", f"{q}.im2col", src=f"{q}.src", dst=f"{q}.windows",
                 window=[("height", 3), ("width", 1), ("stride_y", 1), ("stride_x", 1), ("pad_y", 1), ("pad_x", 0)])
            s.tensor(f"{q}.out", ["rows", f * m.pixels, m.channels], "INT32")
            linear(s, f"{q}.conv", f"{q}.columns", f"{q}.conv", f"{q}.out")
            src = f"{q}.out"
        back = s.view(f"{p}.frames.sum", src, [self.images, m.pixels, m.channels])
        add(s, f"{p}.frames.residual", m.name, back)

    def spatial(self, m):
        """Transformer over the pixels of each image, with cross attention to the text."""
        s, p = self.w.layer(f"Transformer, {m.channels} channels, {m.pixels} tokens."), self.number("spatial")
        n, c, rows = m.pixels, m.channels, self.images
        heads = self.heads_for(c)
        x = self.enter(s, p, m, rows, n)
        update = self_attention(s, f"{p}.self", norm(s, p, "norm1", x, n, c, rows=rows), n, c, heads, rows=rows)
        add(s, f"{p}.residual1", x, update)
        src = norm(s, p, "norm2", x, n, c, rows=rows)
        keys = cross_keys(self.keys, f"{p}.cross", "context", self.context_tokens, c)
        if self.frames > 1:  # every frame attends to its row's text
            src = s.view(f"{p}.norm2.rows", src, ["rows", self.frames * n, c])
            update = cross_attention(s, f"{p}.cross", src, keys, self.frames * n, c, self.context_tokens, heads)
            update = s.view(f"{p}.cross.images", update, [rows, n, c])
        else:
            update = cross_attention(s, f"{p}.cross", src, keys, n, c, self.context_tokens, heads)
        add(s, f"{p}.residual2", x, update)
        add(s, f"{p}.residual3", x, geglu_ffn(s, f"{p}.ffn", norm(s, p, "norm3", x, n, c, rows=rows), n, c, 4 * c, rows))
        self.leave(s, p, x, m, rows, n)

    def enter(self, s, p, m, rows, tokens):
        return project(s, p, "proj_in", self.group_norm(s, p, "norm", m.name, m, activation=False), tokens, m.channels,
                       "INT32", rows)

    def leave(self, s, p, x, m, rows, tokens):
        add(s, f"{p}.residual", m.name,
            project(s, p, "proj_out", narrow(s, p, "x", x, tokens, m.channels, rows), tokens, m.channels, "INT32", rows))

    def temporal(self, m, inner=None):
        """Transformer over the frames of each pixel: two self attentions. Frames become neighbours by a copy."""
        s, p = self.w.layer(f"Transformer, {m.channels} channels, over {self.frames} frames."), self.number("temporal")
        n, c, f = m.pixels, m.channels, self.frames
        inner = inner or c
        depth = self.depth
        rows = f"rows * {n}"
        normed = self.group_norm(s, p, "norm", s.view(f"{p}.in", m.name, ["rows", f * n, c]), m, activation=False,
                                 images="rows", pixels=f * n)
        sequences = s.tensor(f"{p}.sequences", ["rows", n, f, c])
        by_pixel = s.view(f"{p}.by_pixel", normed, ["rows", n, f, c], [f * n * c, c, n * c, 1])
        s.op("DMA_COPY", f"{p}.transpose", src=by_pixel, dst=sequences)
        src = s.view(f"{p}.src", sequences, [rows, f, c])
        if inner == c:
            x = project(s, p, "proj_in", src, f, c, "INT32", rows)
        else:  # init_attn has no projections of its own in this count
            x = s.tensor(f"{p}.x", [rows, f, c], "INT32")
            s.op("CONVERT", f"{p}.x", src=src, dst=x)
        for i in (1, 2):
            normed = norm(s, p, f"norm{i}", x, f, c, rows=rows)
            add(s, f"{p}.residual{i}", x,
                self_attention(s, f"{p}.self{i}", normed, f, c, inner // depth, depth, rows))
        add(s, f"{p}.residual3", x, geglu_ffn(s, f"{p}.ffn", norm(s, p, "norm3", x, f, c, rows=rows), f, c, 4 * c, rows))
        if inner == c:
            x = project(s, p, "proj_out", narrow(s, p, "x", x, f, c, rows), f, c, "INT32", rows)
        frames = s.view(f"{p}.result", m.name, ["rows", n, f, c], [f * n * c, c, n * c, 1])
        update = s.view(f"{p}.update", x, ["rows", n, f, c])
        s.op("ADD", f"{p}.residual", a=frames, b=update, dst=frames)

    def transform(self, m):
        self.spatial(m)
        if self.frames > 1:
            self.temporal(m)

    def resample(self, m, stride):
        """Half the size by a strided convolution (stride 2), or twice the size, then a convolution (stride 1)."""
        down = stride == 2
        s = self.w.layer(f"{'Down' if down else 'Up'}sampling, {m.channels} channels.")
        p = self.number("conv")
        src = narrow(s, p, "in", m.name, m.pixels, m.channels, self.images)
        if not down:
            small = s.view(f"{p}.small", src, [self.images, m.height, m.width, m.channels])
            m = Map(m.name, 2 * m.height, 2 * m.width, m.channels)
            self.tensor(s, f"{p}.large", m.pixels, m.channels)
            large = s.view(f"{p}.large.pixels", f"{p}.large", [self.images, m.height, m.width, m.channels])
            s.op("DMA_RESIZE", f"{p}.resize", src=small, dst=large)
            src = f"{p}.large"
        return self.convolve(s, f"{p}.conv", src, m, m.channels, stride)

    def join(self, m, skip):
        """Channels of both side by side."""
        p = self.number("join")
        s = self.w.layer(f"Skip connection, {m.channels} + {skip.channels} channels.")
        channels = m.channels + skip.channels
        out = Map(self.tensor(s, f"{p}.both", m.pixels, channels, "INT32"), m.height, m.width, channels)
        for name, part, offset in (("x", m, None), ("skip", skip, m.channels)):
            to = s.view(f"{p}.{name}", out.name, [self.images, m.pixels, part.channels],
                        [m.pixels * channels, channels, 1], offset)
            s.op("DMA_COPY", f"{p}.{name}", src=part.name, dst=to)
        return out

    # The whole.

    def once(self, channels):
        tokens = self.frames * self.height * self.width
        s = start_noise(self.w, tokens, channels)
        s.constant("context", ["rows", self.context_tokens, self.context_width], "INT12")
        self.keys = self.w.section("ONCE", comment="Keys and values of the text, once.")

    def build(self, attention, channels=4):
        self.once(channels)
        tokens = self.frames * self.height * self.width
        s = self.w.section("EACH_STEP", comment="Time; latent to the first feature map.")
        time = step_mlp(s, "time", time_code(s, self.base), [4 * self.base, 4 * self.base])
        s.view("time.rows", time, ["rows", 4 * self.base], [0, 1])
        s.tensor("time_silu", ["rows", 4 * self.base])
        s.op("SILU", "time_silu", src="time.rows", dst="time_silu")
        latent = Map("latent", self.height, self.width, channels)
        m = self.convolve(s, "first", narrow_latent(s, tokens, channels), latent, self.base)
        if self.frames > 1:
            self.temporal(m, inner=8 * self.depth)
        skips, scale = [m], 1
        for level, multiplier in enumerate(self.multipliers):
            for _ in range(self.blocks):
                m = self.res_block(m, multiplier * self.base)
                if scale in attention:
                    self.transform(m)
                skips.append(m)
            if level != len(self.multipliers) - 1:
                m = self.resample(m, 2)
                skips.append(m)
                scale *= 2
        m = self.res_block(m, m.channels)
        self.transform(m)
        m = self.res_block(m, m.channels)
        for level in reversed(range(len(self.multipliers))):
            for i in range(self.blocks + 1):
                m = self.res_block(self.join(m, skips.pop()), self.multipliers[level] * self.base)
                if scale in attention:
                    self.transform(m)
                if level and i == self.blocks:
                    m = self.resample(m, 1)
                    scale //= 2
        self.last(m, tokens, channels)

    def last(self, m, tokens, channels):
        s = self.w.section("EACH_STEP", comment="Last convolution, guidance, next latent.")
        out = self.convolve(s, "last", self.group_norm(s, "last", "norm", m.name, m), m, channels)
        sampler(s, out.name, tokens, channels)
        finish_rows(self.w, tokens, channels)


LATENT_DIFFUSION = ("kind: DDIM prediction: NOISE train_steps: 1000 spacing: LEADING schedule: SCALED_LINEAR "
                    "beta_first: 0.00085 beta_last: 0.012")
IN_AND_OUT = "In: the denoiser; keys and values of the text once per run. Left out: text encoder, VAE decoder. Sampler: DDIM."


def stable_diffusion():
    w = Workload(
        "stable-diffusion-v1", "pictures of 512 x 512 pixels from text", "Rombach et al., High-Resolution Image Synthesis "
        "with Latent Diffusion Models, CVPR 2022; github.com/CompVis/stable-diffusion (v1-inference)",
        ["Stable Diffusion v1: UNet of 22 ResBlocks and 16 transformers (GEGLU, 8 heads) on a latent of 64 x 64 x 4.",
         IN_AND_OUT, "Convolutions are products of unfolded windows (im2col)."], 50, 7.5, LATENT_DIFFUSION)
    UNet(w, 64, 64, 320, (1, 2, 4, 4), 2, (77, 768), heads=8).build(attention=(1, 2, 4))
    return w


def make_an_audio():
    w = Workload(
        "make-an-audio", "10 seconds of sound from text", "Huang et al., Make-An-Audio, ICML 2023; "
        "github.com/Text-to-Audio/Make-An-Audio (txt2audio_args)",
        ["Make-an-Audio: UNet of 12 ResBlocks and 11 transformers (GEGLU, 8 heads) on a latent of 10 x 80 x 4 (78 columns,",
         "padded).", IN_AND_OUT, "Convolutions are products of unfolded windows (im2col)."], 100, 3.0, LATENT_DIFFUSION)
    UNet(w, 10, 80, 320, (1, 2), 2, (77, 1024), heads=8).build(attention=(1, 2))
    return w


def videocrafter2():
    w = Workload(
        "videocrafter2", "16 frames of 320 x 512 pixels from text",
        "Chen et al., VideoCrafter2, CVPR 2024; github.com/AILab-CVC/VideoCrafter (inference_t2v_512_v2.0)",
        ["VideoCrafter2: UNet of 22 ResBlocks with convolutions over frames, 16 transformers over pixels and 17 over frames",
         "(GEGLU, heads of 64) on a latent of 16 x 40 x 64 x 4. The first transformer over frames has inner width 512 in its",
         "attentions and 4 x 320 in its feed-forward part.",
         IN_AND_OUT, "Convolutions are products of unfolded windows (im2col); frames of a pixel become neighbours by DMA."],
        50, 12.0, LATENT_DIFFUSION)
    UNet(w, 40, 64, 320, (1, 2, 4, 4), 2, (77, 1024), depth=64, frames=16).build(attention=(1, 2, 4))
    return w
