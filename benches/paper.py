"""Compares printed documents with those of WeasyPrint.

    python3 -m venv venv && venv/bin/pip install 'weasyprint>=68' pymupdf pillow numpy
    venv/bin/python benches/paper.py target/release/ironwood --records records.json --media media --out paper

Starts the program on a new database with these records (else with its demo company), and prints every template of
the database, every default template, those of the files `--also MODEL=FILE`, and a long bill of materials, for a few
records each. WeasyPrint prints the same HTML, with the fonts of the program. The table tells for each template the
pages of both, and the overlap: the share of dark pixels (at 100 dpi) that have a dark pixel within one pixel in the
other picture. Pictures of both, side by side, and the HTML are written to the folder `--out`.
"""

import argparse
import base64
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery staple"
DPI = 100
# What is darker than this counts as ink, from 0 (black) to 255.
DARK = 160
# Pages of a document of which pictures are written.
PICTURES = 4
# Rows of the long bill of materials.
ROWS = 500

FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>{fonts}</dir><cachedir>{cache}</cachedir>{aliases}</fontconfig>"""
ALIAS = (
    '<match target="pattern"><test name="family"><string>{}</string></test>'
    '<edit name="family" mode="assign" binding="strong"><string>{}</string></edit></match>'
)
NAMES = {
    "Liberation Sans": ["Arial", "Helvetica", "Helvetica Neue", "Verdana", "sans-serif"],
    "Liberation Serif": ["Times New Roman", "Times", "Georgia", "serif"],
    "Liberation Mono": ["Courier New", "Courier", "monospace"],
}

# Where records of a kind are listed: for labels, and for reports.
LISTS = {
    "part": ("/api/part/?ordering=pk", "/api/part/?assembly=true&ordering=pk"),
    "stockitem": ("/api/stock/?ordering=pk",) * 2,
    "stocklocation": ("/api/stock/location/?ordering=pk",) * 2,
    "build": ("/api/build/?ordering=-pk",) * 2,
    "buildline": ("/api/build/line/?ordering=pk",) * 2,
    "purchaseorder": ("/api/order/po/?ordering=pk",) * 2,
    "salesorder": ("/api/order/so/?ordering=pk",) * 2,
    "returnorder": ("/api/order/ro/?ordering=pk",) * 2,
    "transferorder": ("/api/order/transfer-order/?ordering=pk",) * 2,
    "salesordershipment": ("/api/order/so/shipment/?ordering=pk",) * 2,
    "company": ("/api/company/?ordering=pk",) * 2,
}


class Server:
    """The program on a database of its own."""

    def __init__(self, program, folder, records, media):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{address}"
        self.sign_in = "Basic " + base64.b64encode(f"paper:{PASSWORD}".encode()).decode()
        database = ["--database", f"sqlite:{folder}/paper.sqlite3"]
        files = ["--media", f"{folder}/media"]
        run = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if records:
            more = ["--media-from", media] if media else []
            subprocess.run([program, "import", *database, *files, *more, records], **run)
            add = [program, "user", "add", "paper", "--superuser", "--staff", "--password", PASSWORD]
            subprocess.run([*add, *database], **run)
        serve = [program, "serve", *database, *files, "--listen", address, "--log", "error"]
        if not records:
            serve += ["--demo", "--admin-user", "paper", "--admin-password", PASSWORD]
        self.process = subprocess.Popen(serve, stdout=subprocess.DEVNULL)
        for _ in range(300):
            try:
                self.call("/api/")
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        raise SystemExit("The server does not answer.")

    def open(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": self.sign_in, "Content-Type": "application/json"}
        return urllib.request.urlopen(urllib.request.Request(self.url + path, data=data, headers=headers))

    def call(self, path, body=None):
        with self.open(path, body) as answer:
            return json.loads(answer.read() or b"null")

    def rows(self, path):
        rows = self.call(path)
        return rows["results"] if isinstance(rows, dict) else rows


class Case:
    """A template with some of its records, each a document, or all in one."""

    def __init__(self, kind, name, what, groups):
        self.kind, self.name, self.what, self.groups = kind, name, what, groups


def cases(server, also, count):
    """The templates of the database, the defaults, and the files, with records for each."""
    stored = {kind: {row["pk"] for row in server.rows(f"/api/{kind}/template/")} for kind in ("label", "report")}
    server.call("/api/report/defaults/", {})
    add_transfer_order(server)
    tested = []
    for result in server.rows("/api/stock/test/?limit=200&ordering=pk"):
        if result["stock_item"] not in tested:
            tested.append(result["stock_item"])
    found = []
    for kind in ("label", "report"):
        for row in server.rows(f"/api/{kind}/template/?ordering=pk"):
            model = row["model_type"]
            path = LISTS[model][kind == "report"]
            items = [record["pk"] for record in server.rows(f"{path}&limit={count}")]
            if model == "stockitem" and kind == "report":
                items = (tested[:count] or items)[:count]
            groups = [items] if row.get("merge") else [[item] for item in items]
            own = "" if row["pk"] in stored[kind] else "default: "
            found.append(Case(kind, own + row["name"], {"template": row["pk"]}, groups))
    for given in also:
        model, file = given.split("=", 1)
        items = [record["pk"] for record in server.rows(f"{LISTS[model][1]}&limit={count}")]
        text = pathlib.Path(file).read_text()
        what = {"text": text, "model_type": model}
        found.append(Case("report", f"file: {pathlib.Path(file).stem}", what, [[item] for item in items]))
    return found


def add_transfer_order(server):
    """Companies of records often have none, but there is a template for it."""
    if server.rows("/api/order/transfer-order/?limit=1"):
        return
    places = [row["pk"] for row in server.rows("/api/stock/location/?limit=2&structural=false&ordering=pk")]
    parts = [row["pk"] for row in server.rows("/api/part/?limit=3&virtual=false&active=true&ordering=pk")]
    if len(places) == 2:
        body = {"description": "Move things", "take_from": places[0], "destination": places[1]}
        order = server.call("/api/order/transfer-order/", body)
        for part in parts:
            server.call("/api/order/transfer-order-line/", {"order": order["pk"], "part": part, "quantity": 5})


def long_list(server, html):
    """A bill of materials with many rows, made of a shorter one: without pictures, and with them."""
    start, end = html.find(">", html.find("<tbody")) + 1, html.find("</tbody>")
    pictures = [row["thumbnail"] for row in server.rows("/api/part/?limit=200&has_image=true") if row["thumbnail"]]

    def rows(show):
        for n in range(ROWS):
            picture = f'<img src="{pictures[n % len(pictures)]}" style="max-width:24px;max-height:24px">' if show else ""
            yield (
                f"<tr><td>{picture} Part number {n} with a name</td><td>A description of part {n} that takes more room "
                f"than the name</td><td>R{n}, R{n + 1}</td><td>{n % 7 + 1}</td><td>Note {n}</td></tr>"
            )

    for show in [False, True] if pictures else [False]:
        text = "{% verbatim %}" + html[:start] + "".join(rows(show)) + html[end:] + "{% endverbatim %}"
        part = server.rows("/api/part/?limit=1&ordering=pk")[0]["pk"]
        name = f"{ROWS} rows" + (" with pictures" if show else "")
        yield Case("report", name, {"text": text, "model_type": "part"}, [[part]])


class Weasy:
    """WeasyPrint, which gets the fonts of the program and the files of its server."""

    def __init__(self, server, folder):
        from fontTools.ttLib import TTFont

        aliases = "".join(ALIAS.format(name, font) for font, names in NAMES.items() for name in names)
        folder = pathlib.Path(folder) / "fonts"
        folder.mkdir(exist_ok=True)
        for packed in (ROOT / "crates/print/fonts").glob("*.woff2"):
            font = TTFont(packed)
            font.flavor = None
            font.save(folder / f"{packed.stem}.ttf")
        file = folder / "fonts.conf"
        file.write_text(FONTS.format(fonts=folder, cache=folder / "cache", aliases=aliases))
        os.environ["FONTCONFIG_FILE"] = str(file)
        import weasyprint

        self.url = server.url + "/"
        headers = {"Authorization": server.sign_in}
        self.fetcher = weasyprint.urls.URLFetcher(http_headers=headers, allowed_protocols=["http", "data"])
        self.weasyprint = weasyprint

    def print(self, html):
        document = self.weasyprint.HTML(string=html, base_url=self.url, url_fetcher=self.fetcher)
        return document.write_pdf()


def pictures_of(pdf):
    """The pages as gray pictures."""
    import numpy
    import pymupdf

    pages = []
    for page in pymupdf.open("pdf", pdf):
        pixels = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY)
        rows = numpy.frombuffer(pixels.samples, dtype=numpy.uint8).reshape(pixels.height, pixels.stride)
        pages.append(rows[:, : pixels.width])
    return pages


def overlap(ours, theirs):
    """Dark pixels of both pages, and those with a dark pixel near them on the other page."""
    import numpy

    height, width = max(ours.shape[0], theirs.shape[0]), max(ours.shape[1], theirs.shape[1])

    def dark(page):
        room = numpy.zeros((height + 2, width + 2), dtype=bool)
        room[1 : page.shape[0] + 1, 1 : page.shape[1] + 1] = page < DARK
        return room

    def grown(ink):
        around = numpy.zeros_like(ink)
        for y in (-1, 0, 1):
            for x in (-1, 0, 1):
                around |= numpy.roll(numpy.roll(ink, y, 0), x, 1)
        return around

    a, b = dark(ours), dark(theirs)
    return int(a.sum() + b.sum()), int((a & grown(b)).sum() + (b & grown(a)).sum())


def beside(ours, theirs, path):
    """Writes both pages into one picture."""
    import numpy
    from PIL import Image

    height, gap = max(ours.shape[0], theirs.shape[0]), 10
    both = numpy.full((height, ours.shape[1] + gap + theirs.shape[1]), 128, numpy.uint8)
    both[: ours.shape[0], : ours.shape[1]] = ours
    both[: theirs.shape[0], ours.shape[1] + gap :] = theirs
    Image.fromarray(both).save(path)


def compare(server, weasy, case, out):
    """Prints a case by both; tells pages and overlap."""
    pages, inks, nears, worst = [0, 0], 0, 0, 1.0
    name = re.sub(r"\W+", "-", case.name)
    for number, items in enumerate(case.groups):
        asked = {**case.what, "items": items}
        answers = {form: server.call(f"/api/{case.kind}/preview/", {**asked, "format": form}) for form in ("html", "pdf")}
        if answers["pdf"]["errors"] or not answers["pdf"]["pdf"]:
            print(case.name, items, answers["pdf"]["errors"], file=sys.stderr)
            continue
        html = answers["html"]["html"]
        stem = out / f"{case.kind}-{name}-{number + 1}"
        stem.with_suffix(".html").write_text(html)
        ours, theirs = base64.b64decode(answers["pdf"]["pdf"]), weasy.print(html)
        stem.with_suffix(".ours.pdf").write_bytes(ours)
        stem.with_suffix(".theirs.pdf").write_bytes(theirs)
        ours, theirs = pictures_of(ours), pictures_of(theirs)
        pages[0] += len(ours)
        pages[1] += len(theirs)
        for page, (a, b) in enumerate(zip(ours, theirs)):
            ink, near = overlap(a, b)
            inks, nears = inks + ink, nears + near
            worst = min(worst, near / ink if ink else 1.0)
            if page < PICTURES:
                beside(a, b, f"{stem}-page{page + 1}.png")
    return pages, nears / inks if inks else 1.0, worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--records", help="records to import, instead of the demo company")
    parser.add_argument("--media", help="folder of the media files of these records")
    parser.add_argument("--also", action="append", default=[], metavar="MODEL=FILE", help="a template that is not stored")
    parser.add_argument("--count", type=int, default=4, help="records for each template")
    parser.add_argument("--only", default="", help="templates whose names contain this")
    parser.add_argument("--out", default="paper", type=pathlib.Path)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(os.path.abspath(given.program), folder, given.records, given.media)
        try:
            weasy = Weasy(server, folder)
            found = cases(server, given.also, given.count)
            source = next((case for case in found if case.kind == "report" and "aterials" in case.name), None)
            if source:
                asked = {**source.what, "items": source.groups[0], "format": "html"}
                found += long_list(server, server.call("/api/report/preview/", asked)["html"])
            print("| template | records | pages | of WeasyPrint | overlap | worst page |\n| --- | --- | --- | --- | --- | --- |")
            for case in found:
                if given.only.lower() not in f"{case.kind} {case.name}".lower():
                    continue
                pages, figure, worst = compare(server, weasy, case, given.out)
                row = [f"{case.kind}: {case.name}", len(case.groups), *pages, f"{figure:.3f}", f"{worst:.3f}"]
                print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)
        finally:
            server.process.terminate()
            server.process.wait()


if __name__ == "__main__":
    main()
