"""The card says the same in its three forms, and has what Croissant 1.0 and Hugging Face require."""

import json
from datetime import UTC, date, datetime

import pytest
import yaml

from tests.workloads.lib.data.conftest import VISITS, visits
from workloads.lib.data.about import About
from workloads.lib.data.card import DatasetCard
from workloads.lib.data.quality import report
from workloads.lib.data.table import Lake

ABOUT = About(
    title="Visits",
    description="Made up for tests.",
    license="apache-2.0",
    url="https://example.ae/visits",
    creator="Nobody",
    published=date(2025, 1, 2),
    uses="Tests: nothing else.",
    limits="No real person.",
)


@pytest.fixture
def card(lake: Lake) -> DatasetCard:
    lake.append("visits", visits(0, 30))
    rows = lake.read("visits")
    quality = report(VISITS, rows, rows, [], datetime(2025, 2, 1, tzinfo=UTC))
    return DatasetCard(ABOUT, VISITS, lake.version("visits"), quality, "the UAE")


def test_the_front_matter_is_yaml_and_the_page_names_what_matters(card: DatasetCard):
    _, front, page = card.markdown().split("---\n", 2)
    assert yaml.safe_load(front) == {"pretty_name": "Visits", "license": "apache-2.0", "size_categories": ["n<1K"]}
    for text in (
        card.version.digest,
        "30 rows, kept in the UAE",
        "Personal data: person (indirect).",
        "## Data quality",
    ):
        assert text in page
    assert "person-1" not in page
    assert json.loads(json.dumps(card.as_dict()))["version"]["rows"] == 30


def test_croissant_has_what_its_specification_requires(card: DatasetCard):
    document = json.loads(json.dumps(card.croissant()))
    required = {"@context", "@type", "conformsTo", "description", "license", "name", "url", "creator", "datePublished"}
    assert required <= document.keys()
    assert document["@type"] == "sc:Dataset"
    assert document["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    (file,) = document["distribution"]
    assert {"@id", "name", "contentUrl", "encodingFormat", "sha256"} <= file.keys()
    assert len(file["sha256"]) == 64
    (rows,) = document["recordSet"]
    ids = {field["@id"] for field in rows["field"]}
    assert {field["name"] for field in rows["field"]} == set(VISITS.names)
    assert {key["@id"] for key in rows["key"]} <= ids
    for field in rows["field"]:
        assert field["source"]["fileObject"]["@id"] == file["@id"]
        assert field["dataType"].startswith("sc:")
