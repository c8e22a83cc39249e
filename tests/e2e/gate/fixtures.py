"""The rules' own fixtures as cases for a real program: each good document, and a bad one that a provider would take."""

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import ValidationError

from components.local.provider.main import KINDS
from infra.home import PROJECT
from infra.plan.check import Problem, problems
from infra.plan.schema import PACKAGES, PROVIDER
from policies.gate.params import Limits
from tests.rig import BIN

Json = dict[str, Any]

_QUERY = """{
    "harness": {"stack": data.falaj_test.harness.stack, "params": data.falaj_test.harness.params},
    "rules": {rule: made |
        fixtures := data.falaj_test[rule].fixtures
        made := {name: {"subject": fixture.subject, "good": fixture.good, "bad": bad} |
            some name, fixture in fixtures
            bad := {what: json.patch(fixture.good, patch) | some what, patch in fixture.bad}
        }
    },
}"""
_SETTINGS = frozenset({"kind", "profile", "jurisdiction", "regimes", "data_class", "lawful_basis", "tenant"})
NAMES = frozenset({"type", "urn", "name"})
"""What the document says of a provider beside its settings."""
_DERIVED = frozenset({"regime"})
_HELD = frozenset({"data", "stringData"})


@dataclass(frozen=True)
class Case:
    """One document, to become resources of a program."""

    rule: str
    """`ENC-001`."""
    fixture: str
    twin: Literal["good", "bad"]
    what: str
    """What is wrong with a bad one."""
    subject: str
    document: Json

    @property
    def name(self) -> str:
        return slug(f"{self.rule.lower()}-{self.fixture}-{self.twin}")

    @property
    def resources(self) -> dict[str, Json]:
        return self.document["resources"]

    @property
    def judged(self) -> str:
        """Name of the judged resource in the program, or `stack`."""
        return f"{self.name}-{slug(self.subject)}" if self.subject in self.resources else self.subject

    def for_program(self) -> Json:
        """As the program reads it: keys that may be names, edges in every resource."""
        return {"name": self.name, "resources": {slug(key): _named(item) for key, item in self.resources.items()}}


@dataclass(frozen=True)
class Fixtures:
    """All fixtures, sorted."""

    live: list[Case]
    """What a program can be made of."""
    broken: dict[str, list[Problem]]
    """Good documents that a provider would refuse."""
    one_sided: list[str]
    """Fixtures none of whose bad documents a provider would take."""
    elsewhere: dict[str, str]
    """Fixtures that no program can show, and why."""


@cache
def load() -> Fixtures:
    """Read the fixtures with OPA, and sort them."""
    found = _evaluated()
    made = Fixtures([], {}, [], {})
    for rule, fixtures in sorted(found["rules"].items()):
        for name, fixture in sorted(fixtures.items()):
            _sort(made, rule.upper().replace("_", "-"), name, fixture, found["harness"])
    return made


def settings(document: Json) -> Json:
    """What stands below `falaj:` in the stack file, for the gate to see the document's stack and parameters."""
    stack, params = _merged(document, _evaluated()["harness"])
    return {
        **{key: value for key, value in stack.items() if key in _SETTINGS and value is not None},
        "policy": {key: value for key, value in params.items() if key in Limits.model_fields},
    }


def refused(resources: Mapping[str, Json]) -> list[Problem]:
    """What the providers would not take, by the resource's name and the property's path."""
    found = [(f"{key}: ", _refused(item["type"], item.get("inputs") or {})) for key, item in resources.items()]
    for key, item in resources.items():
        settings = {name: value for name, value in (item.get("provider") or {}).items() if name not in NAMES}
        found.append((f"{key}, its provider: ", problems(PROVIDER + item["type"].split(":")[0], settings)))
    return [Problem(where + problem.place, problem.reason) for where, problems_ in found for problem in problems_]


def _refused(token: str, inputs: Json) -> list[Problem]:
    return _of_local(token, inputs) if token.startswith("falaj:") else problems(token, inputs)


def _of_local(token: str, inputs: Json) -> list[Problem]:
    """As the local target's own provider says it; what is not known yet is not looked at."""
    kind = next((kind for kind in KINDS if kind.type_name == token), None)
    if kind is None:
        return [Problem("", f"{token} is no resource of the local target")]
    known = {
        name: "a text" if isinstance(value, dict) else value
        for name, value in inputs.items()
        if value != {"$unknown": True}
    }
    try:
        kind().schema.model_validate(known)
    except ValidationError as error:
        found = [(".".join(map(str, problem["loc"])), problem["msg"]) for problem in error.errors()]
        return [Problem(place, text) for place, text in found if place in known or place not in inputs]
    return []


def slug(text: str) -> str:
    """A text as part of a resource's name."""
    return re.sub(r"[^a-z0-9]+", "-", text.rsplit("::", 1)[-1].lower()).strip("-")


def _named(resource: Json) -> Json:
    edges = {path: [slug(urn) for urn in urns] for path, urns in (resource.get("edges") or {}).items()}
    return resource | {"edges": edges, "parent": slug(resource.get("parent") or "")}


def _sort(made: Fixtures, rule: str, name: str, fixture: Json, harness: Json) -> None:
    good = fixture["good"]
    where = f"{rule} {name}"
    if reason := _elsewhere(fixture, harness):
        made.elsewhere[where] = reason
        return
    if wrong := refused(good["resources"]):
        made.broken[where] = wrong
        return
    around = {key: value for key, value in good.items() if key != "resources"}
    takeable = [
        Case(rule, name, "bad", what, fixture["subject"], bad)
        for what, bad in sorted(fixture["bad"].items())
        if {key: value for key, value in bad.items() if key != "resources"} == around
        and (fixture["subject"] in bad["resources"] or fixture["subject"] == "stack")
        and _seen(bad["resources"]) != _seen(good["resources"])
        and not _dangling(bad["resources"])
        and not refused(bad["resources"])
    ]
    if not takeable and all(item["type"].startswith("falaj:") for item in good["resources"].values()):
        made.elsewhere[where] = "the local target's provider refuses every bad one itself"
        return
    if not takeable:
        made.one_sided.append(where)
        return
    made.live.extend([Case(rule, name, "good", "", fixture["subject"], good), takeable[0]])


def _dangling(resources: Mapping[str, Json]) -> set[str]:
    """Resources that edges name and that are not there."""
    named = {urn for item in resources.values() for urns in (item.get("edges") or {}).values() for urn in urns}
    return named - {*resources}


def _seen(resources: Mapping[str, Json]) -> dict[str, Json]:
    """As a program of the SDK shows them to the gate: it makes all that a Kubernetes Secret holds secret."""
    return {
        key: item | {"inputs": {name: value for name, value in item["inputs"].items() if name not in _HELD}}
        if item["type"] == "kubernetes:core/v1:Secret" and item.get("inputs")
        else item
        for key, item in resources.items()
    }


def _elsewhere(fixture: Json, harness: Json) -> str:
    """Why no program's preview can show this fixture; "" when one can."""
    good = fixture["good"]
    resources = good.get("resources") or {}
    if others := set(good) - {"gate", "resources", "stack", "params"}:
        return f"a preview of a program has no {', '.join(sorted(others))}"
    if fixture["subject"] not in resources and not (fixture["subject"] == "stack" and resources):
        return "it is about the stack's own settings"
    if missing := _dangling(resources):
        return f"it has no {', '.join(sorted(missing))}, which its edges name"
    packages = {item["type"].split(":")[0] for item in resources.values()} - {"pulumi"}
    if others := packages - {*PACKAGES, "falaj"}:
        return f"no SDK for {', '.join(sorted(others))}"
    stack, params = _merged(good, harness)
    for given, base, known in (
        (stack, harness["stack"], _SETTINGS | _DERIVED),
        (params, harness["params"], {*Limits.model_fields}),
    ):
        if changed := {key for key in {*given, *base} - known if given.get(key) != base.get(key)}:
            return f"no stack file sets {', '.join(sorted(changed))}"
    return ""


def _merged(document: Json, harness: Json) -> tuple[Json, Json]:
    return harness["stack"] | document.get("stack", {}), harness["params"] | document.get("params", {})


def evaluate(query: str, *options: str) -> Any:
    """The value of a Rego query over the packs and their fixtures."""
    command = [str(BIN / "opa"), "eval", "--format", "raw", *options]
    folders = ["-d", str(PROJECT / "policies" / "rego"), "-d", str(PROJECT / "tests" / "policies" / "rego")]
    done = subprocess.run([*command, *folders, query], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@cache
def _evaluated() -> Json:
    return evaluate(_QUERY)
