"""Real registries on loopback, real images: what is copied, what is refused, and how a run that was killed goes on."""

import hashlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.home import PROJECT
from infra.toolchain import MIRROR, choose
from tests.rig import BIN

FOUND = choose(MIRROR, PROJECT / ".venv/bin", {})
pytestmark = pytest.mark.skipif(FOUND is None, reason="no crane: tools/bootstrap --mirror builds it")
LAYERS, LAYER = 6, 1 << 20


@dataclass(frozen=True)
class Registry:
    address: str
    disk: Path

    def crane(self, *arguments: str | Path) -> str:
        assert FOUND
        done = subprocess.run([FOUND.path, *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def digest(self, path: str) -> str:
        return self.crane("digest", f"{self.address}/{path}")


@pytest.fixture
def registries(tmp_path: Path) -> Iterator[tuple[Registry, Registry]]:
    """A source, and a mirror."""
    assert FOUND
    programs: list[subprocess.Popen[str]] = []
    made: list[Registry] = []
    for name in ("source", "mirror"):
        (tmp_path / name).mkdir()
        command = [FOUND.path, "registry", "serve", "--address", "127.0.0.1:0", "--disk", tmp_path / name]
        programs.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        made.append(Registry(f"127.0.0.1:{_port(programs[-1])}", tmp_path / name))
    yield made[0], made[1]
    for program in programs:
        program.terminate()
        program.communicate(timeout=10)


@pytest.fixture
def source(registries: tuple[Registry, Registry]) -> Registry:
    """It has one image of two platforms, signed."""
    registry = registries[0]
    _publish(registry, "team/server", "v1", ("amd64", "arm64"))
    signature = registry.digest("team/server:v1").replace(":", "-") + ".sig"
    _publish(registry, "team/server", signature, ("amd64",))
    return registry


@pytest.fixture
def mirror(registries: tuple[Registry, Registry]) -> Registry:
    return registries[1]


@pytest.fixture
def bill(source: Registry, tmp_path: Path) -> Path:
    return written(tmp_path, source, source.digest("team/server:v1"))


def written(folder: Path, source: Registry, digest: str, **more: str) -> Path:
    row = {"source": f"{source.address}/team/server", "version": "v1", "digest": digest, "digest_source": "here"}
    lines = [f"{key} = {json.dumps(text)}" for key, text in {**row, "license": "none", **more}.items()]
    file = folder / "bill.toml"
    file.write_text("\n".join(["[images.server]", *lines]) + "\n")
    return file


def falaj(*arguments: str | Path, exit_code: int = 0) -> dict[str, Any]:
    command = [BIN / "falaj", "mirror", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT, timeout=60)
    assert done.returncode == exit_code, f"{arguments}: {done.stdout}\n{done.stderr}"
    return json.loads(done.stdout)


def done(answer: dict[str, Any]) -> list[str]:
    return [one["done"] for one in answer["images"]]


def code(answer: dict[str, Any]) -> str:
    return answer["images"][0]["error"]["code"]


def test_an_image_is_copied_with_all_platforms_and_its_signature_and_no_second_time(
    source: Registry, mirror: Registry, bill: Path
) -> None:
    to = f"{mirror.address}/falaj"
    assert done(falaj(to, "--bill", bill, "--dry-run")) == ["to copy"]
    assert mirror.crane("catalog", mirror.address) == ""
    assert done(falaj(to, "--bill", bill)) == ["copied, signed"]
    digest = source.digest("team/server:v1")
    assert mirror.digest("falaj/team/server:v1") == digest
    assert _blobs(mirror).keys() == _blobs(source).keys()
    assert mirror.digest(f"falaj/team/server:{digest.replace(':', '-')}.sig")
    assert done(falaj(to, "--bill", bill)) == ["there"]


def test_what_the_source_has_under_the_version_must_be_what_the_bill_says(
    source: Registry, mirror: Registry, bill: Path, tmp_path: Path
) -> None:
    to, digest = f"{mirror.address}/falaj", source.digest("team/server:v1")
    _publish(source, "team/server", "v1", ("amd64", "arm64"))
    answer = falaj(to, "--bill", bill, exit_code=7)
    assert (done(answer), code(answer)) == (["refused"], "FALAJ-MIR-002")
    assert source.digest("team/server:v1") in answer["images"][0]["error"]["problem"]
    assert digest in answer["images"][0]["error"]["problem"]
    assert mirror.crane("catalog", mirror.address) == ""


def test_a_digest_of_one_platform_is_taken_for_that_only(source: Registry, mirror: Registry, tmp_path: Path) -> None:
    to, tag = f"{mirror.address}/falaj", f"{source.address}/team/server:v1"
    one = source.crane("digest", "--platform=linux/arm64", tag)
    assert code(falaj(to, "--bill", written(tmp_path, source, one), exit_code=7)) == "FALAJ-MIR-002"
    wrong = written(tmp_path, source, one, platform="linux/amd64")
    assert code(falaj(to, "--bill", wrong, exit_code=7)) == "FALAJ-MIR-002"
    right = written(tmp_path, source, one, platform="linux/arm64")
    assert done(falaj(to, "--bill", right)) == ["copied"]
    assert mirror.digest("falaj/team/server:v1") == one


def test_what_somebody_else_pushed_to_the_mirror_is_not_taken_for_the_image(mirror: Registry, bill: Path) -> None:
    _publish(mirror, "falaj/team/server", "v1", ("amd64",))
    other = mirror.digest("falaj/team/server:v1")
    assert code(falaj(f"{mirror.address}/falaj", "--bill", bill, exit_code=7)) == "FALAJ-MIR-004"
    assert mirror.digest("falaj/team/server:v1") == other


def test_an_image_that_cannot_be_had_holds_up_no_other(source: Registry, mirror: Registry, bill: Path) -> None:
    text = bill.read_text()
    gone = text.replace("images.server", "images.gone").replace("team/server", "team/gone")
    away = text.replace("images.server", "images.away").replace(source.address, "127.0.0.1:9")
    bill.write_text(gone + away + text)
    answer = falaj(f"{mirror.address}/falaj", "--bill", bill, exit_code=7)
    assert done(answer) == ["refused", "failed", "copied, signed"]
    codes = [one["error"]["code"] for one in answer["images"] if "error" in one]
    assert codes == ["FALAJ-MIR-002", "FALAJ-MIR-003"]
    assert done(falaj(f"{mirror.address}/falaj", "--bill", bill, "--only", "server")) == ["there"]


def test_a_saved_image_is_loaded_where_no_source_can_be_reached(
    source: Registry, mirror: Registry, bill: Path, tmp_path: Path
) -> None:
    folder, to = tmp_path / "carried", f"{mirror.address}/falaj"
    assert done(falaj("--save", folder, "--bill", bill)) == ["saved"]
    assert done(falaj("--save", folder, "--bill", bill)) == ["there"]
    digest = source.digest("team/server:v1")
    bill.write_text(bill.read_text().replace(source.address, "127.0.0.1:9"))
    assert done(falaj(to, "--load", folder, "--bill", bill)) == ["copied"]
    assert mirror.digest("falaj/team/server:v1") == digest


@pytest.mark.parametrize("harm", ["changed", "cut short", "of another bill"])
def test_a_saved_image_that_was_changed_on_its_way_is_refused(
    harm: str, source: Registry, mirror: Registry, bill: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "carried"
    falaj("--save", folder, "--bill", bill)
    blob = max((folder / "server/blobs/sha256").iterdir(), key=lambda file: file.stat().st_size)
    if harm == "changed":
        blob.write_bytes(blob.read_bytes()[:-1] + b"\0\0")
    elif harm == "cut short":
        blob.write_bytes(blob.read_bytes()[:-1])
    else:
        bill = written(tmp_path, source, f"sha256:{'0' * 64}")
    answer = falaj(f"{mirror.address}/falaj", "--load", folder, "--bill", bill, exit_code=7)
    assert code(answer) == "FALAJ-MIR-005"
    assert mirror.crane("catalog", mirror.address) == ""


def test_a_run_that_was_killed_goes_on_where_it_was(source: Registry, mirror: Registry, tmp_path: Path) -> None:
    _publish(source, "team/server", "v1", ("amd64", "arm64"), layers=40)
    bill, to = written(tmp_path, source, source.digest("team/server:v1")), f"{mirror.address}/falaj"
    command = [BIN / "falaj", "mirror", to, "--bill", bill]
    running = subprocess.Popen(command, cwd=PROJECT, start_new_session=True, stdout=subprocess.DEVNULL)
    while len(kept := _blobs(mirror)) < 4:
        assert running.poll() is None, "it was done before it could be killed"
        time.sleep(0.005)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    kept = _blobs(mirror)
    assert mirror.crane("catalog", mirror.address) == "", "it was done before it was killed"
    assert done(falaj(to, "--bill", bill)) == ["copied"]
    assert mirror.digest("falaj/team/server:v1") == source.digest("team/server:v1")
    again = _blobs(mirror)
    assert len(again) > len(kept)
    assert {blob: again[blob] for blob in kept} == kept, "what was there was sent again"


@pytest.mark.parametrize("arguments", [(), ("--load", "x"), ("host/path", "--save", "x")])
def test_it_goes_to_a_registry_or_to_a_folder(arguments: tuple[str, ...]) -> None:
    assert falaj(*arguments, exit_code=2)["error"]["code"] == "FALAJ-MIR-006"


def test_only_images_of_a_bill_can_be_asked_for(bill: Path) -> None:
    assert falaj("host", "--bill", bill, "--only", "nothing", exit_code=2)["error"]["code"] == "FALAJ-MIR-007"
    bill.write_text('[images.server]\nsource = "a/b"\n')
    assert falaj("host", "--bill", bill, exit_code=3)["error"]["code"] == "FALAJ-MIR-008"


def _port(program: subprocess.Popen[str]) -> str:
    assert program.stderr
    for line in program.stderr:
        if found := re.search(r"serving on port (\d+)", line):
            return found[1]
    raise AssertionError("the registry does not serve")


def _blobs(registry: Registry) -> dict[str, int]:
    """When each whole blob of the registry was written."""
    files = [file for file in registry.disk.rglob("*") if re.fullmatch(r"[0-9a-f]{64}", file.name)]
    return {file.name: file.stat().st_mtime_ns for file in files}


def _publish(registry: Registry, path: str, tag: str, platforms: tuple[str, ...], layers: int = LAYERS) -> None:
    """An image whose layers are noise; of more platforms than one, under an index."""
    folder = registry.disk.parent / f"{path.replace('/', '-')}-{os.urandom(4).hex()}"
    (folder / "blobs/sha256").mkdir(parents=True)
    manifests = [_manifest(folder, platform, layers) for platform in platforms]
    index: dict[str, Any] = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json"}
    top = manifests[0] if len(platforms) == 1 else _json(folder, {**index, "manifests": manifests}, index["mediaType"])
    (folder / "index.json").write_text(json.dumps({**index, "manifests": [top]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    registry.crane("push", folder, f"{registry.address}/{path}:{tag}")


def _manifest(folder: Path, platform: str, layers: int) -> dict[str, Any]:
    kind = "application/vnd.oci.image.layer.v1.tar"
    blobs = [_blob(folder, os.urandom(LAYER), kind) for _ in range(layers)]
    rootfs = {"type": "layers", "diff_ids": [blob["digest"] for blob in blobs]}
    config = {"architecture": platform, "os": "linux", "rootfs": rootfs}
    about: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": _json(folder, config, "application/vnd.oci.image.config.v1+json"),
        "layers": blobs,
    }
    return {**_json(folder, about, about["mediaType"]), "platform": {"architecture": platform, "os": "linux"}}


def _json(folder: Path, document: dict[str, Any], kind: str) -> dict[str, Any]:
    return _blob(folder, json.dumps(document).encode(), kind)


def _blob(folder: Path, content: bytes, kind: str) -> dict[str, Any]:
    name = hashlib.sha256(content).hexdigest()
    (folder / "blobs/sha256" / name).write_bytes(content)
    return {"mediaType": kind, "digest": f"sha256:{name}", "size": len(content)}
