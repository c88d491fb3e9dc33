# SPDX-License-Identifier: Apache-2.0
"""Settings of the techniques per network, all off. What is published and what is assumed stands with each number.

EXION (HPCA 2025) gives ranges over its seven networks: FFN sparsity 70 to 97 %, FFN operations left out 52.47 to 85.41 %,
sparsity by EP 20 to 95 %. DiSC (arXiv 2605.25798) gives speedups, from which shares of tokens and keys follow as below.
Per network nothing is published: these are assumptions that fit the ranges. No structure of masks (skew, persistence) is
published either: masks are drawn without. Where tokens change is made up by the token rule's own source.
"""

# Network: steps from one dense step to the next minus 1 (N), sparsity of the hidden layer (s), share of keys kept by EP.
# s x sparse steps / steps is what EXION calls FFN operations left out: MLD 0.855 of 0.8541 published as the most,
# VideoCrafter2 0.525 of 0.5247 as the least. Keys: 25 to 50 % below 200 tokens, 10 to 20 % from 1024 on.
EXION = {
    "mld": (9, 0.95, 0.5),
    "mdm": (4, 0.95, 0.4),
    "edge": (4, 0.95, 0.4),
    "make-an-audio": (3, 0.80, 0.25),
    "stable-diffusion-v1": (4, 0.97, 0.15),
    "dit-xl-2-256": (3, 0.75, 0.3),
    "dit-xl-2-512": (3, 0.75, 0.15),
    "videocrafter2": (3, 0.71, 0.15),
}
FFN_THRESHOLD = 0.17  # magnitude of GELU's minimum (assumed): above it the sign of an element does not matter
LIKE_DIT = (3, 0.75, 0.15)  # PixArt-Sigma is not among EXION's networks

# DiSC's 3.47 to 4.74 times an A100 need 40 to 54 % of the work, if both have the same peak and use 85 and 45 % of it
# (assumed): half of the tokens and half of the keys leave 42 to 49 % on DiT and PixArt-Sigma up to 1024 pixels (derived).
TOKENS, KEYS = 0.5, 0.5


def technique_lines(name, steps, plain_transformer):
    """The workload's `techniques`, as text."""
    reuse, sparsity, keep = EXION.get(name, LIKE_DIT)
    lines = ["# Off unless enabled. Assumed: see traces/workloads/generator/techniques.py.", "techniques {"]
    if plain_transformer:
        first = max(1, round(0.15 * steps))  # dense steps at the start: 10 to 20 % (assumed)
        lines += [
            f"  st {{ enabled: false threshold: 0.25 mask_every: 4 masks {{ density: {KEYS} }} }}",
            f"  ctr {{ enabled: false share: {TOKENS} first_steps: {first} refresh_every: 4 last_dense: true }}"]
    lines += [
        f"  ffn_reuse {{ enabled: false threshold: {FFN_THRESHOLD} dense_every: {reuse + 1} masks {{ density: {round(1 - sparsity, 3)} }} }}",
        f"  ep {{ enabled: false keep: {keep} }}", "}"]
    return lines
