"""Bundles: what was exported comes in whole, and nothing else comes in at all."""

import gzip
import io
import json
import socket
import tarfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from workloads.lib.fingerprint import canonical
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.registry import MANIFEST, SIGNATURE, Registry, alias, bundle, tape
from workloads.lib.registry.log import Log, pointed
from workloads.lib.registry.sign import Signer

PASSPHRASE = b"a long passphrase"
often = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused(action, *arguments, **named) -> str:
    with pytest.raises(FalajError) as caught:
        action(*arguments, **named)
    return caught.value.code


@pytest.fixture
def public(store: ObjectStore) -> bytes:
    return Signer.of(store).public


@pytest.fixture
def plain(store: ObjectStore, models: list[str]) -> bytes:
    for model in models[:2]:
        alias.move(store, "m", "champion", model, why="x")
    return bundle.export(store, "m", models[1], why="second region", passphrase=None)


@pytest.fixture
def elsewhere(tmp_path: Path) -> ObjectStore:
    """Another platform's store, with keys of its own."""
    return ObjectStore.create(tmp_path / "other", KeyRing.create(tmp_path / "other-keys/ring.json", b"another"))


def signed(store: ObjectStore, members: dict[str, bytes]) -> bytes:
    """A bundle with these members, index and seal made anew by whoever holds the platform's key."""
    index = json.loads(members[bundle.INDEX])
    rest = {name: data for name, data in members.items() if name not in (bundle.INDEX, bundle.SEAL)}
    index["members"] = {name: digest(data) for name, data in rest.items()}
    rest[bundle.INDEX] = canonical(index)
    seal = Signer.of(store).sign(index["model"], {name: digest(data) for name, data in rest.items()})
    return tape.pack(rest | {bundle.SEAL: seal})


def test_an_entry_arrives_whole_and_no_alias_moves(
    plain: bytes, public: bytes, store: ObjectStore, elsewhere: ObjectStore, models: list[str]
):
    opened = bundle.check(plain, public)
    assert (opened.name, opened.model, opened.pointers) == ("m", models[1], {"champion": models[1]})
    assert bundle.bring(elsewhere, opened, why="trial") == models[1]
    assert bundle.bring(elsewhere, opened, why="again") == models[1]
    arrived = Registry(elsewhere).load("m", models[1])
    assert (arrived.files, arrived.facts) == (Registry(store).load("m", models[1]).files, {"n": 1})
    assert arrived.signature["key"] == Signer.of(elsewhere).key_digest != opened.key
    assert pointed(Log(elsewhere, "m").records()) == {}
    assert Log(elsewhere, "m").records()[0].why.startswith(f"bundle {opened.digest} signed by {opened.key}")
    kept = json.loads(elsewhere.get(f"imports/m/{opened.digest}"))
    assert [record["model"] for record in kept] == models[:2]


def test_encrypted_or_plain_by_choice(store: ObjectStore, models: list[str], public: bytes):
    sealed = bundle.export(store, "m", models[0], why="x", passphrase=PASSPHRASE)
    assert b"weights" not in sealed
    assert bundle.check(sealed, public, passphrase=PASSPHRASE).model == models[0]
    assert refused(bundle.check, sealed, public) == "REG-009"
    assert refused(bundle.check, sealed, public, passphrase=b"wrong") == "REG-009"
    for at in range(0, len(sealed), len(sealed) // 40):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        assert refused(bundle.check, changed, public, passphrase=PASSPHRASE) in ("REG-009", "REG-010")


@often
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_is_refused(plain: bytes, public: bytes, at: float, bit: int):
    changed = bytearray(plain)
    changed[int(at * len(plain))] ^= 1 << bit
    assert refused(bundle.check, bytes(changed), public) in ("REG-001", "REG-010", "REG-011", "WRK-010")


@often
@given(keep=st.floats(0, 1, exclude_max=True), more=st.binary(min_size=1, max_size=600))
def test_a_cut_or_longer_file_is_refused(plain: bytes, public: bytes, keep: float, more: bytes):
    assert refused(bundle.check, plain[: int(keep * len(plain))], public) in ("REG-010", "REG-011")
    assert refused(bundle.check, plain + more, public) == "REG-010"


@often
@given(data=st.binary(max_size=2000))
def test_any_other_file_is_refused(public: bytes, data: bytes):
    assert refused(bundle.check, data, public) in ("REG-009", "REG-010", "REG-011")


def archive(*members: tarfile.TarInfo, content: bytes = b"x" * 10, form: int = tarfile.USTAR_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for member in members:
            member.size = member.size or (len(content) if member.isreg() else 0)
            tar.addfile(member, io.BytesIO(content[: member.size].ljust(min(member.size, 4096), b"0")))
    return out.getvalue()


def info(name: str, **fields: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(made, field, value)
    return made


@pytest.mark.parametrize(
    "member",
    [
        info("../../etc/passwd"),
        info("/etc/passwd"),
        info("a/b"),
        info("."),
        info("weights", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        info("weights", type=tarfile.LNKTYPE, linkname="bundle.json"),
        info("weights", type=tarfile.DIRTYPE),
        info("weights", type=tarfile.FIFOTYPE),
        info("weights", type=tarfile.CHRTYPE),
        info("weights", uid=1000),
        info("weights", mtime=1),
        info("weights", uname="root"),
    ],
    ids=lambda member: f"{member.name} {member.type!r}",
)
def test_no_path_link_device_or_owner(member: tarfile.TarInfo):
    assert refused(tape.unpack, archive(member), "b") == "REG-010"


def test_no_double_no_order_no_extension_no_compression_no_crowd(plain: bytes):
    assert refused(tape.unpack, archive(info("a"), info("a")), "b") == "REG-010"
    assert refused(tape.unpack, archive(info("b"), info("a")), "b") == "REG-010"
    pax = info("a", pax_headers={"path": "../../evil"})
    assert refused(tape.unpack, archive(pax, form=tarfile.PAX_FORMAT), "b") == "REG-010"
    assert refused(tape.unpack, gzip.compress(plain), "b") == "REG-010"
    assert refused(tape.unpack, archive(*(info(f"a{n:03}") for n in range(101))), "b") == "REG-010"


def test_a_stated_size_is_not_believed():
    """A header that promises eight terabytes in a file of ten kilobytes."""
    header = info("weights", size=8 << 40).tobuf(format=tarfile.GNU_FORMAT)
    assert refused(tape.unpack, header.ljust(10240, b"\0"), "b") == "REG-010"


def test_a_file_added_taken_away_or_exchanged_is_refused(plain: bytes, public: bytes):
    members = tape.unpack(plain, "b")
    assert refused(bundle.check, tape.pack(members | {"evil.py": b"x"}), public) == "WRK-010"
    assert refused(bundle.check, tape.pack(members | {"weights": members[MANIFEST]}), public) == "WRK-010"
    for name in members:
        rest = {other: data for other, data in members.items() if other != name}
        assert refused(bundle.check, tape.pack(rest), public) in ("REG-011", "WRK-010")
    swapped = members | {bundle.LOG: members[bundle.KEY], bundle.KEY: members[bundle.LOG]}
    assert refused(bundle.check, tape.pack(swapped), public) == "WRK-010"


def test_an_old_signature_under_a_newer_alias_is_refused(
    store: ObjectStore, plain: bytes, public: bytes, models: list[str]
):
    """The older entry's files or signature in the newer one's place, even re-sealed by who holds the key."""
    newer = tape.unpack(plain, "b")
    older = tape.unpack(bundle.export(store, "m", models[0], why="x", passphrase=None), "b")
    assert refused(bundle.check, tape.pack(newer | {bundle.SEAL: older[bundle.SEAL]}), public) == "WRK-010"
    assert refused(bundle.check, tape.pack(newer | {SIGNATURE: older[SIGNATURE]}), public) == "WRK-010"
    assert refused(bundle.check, signed(store, newer | {SIGNATURE: older[SIGNATURE]}), public) == "WRK-010"
    entry = {name: older[name] for name in ("weights", MANIFEST, SIGNATURE)}
    assert refused(bundle.check, tape.pack(newer | entry), public) == "WRK-010"
    assert refused(bundle.check, signed(store, newer | entry), public) == "WRK-009"
    store.put(f"registry/m/{models[1]}/{SIGNATURE}", older[SIGNATURE])
    assert refused(Registry(store).load, "m", models[1]) == "WRK-010"
    assert refused(bundle.export, store, "m", models[1], why="x", passphrase=None) == "WRK-010"


def test_a_history_rewritten_by_who_holds_the_key_is_refused(
    store: ObjectStore, plain: bytes, public: bytes, models: list[str]
):
    members = tape.unpack(plain, "b")
    links = json.loads(members[bundle.LOG])
    links[0]["record"]["model"] = models[1]
    assert refused(bundle.check, signed(store, members | {bundle.LOG: canonical(links)}), public) == "WRK-011"
    assert refused(bundle.check, signed(store, members | {bundle.LOG: canonical(links[1:])}), public) == "WRK-011"


def test_another_key_is_refused_and_the_key_inside_proves_nothing(store: ObjectStore, plain: bytes, public: bytes):
    stranger = Signer(ec.generate_private_key(ec.SECP256R1()))
    assert refused(bundle.check, plain, stranger.public) == "WRK-010"
    members = tape.unpack(plain, "b")
    assert refused(bundle.check, signed(store, members | {bundle.KEY: stranger.public}), public) == "REG-011"
    assert refused(bundle.check, plain, b"no key") == "WRK-010"


def test_without_a_network_it_is_checked_all_the_same(plain: bytes, public: bytes, monkeypatch: pytest.MonkeyPatch):
    def closed(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", closed)
    monkeypatch.setattr(socket, "getaddrinfo", closed)
    assert bundle.check(plain, public).name == "m"


def test_nothing_is_written_before_all_is_checked(plain: bytes, elsewhere: ObjectStore):
    with pytest.raises(FalajError):
        bundle.bring(elsewhere, bundle.check(plain, Signer.of(elsewhere).public), why="x")
    assert elsewhere.names() == ["keys/model-signing.pem"]
