"""The bundle: one digest, whole or not at all, and no rule without its metadata."""

import shutil
import threading
from pathlib import Path

import pytest

from infra.errors import FalajError
from policies.gate import bundle, controls, pages, params


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle.REGO, tmp_path / "packs"))


def change(packs: Path, old: str, new: str) -> None:
    file = packs / "local" / "loc_001_loopback.rego"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_catalogue_is_complete() -> None:
    rules = bundle.catalogue()
    assert len(rules) == len({rule.id for rule in rules}) > 75
    assert all(rule.controls for rule in rules if rule.id != bundle.CANARY)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("# METADATA", "# NO METADATA", "has no metadata"),
        ("#   id: LOC-001", "#   id: LOC-009", "the id is LOC-009, the package is loc_001"),
        ("#   severity: critical", "#   severity: huge", "severity"),
        ("#   owner: platform", "#   owner: ''", "owner"),
        ("#   on_unknown: deny", "#   on_unknown: ignore", "on_unknown"),
        ("{dev: mandatory, prod: mandatory}", "{dev: mandatory}", "level.prod"),
        ("UAE-IA T4.5.1", "UAE-IA T99.1.1", "policies/controls has no UAE-IA T99.1.1"),
        ("#   owner: platform", "#   owner: platform\n#   colour: red", "colour"),
        ("package falaj.rules.loc_001", "package falaj.rules.loc_001 {", "opa inspect ended with 1"),
    ],
)
def test_a_rule_without_its_metadata_is_refused(packs: Path, tmp_path: Path, old: str, new: str, text: str) -> None:
    change(packs, old, new)
    with pytest.raises(FalajError, match="GATE-017") as raised:
        bundle.stage(tmp_path / "out", packs)
    assert text in str(raised.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_the_digest_follows_every_byte_and_name(packs: Path) -> None:
    digests = {bundle.digest(packs)}
    assert digests == {bundle.digest()}
    change(packs, "127.0.0.1", "127.0.0.2")
    digests.add(bundle.digest(packs))
    (packs / "local" / "loc_001_loopback.rego").rename(packs / "local" / "loc_001.rego")
    digests.add(bundle.digest(packs))
    (packs / "notes.txt").write_text("no rule")
    digests.add(bundle.digest(packs))
    assert len(digests) == 3


def test_staging_again_keeps_what_is_whole_and_mends_what_is_not(tmp_path: Path) -> None:
    staged = bundle.stage(tmp_path)
    before = (staged.path / ".manifest").stat().st_mtime_ns
    assert bundle.stage(tmp_path) == staged
    assert (staged.path / ".manifest").stat().st_mtime_ns == before
    for damaged in ("local/loc_001_loopback.rego", "falaj/data.json", ".manifest"):
        (staged.path / damaged).write_text("")
        assert bundle.stage(tmp_path) == staged
        assert (staged.path / damaged).read_text() != ""
    assert [path.name for path in tmp_path.iterdir()] == [staged.path.name]


def test_staging_at_once(tmp_path: Path) -> None:
    found: list[bundle.Bundle] = []
    threads = [threading.Thread(target=lambda: found.append(bundle.stage(tmp_path))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [found[0].path.name]


def test_the_pages_have_every_rule_and_say_what_is_unverified() -> None:
    page = pages.policies()
    for rule in bundle.catalogue():
        assert (f"## {rule.id}\n" in page) == (rule.id != bundle.CANARY)
    matrix = pages.control_matrix()
    for framework in controls.frameworks():
        for reference, entry in framework.controls.items():
            assert f"| {reference} | {entry.title}" in matrix
            assert entry.status in ("verified", "unverified")
    for text in (page, matrix):
        assert all(line.startswith("|") == line.endswith("|") for line in text.splitlines())


def test_code_serves_what_the_catalogue_says_it_does() -> None:
    """A control is marked `by: code` exactly when a rule names it: the page claims neither more nor less."""
    served = {control.name for rule in bundle.catalogue() for control in rule.controls}
    claimed = {
        f"{framework.framework} {reference}"
        for framework in controls.frameworks()
        for reference, entry in framework.controls.items()
        if entry.by == "code"
    }
    assert claimed == served


def test_what_people_serve_says_why() -> None:
    for framework in controls.frameworks():
        for reference, entry in framework.controls.items():
            assert entry.why or entry.by != "people", f"{framework.framework} {reference}"


def test_a_catalogue_of_another_shape_is_refused(tmp_path: Path) -> None:
    for text in ("[", "framework: x", "framework: x\ntitle: x\njurisdiction: mars\nsource: x\ncontrols: {}"):
        (tmp_path / "x.yaml").write_text(text)
        with pytest.raises(FalajError, match="GATE-017"):
            controls.frameworks(tmp_path)


def test_parameters_and_controls_are_part_of_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bundle.digest()
    for folder in (controls.FOLDER, params.FOLDER):
        copy = Path(shutil.copytree(folder, tmp_path / folder.name))
        file = next(copy.glob("*.yaml"))
        file.write_text(file.read_text() + "# looser\n")
        others = [other for other in (controls.FOLDER, params.FOLDER) if other != folder]
        monkeypatch.setattr(bundle, "_DATA", (copy, *others))
        assert bundle.digest() != before
