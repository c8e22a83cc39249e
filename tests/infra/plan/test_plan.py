"""`falaj plan` of a small region of AWS: what it would be, and what would change of an exported state."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from infra.drain.order import order
from infra.errors import FalajError
from infra.plan.bill import bill
from infra.plan.change import Change, changes
from infra.plan.part import parts
from infra.plan.rehearsal import planned
from infra.plan.serve import attached
from tests.infra.plan.rig import Program

FOLDER = Path(__file__).with_name("region")
CONFIG = {"kind": "region", "target": "aws", "profile": "dev", "jurisdiction": "uae"}
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of the region as it is stood up first, exported from a home with a passphrase of its own."""
    home = tmp_path_factory.mktemp("home")
    with attached() as environment:
        program = Program(FOLDER, home, environment)
        program.make("uae", {f"falaj:{key}": value for key, value in CONFIG.items()})
        program.operate("up", "uae")
        file = home / "state.json"
        file.write_text(program.run("stack", "export", "--stack", "uae").stdout)
    return file


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A user's home with something in it, which a plan leaves as it is."""
    home, stacks = tmp_path / "home", tmp_path / "stacks"
    stacks.mkdir()
    config = {f"falaj:{key}": value for key, value in CONFIG.items()}
    text = yaml.safe_dump({"secretsprovider": "awskms://alias/state", "encryptedkey": "AAAA", "config": config})
    (stacks / "Pulumi.uae.yaml").write_text(text)
    (home / "state").mkdir(parents=True)
    (home / "state" / "mine").write_text("mine")
    monkeypatch.setenv("FALAJ_HOME", str(home))
    monkeypatch.setenv("FALAJ_STACKS", str(stacks))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    before = digest(tmp_path)
    yield home
    assert digest(tmp_path) == before


def digest(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".log"]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def plan(monkeypatch: pytest.MonkeyPatch, what: str, state: Path | None = None) -> dict[str, Change]:
    monkeypatch.setenv("PLAN_TEST", what)
    return changes(planned("uae", project=FOLDER, state=state).json["steps"])


def doing(found: dict[str, Change]) -> dict[str, str]:
    """What is done, by name; components, providers and what stays are left out."""
    busy = [one for one in found.values() if one.operation != "same" and not one.is_component]
    return {one.name: one.operation for one in busy if not one.type.startswith("pulumi:")}


def test_a_region_is_planned_from_nothing(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = plan(monkeypatch, "")
    assert set(doing(found).values()) == {"create"}
    by_name = {part.name: part for part in parts(found)}
    assert by_name["uae-network"].types["ec2.Subnet"] == 3
    assert by_name["uae-gpu"].needs == {by_name["uae-cluster"].urn, by_name["uae-network"].urn}
    known = {item.change.name: item.price for item in bill(found).items}
    pool = known["uae-gpu-nodes"]
    assert pool.usd.least == pytest.approx(pool.usd.planned / 2)
    assert pool.usd.most == pytest.approx(pool.usd.planned * 2)
    assert pool.watts
    assert pool.watts.planned > 600
    assert known["uae-cluster-plane"].usd.planned == pytest.approx(73)
    assert [item.change.name for item in bill(found).unknown] == ["uae-lake-bucket"]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("", {}),
        ("size", {"uae-gpu-nodes": "update"}),
        ("type", {"uae-gpu-nodes": "replace"}),
        ("zone", {"uae-network-private-d": "create", "uae-cluster-plane": "update"}),
        ("no-lake", {"uae-lake-bucket": "delete", "uae-lake-encryption": "delete"}),
        (
            "tag",
            dict.fromkeys(
                [
                    "uae-keys-storage",
                    "uae-lake-bucket",
                    "uae-network-vpc",
                    *(f"uae-network-private-{zone}" for zone in "abc"),
                ],
                "update",
            ),
        ),
    ],
)
def test_a_change_is_what_the_cloud_would_make_of_it(
    user: Path, state: Path, monkeypatch: pytest.MonkeyPatch, what: str, expected: dict[str, str]
) -> None:
    found = plan(monkeypatch, what, state)
    assert doing(found) == expected
    by_name = {one.name: one for one in found.values()}
    match what:
        case "size":
            (item,) = by_name["uae-gpu-nodes"].properties
            assert (item.path, item.old, item.new, item.replaces) == ("scalingConfig.maxSize", "4", "8", False)
        case "type":
            (item,) = by_name["uae-gpu-nodes"].properties
            assert (item.path, item.new, item.replaces) == ("instanceTypes[0]", "g6.xlarge", True)
        case "no-lake":
            assert by_name["uae-lake-bucket"].protected
        case _:
            pass


def test_two_plans_do_not_meet(user: Path, state: Path) -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        both = list(pool.map(lambda _: planned("uae", project=FOLDER, state=state).json["changeSummary"], range(2)))
    assert both[0] == both[1]
    assert set(both[0]) == {"same"}


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("lookup", "nothing is looked up in a cloud while planning"),
        ("unsold", "which me-central-1 does not sell; p5en.48xlarge is"),
    ],
)
def test_what_cannot_be_planned_says_so_in_one_line(
    user: Path, monkeypatch: pytest.MonkeyPatch, what: str, said: str
) -> None:
    with pytest.raises(FalajError, match="RUN-002") as caught:
        plan(monkeypatch, what)
    assert said in str(caught.value)


def test_another_stack_s_state_is_refused(state: Path, tmp_path: Path) -> None:
    document = json.loads(state.read_text())
    document["deployment"]["resources"][0]["urn"] = "urn:pulumi:eu::falaj::pulumi:pulumi:Stack::falaj-eu"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document))
    with pytest.raises(FalajError, match="PLAN-002") as caught:
        planned("uae", project=FOLDER, state=other)
    assert "'eu'" in str(caught.value)


def test_a_stack_is_taken_away_wave_by_wave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_TEST", "retain")
    with attached() as environment:
        program = Program(FOLDER, tmp_path, environment)
        program.make("uae", {f"falaj:{key}": value for key, value in CONFIG.items()})
        program.operate("up", "uae")
        found = order(program.state("uae").values())
        assert [wave.stage.title for wave in found.waves][:2] == ["Node groups", "Cluster"]
        for wave in found.waves:
            targets = [part for one in wave.members for part in ("--target", one.urn)]
            program.operate("destroy", "uae", *targets)
        program.operate("destroy", "uae", *[part for urn in found.last for part in ("--target", urn)])
        assert set(program.state("uae")) == {"falaj-uae", "uae", "uae-lake", "uae-lake-bucket"}
        assert [kept.resource.name for kept in found.kept] == ["uae-lake-bucket"]
        assert program.state("uae")["uae-lake-bucket"]["protect"]
