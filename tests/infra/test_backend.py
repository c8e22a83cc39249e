"""Where a stack's state is kept."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.backend import RemoteEngine, engine_of, where
from infra.engine import Engine
from infra.errors import FalajError
from infra.home import PROJECT
from infra.plan.serve import attached
from infra.settings import load


def test_a_cloud_stack_keeps_its_state_in_its_country() -> None:
    settings = load(PROJECT / "stacks" / "Pulumi.uae-aws.yaml")
    backend, seal = where(settings)
    assert backend.startswith("s3://falaj-state-111122223333-me-central-1?region=me-central-1")
    assert seal == "awskms://alias/falaj-secrets?region=me-central-1"
    assert f"secretsprovider: {seal}\n" in (PROJECT / "stacks" / "Pulumi.uae-aws.yaml").read_text()
    engine = engine_of("uae-aws")
    assert isinstance(engine, RemoteEngine)
    assert engine.environment()["PULUMI_BACKEND_URL"] == backend
    assert type(engine_of("local")) is Engine


@pytest.mark.long
@pytest.mark.e2e
def test_an_engine_whose_state_is_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder stands in for the bucket, a passphrase for the key."""
    monkeypatch.setenv("FALAJ_HOME", str(tmp_path / "home"))
    tracked = PROJECT / "stacks" / "Pulumi.uae-aws.yaml"
    before, bucket = tracked.read_bytes(), tmp_path / "bucket"
    bucket.mkdir()
    with attached() as providers:
        engine = RemoteEngine("uae-aws", backend=f"file://{bucket}", added=providers)
        assert (engine.prepare(), engine.exists()) == (None, True)
        assert not engine.state().get("resources")
        steps = engine.plan().json["steps"]
        assert any("aws:eks/cluster:Cluster" in step["urn"] for step in steps)
        assert engine.outputs() == {}
        [found] = bucket.rglob("uae-aws.json")
        assert "falaj" in found.parts
        assert tracked.read_bytes() == before

        lock = bucket / ".pulumi" / "locks" / "organization" / "falaj" / "uae-aws" / "other.json"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.write_text('{"pid":1,"username":"someone","hostname":"elsewhere","timestamp":"2026-11-25T08:00:00Z"}')
        up = ["up", "--yes", "--skip-preview", "--stack", "uae-aws", "--config-file", str(engine.config_file)]
        said = "RUN-001 stack uae-aws: its state is locked, created by someone@elsewhere"
        with pytest.raises(FalajError, match=said):
            engine._pulumi(*up, cwd=PROJECT)
    assert not (tmp_path / "home" / "state" / ".pulumi").exists()


def test_a_stack_on_this_machine_needs_no_clouds_sdk(tmp_path: Path) -> None:
    """`make up` installs none."""
    code = "import sys; import infra.program, infra.regions.local, infra.cli.up, infra.cli.status, infra.cli.run;"
    code += "sys.exit(str([name for name in sys.modules if name.startswith(('pulumi_aws', 'pulumi_azure_native'))]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"
