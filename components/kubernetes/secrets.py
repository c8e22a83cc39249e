"""Secrets inside of the cluster: what a cloud's store holds is copied to where pods need it, and others are made there.

Neither the program nor its state has the text of any. The operator itself can read none: for each namespace it takes a
role that reads what that namespace is given, and the store that does so serves no other namespace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Text
from components.kubernetes.context import Context, selector
from components.kubernetes.flow import CREDENTIALS, Flow, api_server, network
from components.kubernetes.monitoring.scrape import scraped
from components.kubernetes.namespace import Namespace, NamespaceArgs
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
        after = pulumi.ResourceOptions(parent=self, depends_on=list(operator.ready))
        stores = [
            kubernetes.apiextensions.CustomResource(
                f"{name}-store-{namespace}",
                api_version=_API,
                kind="ClusterSecretStore",
                metadata=context.meta(namespace, app="secrets"),
                spec=_store(args.region, namespace, role),
                opts=after,
            )
            for namespace, role in args.readers.items()
        ]
        self.ready = [*operator.ready, *stores]
        self.register_outputs({})


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


def _store(region: str, namespace: str, role: Text) -> dict[str, Any]:
    aws = {"service": "SecretsManager", "region": region, "role": role}
    return {"provider": {"aws": aws}, "conditions": [{"namespaces": [namespace]}]}


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
        Flow(name="out", egress=[*api_server(context), CREDENTIALS]),
        Flow(name="webhook", pods=selector("external-secrets-webhook"), ingress=network(context, 10250)),
        scraped(_OPERATOR, 8080),
    ]
