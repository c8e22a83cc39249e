"""How Iceberg reads and writes: every file of a table is a sealed object, in plain text only in this process' memory.

A location is `sealed://<object name>`. A file is sealed when it is closed without an error, and opened as a whole, so
memory holds one data file at a time (Iceberg's target: 512 MiB of rows).
"""

from io import BytesIO
from typing import Any

from pyiceberg.io import FileIO, InputFile, OutputFile
from typing_extensions import override

from infra.errors import FalajError
from workloads.lib.object_store import ObjectStore

SCHEME = "sealed://"
STORE = "falaj.store"
"""The property under which the catalogue hands its open store to each `SealedIO`; never written anywhere."""


class SealedIO(FileIO):
    """pyiceberg's `py-io-impl`."""

    @property
    def store(self) -> ObjectStore:
        """The open store."""
        properties: dict[str, Any] = self.properties
        return properties[STORE]

    @override
    def new_input(self, location: str) -> "SealedFile":
        return SealedFile(location, self.store)

    @override
    def new_output(self, location: str) -> "SealedFile":
        return SealedFile(location, self.store)

    @override
    def delete(self, location: str | InputFile | OutputFile) -> None:
        name = object_name(location if isinstance(location, str) else location.location)
        try:
            self.store.delete(name)
        except FalajError as error:
            raise FileNotFoundError(name) from error


class SealedFile(InputFile, OutputFile):
    """One sealed object, to read or to write."""

    def __init__(self, location: str, store: ObjectStore) -> None:
        super().__init__(location)
        self.store = store
        self.name = object_name(location)

    @override
    def __len__(self) -> int:
        return len(self.store.get(self.name))

    @override
    def exists(self) -> bool:
        return self.store.exists(self.name)

    @override
    def open(self, seekable: bool = True) -> Any:  # an InputStream in all but its parameters' names
        return BytesIO(self.store.get(self.name))

    @override
    def create(self, overwrite: bool = False) -> Any:  # an OutputStream, likewise
        if not overwrite and self.exists():
            raise FileExistsError(self.location)
        return _Sealing(self)

    @override
    def to_input_file(self) -> "SealedFile":
        return self


class _Sealing(BytesIO):
    """What is written, sealed on close; after an error nothing is."""

    def __init__(self, file: SealedFile) -> None:
        super().__init__()
        self._file = file

    @override
    def close(self) -> None:
        if not self.closed:
            self._file.store.put(self._file.name, self.getvalue())
            super().close()

    @override
    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            super().close()


def object_name(location: str) -> str:
    """The object's name of a location."""
    return location.removeprefix(SCHEME)
