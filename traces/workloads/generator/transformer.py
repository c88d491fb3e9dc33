# SPDX-License-Identifier: Apache-2.0
"""Parts of transformers. Activations are [rows, tokens, width]; the residual stream is INT32, everything that a
product reads INT12. Names start with `p`, the block's prefix."""


def linear(s, name, src, stem, dst):
    s.op("MATMUL", name, src=src, linear=stem, dst=dst)
    return dst


def project(s, p, what, src, tokens, width, format="INT12", rows="rows"):
    """A layer of its own output tensor p.what [rows, tokens, width]."""
    dst = s.tensor(f"{p}.{what}.out", [rows, tokens, width], format)
    return linear(s, f"{p}.{what}", src, f"{p}.{what}", dst)


def narrow(s, p, what, src, tokens, width, rows="rows"):
    dst = s.tensor(f"{p}.{what}.narrow", [rows, tokens, width])
    s.op("CONVERT", f"{p}.{what}.narrow", src=src, dst=dst)
    return dst


def norm(s, p, what, src, tokens, width, shift=None, scale=None, rows="rows"):
    """Layer norm; without `shift` and `scale` those of a trained norm, constant vectors."""
    if shift is None:
        shift = s.constant(f"{p}.{what}.shift", [width])
        scale = s.constant(f"{p}.{what}.scale", [width])
    dst = s.tensor(f"{p}.{what}.out", [rows, tokens, width])
    s.op("NORM_MODULATE", f"{p}.{what}", src=src, shift=shift, scale=scale, dst=dst)
    return dst


def heads_of(s, name, of, rows, tokens, heads, depth, row_width, offset=0):
    """[rows, heads, tokens, depth] inside [rows, tokens, row_width]."""
    return s.view(name, of, [rows, heads, tokens, depth],
                  [tokens * row_width, depth, row_width, 1], offset if offset else None)


def attend(s, p, q, k, v, tokens, heads, depth, rows="rows"):
    """Attention of heads; returns the tensor [rows, tokens, heads * depth]."""
    inner = heads * depth
    dst = s.tensor(f"{p}.mixed", [rows, tokens, inner])
    out = heads_of(s, f"{p}.mixed.heads", dst, rows, tokens, heads, depth, inner)
    s.op("ATTENTION", f"{p}.attention", q=q, k=k, v=v, dst=out)
    return dst


def self_attention(s, p, src, tokens, width, heads, depth=None, rows="rows", rotated=None):
    """q, k, v from `src` (q and k from `rotated`, if given); returns the projected result, INT32."""
    depth = depth or width // heads
    inner = heads * depth
    if rotated is None:
        qkv = project(s, p, "qkv", src, tokens, 3 * inner, rows=rows)
        q, k, v = (heads_of(s, f"{p}.{part}", qkv, rows, tokens, heads, depth, 3 * inner, i * inner)
                   for i, part in enumerate("qkv"))
    else:
        qk = project(s, p, "qk", rotated, tokens, 2 * inner, rows=rows)
        q, k = (heads_of(s, f"{p}.{part}", qk, rows, tokens, heads, depth, 2 * inner, i * inner)
                for i, part in enumerate("qk"))
        v = heads_of(s, f"{p}.v", project(s, p, "value", src, tokens, inner, rows=rows), rows, tokens, heads, depth,
                     inner)
    mixed = attend(s, p, q, k, v, tokens, heads, depth, rows)
    return project(s, p, "o", mixed, tokens, width, "INT32", rows)


def cross_keys(s, p, context, context_tokens, inner):
    """Keys and values of a context that no step changes: made once, kept for the run."""
    kv = s.tensor(f"{p}.kv", ["rows", context_tokens, 2 * inner], lifetime="RUN")
    linear(s, f"{p}.kv", context, f"{p}.kv", kv)
    return kv


def cross_attention(s, p, src, kv, tokens, width, context_tokens, heads, depth=None):
    depth = depth or width // heads
    inner = heads * depth
    q = heads_of(s, f"{p}.q", project(s, p, "query", src, tokens, inner), "rows", tokens, heads, depth, inner)
    k = heads_of(s, f"{p}.k", kv, "rows", context_tokens, heads, depth, 2 * inner)
    v = heads_of(s, f"{p}.v", kv, "rows", context_tokens, heads, depth, 2 * inner, inner)
    mixed = attend(s, p, q, k, v, tokens, heads, depth)
    return project(s, p, "o", mixed, tokens, width, "INT32")


def gelu_ffn(s, p, src, tokens, width, inner, activation="GELU", rows="rows"):
    hidden = project(s, p, "f1", src, tokens, inner, rows=rows)
    active = s.tensor(f"{p}.active", [rows, tokens, inner])
    s.op(activation, f"{p}.activation", src=hidden, dst=active)
    return project(s, p, "f2", active, tokens, width, "INT32", rows)


def geglu_ffn(s, p, src, tokens, width, inner, rows="rows"):
    hidden = project(s, p, "f1", src, tokens, 2 * inner, rows=rows)
    active = s.tensor(f"{p}.active", [rows, tokens, inner])
    s.op("GEGLU", f"{p}.geglu", src=hidden, dst=active)
    return project(s, p, "f2", active, tokens, width, "INT32", rows)


def add(s, name, x, update):
    """x += update."""
    s.op("ADD", name, a=x, b=update, dst=x)


def gated(s, name, x, gate, update):
    s.op("GATED_RESIDUAL", name, x=x, gate=gate, h=update, dst=x)


def time_code(s, width):
    return s.tensor("time_code", [1, width], content="TIME_CODE")


def step_mlp(s, p, src, widths, rows=1, last_format="INT32"):
    """Linear layers with SiLU between them, of [rows, width]."""
    for i, width in enumerate(widths):
        last = i == len(widths) - 1
        dst = s.tensor(f"{p}.{i}.out", [rows, width], last_format if last else "INT12")
        linear(s, f"{p}.{i}", src, f"{p}.{i}", dst)
        if not last:
            src = s.tensor(f"{p}.{i}.silu", [rows, width])
            s.op("SILU", f"{p}.{i}.silu", src=dst, dst=src)
    return dst
