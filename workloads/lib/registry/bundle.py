"""Carry an entry to another platform in one file: the entry, its log, the public key, and a signature over all of it.

The file is encrypted under a passphrase, or plain by choice. Whoever imports says whose key it must be signed with:
the key inside is for information. Everything is verified before anything is written, without a network.
"""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from infra.errors import FalajError
from policies.gate.record import GENESIS
from workloads.lib.fingerprint import canonical
from workloads.lib.key_ring import KEY_BYTES, NONCE_BYTES, SCRYPT
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.registry.entry import MANIFEST, SIGNATURE, Registry, checked, entry
from workloads.lib.registry.hold import hold
from workloads.lib.registry.log import Log, Record, pointed
from workloads.lib.registry.sign import Signer, verify
from workloads.lib.registry.tape import pack, unpack
from workloads.lib.registry.who import Who

SEALED = b"FALAJBU1"
SALT_BYTES = 16
INDEX, LOG, KEY, SEAL = "bundle.json", "bundle.log", "bundle.pem", "bundle.sig"
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading JSON of another form can end in."""
OURS = {INDEX, LOG, KEY, SEAL, MANIFEST, SIGNATURE}


@dataclass(frozen=True)
class Opened:
    """A bundle that holds: the entry, what pointed at it where it comes from, and who signed it."""

    name: str
    model: str
    files: dict[str, bytes]
    manifest: bytes
    records: list[Record]
    key: str
    """Digest of the public key that it is signed with."""
    digest: str
    """Of the bundle's plain text."""

    @property
    def pointers(self) -> dict[str, str]:
        """Where the aliases and branches pointed, when it was made."""
        return pointed(self.records)


def export(
    store: ObjectStore, name: str, model: str, *, why: str, who: Who | None = None, passphrase: bytes | None
) -> bytes:
    """The bundle of a verified entry, which is held from then on; plain without a passphrase.

    The same entry and log give the same plain text, but for the signature over it (ECDSA draws a number).
    """
    loaded = Registry(store).load(name, model)
    signer = Signer.of(store)
    members = {
        **loaded.files,
        MANIFEST: store.get(entry(name, model, MANIFEST)),
        SIGNATURE: store.get(entry(name, model, SIGNATURE)),
        LOG: canonical(Log(store, name).chain.links()),
        KEY: signer.public,
    }
    members[INDEX] = canonical({"schema": 1, "name": name, "model": model, "members": _digests(members)})
    members[SEAL] = signer.sign(model, _digests(members))
    plain = pack(members)
    hold(store, name, model, why=f"bundle {digest(plain)}: {why}", who=who)
    return plain if passphrase is None else _seal(plain, passphrase)


def check(data: bytes, public: bytes, *, passphrase: bytes | None = None, place: str = "bundle") -> Opened:
    """The bundle, when every byte of it is what the holder of the key `public` (PEM) exported.

    REG-009 for the passphrase, REG-010 for its form, REG-011 for what is in it, WRK-009/010 for the entry's digests and
    both signatures, WRK-011 for its log.
    """
    plain = _plain(data, passphrase, place)
    members = unpack(plain, place)
    if missing := OURS - members.keys():
        raise FalajError("REG-011", place, f"it has no {', '.join(sorted(missing))}")
    sealed = {file: found for file, found in members.items() if file != SEAL}
    index = _index(members[INDEX], place)
    name, model = index["name"], index["model"]
    checked(name, model)
    verify(public, model, _digests(sealed), members[SEAL])
    if index["members"] != _digests({file: found for file, found in sealed.items() if file != INDEX}):
        raise FalajError("REG-011", place, "its index does not list what is in it")
    if members[KEY] != public:
        raise FalajError("REG-011", place, f"it carries the key {digest(members[KEY])}, not {digest(public)}")
    files = {file: found for file, found in members.items() if file not in OURS}
    _entry(name, model, files, members[MANIFEST])
    verify(public, model, _digests(files | {MANIFEST: members[MANIFEST]}), members[SIGNATURE])
    return Opened(name, model, files, members[MANIFEST], _records(members[LOG], place), digest(public), digest(plain))


def bring(store: ObjectStore, opened: Opened, *, why: str, who: Who | None = None) -> str:
    """Write a checked bundle's entry, signed by this platform, and its log beside it; the digest stays what it was.

    No alias moves: what may be used here, this platform's gate decides.
    """
    origin = f"imports/{opened.name}/{opened.digest}"
    store.put_if_absent(origin, canonical([record.model_dump() for record in opened.records]))
    model = Registry(store).write(opened.name, opened.files, opened.manifest)
    with Log(store, opened.name).writing() as log:
        log.add("import", model, why=f"bundle {opened.digest} signed by {opened.key}: {why}", who=who)
    return model


def _digests(members: dict[str, bytes]) -> dict[str, str]:
    return {file: digest(data) for file, data in members.items()}


def _index(data: bytes, place: str) -> dict[str, Any]:
    try:
        index: dict[str, Any] = json.loads(data)
        name, model, members = index["name"], index["model"], index["members"]
        if index["schema"] != 1 or not isinstance(name, str) or not isinstance(model, str):
            raise ValueError("it is of another schema")
    except UNREADABLE as error:
        raise FalajError("REG-011", place, f"its index cannot be read: {error}") from error
    return {"name": name, "model": model, "members": members}


def _entry(name: str, model: str, files: dict[str, bytes], manifest: bytes) -> None:
    """The manifest is the model's, and lists just these files."""
    try:
        described = json.loads(manifest)
        listed = {file: said["digest"] for file, said in described["files"].items()}
        named = described["name"]
    except UNREADABLE as error:
        raise FalajError("WRK-009", f"model {model}", f"the manifest cannot be read: {error}") from error
    if digest(manifest) != model or named != name or listed != _digests(files):
        raise FalajError("WRK-009", f"model {model}", f"the manifest {digest(manifest)} does not list its files")


def _records(data: bytes, place: str) -> list[Record]:
    previous, records = GENESIS, list[Record]()
    try:
        for number, link in enumerate(json.loads(data), start=1):
            if (link["place"], link["previous"]) != (number, previous):
                raise FalajError("WRK-011", place, f"record {number} of its log does not follow {previous}")
            records.append(Record.model_validate(link["record"]))
            previous = digest(canonical(link))
    except UNREADABLE as error:
        problem = f"record {len(records) + 1} of its log cannot be read: {type(error).__name__}"
        raise FalajError("WRK-011", place, problem) from error
    return records


def _seal(plain: bytes, passphrase: bytes) -> bytes:
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    return SEALED + salt + nonce + AESGCM(_derived(passphrase, salt)).encrypt(nonce, plain, SEALED + salt)


def _plain(data: bytes, passphrase: bytes | None, place: str) -> bytes:
    if not data.startswith(SEALED):
        return data
    if passphrase is None:
        raise FalajError("REG-009", place, "it is encrypted, and no passphrase was given")
    at = len(SEALED) + SALT_BYTES
    salt, nonce = data[len(SEALED) : at], data[at : at + NONCE_BYTES]
    try:
        return AESGCM(_derived(passphrase, salt)).decrypt(nonce, data[at + NONCE_BYTES :], SEALED + salt)
    except (InvalidTag, ValueError) as error:
        raise FalajError("REG-009", place, "the passphrase does not open it, or it was changed") from error


def _derived(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, **SCRYPT).derive(passphrase)
