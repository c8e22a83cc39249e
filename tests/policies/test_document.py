"""Unknowns and secrets become markers wherever they are; everything else stays what it was."""

import json
from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import FalajError
from policies.gate import document, redact
from policies.gate.redact import SECRET, UNKNOWN

CANARY = "canary-7d1f3b"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_KIND = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT_KIND = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
SENTINELS = sorted(redact._UNKNOWN_TEXTS)

keys = st.text(max_size=8).filter(lambda key: not key.startswith("__"))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
plain_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def secret(inner: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET_KIND, "value": inner}


leaking = st.recursive(
    st.sampled_from([CANARY, [CANARY], {"k": CANARY}, {CANARY: 1}]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
wrapped = leaking.flatmap(
    lambda value: st.sampled_from(
        [
            secret(value),
            secret(json.dumps(value)),
            {SIGNATURE: OUTPUT_KIND, "value": value, "secret": True, "dependencies": ["urn:a"]},
            {SIGNATURE: "a kind of a later version", "value": value},
        ]
    )
)
mixed = st.recursive(
    scalars | wrapped | st.sampled_from(SENTINELS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def struct(fields: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(fields)
    return made


@given(st.dictionaries(st.text(max_size=8), mixed, max_size=5))
def test_no_secret_and_no_sentinel_survives(fields: dict[str, Any]) -> None:
    text = json.dumps(redact.from_engine(struct(fields)))
    assert CANARY not in text
    assert not any(sentinel in text for sentinel in SENTINELS)


@given(st.dictionaries(keys, plain_values, max_size=5))
def test_plain_values_stay(fields: dict[str, Any]) -> None:
    assert redact.from_engine(struct(fields)) == fields


@given(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=5))
def test_markers_stand_where_the_values_were(path: list[str]) -> None:
    for value, marker in ((secret(CANARY), SECRET), *((sentinel, UNKNOWN) for sentinel in SENTINELS)):
        nested: Any = value
        expected: Any = marker
        for key in reversed(path):
            nested, expected = {key: [nested]}, {key: [expected]}
        assert redact.from_engine(struct(nested)) == expected


def test_outputs_references_and_files() -> None:
    fields = {
        "known": {SIGNATURE: OUTPUT_KIND, "value": "x", "dependencies": ["urn:a"]},
        "unknown": {SIGNATURE: OUTPUT_KIND, "dependencies": ["urn:b"]},
        "reference": {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "urn:c", "id": "1"},
        "file": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "hash": "abc", "text": CANARY},
        "list": [{SIGNATURE: OUTPUT_KIND, "dependencies": ["urn:d"]}],
    }
    properties = redact.plain(struct(fields))
    assert redact.redact(properties) == {
        "known": "x",
        "unknown": UNKNOWN,
        "reference": {"$ref": "urn:c"},
        "file": {"$asset": "abc"},
        "list": [UNKNOWN],
    }
    assert redact.edges(properties) == {
        "known": ["urn:a"],
        "unknown": ["urn:b"],
        "reference": ["urn:c"],
        "list[0]": ["urn:d"],
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"masterPassword": CANARY},
        {"env": [{"name": "DB_PASSWORD", "value": CANARY}]},
        {"env": [{"name": "AWS_ACCESS_KEY_ID", "value": CANARY}]},
        {"a": {"clientSecret": CANARY, "apiKey": CANARY, "api_key": CANARY}},
        {"userData": f"export KEY=AKIA{'A' * 16} # {CANARY}"},
        {"text": f"-----BEGIN RSA PRIVATE KEY-----{CANARY}"},
        {"url": f"https://user:{CANARY}@example.ae/"},
        {"list": [f"AccountKey={'a' * 40};{CANARY}"]},
    ],
)
def test_what_looks_like_a_credential_goes_no_further(fields: dict[str, Any]) -> None:
    text = json.dumps(redact.from_engine(struct(fields)))
    assert CANARY not in text
    assert "$literal_secret" in text


def test_what_only_speaks_of_one_stays() -> None:
    fields = {
        "httpTokens": "required",
        "automountServiceAccountToken": False,
        "secretName": "tls",
        "kmsMasterKeyId": "arn:aws:kms:me-central-1:1:key/k",
        "adminSecret": "arn:aws:secretsmanager:me-central-1:1:secret:x",
        "token": "/run/token",
        "auth": "token",
        "env": [{"name": "RAY_AUTH_MODE", "value": "token"}, {"name": "TOKEN_FILE", "value": "/run/t"}],
        "password": "",
        "url": "https://example.ae:8443/a@b",
    }
    assert redact.from_engine(struct(fields)) == fields
    assert redact.redact({"__defaults": ["a"], "a": {"__defaults": [], "b": 1}}) == {"a": {"b": 1}}


def test_a_plan_has_one_digest_however_often_it_is_made() -> None:
    def plan(name: str, **more: Any) -> str:
        steps = [step("create", bucket=f"name-{name}", keep="x", **more), {**step("same"), "urn": "urn:b::c::d::e"}]
        return document.from_plan(steps, document.Stack(name="s")).plan["digest"]  # pyright: ignore[reportOptionalSubscript]

    assert plan("1a2b3c4") == plan("9f8e7d6")
    assert len({plan("1a2b3c4"), plan("mine"), plan("1a2b3c4", more=1)}) == 3


def step(op: str, **inputs: Any) -> dict[str, Any]:
    return {"urn": "urn:pulumi:s::p::t:m:T::name", "type": "t:m:T", "op": op, "inputs": inputs}


@pytest.mark.parametrize(
    "ops",
    [
        ["create-replacement", "replace", "delete-replaced"],
        ["delete-replaced", "replace", "create-replacement"],
    ],
)
def test_a_replacement_is_one_operation_with_the_new_inputs(ops: list[str]) -> None:
    steps = [step(op, v="old" if op == "delete-replaced" else "new") for op in ops]
    made = document.from_plan(steps, document.Stack())
    assert list(made.operations.values()) == ["replace"]
    (resource,) = made.resources.values()
    assert (resource.name, resource.inputs) == ("name", {"v": "new"})


def test_a_plan_is_redacted() -> None:
    made = document.from_plan([step("create", a="[secret]", b=SENTINELS[0], c=secret(CANARY))], document.Stack())
    (resource,) = made.resources.values()
    assert resource.inputs == {"a": SECRET, "b": UNKNOWN, "c": SECRET}


def test_an_operation_nobody_knows_is_refused() -> None:
    with pytest.raises(FalajError, match=r"GATE-013.*'transmogrify'"):
        document.from_plan([step("transmogrify")], document.Stack())


@given(st.dictionaries(st.text(max_size=5), plain_values, max_size=4))
def test_a_digest_does_not_depend_on_the_order(fields: dict[str, Any]) -> None:
    assert document.digest(fields) == document.digest(dict(reversed(list(fields.items()))))
