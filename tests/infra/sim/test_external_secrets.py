"""What stands in for external-secrets: which keys a Secret has, where no store tells its fields."""

from typing import Any

import pytest

from infra.plan.cluster.client import Client
from infra.plan.cluster.config import Config
from infra.sim.external_secrets import PLACEHOLDER, texts

STORED = {"dataFrom": [{"extract": {"key": "arn"}}]}


@pytest.mark.parametrize(
    ("spec", "keys"),
    [
        ({**STORED, "target": {"template": {"data": {"pg_service.conf": "{{ .password }}"}}}}, {"pg_service.conf"}),
        ({"data": [{"secretKey": "page", "remoteRef": {"key": "arn"}}]}, {"page"}),
        ({**STORED, "target": {"name": "cache"}}, {"username", "password"}),
    ],
)
def test_a_copy_has_a_placeholder_for_each_key_that_it_names(spec: dict[str, Any], keys: set[str]) -> None:
    nowhere = Client(Config(server="https://127.0.0.1:1", tls=None))  # no store and no server is asked
    wanted = {"metadata": {"name": "one", "namespace": "ray"}, "spec": spec}
    assert texts(nowhere, wanted) == dict.fromkeys(keys, PLACEHOLDER)
