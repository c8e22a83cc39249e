# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Whether a person is at work, from fourteen answers to the census. A demonstration: nobody is to be judged by it."""

from collections.abc import Callable, Mapping
from typing import Any

from workloads.employment.spec import PATH, Spec
from workloads.employment.tables import FEATURES, GROUPS, LABELS, PEOPLE, PROTECTED, TARGET
from workloads.lib.data.column import Schema
from workloads.lib.features.transform import Codes, Transform
from workloads.lib.lifecycle.workload import Table, Workload

_FILE = "nannyml/datasets/data/employment_MA_{}.pq"
_EXAMPLES = f"""
SELECT people.id::VARCHAR AS id, make_timestamptz(year + 1, 1, 1, 0, 0, 0.0, 'UTC') AS at, year AS period, {TARGET},
    {", ".join(column.name for column in (*FEATURES, *PROTECTED))}
FROM people LEFT JOIN labels USING (id)
"""  # noqa: S608 - names of the catalogue of columns
_ANSWERS = tuple(column.name for column in (*FEATURES, *PROTECTED))


def _group(column: str, names: Mapping[int, str]) -> Callable[[Any], Any]:
    return lambda rows: [names[code] for code in rows[column].to_pylist()]


class Employment(Workload):
    """Classification: the probability of being at work. Labels come late, rows are persons' and need their consent."""

    name = "employment"
    task = "classification"
    tables = (
        Table(
            PEOPLE,
            {name: _FILE.format(name) for name in ("reference", "analysis")},
            ignore=(TARGET, "prediction", "predicted_probability"),
        ),
        Table(
            LABELS,
            {name: _FILE.format(name) for name in ("reference", "analysis_target")},
            ignore=("year", *_ANSWERS, "prediction", "predicted_probability"),
        ),
    )
    transform = Transform(codes=tuple(Codes(name=c.name, nearest=c.name == "AGEP") for c in FEATURES))
    network = "workloads.employment.network:Network"
    target = TARGET
    groups = {name: _group(*of) for name, of in GROUPS.items()}  # noqa: RUF012
    protected = tuple(GROUPS)

    request = Schema("person", FEATURES, key=())
    example = dict(zip((c.name for c in FEATURES), (46, 21, 1, 0, 2, 0, 1, 1, 4, 1, 1, 2, 2, 2), strict=True))  # noqa: RUF012
    """A married person of 46 with a bachelor's degree."""

    def examples(self, tables: Mapping[str, Any]) -> Any:
        """One a person; the question is asked when the survey's year is over."""
        import duckdb

        with duckdb.connect() as engine:
            engine.execute("SET TimeZone = 'UTC'")
            for name in (PEOPLE.name, LABELS.name):
                engine.register(name, tables[name])
            return engine.sql(_EXAMPLES).to_arrow_table()

    def shape(self, transform: Transform, target: Any) -> dict[str, Any]:
        """A row for each code."""
        return {"slots": transform.slots, "width": self.spec.width}

    def told(self, card: Mapping[str, Any]) -> dict[str, str]:
        """Accuracy with its interval, the baselines, and the gaps between groups."""
        found = card["evaluation"]
        quality = f"accuracy {found['accuracy']:.4f} ({found['accuracy_low']:.4f} to {found['accuracy_high']:.4f})"
        lines = super().told(card) | {"quality": f"{quality}, AUC {found['auc']:.4f} on {found['rows']:,} rows"}
        for attribute, gaps in card["fairness"].items():
            lines[f"by {attribute}"] = (
                f"{len(gaps['groups'])} groups; selection-rate ratio {gaps['selection_rate_ratio']:.3f}, "
                f"equal-opportunity difference {gaps['equal_opportunity_difference']:.3f}"
            )
        return lines


def workload() -> Employment:
    """With the bundled spec."""
    return Employment(Spec.load(PATH))
