# SPDX-License-Identifier: Apache-2.0
"""Latent, guidance and sampler: the frame around a denoiser."""


def start_noise(w, tokens, channels, comment="Start noise."):
    """The latent [samples, tokens, channels], in the order in which the network takes it."""
    s = w.section("ONCE", comment=comment)
    s.tensor("latent", ["samples", tokens, channels], "INT32", lifetime="RUN")
    s.view("noise", "latent", ["samples", tokens * channels])
    s.op("NOISE", "noise", dst="noise")
    return s


def narrow_latent(s, tokens, channels, narrow=True):
    """The latent as INT12, the same for both branches: [rows, tokens, channels]."""
    s.view("latent_rows", "latent", ["samples", "branches", tokens, channels],
           [tokens * channels, 0, channels, 1])
    s.tensor("input", ["rows", tokens, channels])
    s.view("input_rows", "input", ["samples", "branches", tokens, channels])
    s.op("CONVERT", "input", src="latent_rows", dst="input_rows")
    return "input"


def sampler(s, prediction, tokens, channels, groups=1, kept=None, first=0, row_tokens=None):
    """One sampler step. `prediction` is [rows, row_tokens, groups * channels']; of each group's channels' numbers the
    first `kept` are taken (all without), from token `first` on."""
    row_tokens = row_tokens or tokens
    kept = kept or channels // groups
    width = channels if kept == channels // groups else 2 * channels  # of a token in the prediction
    shape = ["samples", tokens, groups, kept]
    stride = [f"branches * {row_tokens * width}", width, width // groups, 1]
    s.view("asked", prediction, shape, stride, first * width or None)
    s.view("plain", prediction, shape, stride, (row_tokens + first) * width, guided=True)
    s.view("latent_now", "latent", shape)
    s.tensor("constants", [6], "INT32", content="SAMPLER_CONSTANTS")
    s.op("SAMPLER_UPDATE", "sampler", x="latent_now", cond="asked", uncond="plain", constants="constants",
         dst="latent_now")


def finish_rows(w, tokens, channels, comment="The result, token by token."):
    s = w.section("FINISH", comment=comment)
    s.tensor("result", ["samples", tokens, channels, 1], "INT32", lifetime="OUTPUT")
    s.view("latent_out", "latent", ["samples", tokens, channels, 1])
    s.op("DMA_COPY", "result", src="latent_out", dst="result")


def finish_patches(w, grid, patch, channels):
    """Tokens of patch x patch pixels to the latent picture [samples, grid * patch, grid * patch, channels]."""
    s = w.section("FINISH", comment="Tokens to pixels. Samples and rows of patches are one dimension.")
    s.tensor("result", ["samples", grid * patch, grid * patch, channels], "INT32", lifetime="OUTPUT")
    shape = [f"samples * {grid}", grid, patch, patch * channels]
    s.view("token_patches", "latent", shape)
    s.view("result_patches", "result", shape,
           [patch * grid * patch * channels, patch * channels, grid * patch * channels, 1])
    s.op("DMA_COPY", "result", src="token_patches", dst="result_patches")
