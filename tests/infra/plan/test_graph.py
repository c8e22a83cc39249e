"""The drawing of a plan's architecture."""

import re
import xml.etree.ElementTree as ET

from infra.plan.graph import svg
from infra.plan.part import Part


def part(name: str, *needs: str) -> Part:
    return Part(
        f"urn::falaj:aws:Part::{name}",
        "falaj:aws:Part",
        (),
        frozenset(f"urn::falaj:aws:Part::{need}" for need in needs),
    )


def drawn(*parts: Part) -> tuple[dict[str, float], set[str]]:
    """Left edges of the boxes by name, and what the edges say."""
    text = svg(parts, {}, {})
    root = ET.fromstring(text[text.index("<svg") :])  # noqa: S314  our own drawing
    boxes = {
        box.findall("text")[2].text or "": float(re.split(r"[( ]", box.get("transform", ""))[1])
        for box in root.iter("g")
    }
    return boxes, {title.text or "" for path in root.iter("path") for title in path.iter("title")}


def test_a_box_stands_to_the_right_of_what_it_needs() -> None:
    boxes, edges = drawn(
        part("cluster", "network", "keys"), part("network"), part("keys"), part("pool", "cluster", "network")
    )
    assert boxes["network"] == boxes["keys"] < boxes["cluster"] < boxes["pool"]
    assert edges == {"cluster needs network", "cluster needs keys", "pool needs cluster"}


def test_parts_that_need_each_other_are_drawn_all_the_same() -> None:
    boxes, edges = drawn(part("a", "b"), part("b", "a"))
    assert len(boxes) == 2
    assert len(edges) == 1


def test_names_are_text() -> None:
    boxes, _ = drawn(part("<script>&"))
    assert list(boxes) == ["<script>&"]


def test_nothing_is_an_empty_drawing() -> None:
    assert drawn() == ({}, set())
