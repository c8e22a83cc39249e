"""The profile as a file of a registry entry."""

import pandas as pd
import pyarrow as pa
import pytest

from infra.errors import FalajError
from tests.workloads.lib.monitor.conftest import PERSON, columns
from workloads.lib.monitor.profile import Profile, profile
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry import Registry


def test_what_is_read_of_a_signed_entry_is_what_was_measured(store: ObjectStore, of_2015: Profile):
    registry = Registry(store)
    digest = registry.publish("employment", {"profile.json": of_2015.model_dump_json().encode()}, {})
    found = Profile.read(registry.load("employment", digest))
    assert found == of_2015
    assert (found.rows, found.scores.rows, sum(found.answers.rows)) == (68_785,) * 3
    assert (found.quality["accuracy"], found.quality["auc"]) == pytest.approx((0.82716, 0.90336), abs=5e-6)


@pytest.mark.parametrize("files", [{}, {"profile.json": b"{"}, {"profile.json": b'{"task": "ranking"}'}])
def test_an_entry_without_a_profile_cannot_be_watched(store: ObjectStore, files: dict[str, bytes]):
    registry = Registry(store)
    model = registry.load("employment", registry.publish("employment", files, {}))
    with pytest.raises(FalajError, match="MON-003 model sha256:"):
        Profile.read(model)


def test_the_file_is_small_holds_no_row_and_depends_on_no_order(years: dict[int, pd.DataFrame], of_2015: Profile):
    rows = years[2015].sample(frac=1, random_state=1)
    said, truth = rows["predicted_probability"].to_numpy(), rows["employed"].to_numpy()
    again = profile("classification", PERSON, columns(rows), said, truth, "2015")
    assert (again.columns, again.answers.rows) == (of_2015.columns, of_2015.answers.rows)
    assert len(of_2015.model_dump_json()) < 20_000


def test_arrow_tables_give_the_same_profile_and_a_missing_column_is_an_error(
    years: dict[int, pd.DataFrame], of_2015: Profile
):
    table = pa.Table.from_pandas(years[2015])
    said, truth = table["predicted_probability"].to_numpy(), table["employed"].to_numpy()
    given = {name: table[name] for name in PERSON.names}
    assert profile("classification", PERSON, given, said, truth, "2015") == of_2015
    with pytest.raises(FalajError, match="MON-001 column AGEP: it is not among SCHL, MAR"):
        profile("classification", PERSON, {k: v for k, v in given.items() if k != "AGEP"}, said, truth, "2015")


def test_a_metric_of_another_task_is_an_error(of_2015: Profile):
    with pytest.raises(FalajError, match="MON-004 metric mae: a classification is measured by accuracy, auc"):
        of_2015.figure("mae")
