"""The tables: people of Massachusetts as the US census asked them, 2015 to 2018, and, later, whether they were at work.

Codes are those of the US Census Bureau's ACS PUMS data dictionary, 2015-2018; 0 stands for "not applicable" there.
The bundled model's `prediction` columns are never read.
"""

from workloads.lib.data.column import Column, Schema

FEATURES = (
    Column("AGEP", "Age in years", low=0, high=99, pii="indirect"),
    Column("SCHL", "Educational attainment: 1 no school … 16 high school, 21 bachelor, 24 doctorate", low=0, high=24),
    Column("MAR", "Marital status: 1 married, 2 widowed, 3 divorced, 4 separated, 5 never married", low=1, high=5),
    Column("RELP", "Relationship to the reference person: 0 the person itself, 1 spouse, 2 child …", low=0, high=17),
    Column("DIS", "Disability: 1 yes, 2 no", low=1, high=2, pii="special"),
    Column("ESP", "Employment status of parents: 0 not a child in a family, 1 both at work …", low=0, high=8),
    Column("CIT", "Citizenship: 1 born in the US … 4 naturalised, 5 not a citizen", low=1, high=5, pii="indirect"),
    Column("MIG", "Lived here a year ago: 1 same house, 2 outside the US, 3 another house", low=0, high=3),
    Column("MIL", "Military service: 1 active, 2 past, 3 training only, 4 never", low=0, high=4),
    Column("ANC", "Ancestry: 1 single, 2 multiple, 3 unclassified, 4 not reported", low=1, high=4, pii="indirect"),
    Column("NATIVITY", "Nativity: 1 native, 2 foreign born", low=1, high=2, pii="indirect"),
    Column("DEAR", "Hearing difficulty: 1 yes, 2 no", low=1, high=2, pii="special"),
    Column("DEYE", "Vision difficulty: 1 yes, 2 no", low=1, high=2, pii="special"),
    Column("DREM", "Cognitive difficulty: 1 yes, 2 no, 0 under five years old", low=0, high=2, pii="special"),
)

PROTECTED = (
    Column("SEX", "Sex: 1 male, 2 female", low=1, high=2, pii="special"),
    Column("RAC1P", "Race, detailed: 1 to 9", low=1, high=9, pii="special"),
)
"""Evidence for the fairness figures; no input of the model, which is never told them."""

ID, YEAR, TARGET = "id", "year", "employed"
_PERSON = Column(ID, "Person", "integer", 0, pii="direct")

PEOPLE = Schema(
    "people",
    (_PERSON, Column(YEAR, "Year of the survey", low=2015, high=2018), *FEATURES, *PROTECTED),
    key=(ID,),
    time=YEAR,
    subject=ID,
)
LABELS = Schema("labels", (_PERSON, Column(TARGET, "1 for a civilian at work", low=0, high=1)), key=(ID,), subject=ID)

GROUPS: dict[str, tuple[str, dict[int, str]]] = {
    "sex": ("SEX", {1: "male", 2: "female"}),
    "race": (
        "RAC1P",
        {
            1: "white",
            2: "black",
            3: "american_indian_or_alaska_native",
            4: "american_indian_or_alaska_native",
            5: "american_indian_or_alaska_native",
            6: "asian",
            7: "pacific_islander",
            8: "other",
            9: "two_or_more",
        },
    ),
}
"""Protected attribute of the release document to its column and the group of each code."""
