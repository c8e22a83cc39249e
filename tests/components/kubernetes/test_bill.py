import re
from pathlib import Path

import pytest

from components.kubernetes.bill import Image, bill, image, read
from infra.toolchain import RENDERER, SIM, in_cache, sha256
from tools.manifests.__main__ import write

MANIFESTS = sorted(bill().manifests)


def one(**more: str) -> Image:
    facts = {"name": "x", "source": "quay.io/team/x", "version": "v1", "digest": f"sha256:{'a' * 64}"}
    return Image(**{**facts, "digest_source": "here", "license": "MIT", **more})


def test_an_image_keeps_its_path_below_the_mirror() -> None:
    assert one().at("10.0.0.5:5000/falaj") == f"10.0.0.5:5000/falaj/team/x:v1@sha256:{'a' * 64}"


@pytest.mark.parametrize("digest", ["", "sha256:", "sha256:" + "A" * 64, "a" * 64, f"sha256:{'a' * 64}\n"])
def test_what_is_no_digest_is_refused(digest: str) -> None:
    with pytest.raises(ValueError, match="is no digest"):
        one(digest=digest)


def test_who_asks_for_an_image_that_is_not_there_is_told_which_are() -> None:
    with pytest.raises(ValueError, match=r"no image 'rya-cpu'.*ray-cpu"):
        image("rya-cpu")


@pytest.mark.parametrize("name", sorted(bill().images))
def test_each_image_says_what_it_is_and_where_its_digest_was_read(name: str) -> None:
    found = image(name)
    assert re.fullmatch(r"[\w.-]+\.(io|aws)(/[a-z0-9._-]+)+", found.source)
    assert found.digest_source
    assert found.license
    assert "latest" not in found.version


def test_all_pods_of_a_ray_cluster_are_of_one_ray_and_one_python() -> None:
    versions = {"-".join(image(name).version.split("-")[:2]) for name in ("ray-cpu", "ray-gpu")}
    assert len(versions) == 1


@pytest.mark.parametrize("name", MANIFESTS)
def test_vendored_files_are_what_the_bill_says(name: str) -> None:
    found = bill().manifests[name]
    files = {"crds.jsonl": found.types} | ({"objects.yaml": found.objects} if found.objects else {})
    assert {file.name: f"sha256:{sha256(file)}" for file in found.folder.iterdir()} == files


@pytest.mark.e2e
@pytest.mark.skipif(in_cache(RENDERER) is None, reason="no helm: tools/bootstrap --renderer builds it")
@pytest.mark.parametrize("name", MANIFESTS)
def test_they_are_rendered_from_their_modules_alike_each_time(name: str, tmp_path: Path) -> None:
    assert write(bill().manifests[name], tmp_path) == []


def test_a_bill_of_ones_own_needs_no_manifests(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    rows = [f'{key} = "{text}"' for key, text in vars(one()).items() if key != "name"]
    file.write_text("\n".join(["[images.x]", *rows]))
    assert read(file).images["x"] == one()


def test_the_simulated_operator_is_the_one_whose_types_are_vendored() -> None:
    (tool,) = [one for one in SIM if one.name == "kuberay-operator"]
    assert f"v{tool.version}" == bill().manifests["kuberay-operator"].version
