"""Plots as SVG, light and dark, and as lines of characters for a terminal; nothing but text."""
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 900, 260, 56, 34, 34
COLOURS = ["#2f6fed", "#d9542b", "#2b9a66", "#9a5fd0"]
BLOCKS = " ▁▂▃▄▅▆▇█"


def _ticks(most):
    step = 10 ** len(str(int(most / 5 or 1))) / 10
    for factor in (1, 2, 5, 10):
        if most / (step * factor) <= 6:
            step *= factor
            break
    return [i * step for i in range(int(most / step) + 1)]


def _line(values, most, colour):
    across, up = (WIDTH - LEFT - 12) / (len(values) - 1), HEIGHT - TOP - BOTTOM
    points = " ".join(f"{LEFT + i * across:.1f},{TOP + up * (1 - v / most):.1f}" for i, v in enumerate(values))
    return f'<polyline fill="none" stroke="{colour}" stroke-width="1.6" points="{points}"/>'


def svg(title, unit, series, bound=None):
    """series: {name: a value a minute of a day}; bound: (name, value) of a line across."""
    most = max([max(v) for v in series.values()] + ([bound[1]] if bound else [])) * 1.05 or 1
    up, out = HEIGHT - TOP - BOTTOM, []
    for tick in _ticks(most):
        y = TOP + up * (1 - tick / most)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - 12}" y1="{y:.1f}" y2="{y:.1f}"/><text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for hour in range(0, 25, 3):
        x = LEFT + (WIDTH - LEFT - 12) * hour / 24
        out.append(f'<text x="{x:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{hour}:00</text>')
    x = LEFT
    for (name, values), colour in zip(series.items(), COLOURS):
        out.append(_line(values, most, colour))
        out.append(f'<rect x="{x}" y="22" width="10" height="4" fill="{colour}"/><text x="{x + 14}" y="28">{escape(name)}</text>')
        x += 30 + 7 * len(name)
    if bound:
        y = TOP + up * (1 - bound[1] / most)
        out.append(f'<line class="bound" x1="{LEFT}" x2="{WIDTH - 12}" y1="{y:.1f}" y2="{y:.1f}"/><text x="{WIDTH - 14}" y="{y - 4:.1f}" text-anchor="end">{escape(bound[0])}</text>')
    style = ("svg{background:#fff;color:#222}text{fill:currentColor}.grid{stroke:#8884}.bound{stroke:#c33;stroke-dasharray:5 4}"
             "@media(prefers-color-scheme:dark){svg{background:#181a1f;color:#ddd}}")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12" role="img" '
            f'aria-label="{escape(title)}"><style>{style}</style><text x="{LEFT}" y="14" font-size="13">{escape(title)}; {escape(unit)}</text>{"".join(out)}</svg>\n')


def strip(values, most, width=72):
    """One line: the mean of each part of the day as a block."""
    out = []
    for i in range(width):
        part = values[i * len(values) // width : (i + 1) * len(values) // width]
        out.append(BLOCKS[min(8, max(0, round(sum(part) / len(part) / most * 8)))] if most else " ")
    return "".join(out)
