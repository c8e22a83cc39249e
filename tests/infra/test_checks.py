"""What a region of AWS cannot give is refused before the plan: in one line, with both values and a fix."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from infra.catalog.aws import region
from infra.checks import checked, require_sound
from infra.errors import FalajError
from infra.home import PROJECT
from infra.settings import AwsStack, parse

PLACE = "stacks/Pulumi.x.yaml"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BLOCK = {"starts": "2026-12-01T11:30:00Z", "ends": "2026-12-15T11:30:00Z"}
H200, L40S = "pools.h200", "pools.l40s"
Change = dict[str, Any]


def config(stack: str, change: Change) -> dict[str, Any]:
    """The stack's file with keys changed; None takes a key away."""
    text = (PROJECT / "stacks" / f"Pulumi.{stack}.yaml").read_text()
    found: dict[str, Any] = deepcopy(yaml.safe_load(text)["config"])
    for path, value in change.items():
        *sections, last = f"falaj:{path}".split(".")
        section = found
        for name in sections:
            section = section[name]
        section[last] = value
        if value is None:
            del section[last]
    return found


def refused(stack: str, change: Change, now: datetime = NOW) -> FalajError:
    with pytest.raises(FalajError) as caught:
        require_sound(parse(config(stack, change), PLACE), PLACE, now)
    return caught.value


@pytest.mark.parametrize("stack", ["uae-aws", "uae-aws-smb", "eu-aws"])
def test_the_bundled_stacks_are_sound(stack: str) -> None:
    require_sound(parse(config(stack, {}), PLACE), PLACE, NOW)
    assert isinstance(checked(stack), AwsStack)


MISTAKES: list[tuple[Change, str, list[str]]] = [
    # the place
    ({"region": "eu-central-1"}, "CFG-009", ["eu-central-1", "jurisdiction uae", "me-central-1"]),
    ({"jurisdiction": "uea"}, "CFG-009", ["'uea'", "uae, eu, local"]),
    ({"jurisdiction": "local"}, "CFG-009", ["me-central-1", "jurisdiction local"]),
    ({"jurisdiction": "eu", "region": "eu-west-1"}, "CFG-010", ["eu-west-1", "eu-central-1"]),
    # zones and networks
    ({"network.zones": 4}, "CFG-011", ["is 4", "a, b, c", "3 at most"]),
    ({"network.zones": ["a", "d"]}, "CFG-011", ["zone 'd'", "a, b, c"]),
    ({"network.zones": ["a", "a"]}, "CFG-011", ["zone 'a' twice"]),
    ({"network.zones": ["a", "b"], f"{H200}.zones": ["c"]}, "CFG-011", ["pools.h200.zones", "zone 'c'", "a, b"]),
    ({f"{H200}.zones": []}, "CFG-011", ["pools.h200.zones", "a, b, c", "EFA is in one zone", "zones: [a]"]),
    (
        {"network.cidr": "172.20.0.0/16"},
        "CFG-012",
        ["service_cidr` 172.20.0.0/16", "cidr` 172.20.0.0/16", "10.100.0.0/16"],
    ),
    ({"network.cidr": "10.20.0.0/24"}, "CFG-013", ["10.20.0.0/24", "too small", "/22"]),
    ({"network.cidr": "10.0.0.0/8"}, "CFG-013", ["10.0.0.0/8", "too large", "/16"]),
    ({"network.cidr": "10.20.0.1/16"}, "CFG-013", ["10.20.0.1/16"]),
    ({"cluster.service_cidr": "172.20.0.0/28"}, "CFG-013", ["172.20.0.0/28", "/12 to /24"]),
    ({"cluster.service_cidr": "8.8.0.0/16"}, "CFG-013", ["8.8.0.0/16", "private"]),
    # versions
    ({"cluster.version": "1.31"}, "CFG-014", ["1.31", "2025-11-26", "Write 1.35", "extended_support: true"]),
    ({"cluster.version": "1.29"}, "CFG-014", ["1.29", "no facts"]),
    ({"cluster.version": "1.30", "cluster.extended_support": True}, "CFG-014", ["1.30", "extended", "2026-07-23"]),
    ({"cluster.version": "1.34"}, "CFG-024", ["kube-proxy", "v1.35.3-eksbuild.29", "1.34"]),
    ({f"{L40S}.image": "1.34.7-20260512"}, "CFG-024", ["pools.l40s.image", "1.34.7-20260512", "1.35"]),
    ({"cluster.addons.vpc-cni": None}, "CFG-024", ["vpc-cni"]),
    # machines
    (
        {f"{H200}.instance_types": ["p5.48xlarge"]},
        "CFG-015",
        ["pools.h200", "p5.48xlarge, which me-central-1 does not sell", "p5en.48xlarge is."],
    ),
    ({"pools.cpu.instance_types": ["m5.4xlarge"]}, "CFG-015", ["m5.4xlarge", "no facts", "m7i.4xlarge is known"]),
    ({f"{L40S}.instance_types": ["g6e.metal"]}, "CFG-015", ["g6e.metal", "no facts", "g6e.xlarge is known"]),
    ({"pools.cpu.kind": "gpu"}, "CFG-016", ["pools.cpu.kind", "m7i.4xlarge has no GPU", "kind: cpu"]),
    ({f"{L40S}.kind": "cpu"}, "CFG-016", ["pools.l40s.kind", "g6e.12xlarge has 4 GPUs", "kind: gpu"]),
    (
        {"pools.cpu.instance_types": ["m7i.xlarge", "m7g.xlarge"]},
        "CFG-016",
        ["m7i.xlarge (x86_64)", "m7g.xlarge (arm64)"],
    ),
    ({f"{L40S}.max": 5}, "CFG-017", ["take 240 vCPUs", "l40s: 5 of 48", "quotas.g` is 192", "Running On-Demand G"]),
    ({"pools.cpu.capacity": "spot"}, "CFG-017", ["160", "quotas.standard_spot` is 0", "All Standard Spot"]),
    ({"quotas.p": 383}, "CFG-017", ["384", "h200: 2 of 192", "383"]),
    (
        {f"{L40S}.efa": True, f"{L40S}.zones": ["a"], f"{L40S}.instance_types": ["g6e.4xlarge"]},
        "CFG-018",
        ["g6e.4xlarge has no EFA", "g6e.8xlarge has it"],
    ),
    ({"pools.cpu.efa": True, "pools.cpu.zones": ["a"]}, "CFG-018", ["pools.cpu.efa", "kind is cpu"]),
    ({f"{L40S}.mig": "1g.18gb"}, "CFG-019", ["pools.l40s.mig", "1g.18gb", "L40S of g6e.12xlarge cannot be divided"]),
    ({f"{H200}.mig": "1g.10gb"}, "CFG-019", ["1g.10gb", "H200 of p5en.48xlarge", "1g.18gb"]),
    ({"pools.cpu.time_slices": 2}, "CFG-019", ["pools.cpu.time_slices` is 2", "kind is cpu"]),
    ({f"{H200}.time_slices": 4, f"{H200}.mig": "1g.18gb"}, "CFG-019", ["time_slices` is 4", "mig` is 1g.18gb"]),
    ({f"{L40S}.time_slices": 17}, "CFG-002", ["pools.l40s.time_slices", "16"]),
    # how they are bought
    ({f"{H200}.reservation": None}, "CFG-020", ["capacity` is reserved", "reservation"]),
    ({f"{H200}.capacity": "block", f"{H200}.reservation": None}, "CFG-020", ["capacity` is block", "reservation"]),
    ({f"{H200}.capacity": "block"}, "CFG-020", ["capacity` is block", "`starts` and `ends`"]),
    ({f"{H200}.block": BLOCK}, "CFG-020", ["capacity` is reserved", "capacity: block"]),
    ({f"{H200}.capacity": "on-demand"}, "CFG-020", ["cr-0123456789abcdef0", "on-demand", "capacity: reserved"]),
    ({f"{H200}.capacity": "spot", "quotas.p_spot": 384}, "CFG-020", ["cr-0123456789abcdef0", "spot"]),
    (
        {f"{H200}.capacity": "block", f"{H200}.block": {"starts": BLOCK["ends"], "ends": BLOCK["starts"]}},
        "CFG-020",
        ["2026-12-01", "2026-12-15"],
    ),
    (
        {f"{H200}.capacity": "block", f"{H200}.block": {**BLOCK, "ends": "2027-11-01T11:30:00Z"}},
        "CFG-020",
        ["335 days", "182"],
    ),
    (
        {
            f"{L40S}.capacity": "block",
            f"{L40S}.block": BLOCK,
            f"{L40S}.zones": ["a"],
            f"{L40S}.reservation": "cr-0123456789abcdef0",
        },
        "CFG-020",
        ["g6e.12xlarge is no P machine"],
    ),
    # the platform
    ({"pools.cpu.kind": "system"}, "CFG-021", ["2 pools", "system, cpu"]),
    ({"pools.system.kind": "cpu"}, "CFG-021", ["no pool is of kind system"]),
    ({"pools.system.min": 0}, "CFG-021", ["min is 0"]),
    ({"size": "smb"}, "CFG-022", ["pools.l40s.kind", "smb"]),
    ({"database.instance_class": "db.m8g.large"}, "CFG-023", ["db.m8g.large", "me-central-1", "db.m7g.large"]),
    ({"cache.node_type": "cache.t4g.small"}, "CFG-023", ["cache.t4g.small", "me-central-1", "cache.t3.small"]),
    # the shape
    ({"pools.cpu.min": 3}, "CFG-002", ["falaj:pools.cpu", "min 3, desired 2 and max 10"]),
    ({"pools.cpu.instance_types": []}, "CFG-002", ["falaj:pools.cpu.instance_types"]),
    ({"pools.cpu.capacty": "spot"}, "CFG-001", ["falaj:pools.cpu.capacty", "Write `capacity`"]),
    ({"pools.integration": {"kind": "cpu"}}, "CFG-003", ["`falaj:pools.integration.instance_types` is missing"]),
    ({"network.zones": 7}, "CFG-002", ["falaj:network.zones", "7"]),
    ({"cluster.version": 1.35}, "CFG-002", ["falaj:cluster.version", "1.35", "in quotes"]),
    ({"account": "12345"}, "CFG-002", ["falaj:account", "Twelve digits"]),
    ({"cluster.addons": {"vpc-cnii": "v1.23.1-eksbuild.1"}}, "CFG-002", ["falaj:cluster.addons", "vpc-cnii"]),
    ({"identity.ci.isuer": "https://x"}, "CFG-001", ["falaj:identity.ci.isuer", "Write `issuer`"]),
    ({"decision": {}}, "CFG-001", ["falaj:decision", "target local", "target is aws"]),
    ({"files.capacity_gib": 3600}, "CFG-002", ["falaj:files.capacity_gib", "3600", "2400"]),
    ({"files.kind": "lustre", "files.throughput_mibps": 300}, "CFG-002", ["falaj:files", "300", "125, 250"]),
    ({"backup.lock_days": 40}, "CFG-002", ["falaj:backup", "lock_days 40", "keep_days 35"]),
    ({"database.max_storage_gib": 100}, "CFG-002", ["falaj:database", "max_storage_gib 100", "storage_gib 100"]),
    ({"database.restore_tested": "lately"}, "CFG-002", ["falaj:database.restore_tested", "lately"]),
    (
        {f"{H200}.block": {"starts": "tomorrow", "ends": "2027"}},
        "CFG-002",
        ["falaj:pools.h200.block.starts", "tomorrow"],
    ),
]


@pytest.mark.parametrize(("change", "code", "words"), MISTAKES)
def test_mistakes_name_place_values_and_fix(change: Change, code: str, words: list[str]) -> None:
    error = refused("uae-aws", change)
    assert error.code == code, error
    assert str(error).startswith(f"FALAJ-{code} {PLACE}: ")
    assert "\n" not in str(error)
    assert error.fix
    for word in words:
        assert word in str(error)


def test_a_block_is_refused_once_it_is_over() -> None:
    change = {f"{H200}.capacity": "block", f"{H200}.block": BLOCK, "quotas.p": 0}
    settings = parse(config("uae-aws", change), PLACE)
    require_sound(settings, PLACE, NOW)
    error = refused("uae-aws", change, datetime(2026, 12, 15, 11, 30, tzinfo=UTC))
    assert error.code == "CFG-020"
    assert "ended at 2026-12-15" in str(error)


def test_extended_support_is_paid_for_on_purpose() -> None:
    addons = {
        "cluster.version": "1.33",
        "cluster.addons.kube-proxy": "v1.33.1-eksbuild.1",
        f"{L40S}.image": "1.33.1-20260911",
    }
    images = {f"{H200}.image": "1.33.1-20260911"}
    require_sound(parse(config("uae-aws", {**addons, **images, "cluster.extended_support": True}), PLACE), PLACE, NOW)
    assert refused("uae-aws", {**addons, **images}).code == "CFG-014"


def test_a_feature_that_the_region_is_known_not_to_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    here = region.regions()["me-central-1"]
    poor = here.model_copy(update={"features": here.features.model_copy(update={"lustre": False})})
    monkeypatch.setitem(region.regions(), "me-central-1", poor)
    error = refused("uae-aws", {"files.kind": "lustre"})
    assert error.code == "CFG-023"
    assert "falaj:files.kind` asks for FSx for Lustre, which me-central-1 has not" in str(error)
