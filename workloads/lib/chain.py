"""A hash chain of records in the store: sealed, write-once objects, and a sealed head that counts them.

    <prefix>/00000007 = {"place": 7, "previous": "sha256:…", "record": {…}}     heads/<prefix> = "7:sha256:…"

An edited record fails its seal, or its digest; a missing, exchanged or reordered one breaks the chain; a missing end
shows against the head. Who can put back an older head together with the records of that time cannot be seen from the
inside: keep the head elsewhere and give it to `read`.
"""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from infra.errors import FalajError
from policies.gate.record import GENESIS, Head
from workloads.lib.fingerprint import canonical
from workloads.lib.lock import held
from workloads.lib.object_store import ObjectStore, digest


@dataclass(frozen=True)
class Chain:
    """The chain `prefix` of a store; whatever is wrong with it is an error of `code`."""

    store: ObjectStore
    prefix: str
    code: str

    def read(self, kept: Head | None = None) -> list[dict[str, Any]]:
        """Every record, oldest first, when all are as written and reach the head, and the one `kept` elsewhere."""
        return [link["record"] for link in self.links(kept)]

    def links(self, kept: Head | None = None) -> list[dict[str, Any]]:
        """The records with their places and the digests they follow."""
        head = self.head()  # before the names: a record may come in between, never go
        hashes, links = [GENESIS], list[dict[str, Any]]()
        for place, found in enumerate(self.store.names(f"{self.prefix}/"), start=1):
            data = self.store.get(found)
            link = json.loads(data)
            if (found, link["place"], link["previous"]) != (self._object(place), place, hashes[-1]):
                problem = f"record {place} is {found} and follows {link['previous']}, the one before is {hashes[-1]}"
                raise FalajError(self.code, self.prefix, problem)
            links.append(link)
            hashes.append(digest(data))
        self._reaches(head, hashes)
        if kept:
            self._reaches(kept, hashes)
        if len(links) > 1 and not head.records:
            raise FalajError(self.code, self.prefix, f"it has {len(links)} records and no head")
        return links

    def head(self) -> Head:
        """How many records there are, and the digest of the last; one that was just written may be missing in it."""
        name = f"heads/{self.prefix}"
        return Head.of_text(self.store.get(name).decode()) if self.store.exists(name) else Head(0, GENESIS)

    @contextmanager
    def writing(self) -> Generator[Callable[[Mapping[str, Any]], Head]]:
        """Keep other writers out, and give the function that adds a record. What is read meanwhile stays the end."""
        with held(self.store, self.prefix):
            yield self._append

    def _append(self, record: Mapping[str, Any]) -> Head:
        head = self._whole(self.head())
        data = canonical({"place": head.records + 1, "previous": head.hash, "record": record})
        self.store.put_if_absent(self._object(head.records + 1), data)
        return self._keep(Head(head.records + 1, digest(data)))

    def _whole(self, head: Head) -> Head:
        """The head, checked against the last record, and one further when its writer was killed before saying so."""
        if head.records and (last := digest(self.store.get(self._object(head.records)))) != head.hash:
            raise FalajError(self.code, self.prefix, f"record {head.records} is {last}, the head says {head.hash}")
        if not self.store.exists(self._object(head.records + 1)):
            return head
        data = self.store.get(self._object(head.records + 1))
        if (previous := json.loads(data)["previous"]) != head.hash:
            problem = f"record {head.records + 1} follows {previous}, the one before is {head.hash}"
            raise FalajError(self.code, self.prefix, problem)
        return self._keep(Head(head.records + 1, digest(data)))

    def _keep(self, head: Head) -> Head:
        self.store.put(f"heads/{self.prefix}", str(head).encode())
        return head

    def _reaches(self, head: Head, hashes: list[str]) -> None:
        if head.records >= len(hashes):
            problem = f"it ends at record {len(hashes) - 1}, its head is record {head.records}"
            raise FalajError(self.code, self.prefix, problem)
        if hashes[head.records] != head.hash:
            problem = f"record {head.records} is {hashes[head.records]}, its head says {head.hash}"
            raise FalajError(self.code, self.prefix, problem)

    def _object(self, place: int) -> str:
        return f"{self.prefix}/{place:08d}"
