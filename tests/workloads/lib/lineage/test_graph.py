"""The page: whole on its own, everything on it, nothing on top of anything else, and no text of others as markup."""

import re
from html.parser import HTMLParser
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workloads.lib.lineage.test_query import TABLE, node, story, told
from workloads.lib.lineage.graph import page
from workloads.lib.lineage.layout import rows
from workloads.lib.lineage.query import Graph

VOID = {"meta", "rect", "path"}


class Checked(HTMLParser):
    """Every tag is closed in order; nothing is loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.boxes: list[tuple[float, float, float, float]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        said = dict(attrs)
        assert not {"src", "href", "onload", "onclick"} & said.keys()
        if tag not in VOID:
            self.open.append(tag)
        if tag == "rect":
            x, y, width, height = (float(said[name] or "") for name in ("x", "y", "width", "height"))
            self.boxes.append((x, y, x + width, y + height))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_whole_and_shows_everything():
    graph = Graph.of(story(TABLE))
    text = page(graph, "Lineage of <w>", frozenset({f"w/table@{TABLE.digest}"}))
    found = Checked(text)
    assert not {"script", "link", "img", "iframe"} & set(found.tags)
    assert "default-src 'none'" in text
    assert "prefers-color-scheme:dark" in text
    assert not re.search(r"url\(|@import|https?://", text)
    assert len(found.boxes) == len(graph.things) + len(graph.runs)
    for thing in graph.things.values():
        assert thing.name in found.text
        assert thing.digest in found.text
    assert "2 of them not complete" in found.text
    assert 'class="data asked"' in text
    assert 'class="endpoint past"' in text


def test_no_box_lies_on_another():
    boxes = Checked(page(Graph.of(story(TABLE)), "x")).boxes
    for number, (left, top, right, bottom) in enumerate(boxes):
        for other_left, other_top, other_right, other_bottom in boxes[number + 1 :]:
            assert right <= other_left or other_right <= left or bottom <= other_top or other_bottom <= top


def test_text_of_others_is_no_markup():
    evil = "<script>alert(1)</script>"
    events = told("train", [node(evil)], [node('"><img src=x>')], state="FAIL", error=evil)
    text = page(Graph.of(events), evil)
    assert not {"script", "img"} & set(Checked(text).tags)


@settings(max_examples=80, deadline=None)
@given(edges=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_rows_follow_the_edges_and_a_circle_ends(edges: list[tuple[int, int]]):
    nodes = [str(number) for number in range(10)]
    forwards = [(str(a), str(b)) for a, b in edges if a < b]
    found, ways = rows(forwards, nodes)
    place = {one: number for number, row in enumerate(found) for one in row}
    assert sorted(set(place) & set(nodes)) == nodes
    for start, end in forwards:  # a line passes every row in between, each at a place of its own
        assert [place[one] for one in ways[start, end]] == list(range(place[start], place[end] + 1))
    circles, _ = rows([(str(a), str(b)) for a, b in edges], nodes)
    assert sorted(one for row in circles for one in row if one in nodes) == nodes


def test_a_long_line_needs_no_recursion():
    nodes = [str(number) for number in range(5000)]
    assert len(rows(list(pairwise(nodes)), nodes)[0]) == 5000
