"""Only signed images run: sigstore's policy controller, and whose signatures count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.context import Context
from components.kubernetes.flow import Flow, api_server, credentials, network
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.vendored import Vendored, VendoredArgs

NAMESPACE, ACCOUNT = "cosign-system", "webhook"
_TOKEN = "reads who signs, and the pull secrets of pods whose images it looks at"  # noqa: S105  a reason


@dataclass(frozen=True, kw_only=True)
class SignaturesArgs:
    context: Context
    signers: Sequence[str]
    """Public keys, PEM: one of them has signed every image."""
    registries: Sequence[str]
    """What the addresses of images begin with."""
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        if not self.signers:
            raise ValueError("no image could run: name the public key of one who signs")


class Signatures(pulumi.ComponentResource):
    """Where it does not answer, no pod is made in any of our namespaces but its own."""

    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: SignaturesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Signatures", name, {}, opts)
        child, context = pulumi.ResourceOptions(parent=self), args.context
        space = Namespace(
            f"{name}-space",
            NamespaceArgs(context=context, name=NAMESPACE, flows=_flows(context), signed=False),
            child,
        )
        made = VendoredArgs(
            context=context,
            name="policy-controller",
            images={ACCOUNT: "policy-controller"},
            needs_token=_TOKEN,
            arguments={ACCOUNT: ["--disable-tuf=true"]},
            after=[*args.after, space],
        )
        controller = Vendored(f"{name}-controller", made, child)
        policy = kubernetes.apiextensions.CustomResource(
            f"{name}-policy",
            api_version="policy.sigstore.dev/v1alpha1",
            kind="ClusterImagePolicy",
            metadata=context.meta("signed"),
            spec=_policy(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(controller.ready)),
        )
        self.ready = [*controller.ready, policy]
        self.register_outputs({})


def _policy(args: SignaturesArgs) -> dict[str, Any]:
    """Keys alone: neither a public log nor a public authority is asked, as both are abroad."""
    authorities = [
        {"name": f"signer-{number}", "key": {"data": key, "hashAlgorithm": "sha256"}}
        for number, key in enumerate(args.signers)
    ]
    return {
        "mode": "enforce",
        "images": [{"glob": f"{registry}/**"} for registry in args.registries],
        "authorities": authorities,
    }


def _flows(context: Context) -> list[Flow]:
    """It calls the API server and the registry; the API server calls it."""
    out = Flow(name="out", egress=[*credentials(context), *api_server(context)])
    return [out, Flow(name="webhook", pods={"role": "webhook"}, ingress=network(context, 8443))]
