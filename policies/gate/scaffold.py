"""A new rule: its file, its fixtures with the six cases, ready to be filled in."""

import re
from pathlib import Path

import yaml

from infra.errors import FalajError
from policies.gate import bundle, cases

_RULE = """\
# METADATA
# scope: package
# {title}
# custom:
#   id: {id}
#   severity: high
#   level: {{dev: advisory, prod: mandatory}}
#   applies_to: ["{type}"]
#   on_unknown: defer
#   controls: []
#   remediation: Set `{property}`.
#   owner: platform
package falaj.rules.{name}

import data.falaj.subject

wants := {{"{property}": "true"}}

holds("{property}", true)

results[urn] := subject.judge(resource.inputs, wants, right) if {{
	some urn, resource in subject.of(rego.metadata.chain())
	right := {{path | some path, _ in wants; holds(path, subject.at(resource.inputs, path))}}
}}
"""
_TEST = """\
package falaj_test.{name}

import data.falaj_test.harness

fixtures := {{"one": {{
	"subject": "u",
	"good": {{"resources": {{"u": {{"type": "{type}", "inputs": {{"{property}": true}}}}}}}},
	"paths": ["/resources/u/inputs/{property}"],
	"bad": {{"off": [{{"op": "replace", "path": "/resources/u/inputs/{property}", "value": false}}]}},
}}}}

test_good if harness.good("{id}", fixtures)

test_bad if harness.bad("{id}", fixtures)

test_absent if harness.absent("{id}", fixtures)

test_null if harness.null_("{id}", fixtures)

test_empty if harness.empty("{id}", fixtures)

test_unknown if harness.unknown("{id}", fixtures)
"""


def new(id_: str, title: str, type_: str, property_: str, pack: str) -> list[Path]:
    """Write the two files. Raises GATE-025 when the id is taken, or a name is none."""
    if not re.fullmatch(r"[A-Z][A-Z0-9]{2}-\d{3}", id_):
        raise FalajError("GATE-025", id_, "a rule's id is three letters, a dash and three digits")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", pack):
        raise FalajError("GATE-025", pack, "a pack's name is lower-case letters, digits and underscores")
    if not re.fullmatch(r"[A-Za-z][\w.:/-]*", type_):
        raise FalajError("GATE-025", type_, "a resource type is such as `aws:s3/bucket:Bucket`")
    if not re.fullmatch(r"[A-Za-z_]\w*", property_, re.ASCII):
        raise FalajError("GATE-025", property_, "a property's name is letters, digits and underscores")
    title = " ".join(title.split())
    if not title:
        raise FalajError("GATE-025", "--title", "it is empty")
    name = id_.lower().replace("-", "_")
    if taken := sorted([*bundle.REGO.rglob(f"{name}_*.rego"), *cases.TESTS.glob(f"{name}_test.rego")]):
        raise FalajError("GATE-025", id_, f"{taken[0].name} has that id")
    slug = "_".join(re.findall(r"[a-z0-9]+", title.lower())[:3])[:40] or "rule"
    written = yaml.safe_dump({"title": title}, width=10_000, allow_unicode=True).strip()
    files = {
        bundle.REGO / pack / f"{name}_{slug}.rego": _RULE,
        cases.TESTS / f"{name}_test.rego": _TEST,
    }
    for file, text in files.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text.format(id=id_, name=name, title=written, type=type_, property=property_))
    return list(files)
