"""Hostile bundles of models (mirrors no module): from anybody, and from the holder of the key."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.hostile import QUICK, TEXTS, ends_well, every, of_bytes, of_json
from tests.workloads.lib.registry.test_bundle import signed
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry import MANIFEST, SIGNATURE, Registry, alias, bundle, tape
from workloads.lib.registry.sign import Signer


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> tuple[ObjectStore, bytes, bytes]:
    """(store, its public key, a bundle of its model)."""
    folder = tmp_path_factory.mktemp("bundles")
    store = ObjectStore.create(folder / "store", KeyRing.create(folder / "ring.json", b"x"))
    model = Registry(store).publish("m", {"weights": b"1" * 100}, {"n": 1})
    alias.move(store, "m", "champion", model, why="x")
    return store, Signer.of(store).public, bundle.export(store, "m", model, why="x", passphrase=None)


@given(data=st.data())
@QUICK
def test_a_changed_bundle(there: tuple[ObjectStore, bytes, bytes], data: st.DataObject) -> None:
    _, public, sound = there
    changed = data.draw(of_bytes(sound))
    found = ends_well(lambda: bundle.check(changed, public))
    assert isinstance(found, str) or changed == sound


def test_a_bundle_with_each_value_in_its_index(there: tuple[ObjectStore, bytes, bytes]) -> None:
    _, public, sound = there
    members = tape.unpack(sound, "bundle")
    for text in [*TEXTS, *(json.dumps(one).encode() for one in every(json.loads(members[bundle.INDEX])))]:
        data = tape.pack(members | {bundle.INDEX: text})
        assert isinstance(ends_well(lambda it=data: bundle.check(it, public)), str)


@pytest.mark.parametrize("member", [bundle.LOG, MANIFEST, SIGNATURE])
@given(data=st.data())
@QUICK
def test_what_the_holder_of_the_key_signs_is_checked_all_the_same(
    there: tuple[ObjectStore, bytes, bytes], member: str, data: st.DataObject
) -> None:
    store, public, sound = there
    members = tape.unpack(sound, "bundle")
    changed = data.draw(of_json(json.loads(members[member])))
    forged = signed(store, members | {member: changed})
    found = ends_well(lambda: bundle.check(forged, public))
    assert isinstance(found, str | bundle.Opened)


def test_a_log_that_follows_itself_and_holds_what_is_no_record(there: tuple[ObjectStore, bytes, bytes]) -> None:
    store, public, sound = there
    members = tape.unpack(sound, "bundle")
    links = json.loads(members[bundle.LOG])
    for record in every(links[0]["record"]):
        forged = signed(store, members | {bundle.LOG: json.dumps([links[0] | {"record": record}]).encode()})
        ends_well(lambda it=forged: bundle.check(it, public))


@pytest.mark.parametrize("text", TEXTS)
def test_no_public_key(there: tuple[ObjectStore, bytes, bytes], text: bytes) -> None:
    assert ends_well(lambda: bundle.check(there[2], text)) == "WRK-010"
