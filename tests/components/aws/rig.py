"""What a component makes, without an engine: its children with their inputs and options, as the cloud would be asked.

Inputs are held against the provider's schema; ids and ARNs are like the cloud's; whoever looks something up fails.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc

from components.aws.context import Context
from components.contracts import Cluster, Key
from infra.plan import names, schema
from infra.plan.check import problems
from policies.gate.redact import from_engine, plain

ACCOUNT, REGION = names.ACCOUNT, names.REGION
TAGS = {
    "cost-centre": "ai",
    "data-class": "restricted",
    "env": "prod",
    "owner": "platform@example.ae",
    "purpose": "ml-platform",
    "retention": "3650d",
    "tenant": "shared",
}


@dataclass(frozen=True)
class Made:
    """One resource as the program declared it."""

    type: str
    name: str
    urn: str
    inputs: Mapping[str, Any]
    """In the wire's names (camelCase), secrets opened."""
    secret: frozenset[str]
    """Top-level inputs that are secret or hold one."""
    parent: str
    """The parent's logical name."""
    protect: bool
    retain: bool
    depends_on: frozenset[str]
    """Logical names of all that it waits for."""
    ignore_changes: tuple[str, ...]
    delete_before_replace: bool
    provider: str

    def document(self, name: str) -> Any:
        """An input that is a JSON text, read."""
        return json.loads(self.inputs[name])


def context(*, prod: bool = True, zones: str = "abc", stack: str = "uae-aws", region: str = REGION) -> Context:
    """A region's facts; `zones` are letters."""
    named = tuple(f"{region}{letter}" for letter in zones)
    return Context(stack=stack, account=ACCOUNT, region=region, zones=named, prod=prod, tags=TAGS)


def key(purpose: str) -> Key:
    """A key that is there already."""
    return Key(arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{purpose}", id=purpose)


def cluster() -> Cluster:
    """The region's cluster, there already."""
    return Cluster(
        name="uae-aws",
        arn=context().arn("eks", "cluster/uae-aws"),
        endpoint="https://x",
        certificate="",
        version="1.35",
        security_group="sg-1",
    )


def deployed(build: Callable[[], Any]) -> dict[str, Made]:
    """All that `build` makes, by logical name (no two may share one, but components)."""
    monitor = _Monitor()
    mocks.set_mocks(monitor.mocks, project="falaj", stack="uae-aws", preview=False, monitor=monitor)

    def run() -> None:
        build()

    mocks.test(run)()
    assert not monitor.calls, f"looked up while planning: {monitor.calls}"
    return monitor.made


def known(value: Any) -> Any:
    """What an output of a component is, after `deployed`; mappings, lists and plain values are given back read."""
    if isinstance(value, pulumi.Output):
        return asyncio.get_event_loop().run_until_complete(value.future())
    if isinstance(value, Mapping):
        return {name: known(item) for name, item in value.items()}
    return [known(item) for item in value] if isinstance(value, (list, tuple)) else value


def of_type(made: Mapping[str, Made], type_: str) -> list[Made]:
    """Those of a type, by its last word (`Bucket`) or the whole token."""
    return [one for one in made.values() if type_ in (one.type, one.type.rsplit(":", 1)[-1])]


def listed(value: Any) -> list[Any]:
    """What a policy has alone or in a list, as a list."""
    return value if isinstance(value, list) else [value]


class _Mocks(mocks.Mocks):
    def __init__(self, monitor: "_Monitor") -> None:
        self.monitor = monitor

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[Any]]:
        self.monitor.calls.append(args.token)
        return {}, []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if not args.custom or args.typ.split(":")[0] not in schema.PACKAGES:
            return "", args.inputs
        urn = self.monitor.at.urn
        id_, outputs = names.created(args.typ, urn, _opened(args.inputs))
        return id_, {**args.inputs, **outputs}


class _Monitor(mocks.MockMonitor):
    """Notes every registration, options and all."""

    def __init__(self) -> None:
        super().__init__(_Mocks(self))
        self.made: dict[str, Made] = {}
        self.calls: list[str] = []
        self.at = threading.local()  # registrations come on several threads

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  the protocol's name
        self.at.urn = self.make_urn(request.parent, request.type, request.name)
        if request.type != "pulumi:pulumi:Stack":
            wrong = problems(request.type, from_engine(request.object)) if request.custom else []
            assert not wrong, f"{request.name} ({request.type}): {wrong}"
            former = self.made.get(request.name)
            whole = [one for one in (former and former.type, request.type) if one and not one.startswith("falaj:")]
            assert len(whole) < 2, f"two resources are named {request.name}"
            if former is None or request.custom:  # a component may be called as what it is made of
                self.made[request.name] = _made(request, self.at.urn)
        return super().RegisterResource(request)


def _made(request: Any, urn: str) -> Made:
    return Made(
        type=request.type,
        name=request.name,
        urn=urn,
        inputs=_opened(plain(request.object)),
        secret=frozenset(
            name for name, value in from_engine(request.object).items() if '"$secret"' in json.dumps(value)
        ),
        parent=_name(request.parent),
        protect=request.protect,
        retain=request.retainOnDelete,
        depends_on=_names(request.dependencies),
        ignore_changes=tuple(request.ignoreChanges),
        delete_before_replace=request.deleteBeforeReplace,
        provider=request.provider,
    )


def _opened(value: Any) -> Any:
    """A value without the wrapping of its secrets."""
    if isinstance(value, dict):
        value = rpc.unwrap_rpc_secret(value)
    if isinstance(value, dict):
        return {name: _opened(item) for name, item in value.items()}
    return [_opened(item) for item in value] if isinstance(value, list) else value


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _names(urns: Collection[str]) -> frozenset[str]:
    return frozenset(map(_name, urns))
