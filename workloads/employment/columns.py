"""The census table's columns and the codes each may hold: one catalogue for validation, features and the HTTP schema.

Codes are those of the US Census Bureau's ACS PUMS data dictionary, 2015-2018; 0 stands for "not applicable" there.
The target `employed` is 1 for a civilian at work. The bundled model's `prediction` columns are never read.
"""

from dataclasses import dataclass

TARGET = "employed"
YEARS = (2015, 2016, 2017, 2018)


@dataclass(frozen=True)
class Column:
    """A coded column: its name, meaning, and smallest and largest code (every code between them is in use)."""

    name: str
    title: str
    low: int
    high: int


FEATURES = (
    Column("AGEP", "Age in years", 0, 99),
    Column("SCHL", "Educational attainment: 1 no schooling … 16 high school, 21 bachelor, 24 doctorate", 0, 24),
    Column("MAR", "Marital status: 1 married, 2 widowed, 3 divorced, 4 separated, 5 never married", 1, 5),
    Column("RELP", "Relationship to the reference person: 0 the person itself, 1 spouse, 2 child …", 0, 17),
    Column("DIS", "Disability: 1 yes, 2 no", 1, 2),
    Column("ESP", "Employment status of parents: 0 not a child in a family, 1 both at work …", 0, 8),
    Column("CIT", "Citizenship: 1 born in the US … 4 naturalised, 5 not a citizen", 1, 5),
    Column("MIG", "Lived here a year ago: 1 same house, 2 outside the US, 3 another house", 0, 3),
    Column("MIL", "Military service: 1 active, 2 past, 3 training only, 4 never", 0, 4),
    Column("ANC", "Ancestry recode: 1 single, 2 multiple, 3 unclassified, 4 not reported", 1, 4),
    Column("NATIVITY", "Nativity: 1 native, 2 foreign born", 1, 2),
    Column("DEAR", "Hearing difficulty: 1 yes, 2 no", 1, 2),
    Column("DEYE", "Vision difficulty: 1 yes, 2 no", 1, 2),
    Column("DREM", "Cognitive difficulty: 1 yes, 2 no, 0 under five years old", 0, 2),
)

PROTECTED = (Column("SEX", "Sex: 1 male, 2 female", 1, 2), Column("RAC1P", "Race, detailed: 1 to 9", 1, 9))
"""Evidence for the fairness figures; no input of the model, which is never told them."""

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
