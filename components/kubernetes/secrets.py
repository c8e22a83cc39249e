"""Secrets inside of the cluster: what a store holds is copied to where pods need it, and others are made there.

Neither the program nor its state has the text of any. The store is a cloud's, or a namespace of the cluster. The
operator itself can read none: for each namespace it takes a role that reads what that namespace is given, and the store
that does so serves no other namespace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Text
from components.kubernetes.context import Context, selector
from components.kubernetes.flow import Flow, api_server, credentials, network
from components.kubernetes.monitoring.scrape import scraped
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.secret_source import Source, reader
from components.kubernetes.vendored import Vendored, VendoredArgs

NAMESPACE = "external-secrets"
_API, _GENERATORS = "external-secrets.io/v1", "generators.external-secrets.io/v1alpha1"
_IMAGES: dict[str, str] = dict.fromkeys(("external-secrets", "webhook", "cert-controller"), "external-secrets")
_OPERATOR = selector("external-secrets")
_TOKEN = "reads which secrets are wanted and writes them"  # noqa: S105  a reason


@dataclass(frozen=True, kw_only=True)
class SecretsArgs:
    context: Context
    region: str
    """Of AWS, where its Secrets Manager is."""
    readers: Mapping[str, Text] = field(default_factory=dict[str, Text])
    """ARNs of the roles that read what a namespace is given, by namespace."""
    source: Source | None = None
    """The namespace whose Secrets are copied, where no cloud has a store of them."""
    after: Sequence[pulumi.Resource] = ()


class Secrets(pulumi.ComponentResource):
    """`ready` is what whoever wants a secret waits for. A namespace's store is called as the namespace."""

    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Secrets", name, {}, opts)
        context, child = args.context, pulumi.ResourceOptions(parent=self)
        around = NamespaceArgs(context=context, name=NAMESPACE, flows=_flows(context), after=args.after)
        space = Namespace(f"{name}-space", around, child)
        made = VendoredArgs(
            context=context, name="external-secrets", images=_IMAGES, needs_token=_TOKEN, after=[*args.after, space]
        )
        operator = Vendored(f"{name}-operator", made, child)
        self._name, self._context, self._operator = name, context, operator.ready
        stores = [self._store(space, _aws(args.region, role), []) for space, role in args.readers.items()]
        stores += self._given(args.source) if args.source else []
        self.ready = [*operator.ready, *stores]
        self.register_outputs({})

    def _given(self, source: Source) -> list[kubernetes.apiextensions.CustomResource]:
        opts = pulumi.ResourceOptions(parent=self, depends_on=list(self._operator))
        readers = {space: reader(source, space, self._context, NAMESPACE, opts) for space in source.given}
        return [self._store(space, provider, rights) for space, (provider, rights) in readers.items()]

    def _store(
        self, namespace: str, provider: Mapping[str, Any], after: Sequence[pulumi.Resource]
    ) -> kubernetes.apiextensions.CustomResource:
        """It serves that namespace only."""
        return kubernetes.apiextensions.CustomResource(
            f"{self._name}-store-{namespace}",
            api_version=_API,
            kind="ClusterSecretStore",
            metadata=self._context.meta(namespace, app="secrets"),
            spec={"provider": provider, "conditions": [{"namespaces": [namespace]}]},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._operator, *after]),
        )


@dataclass(frozen=True, kw_only=True)
class SecretCopyArgs:
    context: Context
    namespace: Text
    secret: str
    """Name of the Secret."""
    remote: Text
    """Name or ARN of the secret that is copied: JSON, whose fields are the Secret's keys."""
    template: Mapping[str, Text] = field(default_factory=dict[str, Text])
    """Keys that the Secret has in place of those: their texts, with `{{ .password }}` for a field."""
    refresh: str = "1h"
    """How long a change there may take until it is here."""
    after: Sequence[pulumi.Resource] = ()


class SecretCopy(pulumi.ComponentResource):
    """A Secret that follows one of the cloud's store. It stays as it is while that cannot be read."""

    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: SecretCopyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:SecretCopy", name, {}, opts)
        spec: dict[str, Any] = {
            "refreshInterval": args.refresh,
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": args.namespace},
            "target": _target(args.secret, args.template),
            "dataFrom": [{"extract": {"key": args.remote}}],
        }
        self.ready = [_wanted(name, args.context, args.namespace, args.secret, spec, self, args.after)]
        self.register_outputs({})


@dataclass(frozen=True, kw_only=True)
class MadeSecretArgs:
    context: Context
    namespace: Text
    secret: str
    """Name of the Secret."""
    key: str
    """What it holds the text under."""
    length: int = 48
    after: Sequence[pulumi.Resource] = ()


class MadeSecret(pulumi.ComponentResource):
    """A random text that the cluster makes once. Delete the Secret and it makes another one."""

    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: MadeSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:MadeSecret", name, {}, opts)
        generator = kubernetes.apiextensions.CustomResource(
            f"{name}-generator",
            api_version=_GENERATORS,
            kind="Password",
            metadata=args.context.meta(args.secret, args.namespace),
            spec={
                "length": args.length,
                "symbols": 0,
                "noUpper": False,
                "allowRepeat": True,
                "secretKeys": [args.key],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        source = {"generatorRef": {"apiVersion": _GENERATORS, "kind": "Password", "name": args.secret}}
        spec: dict[str, Any] = {
            "refreshPolicy": "CreatedOnce",
            "target": _target(args.secret, {}),
            "dataFrom": [{"sourceRef": source}],
        }
        self.ready = [_wanted(name, args.context, args.namespace, args.secret, spec, self, [*args.after, generator])]
        self.register_outputs({})


def _aws(region: str, role: Text) -> dict[str, Any]:
    return {"aws": {"service": "SecretsManager", "region": region, "role": role}}


def _target(secret: str, template: Mapping[str, Text]) -> dict[str, Any]:
    target: dict[str, Any] = {"name": secret, "creationPolicy": "Owner", "deletionPolicy": "Retain"}
    return {**target, "template": {"engineVersion": "v2", "data": dict(template)}} if template else target


def _wanted(
    name: str,
    context: Context,
    namespace: Text,
    secret: str,
    spec: Mapping[str, Any],
    parent: pulumi.Resource,
    after: Sequence[pulumi.Resource],
) -> pulumi.Resource:
    return kubernetes.apiextensions.CustomResource(
        f"{name}-wanted",
        api_version=_API,
        kind="ExternalSecret",
        metadata=context.meta(secret, namespace),
        spec=spec,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(after)),
    )


def _flows(context: Context) -> list[Flow]:
    """It asks the API server and AWS, by endpoints in the network; the API server asks its webhook."""
    return [
        Flow(name="out", egress=[*api_server(context), *credentials(context)]),
        Flow(name="webhook", pods=selector("external-secrets-webhook"), ingress=network(context, 10250)),
        scraped(_OPERATOR, 8080),
    ]
