from collections.abc import Iterator
from pathlib import Path

import pytest

from components.local import processes
from infra.home import PROJECT
from tests.rig import Platform, make_platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform that is up; taken down at the end, whatever happened."""
    made = make_platform(tmp_path_factory.mktemp("falaj"))
    tracked = {file: file.read_bytes() for file in (made.file, PROJECT / "stacks" / made.file.name)}
    try:
        made.falaj("up", "local")
        yield made
    finally:
        made.falaj("down", "local", exit_code=None)
        assert {file: file.read_bytes() for file in tracked} == tracked, "stack files are the user's"
        processes.sweep(made.supervisor)
        processes.clear_runtime(made.supervisor)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Platform]:
    """A platform that nobody has stood up yet."""
    made = make_platform(tmp_path)
    try:
        yield made
    finally:
        made.falaj("down", "local", exit_code=None)
        processes.sweep(made.supervisor)
        processes.clear_runtime(made.supervisor)
