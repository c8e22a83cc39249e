"""What every cloud returns: the outputs of a region, by which its tenants and workloads find it.

`SCHEMA` rises when a reader of the older form would go wrong. Values are addresses and names of files; secrets
themselves are never among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import pulumi

SCHEMA = 1

Text = pulumi.Input[str]
"""A text that the engine may not know yet."""


class Region(TypedDict):
    """A region's outputs, each an `Input` until the engine knows it."""

    keys: Any
    """{path, id} of the key ring, or of the cloud's key."""
    store: Any
    """{path} of the object store."""
    online: Any
    """{path} of the online features."""
    decision: Any
    """{url, token_file, bundle_digest} of the decision server."""
    tracking: Any
    """{url} of the tracking server."""
    ray: Any
    """{address, dashboard, token_file, cpus, memory_gib, serve: {host, port}} of the Ray runtime."""


class GivenRegion(TypedDict):
    """The outputs of the layer on a cluster that is there already."""

    cluster: Any
    """{server, context, version}."""
    pools: Any
    """{name: kind}."""
    database: Any
    """{host, port, secret}, or null; the secret's name in `secrets.namespace`."""
    cache: Any
    """{host, port, secret}, or null: Ray's heads lose their state with their pods."""
    tracking: Any
    """{url}, within the cluster, or null."""


class CloudRegion(TypedDict):
    """The outputs of a region in a cloud, each an `Input` until the engine knows it."""

    region: Any
    account: Any
    network: Any
    """{id, cidr, subnets: {private, intra, public: {zone: id}}}."""
    keys: Any
    """{purpose: ARN}."""
    stores: Any
    """{purpose: bucket}."""
    registry: Any
    """{repository: address}."""
    cluster: Any
    """{name, arn, endpoint, certificate, version, security_group}."""
    pools: Any
    """{name: kind}."""
    files: Any
    """{id, kind} of the shared file system, or null."""
    database: Any
    """{host, port, secret}; the secret's name."""
    cache: Any
    """{host, port, secret}; the secret's name."""
    roles: Any
    """{duty: ARN}."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """A private network. Subnets are ids by zone."""

    id: Text
    cidr: str
    private: Mapping[str, Text]
    """Machines: they reach out, nothing reaches in."""
    intra: Mapping[str, Text]
    """Databases, caches and file systems: no way out at all."""
    public: Mapping[str, Text]
    """Gateways only."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key held by the cloud's key service."""

    arn: Text
    id: Text


@dataclass(frozen=True, kw_only=True)
class ObjectStore:
    """A bucket."""

    name: Text
    arn: Text
    key: Key


@dataclass(frozen=True, kw_only=True)
class FileStore:
    """A shared file system, mounted by the cluster's machines."""

    id: Text
    kind: str


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Image repositories: their addresses by name."""

    urls: Mapping[str, Text]
    arns: Mapping[str, Text]


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A Kubernetes control plane. `security_group` is what its machines have."""

    name: Text
    arn: Text
    endpoint: Text
    certificate: Text
    """The authority's, base64."""
    version: str
    security_group: Text


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A server that machines reach over TLS. `secret` names where its credentials are, never what they are."""

    host: Text
    port: int
    secret: Text
    authorities: str | None = None
    """ConfigMap whose `bundle.pem` are the certificates of those who vouch for it; the image's own when None."""


@dataclass(frozen=True, kw_only=True)
class RayRuntime:
    """A Ray cluster, as its tenants and workloads find it: addresses within the Kubernetes cluster."""

    address: Text
    """Of its control store, `host:port`, for drivers."""
    dashboard: Text
    """URL that jobs are sent to."""
    serve: Text
    """URL of what it serves."""
    labels: Mapping[str, str]
    """Of its pods, for network policies."""
    token: Text
    """Name of the Secret whose `auth_token` every call must show."""
