"""Reports, made from decision records and from nothing else: what was not recorded is not reported."""

from collections.abc import Callable, Sequence

from policies.gate.decision import Decision
from policies.gate.reports import html, junit, markdown, sarif

FORMATS: dict[str, Callable[[Sequence[Decision]], str]] = {
    "markdown": markdown.render,
    "sarif": sarif.render,
    "junit": junit.render,
    "html": html.render,
}
SUFFIX = {"markdown": "md", "sarif": "sarif", "junit": "xml", "html": "html"}
