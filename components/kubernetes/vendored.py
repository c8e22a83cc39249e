"""A program as its makers publish it, with what the platform asks of every pod added: types first, then its objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.bill import Object, objects, types
from components.kubernetes.context import Context
from components.kubernetes.pod import CONFINED, NEEDS_TOKEN, UNPRIVILEGED

_KINDS: dict[str, Any] = {
    "ClusterRole": kubernetes.rbac.v1.ClusterRole,
    "ClusterRoleBinding": kubernetes.rbac.v1.ClusterRoleBinding,
    "ConfigMap": kubernetes.core.v1.ConfigMap,
    "Deployment": kubernetes.apps.v1.Deployment,
    "MutatingWebhookConfiguration": kubernetes.admissionregistration.v1.MutatingWebhookConfiguration,
    "PodDisruptionBudget": kubernetes.policy.v1.PodDisruptionBudget,
    "Role": kubernetes.rbac.v1.Role,
    "RoleBinding": kubernetes.rbac.v1.RoleBinding,
    "Secret": kubernetes.core.v1.Secret,
    "Service": kubernetes.core.v1.Service,
    "ServiceAccount": kubernetes.core.v1.ServiceAccount,
    "ValidatingWebhookConfiguration": kubernetes.admissionregistration.v1.ValidatingWebhookConfiguration,
}
# Who may do what is there before who does it, and that before the API server asks it.
_ORDER = (
    "ServiceAccount",
    "ClusterRole",
    "Role",
    "ClusterRoleBinding",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "Service",
)
_LATE = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
KNOWN = {"pulumi.com/waitFor": "jsonpath={.webhooks[0].clientConfig.caBundle}"}
"""On a webhook's configuration: until then the API server takes its program for somebody else, and refuses all that it
would ask about."""
_CLAIM = {"cpu": "100m", "memory": "256Mi", "ephemeral-storage": "256Mi"}


@dataclass(frozen=True, kw_only=True)
class VendoredArgs:
    context: Context
    name: str
    """In the bill of materials."""
    images: Mapping[str, str] = field(default_factory=dict[str, str])
    """Images of the bill by the name of their container; with none, types alone are registered."""
    needs_token: str = ""
    """Why its pods call the cluster's API."""
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further environment variables of its containers."""
    arguments: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Further arguments, by the name of the container."""
    rules: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict[str, Sequence[Mapping[str, Any]]])
    """What a role may do in place of what its makers say, by its name."""
    vouched: bool = False
    """Whether the program tells the API server itself by which authority it is known when it is asked; waited for."""
    after: Sequence[pulumi.Resource] = ()


class Vendored(pulumi.ComponentResource):
    """`types` are there once the API server serves them; `ready` is all there is to wait for."""

    types: Sequence[pulumi.Resource]
    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: VendoredArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Vendored", name, {}, opts)
        self._name, self._args = name, args
        self.types = [self._definition(one) for one in types(args.name)]
        made: list[pulumi.Resource] = [*args.after, *self.types]
        if args.images:
            for group in _groups(objects(args.name)):
                made += [self._object(one, list(made)) for one in group]
        self.ready = made[len(args.after) :]
        self.register_outputs({})

    def _definition(self, found: Object) -> pulumi.Resource:
        return kubernetes.apiextensions.v1.CustomResourceDefinition(
            f"{self._name}-{found['metadata']['name']}",
            metadata=self._labelled(found["metadata"]),
            spec=found["spec"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._args.after)),
        )

    def _object(self, found: Object, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        """Whatever the program writes into it later, such as a webhook's `caBundle`, is the program's own field."""
        kind: str = found["kind"]
        made = self._hardened(found) if kind == "Deployment" else found
        if "rules" in found and (rules := self._args.rules.get(found["metadata"]["name"])):
            made = {**found, "rules": [dict(rule) for rule in rules]}
        metadata = self._labelled(found["metadata"])
        if kind in _LATE and self._args.vouched:
            metadata["annotations"] = {**(metadata.get("annotations") or {}), **KNOWN}
        fields = {_python(key): value for key, value in made.items() if key not in ("apiVersion", "kind", "metadata")}
        return _KINDS[kind](
            f"{self._name}-{_words(kind)}-{found['metadata']['name']}".replace(":", "-"),
            metadata=metadata,
            **fields,
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def _labelled(self, metadata: Object) -> Any:
        ours = self._args.context.labelled(self._args.name)
        theirs: dict[str, str] = metadata.get("labels") or {}
        kept = {key: text for key, text in theirs.items() if key != "helm.sh/chart"}
        return {**metadata, "labels": {**ours, **kept, "app.kubernetes.io/managed-by": "falaj"}}

    def _hardened(self, found: Object) -> Object:
        """A deployment whose pods ask for no more than they are said to need."""
        args, spec = self._args, found["spec"]
        template: Object = spec["template"]
        pod: Object = template["spec"]
        metadata: Object = {**template["metadata"]}
        metadata["annotations"] = {**(metadata.get("annotations") or {}), NEEDS_TOKEN: args.needs_token}
        hardened = {
            **pod,
            "automountServiceAccountToken": True,
            "securityContext": {**pod.get("securityContext", {}), **CONFINED},
            "containers": [self._contained(one) for one in pod["containers"]],
            "nodeSelector": {**pod.get("nodeSelector", {}), **args.context.system},
        }
        return {**found, "spec": {**spec, "template": {**template, "metadata": metadata, "spec": hardened}}}

    def _contained(self, found: Object) -> Object:
        args, said = self._args, cast(dict[str, dict[str, str]], found.get("resources") or {})
        limits = {**_CLAIM, **said.get("requests", {}), **said.get("limits", {})}
        requests = {**limits, **said.get("requests", {})}
        listed: list[Object] = found.get("env") or []
        theirs = {one["name"]: one for one in listed}
        ours = {key: {"name": key, "value": text} for key, text in {"DO_NOT_TRACK": "1", **args.settings}.items()}
        more = args.arguments.get(found["name"], ())
        return {
            **found,
            **({"args": [*(found.get("args") or []), *more]} if more else {}),
            "image": args.context.image(args.images[found["name"]]),
            "imagePullPolicy": "IfNotPresent",
            "env": [*{**theirs, **ours}.values()],
            "resources": {"limits": limits, "requests": requests},
            "securityContext": {**found.get("securityContext", {}), **UNPRIVILEGED},
        }


def _groups(found: Sequence[Object]) -> Iterator[list[Object]]:
    """What each is after what the ones before are."""
    yield [one for one in found if one["kind"] in _ORDER]
    yield [one for one in found if one["kind"] not in (*_ORDER, *_LATE)]
    yield [one for one in found if one["kind"] in _LATE]


def _words(kind: str) -> str:
    """`ClusterRole` is `cluster-role`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in kind)[1:]


def _python(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
