"""Certificates inside of the cluster: cert-manager, and an authority that only this cluster believes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Text
from components.kubernetes.context import Context, selector
from components.kubernetes.flow import Flow, Peer, api_server, network
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.vendored import Vendored, VendoredArgs

NAMESPACE, ISSUER = "cert-manager", "falaj-ca"
_API = "cert-manager.io/v1"
_IMAGES = {
    "cert-manager-controller": "cert-manager-controller",
    "cert-manager-cainjector": "cert-manager-cainjector",
    "cert-manager-webhook": "cert-manager-webhook",
}
_TOKEN = "reads requests for certificates and writes the secrets that hold them"  # noqa: S105  a reason


@dataclass(frozen=True, kw_only=True)
class CertificatesArgs:
    context: Context
    after: Sequence[pulumi.Resource] = ()


class Certificates(pulumi.ComponentResource):
    """`issuer` signs for the whole cluster; `ready` is what whoever asks it waits for."""

    issuer: str
    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: CertificatesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Certificates", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        space = Namespace(
            f"{name}-space", NamespaceArgs(context=args.context, name=NAMESPACE, flows=_flows(args.context)), child
        )
        made = VendoredArgs(
            context=args.context,
            name="cert-manager",
            images=_IMAGES,
            needs_token=_TOKEN,
            after=[*args.after, space],
        )
        self._manager = Vendored(f"{name}-manager", made, child)
        self.issuer = ISSUER
        self.ready = [*self._manager.ready, *self._authority(name, args.context)]
        self.register_outputs({})

    def _authority(self, name: str, context: Context) -> list[pulumi.Resource]:
        """A certificate signed by itself, and an issuer that signs with its key."""
        itself = self._custom(f"{name}-itself", "Issuer", context.meta("itself", NAMESPACE), {"selfSigned": {}}, [])
        spec = {
            "isCA": True,
            "commonName": f"{context.stack} cluster authority",
            "secretName": ISSUER,
            "duration": "43800h",
            "renewBefore": "8760h",
            "privateKey": {"algorithm": "ECDSA", "size": 384, "rotationPolicy": "Always"},
            "usages": ["cert sign", "crl sign"],
            "issuerRef": {"name": "itself", "kind": "Issuer", "group": "cert-manager.io"},
        }
        root = self._custom(f"{name}-root", "Certificate", context.meta(ISSUER, NAMESPACE), spec, [itself])
        issuer = self._custom(
            f"{name}-issuer", "ClusterIssuer", context.meta(ISSUER), {"ca": {"secretName": ISSUER}}, [root]
        )
        return [itself, root, issuer]

    def _custom(
        self, name: str, kind: str, metadata: Any, spec: Any, after: Sequence[pulumi.Resource]
    ) -> kubernetes.apiextensions.CustomResource:
        return kubernetes.apiextensions.CustomResource(
            name,
            api_version=_API,
            kind=kind,
            metadata=metadata,
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._manager.ready, *after]),
        )


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    context: Context
    namespace: Text
    names: Sequence[Text]
    """DNS names, the first one the server's own."""
    secret: str
    """Where key and certificate are put, as `tls.key`, `tls.crt` and `ca.crt`."""
    client: bool = False
    """Whether it shows itself to other servers with it, too."""
    after: Sequence[pulumi.Resource] = ()


class Certificate(pulumi.ComponentResource):
    """A server's certificate for thirty days, renewed with a new key after twenty."""

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Certificate", name, {}, opts)
        spec: Any = {
            "secretName": args.secret,
            "dnsNames": list(args.names),
            "duration": "720h",
            "renewBefore": "240h",
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            "usages": ["server auth", *(["client auth"] if args.client else [])],
            "issuerRef": {"name": ISSUER, "kind": "ClusterIssuer", "group": "cert-manager.io"},
        }
        kubernetes.apiextensions.CustomResource(
            f"{name}-certificate",
            api_version=_API,
            kind="Certificate",
            metadata=args.context.meta(args.secret, args.namespace),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        self.register_outputs({})


def _flows(context: Context) -> list[Flow]:
    """All of its programs call the API server, which calls the webhook."""
    watched = [Peer(ports=[9402], namespace="monitoring")]
    return [
        Flow(name="api", egress=api_server(context)),
        Flow(name="webhook", pods=selector("webhook"), ingress=network(context, 10250)),
        Flow(name="metrics", ingress=watched),
    ]
