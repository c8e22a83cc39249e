"""Who is who in a simulated region: an authority of its own, and a certificate for every server and client."""

import ipaddress
import secrets
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from infra.sim import gatekeeper, kueue
from infra.sim.webhook import Webhook

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_DAYS = 365
USERS = {
    "admin": ("falaj-sim-admin", "system:masters"),
    "controllers": ("system:kube-controller-manager", None),
    "scheduler": ("system:kube-scheduler", None),
    "kwok": ("kwok", "system:masters"),
    "operator": ("kuberay-operator", None),
    "kueue": ("kueue-controller-manager", None),
    "gatekeeper": ("gatekeeper-admin", None),
    "network": ("falaj-sim-network", None),
    "secrets": ("falaj-sim-secrets", None),
    "etcd": ("kube-apiserver", None),
}
"""Clients by what they are: user and group in Kubernetes."""
_SEALED = """\
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
      - secretbox: {keys: [{name: one, secret: %s}]}
"""
_KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters:
  - {name: sim, cluster: {server: "%s", certificate-authority-data: %s}}
users:
  - {name: sim, user: {client-certificate-data: %s, client-key-data: %s}}
contexts:
  - {name: sim, context: {cluster: sim, user: sim}}
current-context: sim
"""


def make(folder: Path, server: str, service: str) -> None:
    """Fill `folder`, once: a file `<name>.crt` and `.key` each, the kubeconfigs, the key that seals secrets.

    `server` is the API server's address, `service` that by which pods would call it.
    """
    if (folder / "complete").exists():
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("falaj-sim", None, authority, None, [])
    _write(folder / "ca", authority, root)
    for name, (user, group) in USERS.items():
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(user, group, key, (authority, root), [])
        _write(folder / name, key, certificate)
        parts = (_pem(root), _pem(certificate), _key(key))
        text = _KUBECONFIG % (server, *(b64encode(part).decode() for part in parts))
        (folder / f"{name}.kubeconfig").write_text(text)
    key = ec.generate_private_key(ec.SECP256R1())
    _write(folder / "server", key, _certificate("kube-apiserver", None, key, (authority, root), ["127.0.0.1", service]))
    for webhook in (kueue.WEBHOOK, gatekeeper.WEBHOOK):
        _asked(folder / webhook.program, webhook)
    accounts = rsa.generate_private_key(65537, 2048)  # tokens of service accounts
    (folder / "accounts.key").write_bytes(_key(accounts))
    (folder / "secrets.yaml").write_text(_SEALED % b64encode(secrets.token_bytes(32)).decode())
    (folder / "complete").touch()


def _asked(folder: Path, webhook: Webhook) -> None:
    """Of an authority of its own, since the program holds that one's key; it reads no other form of key than this."""
    folder.mkdir(exist_ok=True)
    authority, key = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    root = _certificate(webhook.authority, None, authority, None, [webhook.authority])
    _write(folder / "ca", authority, root)
    (folder / "ca.key").write_bytes(_key(authority, serialization.PrivateFormat.TraditionalOpenSSL))
    _write(folder / "tls", key, _certificate(webhook.program, None, key, (authority, root), webhook.hosts))


def _certificate(
    user: str, group: str | None, key: Key, signer: tuple[Key, x509.Certificate] | None, addresses: list[str]
) -> x509.Certificate:
    named = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
    if group:
        named.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    subject, now = x509.Name(named), datetime.now(UTC)
    usage = ExtendedKeyUsageOID.SERVER_AUTH if addresses else ExtendedKeyUsageOID.CLIENT_AUTH
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer[1].subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
    )
    if signer:
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if addresses:
        names = [x509.DNSName("localhost"), *map(_named, addresses)]
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(signer[0] if signer else key, hashes.SHA256())


def _named(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(address))
    except ValueError:
        return x509.DNSName(address)


def _write(path: Path, key: Key, certificate: x509.Certificate) -> None:
    path.with_suffix(".key").write_bytes(_key(key))
    path.with_suffix(".crt").write_bytes(_pem(certificate))


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key(key: Key, form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
