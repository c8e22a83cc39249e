"""The evidence of an incident in one signed archive: what the model was, what was decided, what was seen and done.

    incident.json    the incident                     decisions.json   what the release gate decided of the name
    timeline.json    its log, as a hash chain         lineage.json     what the model was made from, and where it went
    manifest.json, model.sig, card.json, profile.json requests.json    digest and counts of the requests around it
    registry.json    aliases' log, as a hash chain    reactions.json   what was done without people
    alarms.json      every alarm of the model, as it stands
    bundle.json      every digest, what could not be had and why · bundle.pem, bundle.sig

There is no row of a table and no request in it. The archive is sealed in the store, too, and its model is held.
"""

import hashlib
import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from policies.gate import history
from policies.gate.record import GENESIS
from policies.gate.record import verify as whole_log
from workloads.lib.fingerprint import canonical
from workloads.lib.incident.incident import find
from workloads.lib.incident.log import Incident, Log, Record, incidents
from workloads.lib.lineage import log as lineage
from workloads.lib.lineage.query import Graph
from workloads.lib.monitor import react
from workloads.lib.monitor.alarm import OBJECT
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.platform import Platform
from workloads.lib.registry.entry import MANIFEST, SIGNATURE, entry
from workloads.lib.registry.hold import held, hold
from workloads.lib.registry.log import Log as RegistryLog
from workloads.lib.registry.sign import Signer
from workloads.lib.registry.sign import verify as signed
from workloads.lib.registry.tape import pack, unpack
from workloads.lib.serve import log as requests

INDEX, KEY, SEAL = "bundle.json", "bundle.pem", "bundle.sig"
INCIDENT, TIMELINE, REGISTRY = "incident.json", "timeline.json", "registry.json"
BEFORE = timedelta(days=1)
"""An alarm fires at the end of a window: what raised it was asked before."""
ENTRY = (MANIFEST, SIGNATURE, "card.json", "profile.json")


@dataclass(frozen=True)
class Opened:
    """A bundle that holds."""

    incident: Incident
    members: dict[str, bytes]
    missing: dict[str, str]
    """Member to the error for which it could not be had."""
    key: str
    """Digest of the public key that it is signed with."""
    digest: str


def bundle(platform: Platform, incident: str, *, reports: Mapping[str, bytes] | None = None) -> bytes:
    """The bundle of an incident as it stands; INC-002 when there is none. reports: further members, such as windows.

    What cannot be had, as an entry that was tampered with, is named as missing: it keeps nobody from the rest.
    """
    store = platform.open_store()
    about, _ = find(store, incident)
    links = Log(store, about.name).chain.links()
    about = _told(links)[incident]  # of the very records that go along
    members = {TIMELINE: canonical(links), INCIDENT: canonical(about.model_dump(mode="json")), **(reports or {})}
    missing: dict[str, str] = {}
    for name, get in _parts(platform, store, about).items():
        try:
            members[name] = get()
        except FalajError as error:
            missing[name] = str(error)
    data = _sealed(store, incident, members, missing)
    store.put_if_absent(f"incident-bundles/{incident}/{digest(data)}", data)
    _hold(store, about)
    return data


def verify(data: bytes, public: bytes, *, place: str = "bundle") -> Opened:
    """The bundle, when every byte of it is what the holder of the key `public` (PEM) made. INC-005 else."""
    with _refused(place):
        members = unpack(data, place)
        rest = {name: found for name, found in members.items() if name != SEAL}
        index = json.loads(rest[INDEX])
        signed(public, index["incident"], _digests(rest), members[SEAL])
        if index["members"] != _digests({name: found for name, found in rest.items() if name != INDEX}):
            raise FalajError("INC-005", place, "its index does not list what is in it")
        links = {name: _chained(json.loads(rest[name])) for name in (TIMELINE, REGISTRY) if name in rest}
        told = _told(links[TIMELINE])[index["incident"]]
        if told.model_dump(mode="json") != json.loads(rest[INCIDENT]):
            raise FalajError("INC-005", place, "the incident is not what its timeline tells")
        return Opened(told, rest, index["missing"], digest(public), digest(data))


def _parts(platform: Platform, store: ObjectStore, about: Incident) -> dict[str, Callable[[], bytes]]:
    """How each member is got."""
    files = {name: lambda name=name: store.get(entry(about.name, about.model, name)) for name in ENTRY}
    return {
        **files,
        REGISTRY: lambda: canonical(RegistryLog(store, about.name).chain.links()),
        "decisions.json": lambda: canonical(_decisions(platform.decision_log, about.name)),
        "alarms.json": lambda: canonical(_alarms(store, about.model)),
        "lineage.json": lambda: canonical(_lineage(store, about.model)),
        "requests.json": lambda: canonical(_requests(store, about)),
        "reactions.json": lambda: canonical(react.records(store, about.name)),
    }


def _decisions(log: Path, name: str) -> dict[str, Any]:
    """The log is checked as a whole, and its head told, so that it can be held against one that was kept elsewhere."""
    head = whole_log(log)
    found = [one for one in history.decisions(log) if (one.gate, one.subject) == ("release", name)]
    return {"head": str(head), "decisions": [one.model_dump(mode="json") for one in found]}


def _alarms(store: ObjectStore, model: str) -> list[dict[str, Any]]:
    """Every alarm of the model, wherever those who watch it keep them."""
    kept = [json.loads(store.get(found)) for found in store.names() if found.endswith(f"/{OBJECT}")]
    return [fields for alarms in kept for fields in alarms.values() if fields["model"] == model]


def _lineage(store: ObjectStore, model: str) -> dict[str, Any]:
    graph = Graph.of(lineage.events(store))
    ids = [thing.id for thing in graph.of_kind("model") if thing.digest == model]
    return {"upstream": graph.upstream(*ids).as_dict(), "downstream": graph.downstream(*ids).as_dict()}


def _requests(store: ObjectStore, about: Incident) -> dict[str, Any]:
    """All requests from a day before the alarm to the end. Segments may merge: the digest is of sorted digests."""
    counts: dict[str, int] = {}
    seen: list[bytes] = []
    since = about.alarm.since - BEFORE
    until = about.closed and about.closed.isoformat(timespec="milliseconds")
    for record in requests.read(store, about.name, since):
        if not until or record["at"] <= until:
            seen.append(hashlib.sha256(canonical(record)).digest())
            counts[str(record["model"])] = counts.get(str(record["model"]), 0) + 1
    whole = digest(b"".join(sorted(seen)))
    return {
        "since": since.isoformat(),
        "until": until,
        "records": len(seen),
        "models": counts,
        "digest": whole,
    }


def _sealed(store: ObjectStore, incident: str, members: dict[str, bytes], missing: dict[str, str]) -> bytes:
    signer = Signer.of(store)
    whole = {**members, KEY: signer.public}
    whole[INDEX] = canonical({"schema": 1, "incident": incident, "members": _digests(whole), "missing": missing})
    return pack({**whole, SEAL: signer.sign(incident, _digests(whole))})


def _hold(store: ObjectStore, about: Incident) -> None:
    """The model's files stay for as long as the bundle that names them is of use; `falaj model release` ends it."""
    why = f"evidence of incident {about.id}"
    if store.exists(entry(about.name, about.model, MANIFEST)):
        held_for = held(RegistryLog(store, about.name).records()).get(about.model, [])
        if why not in held_for:
            hold(store, about.name, about.model, why=why)


def _chained(links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    previous = GENESIS
    for place, link in enumerate(links, start=1):
        if (link["place"], link["previous"]) != (place, previous):
            raise FalajError("INC-005", "log", f"record {place} does not follow {previous}")
        previous = digest(canonical(link))
    return links


def _told(links: list[dict[str, Any]]) -> dict[str, Incident]:
    return incidents(Record.model_validate(link["record"]) for link in links)


def _digests(members: Mapping[str, bytes]) -> dict[str, str]:
    return {name: digest(data) for name, data in members.items()}


@contextmanager
def _refused(place: str) -> Generator[None]:
    """Whatever is wrong with a bundle is INC-005."""
    try:
        yield
    except FalajError as error:
        problem = error.problem if error.code == "INC-005" else f"{error.place}: {error.problem}"
        raise FalajError("INC-005", place, problem) from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise FalajError("INC-005", place, f"it cannot be read: {type(error).__name__}") from error
