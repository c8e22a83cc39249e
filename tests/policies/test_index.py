"""The index that a question is sent with, against the one that Rego makes of the same resources."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.gate import bundle, opa
from policies.gate.document import Document, Resource, Stack
from policies.gate.index import index, kind

types = st.sampled_from(
    [
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketV2:BucketV2",
        "aws:ec2/vpc:Vpc",
        "azure-native:storage/v20250601:StorageAccount",
        "azure-native:storage:StorageAccount",
        "kubernetes:core/v1:Pod",
        "kubernetes:ray.io/v1:RayCluster",
        "kubernetes:apps/v1beta1:Deployment",
        "pulumi:providers:aws",
    ]
)
urns = st.sampled_from("abcdef")
resources = st.dictionaries(
    urns,
    st.builds(
        lambda kind, edges: Resource(type=kind, edges=edges), types, st.dictionaries(st.just("p"), st.lists(urns))
    ),
)
operations = st.dictionaries(urns, st.sampled_from(["create", "delete", "same"]))


def test_kinds() -> None:
    assert kind("azure-native:storage/v20250601:StorageAccount") == "azure-native:storage:StorageAccount"
    assert kind("aws:s3/bucketV2:BucketV2") == "aws:s3/bucket:Bucket"
    assert kind("aws:ec2/vpc:Vpc") == "aws:ec2/vpc:Vpc"
    assert kind("kubernetes:core/v1:Pod") == "kubernetes:core:Pod"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(resources, operations)
def test_both_say_the_same(tmp_path: Path, resources: dict[str, Resource], operations: Any) -> None:
    question = Document(gate="plan", stack=Stack(), resources=resources, operations=operations).as_input()
    file = tmp_path / "input.json"
    file.write_text(json.dumps(question))
    arguments = ("eval", "--format", "raw", "-d", str(bundle.REGO / "lib"), "-i", str(file), "data.falaj.subject.index")
    theirs = json.loads(opa.run(opa.binary(), *arguments))
    ours = index(question["resources"], question["operations"])
    assert _as_sets(ours) == _as_sets(theirs)


def _as_sets(found: dict[str, Any]) -> dict[str, Any]:
    lists = {name: {key: set(urns) for key, urns in found[name].items()} for name in ("by_type", "into")}
    return {"kinds": found["kinds"], **lists}
