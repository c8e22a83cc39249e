import configparser
from functools import cache
from typing import Any

import pytest

from components.aws.identity import DUTIES
from components.contracts import Endpoint
from components.kubernetes.secrets import Secrets, SecretsArgs
from components.kubernetes.tracking import FOLDER, NAMESPACE, PORT, URL, Tracking, TrackingArgs, reached
from tests.components.kubernetes import rig

ARN = "arn:aws:secretsmanager:me-central-1:111122223333:secret:rds!db-1-AbCdEf"
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
DATABASE = Endpoint(host="mlflow.example.ae", port=5432, secret=ARN)
BUCKET = "uae-aws-artifacts-111122223333-me-central-1"


@cache
def made(authorities: str | None = PEM) -> dict[str, rig.Made]:
    def build() -> None:
        context = rig.context()
        role = "arn:aws:iam::111122223333:role/uae-aws-secrets-mlflow"
        secrets = Secrets("secrets", SecretsArgs(context=context, region="me-central-1", readers={NAMESPACE: role}))
        args = TrackingArgs(
            context=context,
            region="me-central-1",
            database=DATABASE,
            authorities=authorities,
            bucket=BUCKET,
            clients=["ray"],
            after=secrets.ready,
        )
        Tracking("mlflow", args)

    return rig.deployed(build)


def spec(authorities: str | None = PEM) -> dict[str, Any]:
    return made(authorities)["tracking-server"].inputs["spec"]["template"]["spec"]


def service(authorities: str | None = PEM) -> dict[str, str]:
    """What libpq reads, as it is before the operator puts the user and the password in."""
    template = made(authorities)["mlflow-database-wanted"].inputs["spec"]["target"]["template"]["data"]
    read = configparser.RawConfigParser()
    read.read_string(template["pg_service.conf"])
    return dict(read["tracking"])


@pytest.mark.parametrize("authorities", [None, PEM])
def test_the_gate_finds_nothing_but_that_the_bucket_is_not_made_here(authorities: str | None) -> None:
    assert set(rig.findings(made(authorities), "IMG-003")) == {("RES-009", "tracking-server")}


def test_its_types_take_all_that_is_asked_of_them() -> None:
    assert rig.refused(made()) == {}


def test_it_is_who_the_cloud_gives_the_folder_to() -> None:
    duty = DUTIES["tracking"]
    assert (duty.namespace, duty.service_account) == (NAMESPACE, spec()["serviceAccountName"])
    assert duty.writes == duty.reads == {"artifacts": [f"{FOLDER}/"]}
    (server,) = spec()["containers"]
    assert f"--artifacts-destination=s3://{BUCKET}/{FOLDER}" in server["args"]


def test_the_database_is_known_by_a_file_that_follows_the_clouds_secret() -> None:
    wanted = made()["mlflow-database-wanted"].inputs["spec"]
    assert wanted["dataFrom"] == [{"extract": {"key": ARN}}]
    said = service()
    assert (said["host"], said["port"], said["dbname"]) == (DATABASE.host, "5432", "mlflow")
    assert (said["user"], said["password"]) == ("{{ .username }}", "{{ .password }}")
    volumes = {one["name"]: one for one in spec()["volumes"]}
    assert volumes["connection"]["secret"]["secretName"] == wanted["target"]["name"]
    for one in (*spec()["initContainers"], *spec()["containers"]):
        (at,) = [mount["mountPath"] for mount in one["volumeMounts"] if mount["name"] == "connection"]
        env = {variable["name"]: variable["value"] for variable in one["env"]}
        assert env["PGSERVICEFILE"] == f"{at}/pg_service.conf"
        assert any(
            text.endswith("postgresql+psycopg2://?service=tracking") for text in [*one["command"], *one.get("args", [])]
        )


def test_the_database_is_checked_by_its_authorities_where_there_are_any_and_sealed_always() -> None:
    assert service(None)["sslmode"] == "require"
    assert service()["sslmode"] == "verify-full"
    for one in (*spec()["initContainers"], *spec()["containers"]):
        (at,) = [mount["mountPath"] for mount in one["volumeMounts"] if mount["name"] == "authorities"]
        assert service()["sslrootcert"] == f"{at}/bundle.pem"
    assert made()["tracking-authorities"].inputs["data"] == {"bundle.pem": PEM}
    assert "tracking-authorities" not in made(None)


def test_the_schema_is_there_before_the_server_and_the_secret_before_both() -> None:
    (migration,) = spec()["initContainers"]
    assert migration["command"][:3] == ["mlflow", "db", "upgrade"]
    assert migration["image"] == spec()["containers"][0]["image"]
    assert made()["tracking-server"].depends_on >= {"mlflow-database-wanted", "tracking-authorities"}


def test_it_answers_to_its_own_names_only() -> None:
    service = made()["tracking-service"].inputs["metadata"]
    assert f"http://{service['name']}.{service['namespace']}.svc:{PORT}" == URL
    (server,) = spec()["containers"]
    (hosts,) = [text.partition("=")[2].split(",") for text in server["args"] if text.startswith("--allowed-hosts=")]
    assert URL.removeprefix("http://") in hosts
    assert not [host for host in hosts if "*" in host]


def test_a_file_on_its_way_has_room() -> None:
    volumes = {one["name"]: one for one in spec()["volumes"]}
    (server,) = spec()["containers"]
    assert volumes["tmp"]["emptyDir"]["sizeLimit"] == "8Gi"
    assert server["resources"]["limits"]["ephemeral-storage"] == "9Gi"


def test_its_clients_reach_it_and_it_reaches_the_database_and_the_network_alone() -> None:
    wall = made()["mlflow-space-tracking"].inputs["spec"]
    (way,) = wall["ingress"]
    assert way["from"][0]["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "ray"}
    assert [port["port"] for port in way["ports"]] == [PORT]
    ranges = {rule["to"][0]["ipBlock"]["cidr"]: [port["port"] for port in rule["ports"]] for rule in wall["egress"]}
    assert ranges == {"169.254.170.23/32": [80], "10.20.0.0/16": [443, 5432]}
    assert reached().pods == wall["podSelector"]["matchLabels"]
