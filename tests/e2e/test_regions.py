"""The region stacks as they are shipped: planned, stood up, changed and taken away by the real engine and the gate."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.engine import Engine
from infra.home import PROJECT
from infra.plan.change import Change, changes
from infra.plan.rehearsal import planned, rehearsal
from tests.rig import Platform, make_platform

STACKS = ("uae-aws", "uae-aws-smb", "eu-aws", "uae-onprem")
GOLDEN = Path(__file__).with_name("golden")
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture
def shipped(tmp_path: Path) -> Platform:
    platform = make_platform(tmp_path)
    for stack in STACKS:
        name = f"Pulumi.{stack}.yaml"
        (platform.stacks / name).write_text((PROJECT / "stacks" / name).read_text())
    return platform


@pytest.mark.parametrize("stack", STACKS)
def test_a_region_is_planned_allowed_and_as_it_was(shipped: Platform, stack: str) -> None:
    """That it plans proves that it looks nothing up: a plan provider refuses every call and ends the run."""
    found = shipped.json("plan", stack)
    assert found["decision"]["verdict"] == "allow"
    asked = {finding["policy"] for finding in found["decision"]["findings"]}
    # Open are who approves, the name of the secret that RDS makes, and, with Ray, where the cache will answer.
    open_ = {"uae-onprem": {"IAM-007"}, "uae-aws": {"IAM-001", "IAM-007", "RAY-003"}}
    assert asked == open_.get(stack, {"IAM-001", "IAM-007"})
    assert found["operations"] == {"create": found["resources"]}
    kept = (GOLDEN / f"{stack}.txt").read_text().splitlines()
    urns = sorted(one["urn"].split("::", 2)[2] for one in found["changes"])
    assert urns == kept, "an address that changes replaces its resource: give it an alias, then write the new one here"


REACHED: dict[str, tuple[str, Any]] = {
    "BCK-001": ("backup.test_schedule", None),
    "CST-001": ("policy.monthly_budget", 1000),
    "ENC-004": ("keys.deletion_days", 7),
    "GPU-001": ("policy.max_gpus", 1),
    "IMG-003": ("platform.signers", []),
    "LOG-003": ("stores.retention_days", 30),
    "LOG-004": ("network.flow_log_days", 30),
    "NET-006": ("policy.egress_cidrs", []),
    "RES-011": ("lawful_basis", ""),
}
"""Rules that a stack file can break, and the setting that does."""
BY_CONSTRUCTION = {
    "DEL-001": "what holds data is protected and retained in prod",
    "DEL-003": "desired sizes alone are ignored",
    "ENC-001": "every bucket has its key",
    "ENC-002": "every database, cache, file system, vault and disk has its key",
    "ENC-003": "the cluster has its key",
    "ENC-005": "TLS is asked for by every bucket, file system, database and cache",
    "ENC-007": "key policies name the purpose's services",
    "ENC-008": "no setting is a secret",
    "IAM-001": "rights are on named resources",
    "IAM-002": "trust is bound to the account, a pipeline or a cluster's pods",
    "IAM-003": "pods have their own roles, by service account",
    "IAM-004": "roles in the cluster name what they are for",
    "IAM-005": "policies name principals or narrow them",
    "IAM-006": "metadata wants a token, of one hop",
    "IMG-001": "the bill has a digest for every image",
    "IMG-002": "repositories scan, and keep their tags",
    "IMG-004": "every image is of the mirror",
    "K8S-001": "every namespace is restricted",
    "K8S-002": "every container is hardened in one place, and what hands out GPUs is known by name",
    "K8S-003": "every container claims",
    "K8S-004": "all is shared",
    "K8S-005": "a token has its reason",
    "LOG-001": "all control-plane logs are on",
    "LOG-002": "the trail and its validation are on",
    "NET-001": "every bucket blocks the public",
    "NET-002": "nobody outside is let in",
    "NET-003": "the endpoint is private",
    "NET-004": "databases and machines have no public address",
    "NET-005": "every namespace is closed first",
    "NET-007": "flow logs are on for all traffic",
    "NET-008": "every network has the private ways it needs",
    "NET-009": "services are the cluster's own",
    "RES-001": "a region outside of the jurisdiction is CFG-009",
    "RES-003": "no backup is copied",
    "RES-005": "nothing is sent abroad",
    "RES-006": "keys are of one region",
    "RES-007": "repositories are not replicated",
    "RES-008": "nothing asks a model elsewhere",
    "RES-013": "the cluster is the region's own",
    "RES-009": "disks and buckets of work are the region's",
    "TAG-001": "every tag has a setting that may not be empty",
    "TAG-002": "the class of data is a choice",
    "TEL-001": "reports are off in every container",
}
"""Rules that none can, and why."""
OTHER = {"IAM-007", "LOC-008", "RES-010"}
"""About the plan itself, this product's own providers, and `secretsprovider` beside the settings."""


@pytest.mark.long
def test_every_rule_is_reached_by_a_setting_or_kept_by_construction(shipped: Platform) -> None:
    file = shipped.stacks / "Pulumi.uae-aws.yaml"
    document = yaml.safe_load(file.read_text())
    for path, value in REACHED.values():
        top, *rest = path.split(".")
        if rest:
            document["config"][f"falaj:{top}"][rest[0]] = value
        else:
            document["config"][f"falaj:{top}"] = value
    # What Ray takes of GPUs is held to `max_gpus` before a plan (CFG-027).
    del document["secretsprovider"], document["config"]["falaj:ray"], document["config"]["falaj:queues"]
    file.write_text(yaml.safe_dump(document))
    decision = shipped.json("plan", "uae-aws", exit_code=4)["decision"]
    denied = {finding["policy"] for finding in decision["findings"] if finding["effect"] == "deny"}
    assert denied == {*REACHED, "RES-010"}
    assert set(decision["coverage"]["evaluated"]) == {*REACHED, *BY_CONSTRUCTION, *OTHER}


@contextmanager
def standing(stack: str, folder: Path) -> Generator[tuple[Engine, Path]]:
    """A region that is up (in `dev`, which needs no approvals): its engine and its stack file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FALAJ_STACKS", str(folder))
        patch.setenv("FALAJ_HOME", str(folder / "home"))
        file = folder / f"Pulumi.{stack}.yaml"
        document = yaml.safe_load((PROJECT / "stacks" / file.name).read_text())
        document["config"]["falaj:profile"] = "dev"
        # The platform layer is tried on a real API server: test_sim_deploy.
        for key in ("platform", "queues", "ray"):
            document["config"].pop(f"falaj:{key}", None)
        file.write_text(yaml.safe_dump(document))
        with rehearsal(stack) as engine:
            operate(engine, "up", "--skip-preview")
            yield engine, file


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Path, Path]]:
    """The large region, its stack file and its exported state."""
    folder = tmp_path_factory.mktemp("life")
    with standing("uae-aws", folder) as (engine, file):
        state = folder / "state.json"
        state.write_text(engine._run("stack", "export", "--stack", "uae-aws").stdout)
        yield engine, file, state


def operate(engine: Engine, verb: str, *more: str) -> str:
    arguments = [verb, "--yes", "--stack", engine.stack, "--config-file", str(engine.config_file), *more]
    done = engine._run(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def changed(file: Path, state: Path, **edits: Any) -> dict[str, Change]:
    """What a plan changes of the state with other settings: {URN: change} of what is no component and not the same."""
    former = file.read_text()
    document = yaml.safe_load(former)
    for path, value in edits.items():
        at = document["config"]
        *sections, last = path.split("__")
        for section in sections:
            at = at[f"falaj:{section}" if at is document["config"] else section]
        at[f"falaj:{last}" if at is document["config"] else last] = value
    file.write_text(yaml.safe_dump(document))
    try:
        preview = planned(file.name.split(".")[1], state=state)
    finally:
        file.write_text(former)
    found = changes(preview.json.get("steps") or [])
    return {urn: one for urn, one in found.items() if one.operation != "same" and not one.is_component}


def names(found: dict[str, Change]) -> dict[str, set[str]]:
    by: dict[str, set[str]] = {}
    for urn, one in found.items():
        if not one.type.startswith("pulumi:"):
            by.setdefault(one.operation, set()).add(urn.rsplit("::", 1)[-1])
    return by


@pytest.mark.long
def test_nothing_is_to_change_of_what_is_up(life: tuple[Engine, Path, Path]) -> None:
    engine, file, state = life
    operate(engine, "refresh", "--skip-preview")
    assert names(changed(file, state)) == {}


@pytest.mark.long
def test_a_pool_grows_by_itself(life: tuple[Engine, Path, Path]) -> None:
    _, file, state = life
    assert names(changed(file, state, pools__cpu__max=11)) == {"update": {"pool-cpu-b"}}


def test_a_tag_is_an_update_of_what_has_tags(life: tuple[Engine, Path, Path]) -> None:
    _, file, state = life
    found = changed(file, state, cost_center="research")
    assert set(names(found)) == {"update"}
    paths = {urn: {one.path.split(".")[0].split("[")[0] for one in about.properties} for urn, about in found.items()}
    assert {urn: tops for urn, tops in paths.items() if not tops & TAGS} == {}
    assert len(found) > 100


TAGS = {"tags", "tagSpecifications", "templateBody", "launchTemplate"}


@pytest.mark.long
def test_a_zone_less_takes_its_own_away_and_replaces_nothing(life: tuple[Engine, Path, Path]) -> None:
    _, file, state = life
    by = names(changed(file, state, network__zones=2))
    assert set(by) == {"update", "delete"}
    assert all("-c" in name for name in by["delete"]), by["delete"]


@pytest.mark.long
def test_it_goes_as_it_came(life: tuple[Engine, Path, Path]) -> None:
    taken_away(life[0])


@pytest.mark.long
@pytest.mark.parametrize("stack", ["uae-aws-smb", "eu-aws"])
def test_the_others_come_and_go(tmp_path: Path, stack: str) -> None:
    with standing(stack, tmp_path) as (engine, _):
        operate(engine, "refresh", "--skip-preview")
        taken_away(engine)


def taken_away(engine: Engine) -> None:
    operate(engine, "destroy", "--skip-preview")
    left = json.loads(engine._run("stack", "export", "--stack", engine.stack).stdout)["deployment"].get("resources", [])
    assert left == []
