#!/usr/bin/env python3
"""Measures how pages grow with the data, and draws it: one small chart for each request.

    python3 benches/growth.py BENCHES [--scales 2,8,40,200] [--database sqlite,postgres] [--seconds 2]
    python3 benches/growth.py --draw docs/growth.csv docs/growth.svg

BENCHES is the built program `ironwood-benches`. Figures go to docs/growth.csv (milliseconds of the engine, one request
after the other), the picture to docs/growth.svg. A scale of 1 means 500 parts and 5,000 stock items. Databases are kept
in --folder if one is named, those of PostgreSQL at --server ADDRESS (`postgres://user@host`, databases `growth_SCALE`
that exist), so that they are filled only once.
"""
import argparse
import csv
import math
import re
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
COLORS = {"sqlite": "#0b7285", "postgres": "#c2410c"}
LABELS = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def measure(benches, scale, database, seconds, folder, server):
    """Milliseconds by request."""
    if database == "sqlite":
        keep = f"sqlite:{folder}/growth-{scale}.sqlite3"
    else:
        keep = f"{server}/growth_{scale}" if server else None
    command = [benches, "--scale", f"{scale}", "--only", "page", "--clients", "1", "--seconds", f"{seconds:g}", "--no-process"]
    command += ["--keep", keep] if keep else ["--database", database]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    return {name: float(ms) for name, ms in re.findall(r"^\s*page: (.+?): ([0-9.]+) ms$", text, re.M)}


def read(path):
    with open(path, newline="") as file:
        return [(r["database"], r["request"], int(r["items"]), float(r["ms"])) for r in csv.DictReader(file)]


def draw(rows, out):
    """Small charts with the same logarithmic axes."""
    requests = list(dict.fromkeys(request for _, request, _, _ in rows))
    items = sorted({count for _, _, count, _ in rows})
    databases = [name for name in COLORS if any(row[0] == name for row in rows)]
    width, height, gap, columns, top, left = 200, 92, 34, 4, 86, 44
    low, high = math.floor(math.log10(min(row[3] for row in rows))), math.ceil(math.log10(max(row[3] for row in rows)))
    x0, x1 = math.log10(items[0]), math.log10(items[-1])
    lines = -(-len(requests) // columns)
    total = (left + columns * (width + gap), top + lines * (height + 52) + 10)
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total[0]} {total[1]}" width="{total[0]}" height="{total[1]}" '
        'font-family="system-ui, sans-serif" font-size="11" fill="#343a40">',
        f'<rect width="{total[0]}" height="{total[1]}" fill="#ffffff"/>',
        f'<text x="{left}" y="26" font-size="16" font-weight="600">Time of a page, by number of stock items</text>',
        f'<text x="{left}" y="44">Milliseconds of the engine, one request after the other; both axes are logarithmic.</text>',
    ]
    for i, name in enumerate(databases):
        x = left + i * 110
        svg.append(f'<line x1="{x}" y1="60" x2="{x + 18}" y2="60" stroke="{COLORS[name]}" stroke-width="2"/>')
        svg.append(f'<text x="{x + 24}" y="64">{LABELS[name]}</text>')
    for i, request in enumerate(requests):
        ox, oy = left + i % columns * (width + gap), top + i // columns * (height + 52)
        px = lambda count: ox + (math.log10(count) - x0) / ((x1 - x0) or 1) * width
        py = lambda ms: oy + 16 + (high - math.log10(ms)) / (high - low) * height
        svg.append(f'<text x="{ox}" y="{oy + 8}" font-weight="600">{request.replace("&", "&amp;")}</text>')
        for power in range(low, high + 1):
            y = py(10**power)
            svg.append(f'<line x1="{ox}" y1="{y:.1f}" x2="{ox + width}" y2="{y:.1f}" stroke="#dee2e6"/>')
            if i % columns == 0:
                svg.append(f'<text x="{ox - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#868e96">{10**power:g}</text>')
        for count in items:
            text = f"{count // 1000:,}k" if count < 1_000_000 else f"{count / 1_000_000:g}M"
            svg.append(f'<text x="{px(count):.1f}" y="{oy + height + 30}" text-anchor="middle" fill="#868e96">{text}</text>')
        for name in databases:
            points = sorted((count, ms) for database, of, count, ms in rows if (database, of) == (name, request))
            path = " ".join(f"{px(count):.1f},{py(ms):.1f}" for count, ms in points)
            svg.append(f'<polyline points="{path}" fill="none" stroke="{COLORS[name]}" stroke-width="2" stroke-linejoin="round"/>')
            svg += [f'<circle cx="{px(c):.1f}" cy="{py(ms):.1f}" r="2.5" fill="{COLORS[name]}"><title>{c:,} items: {ms:g} ms</title></circle>' for c, ms in points]
    svg.append("</svg>")
    Path(out).write_text("\n".join(svg) + "\n")


def main():
    if sys.argv[1:2] == ["--draw"]:
        return draw(read(sys.argv[2]), sys.argv[3])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benches")
    parser.add_argument("--scales", default="2,8,40,200")
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--folder")
    parser.add_argument("--server")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        rows = []
        for database in options.database.split(","):
            for scale in map(int, options.scales.split(",")):
                found = measure(options.benches, scale, database, options.seconds, options.folder or scratch, options.server)
                rows += [(database, request, scale * 5000, ms) for request, ms in found.items()]
                print(f"{database}, scale {scale}: {len(found)} requests", flush=True)
    with open(DOCS / "growth.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["database", "request", "items", "ms"])
        writer.writerows(rows)
    draw(rows, DOCS / "growth.svg")


if __name__ == "__main__":
    main()
