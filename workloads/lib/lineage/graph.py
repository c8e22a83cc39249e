"""The lineage graph as one HTML page that needs nothing from anywhere; it follows the reader's light or dark mode."""

from html import escape
from pathlib import Path

from workloads.lib.lineage.layout import rows
from workloads.lib.lineage.query import Graph, Run, Thing

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 224, 48, 20, 34, 16  # pixels
LINE = 12  # of a line that passes between boxes
FITS = 29  # characters of a line
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = Path(__file__).with_suffix(".css")


def page(graph: Graph, title: str, asked: frozenset[str] = frozenset()) -> str:
    """The page of a graph; what was asked about is drawn with a thick border."""
    open_ = sum(run.told != "complete" for run in graph.runs.values())
    told = f'<span class="bad">{open_} of them not complete</span>' if open_ else "all complete"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(title)}</title><style>{STYLE.read_text()}</style></head><body><main><h1>{escape(title)}</h1>"
        f'<p class="dim">{len(graph.things)} nodes, {len(graph.runs)} runs, {told}. Grey boxes are runs; what they '
        f'read stands above them, what they made below.</p><div class="card">{_svg(graph, asked)}</div>'
        f'<h2>Runs</h2><div class="card">{_runs(graph)}</div><h2>Nodes</h2><div class="card">{_things(graph)}</div>'
        "</main></body></html>\n"
    )


def _svg(graph: Graph, asked: frozenset[str]) -> str:
    edges = [(one, run.id) for run in graph.runs.values() for one in run.inputs if one in graph.things]
    edges += [(run.id, one) for run in graph.runs.values() for one in run.outputs if one in graph.things]
    found, ways = rows(edges, [*graph.things, *graph.runs])
    wide = dict.fromkeys((*graph.things, *graph.runs), WIDTH)
    spans = [sum(wide.get(one, LINE) + GAP_X for one in row) - GAP_X for row in found]
    width, height = max(spans, default=0) + 2 * MARGIN, len(found) * (HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN
    places: dict[str, tuple[float, float]] = {}
    for number, (row, span) in enumerate(zip(found, spans, strict=True)):
        x = (width - span) / 2
        for one in row:
            places[one] = (x, MARGIN + number * (HEIGHT + GAP_Y))
            x += wide.get(one, LINE) + GAP_X
    boxes = [_thing(thing, *places[one], asked=one in asked) for one, thing in graph.things.items()]
    boxes += [_run(run, *places[one]) for one, run in graph.runs.items()]
    lines = [_line([(*places[one], wide.get(one, LINE)) for one in way]) for way in ways.values()]
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return f'<svg {size} role="img" aria-label="Lineage graph">{"".join([*lines, *boxes])}</svg>'


def _line(way: list[tuple[float, float, int]]) -> str:
    """From the foot of the first box to the head of the last, straight through the places in between."""
    x, y, wide = way[0]
    drawn = f"M{x + wide / 2:.0f} {(y := y + HEIGHT):.0f}"
    x += wide / 2
    for place, (left, head, wide) in enumerate(way[1:], start=1):
        to, bend = left + wide / 2, max(GAP_Y / 2, abs(head - y) / 2)
        drawn += f"C{x:.0f} {y + bend:.0f} {to:.0f} {head - bend:.0f} {to:.0f} {head:.0f}"
        x, y = to, head + HEIGHT
        drawn += f"V{y:.0f}" if place < len(way) - 1 else ""
    return f'<path d="{drawn}"/>'


def _thing(thing: Thing, x: float, y: float, *, asked: bool) -> str:
    marks = thing.kind + (" asked" if asked else "") + ("" if thing.current else " past")
    about = thing.kind if thing.current else f"{thing.kind}, until lately"
    return _box(marks, x, y, thing.name, f"{about} · {_short(thing.digest)}", thing.id)


def _run(run: Run, x: float, y: float) -> str:
    verdict = run.facets.get("falaj_verdict", {}).get("verdict", "")
    about = " · ".join(part for part in (run.told, verdict, (run.ended or run.began)[5:16].replace("T", " ")) if part)
    return _box(f"run {run.told}", x, y, run.job, about, run.id, bad=run.told != "complete")


def _box(marks: str, x: float, y: float, name: str, about: str, title: str, *, bad: bool = False) -> str:
    tone = "bad" if bad else "dim"
    return (
        f'<g class="{escape(marks)}"><title>{escape(title)}</title>'
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
        f'<text x="{x + 10:.0f}" y="{y + 20:.0f}">{escape(_cut(name))}</text>'
        f'<text class="{tone}" x="{x + 10:.0f}" y="{y + 38:.0f}">{escape(_cut(about, FITS + 4))}</text></g>'
    )


def _runs(graph: Graph) -> str:
    rows = ["<tr><th>run</th><th>state</th><th>ended (UTC)</th><th>gate</th><th>read</th><th>made</th></tr>"]
    for run in sorted(graph.runs.values(), key=lambda one: one.began or one.ended):
        verdict = run.facets.get("falaj_verdict")
        gate = f"{verdict['verdict']}, decision {verdict['decision'][:8]}" if verdict else ""
        state = escape(run.told) if run.told == "complete" else f'<span class="bad">{escape(run.told)}</span>'
        cells = [escape(run.job), state, escape(run.ended[:19]), escape(gate), _ids(run.inputs), _ids(run.outputs)]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return f"<table>{''.join(rows)}</table>"


def _things(graph: Graph) -> str:
    rows = ["<tr><th>node</th><th>kind</th><th>digest</th><th>consent</th></tr>"]
    for thing in sorted(graph.things.values(), key=lambda one: one.id):
        consent = thing.facets.get("falaj_consent")
        said = (
            f"{consent['subjects_granted']:,} granted {consent['purpose']} at {consent['at'][:19]}" if consent else ""
        )
        cells = [escape(thing.name), escape(thing.kind), f"<code>{escape(thing.digest)}</code>", escape(said)]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return f"<table>{''.join(rows)}</table>"


def _ids(ids: dict[str, None]) -> str:
    return "<br>".join(
        f"{escape(name)} <code>{_short(digest)}</code>" for name, _, digest in (i.rpartition("@") for i in ids)
    )


def _short(digest: str) -> str:
    return escape(digest.removeprefix("sha256:")[:12])


def _cut(text: str, most: int = FITS) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
