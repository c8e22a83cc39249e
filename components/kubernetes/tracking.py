"""MLflow's tracking server: runs and metrics in the region's PostgreSQL, files in its object store if it has one.

Files go through the server, so that who logs needs no right in the store. It knows no users: whom the namespace's wall
lets in may read and write all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pulumi

from components.contracts import Endpoint, Text
from components.kubernetes.context import Context, selector
from components.kubernetes.flow import Flow, Peer, credentials, network
from components.kubernetes.monitoring.files import Files
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.pod import Claim, container
from components.kubernetes.secrets import SecretCopy, SecretCopyArgs
from components.kubernetes.server import Server, ServerArgs

NAMESPACE, ACCOUNT, PORT = "mlflow", "tracking", 5000
"""The account is what the cloud gives the right to the store's `FOLDER` (`components.aws.identity.DUTIES`)."""
URL = f"http://{ACCOUNT}.{NAMESPACE}.svc:{PORT}"
"""Where others in the cluster reach it. A text, so that a plan shows that it does not leave the cluster (RES-009)."""
FOLDER = "mlflow"
SECRET, KEYS = "database", "store"
_SERVICES = "pg_service.conf"
_CONNECTION, _AUTHORITIES = "/etc/tracking/connection", "/etc/tracking/authorities"
_BUNDLE = "bundle.pem"
_STORE_AT, _STORE_FILE = "/etc/tracking/store", "store.ini"
# As AWS's clients read it: a key in a variable would be every process's.
_OF_STORE = "[default]\naws_access_key_id = {{ .access_key }}\naws_secret_access_key = {{ .secret_key }}\n"
# What libpq knows of the service: no password is in an argument or a variable. SQLAlchemy chooses another driver by
# itself, by its version; the image has this one.
_STORE = f"postgresql+psycopg2://?service={ACCOUNT}"
# A file on its way is whole in here.
_LARGEST = "8Gi"
# A process takes 270 MB, and another holds the two.
_WORKERS, _MEMORY = 2, "2Gi"


@dataclass(frozen=True, kw_only=True)
class Store:
    """An object store that speaks S3, and is not AWS's."""

    endpoint: str
    """Its URL."""
    secret: Text
    """Name of a secret with `access_key` and `secret_key`."""

    @property
    def port(self) -> int:
        """At which it answers."""
        return urlsplit(self.endpoint).port or 443


@dataclass(frozen=True, kw_only=True)
class TrackingArgs:
    context: Context
    region: str
    """Of the cloud, where the bucket is; without `store` only."""
    database: Endpoint
    """Its secret is the name or ARN of one with `username` and `password`, without spaces at their ends."""
    name: str = "mlflow"
    """Of the database."""
    authorities: str | None = None
    """Certificates (PEM) of those who vouch for the database; what it shows is not looked at when None."""
    bucket: Text | None
    """Runs have no files when None: who logs one is told so."""
    store: Store | None = None
    """Where the bucket is; AWS, by the pods' own identity, when None."""
    clients: Sequence[str]
    """Namespaces whose pods reach it."""
    after: Sequence[pulumi.Resource] = ()


class Tracking(pulumi.ComponentResource):
    def __init__(self, name: str, args: TrackingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Tracking", name, {}, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        around = NamespaceArgs(context=args.context, name=NAMESPACE, flows=_flows(args), after=args.after)
        self._space = Namespace(f"{name}-space", around, self._child).name
        self._server()
        self.register_outputs({})

    def _server(self) -> None:
        args, authorities = self._args, self._authorities()
        trusted = {"authorities": authorities.volume} if authorities else {}
        made = ServerArgs(
            context=args.context,
            namespace=self._space,
            before=[_migration(args)],
            containers=[_container(args)],
            ports={"http": PORT},
            replicas=2,
            volumes={
                "tmp": {"emptyDir": {"sizeLimit": _LARGEST}},
                "connection": {"secret": {"secretName": SECRET}},
                **trusted,
                **({"keys": {"secret": {"secretName": KEYS}}} if args.store else {}),
            },
            annotations=authorities.digest if authorities else {},
            after=[*self._connection(), *self._keys(), *([authorities.make(self._child)] if authorities else [])],
        )
        Server(ACCOUNT, made, self._child)

    def _connection(self) -> Sequence[pulumi.Resource]:
        """RDS changes the password every week. libpq reads the file at each connection, so nothing starts again."""
        args = self._args
        copy = SecretCopyArgs(
            context=args.context,
            namespace=self._space,
            secret=SECRET,
            remote=args.database.secret,
            template={_SERVICES: _service(args)},
            refresh="1m",
            after=args.after,
        )
        return SecretCopy(f"{self._name}-database", copy, self._child).ready

    def _keys(self) -> Sequence[pulumi.Resource]:
        """Of a store that knows pods by no identity of theirs."""
        args = self._args
        if args.store is None:
            return []
        copy = SecretCopyArgs(
            context=args.context,
            namespace=self._space,
            secret=KEYS,
            remote=args.store.secret,
            template={_STORE_FILE: _OF_STORE},
            after=args.after,
        )
        return SecretCopy(f"{self._name}-store", copy, self._child).ready

    def _authorities(self) -> Files | None:
        pem = self._args.authorities
        return Files("tracking-authorities", self._args.context, self._space, {_BUNDLE: pem}) if pem else None


def _service(args: TrackingArgs) -> pulumi.Output[str]:
    """How the database is reached, as libpq reads it: a value goes to the line's end and needs no escape."""
    seal = f"sslmode=verify-full\nsslrootcert={_AUTHORITIES}/{_BUNDLE}" if args.authorities else "sslmode=require"
    user = "user={{ .username }}\npassword={{ .password }}"
    return pulumi.Output.concat(
        f"[{ACCOUNT}]\nhost=", args.database.host, f"\nport={args.database.port}\ndbname={args.name}\n{user}\n{seal}\n"
    )


def _migration(args: TrackingArgs) -> dict[str, Any]:
    """Of two that begin at once PostgreSQL lets one through; the other one starts again and finds it done."""
    return _mlflow(
        "migration", args, ["mlflow", "db", "upgrade", _STORE], Claim(cpu="250m", cpu_limit="1", memory="1Gi")
    )


def _container(args: TrackingArgs) -> dict[str, Any]:
    health: dict[str, Any] = {"httpGet": {"path": "/health", "port": "http"}}
    return _mlflow(
        ACCOUNT,
        args,
        ["mlflow", "server", "--host", "0.0.0.0", "--port", str(PORT), "--workers", str(_WORKERS)],  # noqa: S104
        Claim(cpu="250m", cpu_limit="2", memory=_MEMORY, disk="9Gi"),
        args=[
            f"--backend-store-uri={_STORE}",
            *_artifacts(args),
            # Refusing other Host headers keeps web pages from reaching it through a name of their own.
            f"--allowed-hosts={','.join(_hosts())}",
        ],
        ports={"http": PORT},
        startupProbe={**health, "periodSeconds": 5, "failureThreshold": 36},
        readinessProbe=health,
        livenessProbe={**health, "timeoutSeconds": 5},
    )


def _artifacts(args: TrackingArgs) -> list[Any]:
    """Without a bucket, clients are still sent here with their files, and refused."""
    if args.bucket is None:
        return ["--no-serve-artifacts", "--default-artifact-root=mlflow-artifacts:/"]
    return ["--serve-artifacts", pulumi.Output.concat("--artifacts-destination=s3://", args.bucket, f"/{FOLDER}")]


def _store(args: TrackingArgs) -> dict[str, Any]:
    """What the client of S3 reads from its environment."""
    if args.store is None:
        return {"AWS_DEFAULT_REGION": args.region}
    return {
        "AWS_ENDPOINT_URL_S3": args.store.endpoint,
        "AWS_SHARED_CREDENTIALS_FILE": f"{_STORE_AT}/{_STORE_FILE}",
    }


def _mlflow(name: str, of: TrackingArgs, command: Sequence[str], claim: Claim, **more: Any) -> dict[str, Any]:
    trusted = {"authorities": _AUTHORITIES} if of.authorities else {}
    keys = {"keys": _STORE_AT} if of.store else {}
    mounts = {"connection": _CONNECTION, **trusted, **keys}
    return container(
        name,
        of.context.image("mlflow"),
        claim,
        command=command,
        env={
            "HOME": "/tmp",  # noqa: S108  a volume of the pod's own
            # Copies would each run the server's own jobs, which ask models of others.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "PGSERVICEFILE": f"{_CONNECTION}/{_SERVICES}",
            "PYTHONDONTWRITEBYTECODE": "1",
            **_store(of),
        },
        mounts=mounts,
        read_only=list(mounts),
        **more,
    )


def _hosts() -> list[str]:
    """By what names it is called in the cluster, and by whoever forwards its port."""
    service = f"{ACCOUNT}.{NAMESPACE}"
    names = [service, f"{service}.svc", f"{service}.svc.cluster.local", "localhost"]
    return [f"{one}:{PORT}" for one in names]


def _flows(args: TrackingArgs) -> list[Flow]:
    """Its clients in, the database and the cloud's endpoints in the network out."""
    clients = [Peer(ports=[PORT], namespace=client) for client in args.clients]
    store = args.store.port if args.store else 443
    out = [*credentials(args.context), *network(args.context, store, args.database.port)]
    return [Flow(name=ACCOUNT, pods=selector(ACCOUNT), ingress=clients, egress=out)]


def url() -> str:
    """Where it is reached in the cluster."""
    return f"http://{ACCOUNT}.{NAMESPACE}.svc:{PORT}"


def reached() -> Peer:
    """The way to it, for its clients' walls."""
    return Peer(ports=[PORT], namespace=NAMESPACE, pods=selector(ACCOUNT))
