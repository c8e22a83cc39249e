"""Hostile kubeconfigs (mirrors no module): who is asked to look where one leads, and who speaks to the server."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given

from infra.kubeconfig import require_server
from infra.plan.cluster.config import Config
from tests.fuzz.hostile import QUICK, TEXTS, as_yaml, ends_well, every, of_yaml, written
from tests.infra.test_given import settings as given_settings

CLUSTER = given_settings().cluster
SOUND = yaml.safe_dump(
    {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "dc1",
        "contexts": [{"name": "dc1", "context": {"cluster": "dc1", "user": "me"}}],
        "clusters": [{"name": "dc1", "cluster": {"server": "https://api.dc1.example.ae:6443"}}],
        "users": [{"name": "me", "user": {"token": "t"}}],
    }
)


def read(file: Path) -> None:
    looked_at(file)
    spoken_to(file)


def looked_at(file: Path) -> None:
    cluster = CLUSTER.model_copy(update={"kubeconfig": str(file)})
    found = ends_well(lambda: require_server(cluster, "stacks/x"))
    assert found in (file, "CFG-031")


def spoken_to(file: Path) -> None:
    found = ends_well(lambda: Config.load(file))
    assert isinstance(found, Config) or found == "KUBE-005"
    if isinstance(found, Config):
        assert (type(found.server), type(found.token)) == (str, str)


@given(data=of_yaml(SOUND))
@QUICK
def test_a_changed_kubeconfig(tmp_path: Path, data: bytes) -> None:
    read(written(tmp_path / "config", data))


@pytest.mark.parametrize("text", TEXTS)
def test_no_kubeconfig(text: bytes, tmp_path: Path) -> None:
    read(written(tmp_path / "config", text))


def test_each_value_in_each_place(tmp_path: Path) -> None:
    sound = yaml.safe_load(SOUND)
    for changed in every(sound):
        looked_at(written(tmp_path / "config", as_yaml(changed)))
    sound["clusters"][0]["cluster"]["server"] = "http://127.0.0.1:1"  # no certificates to load, which takes a while
    for changed in every(sound):
        spoken_to(written(tmp_path / "config", as_yaml(changed)))


def test_certificates_that_are_none(tmp_path: Path) -> None:
    document = yaml.safe_load(SOUND)
    for key in ("certificate-authority-data", "certificate-authority"):
        for value in ("AAAA", "!", "\u00e9", "", 5, ["x"], str(tmp_path), "../none"):
            document["clusters"][0]["cluster"] = {"server": "https://x.ae", key: value}
            read(written(tmp_path / "config", as_yaml(document)))
    for key in ("client-certificate-data", "client-certificate"):
        for value in ("AAAA", "!", 5, ["x"], str(tmp_path)):
            document["clusters"][0]["cluster"] = {"server": "https://x.ae"}
            document["users"][0]["user"] = {key: value, "client-key-data": "AAAA"}
            read(written(tmp_path / "config", as_yaml(document)))
