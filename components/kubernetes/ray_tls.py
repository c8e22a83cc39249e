"""TLS between Ray's processes: each pod has a certificate of its own, and each cluster an authority of its own.

Ray's processes call each other by address, and gRPC checks that the certificate names it: one certificate for all pods,
with names of services, does not do (tried with Ray 2.60: the head does not start). A pod knows its address itself. So
cert-manager makes an authority for the cluster, and an init container signs with it a key of the pod's own. That
authority's key is mounted in this container alone, which ends before anybody's code runs; KubeRay's sample mounts it
beside that code.

Nobody but this cluster trusts the authority, which is signed by itself: a key that leaks opens nothing else, as it
would if the authority of all of Kubernetes' cluster had signed it. It keeps its key when it is renewed, so that pods
of before and after trust each other, and has at least a year left when a pod starts: longer than a pod may live.
Ray's dashboard speaks HTTP at any rate; the network policy and the token guard it.
"""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Text
from components.kubernetes.context import Context
from components.kubernetes.pod import Claim, container

_FOLDER, _AUTHORITY = "/etc/ray/tls", "/etc/ray/authority"
ENVIRONMENT = {
    "RAY_USE_TLS": "1",
    "RAY_TLS_SERVER_CERT": f"{_FOLDER}/tls.crt",
    "RAY_TLS_SERVER_KEY": f"{_FOLDER}/tls.key",
    "RAY_TLS_CA_CERT": f"{_FOLDER}/ca.crt",
}
"""Of every container that speaks Ray's protocols."""
MOUNT = {"tls": _FOLDER}
"""Where that container finds what the variables name; it only reads there."""
_YEAR = 365  # days
# KubeRay sets FQ_RAY_IP, the head's name, in init containers. Only the head may answer to it.
SCRIPT = f"""set -eu
cd "$FOLDER"
cp "$AUTHORITY/tls.crt" ca.crt
cat > extensions <<END
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:$POD_IP${{HEAD:+, DNS:$FQ_RAY_IP}}
END
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$POD_NAME" -keyout tls.key -out request
openssl x509 -req -in request -CA ca.crt -CAkey "$AUTHORITY/tls.key" -set_serial "0x$(openssl rand -hex 16)" \\
  -days {_YEAR} -sha256 -extfile extensions -out tls.crt
rm request extensions
"""


def authority(
    name: str, context: Context, namespace: Text, opts: pulumi.ResourceOptions
) -> Sequence[kubernetes.apiextensions.CustomResource]:
    """The authority of a cluster, signed by itself, in the Secret that `volumes` mounts."""
    called = context.meta(_secret(name), namespace, app=name)
    issuer = _custom(f"{name}-issuer", "Issuer", called, {"selfSigned": {}}, opts)
    spec = {
        "secretName": _secret(name),
        "isCA": True,
        "commonName": f"ray {name}",
        "duration": f"{2 * _YEAR * 24}h",
        "renewBefore": f"{_YEAR * 24}h",
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Never"},
        "usages": ["cert sign", "crl sign"],
        "issuerRef": {"group": "cert-manager.io", "kind": "Issuer", "name": _secret(name)},
    }
    after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[issuer]))
    return [issuer, _custom(f"{name}-authority", "Certificate", called, spec, after)]


def volumes(name: str) -> dict[str, dict[str, Any]]:
    """Of every pod: what its own key and certificate are in (never a disk), and the authority's Secret."""
    return {
        "tls": {"emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        "authority": {"secret": {"secretName": _secret(name), "defaultMode": 0o440}},
    }


def signer(image: str, *, head: bool) -> dict[str, Any]:
    """The init container that makes a pod's key and certificate."""
    return container(
        "certificate",
        image,
        Claim(cpu="100m", memory="64Mi"),
        command=["/bin/sh", "-c", SCRIPT],
        env={
            "AUTHORITY": _AUTHORITY,
            "FOLDER": _FOLDER,
            "HEAD": "yes" if head else "",
            "HOME": "/tmp",  # noqa: S108  a volume of the pod's own
            "POD_IP": {"fieldRef": {"fieldPath": "status.podIP"}},
            "POD_NAME": {"fieldRef": {"fieldPath": "metadata.name"}},
        },
        mounts={**MOUNT, "authority": _AUTHORITY},
        read_only=["authority"],
    )


def _secret(name: str) -> str:
    return f"{name}-authority"


def _custom(
    name: str, kind: str, metadata: Any, spec: Any, opts: pulumi.ResourceOptions
) -> kubernetes.apiextensions.CustomResource:
    return kubernetes.apiextensions.CustomResource(
        name, api_version="cert-manager.io/v1", kind=kind, metadata=metadata, spec=spec, opts=opts
    )
