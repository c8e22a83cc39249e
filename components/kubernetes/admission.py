"""What the gate refuses in a plan, the API server refuses of whoever asks: Gatekeeper, with the gate's own rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.admission_rules import ACCOUNT, HOOK, NAMESPACE, OWN, Object, Rules
from components.kubernetes.constraint_type import GROUP, constraint_type
from components.kubernetes.context import Context
from components.kubernetes.flow import Flow, api_server, network
from components.kubernetes.monitoring.scrape import scraped
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.vendored import KNOWN, Vendored, VendoredArgs

_TOKEN = "reads the rules and what they are about, and writes down what it found"  # noqa: S105  a reason
_SYSTEM = {"gatekeeper.sh/system": "yes"}
# An `up` ends when its rules are in force, not when they are written down.
_LOADED = {"pulumi.com/waitFor": "jsonpath={.status.created}=true"}
_ENFORCED = {"pulumi.com/waitFor": "jsonpath={.status.byPod[0].enforced}=true"}
_FREED = ["finalizers", "generation", "managedFields", "resourceVersion"]
# Nobody is asked whether the API server may write down its own, nor whether what is going may go: where Gatekeeper is
# lost, a control plane is still repaired, and a stack taken away. Other changes of what is going are asked about. So
# are the pods of KubeRay's clean-up, if not its Job, which claims no disk before the namespace's LimitRange does.
_ASKED = [
    {"name": "not-the-api-server", "expression": "request.userInfo.username != 'system:apiserver'"},
    {
        "name": "not-rays-clean-up",
        "expression": "!(request.resource.resource == 'jobs' && has(object.metadata.labels)"
        " && 'ray.io/node-type' in object.metadata.labels"
        " && object.metadata.labels['ray.io/node-type'] == 'redis-cleanup')",
    },
    {
        "name": "not-going",
        "expression": "!(has(object.metadata.deletionTimestamp)"
        " && object.all(key, key in ['metadata', 'status'] || (key in oldObject && object[key] == oldObject[key]))"
        f" && object.metadata.all(key, key in {_FREED}"
        " || (key in oldObject.metadata && object.metadata[key] == oldObject.metadata[key])))",
    },
]


@dataclass(frozen=True, kw_only=True)
class AdmissionArgs:
    context: Context
    rules: Rules
    after: Sequence[pulumi.Resource] = ()


class Admission(pulumi.ComponentResource):
    """`ready` is there once what breaks a rule is refused. While Gatekeeper is away, all that is watched is refused."""

    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AdmissionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Admission", name, {}, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        gatekeeper = self._gatekeeper()
        constraints = [
            self._constraint(template, constraint, gatekeeper)
            for template, constraint in zip(args.rules.templates, args.rules.constraints, strict=True)
        ]
        self.ready = [self._hook(constraints)]  # which waits for all the rest
        self.register_outputs({})

    def _gatekeeper(self) -> Sequence[pulumi.Resource]:
        """It starts when nothing else does: nobody looks at its images' signatures, which are pinned by digest."""
        args, context = self._args, self._args.context
        space = Namespace(
            f"{self._name}-space",
            NamespaceArgs(context=context, name=NAMESPACE, flows=_flows(context), signed=False, after=args.after),
            self._child,
        )
        rights = self._rights(space)
        made = VendoredArgs(
            context=context,
            name="gatekeeper",
            images={"manager": "gatekeeper"},
            needs_token=_TOKEN,
            rules={"gatekeeper-manager-role": args.rules.rights()},
            after=[*args.after, space, *rights],
        )
        return Vendored(f"{self._name}-gatekeeper", made, self._child).ready

    def _rights(self, space: Namespace) -> Sequence[pulumi.Resource]:
        """What it may do in its own namespace: keep its certificate, and say what it did."""
        meta = self._args.context.meta("gatekeeper-own", space.name, app="gatekeeper")
        role = kubernetes.rbac.v1.Role(f"{self._name}-own", metadata=meta, rules=OWN, opts=self._child)
        binding = kubernetes.rbac.v1.RoleBinding(
            f"{self._name}-own-binding",
            metadata=meta,
            role_ref=kubernetes.rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="Role", name="gatekeeper-own"
            ),
            subjects=[kubernetes.rbac.v1.SubjectArgs(kind="ServiceAccount", name=ACCOUNT, namespace=NAMESPACE)],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role]),
        )
        return [role, binding]

    def _constraint(self, template: Object, constraint: Object, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        """Its type by ourselves, so that it is known before Gatekeeper has read the template."""
        context, name = self._args.context, f"{self._name}-{constraint['metadata']['name']}"
        kind: str = template["metadata"]["name"]
        definition = kubernetes.apiextensions.v1.CustomResourceDefinition(
            f"{name}-type",
            metadata=context.meta(f"{kind}.{GROUP}", app="gatekeeper", labels={"gatekeeper.sh/constraint": "yes"}),
            spec=constraint_type(template),  # pyright: ignore[reportArgumentType]  as Kubernetes writes it
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )
        loaded = self._custom(f"{name}-template", template, _LOADED, [*after, definition])
        return self._custom(name, constraint, _ENFORCED, [definition, loaded])

    def _custom(
        self, name: str, found: Object, waits: Mapping[str, str], after: Sequence[pulumi.Resource]
    ) -> pulumi.Resource:
        said: Object = found["metadata"]
        annotations = {**said.get("annotations", {}), **waits}
        return kubernetes.apiextensions.CustomResource(
            name,
            api_version=found["apiVersion"],
            kind=found["kind"],
            metadata=self._args.context.meta(said["name"], app="gatekeeper", annotations=annotations),
            spec=found["spec"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )

    def _hook(self, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        """Last of all, and first to go: whatever it is asked about waits for Gatekeeper from now on."""
        exempt = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system", NAMESPACE]}
        hook: Any = {
            "name": "validation.gatekeeper.sh",
            "admissionReviewVersions": ["v1"],
            "clientConfig": {
                "service": {"name": "gatekeeper-webhook-service", "namespace": NAMESPACE, "path": "/v1/admit"}
            },
            "rules": [dict(rule) for rule in self._args.rules.watched],
            "namespaceSelector": {"matchExpressions": [exempt]},
            "matchConditions": _ASKED,
            "failurePolicy": "Fail",
            "matchPolicy": "Equivalent",
            "sideEffects": "None",
            "timeoutSeconds": 10,
        }
        return kubernetes.admissionregistration.v1.ValidatingWebhookConfiguration(
            f"{self._name}-hook",
            metadata=self._args.context.meta(HOOK, app="gatekeeper", annotations=KNOWN),
            webhooks=[hook],
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )


def _flows(context: Context) -> list[Flow]:
    """It calls the API server, which calls it."""
    return [
        Flow(name="out", pods=_SYSTEM, egress=api_server(context)),
        Flow(name="webhook", pods=_SYSTEM, ingress=network(context, 8443)),
        scraped(_SYSTEM, 8888),
    ]
