# SPDX-License-Identifier: Apache-2.0
"""Small line charts as SVG: panels side by side over the same values of x, which need not be evenly spaced."""
import math
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 330, 230, 52, 14, 30, 58
COLOURS = ("#1f6fb4", "#c8553d", "#3a8f5c", "#8a5fb0", "#7a7a7a")


@dataclass(frozen=True)
class Line:
    name: str
    values: tuple  # one per x


@dataclass(frozen=True)
class Panel:
    title: str  # with unit
    lines: tuple
    limit: float = None  # a dashed line


def ticks(low, high):
    """Four to eight round values that lie in low...high."""
    rough = (high - low) / 5
    step = 10 ** math.floor(math.log10(rough))
    step *= next(factor for factor in (1, 2, 5, 10) if factor * step >= rough)
    first = math.ceil(low / step - 1e-9)
    return [round(step * i, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def text(x, y, content, anchor="middle", size=11):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(content)}</text>'


def draw_panel(panel, left, xs, x_title):
    every = [value for line in panel.lines for value in line.values] + ([panel.limit] if panel.limit is not None else [])
    low, high = min(every), max(every)
    margin = (high - low) * 0.06 or 1
    low, high = (0 if 0 <= low < 0.4 * high else low - margin), high + margin
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    x_of = [left + LEFT + inner_width * (i + 0.5) / len(xs) for i in range(len(xs))]

    def y_of(value):
        return TOP + inner_height * (high - value) / (high - low)

    out = [text(left + LEFT + inner_width / 2, 18, panel.title, size=12), f'<rect x="{left + LEFT}" y="{TOP}" width="{inner_width}" height="{inner_height}" fill="none" stroke="#999"/>']
    for value in ticks(low, high):
        y = y_of(value)
        out += [f'<line x1="{left + LEFT}" x2="{left + WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e3e3e3"/>', text(left + LEFT - 5, y + 4, f"{value:g}", "end")]
    for x, name in zip(x_of, xs):
        out.append(text(x, TOP + inner_height + 15, name))
    out.append(text(left + LEFT + inner_width / 2, TOP + inner_height + 31, x_title))
    if panel.limit is not None:
        y = y_of(panel.limit)
        out.append(f'<line x1="{left + LEFT}" x2="{left + WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#333" stroke-dasharray="5 4"/>')
    at = left + LEFT
    for line, colour in zip(panel.lines, COLOURS):
        points = " ".join(f"{x:.1f},{y_of(value):.1f}" for x, value in zip(x_of, line.values))
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y_of(value):.1f}" r="2.5" fill="{colour}"/>' for x, value in zip(x_of, line.values)]
        if len(panel.lines) > 1:
            out += [f'<rect x="{at}" y="{HEIGHT - 14}" width="10" height="4" fill="{colour}"/>', text(at + 14, HEIGHT - 8, line.name, "start", 10)]
            at += 24 + 6 * len(line.name)
    return out


def chart(panels, xs, x_title):
    """The whole document. `xs`: the values as text, evenly spaced."""
    width = WIDTH * len(panels)
    body = [piece for i, panel in enumerate(panels) for piece in draw_panel(panel, i * WIDTH, xs, x_title)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}" font-family="sans-serif" fill="#222">'
    return "\n".join([head, f'<rect width="{width}" height="{HEIGHT}" fill="white"/>', *body, "</svg>"]) + "\n"
