"""The dataset card: what a table is, whose, from where and how good; as JSON, Markdown (Hugging Face) and Croissant."""

from dataclasses import dataclass
from typing import Any

import yaml

from workloads.lib.data.about import About
from workloads.lib.data.column import Schema
from workloads.lib.data.quality import DataQuality
from workloads.lib.data.table import TableVersion

TYPES = {
    "code": "sc:Integer",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "text": "sc:Text",
    "instant": "sc:DateTime",
}
CROISSANT = "http://mlcommons.org/croissant/1.0"
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "recordSet": "cr:recordSet",
    "field": "cr:field",
    "key": {"@id": "cr:key", "@type": "@id"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "source": "cr:source",
    "fileObject": {"@id": "cr:fileObject", "@type": "@id"},
    "extract": "cr:extract",
    "column": "cr:column",
}
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10**7, "1M<n<10M"))
"""Hugging Face's size categories, by what they are below."""


@dataclass(frozen=True)
class DatasetCard:
    """The card of one version of a table."""

    about: About
    schema: Schema
    version: TableVersion
    quality: DataQuality
    residency: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        about = self.about.model_dump(mode="json")
        parts = {"schema": self.schema, "version": self.version, "quality": self.quality}
        return {"about": about, "residency": self.residency, **{name: part.as_dict() for name, part in parts.items()}}

    def markdown(self) -> str:
        """With Hugging Face's front matter; ends with the quality report."""
        size = next((name for below, name in SIZES if self.version.rows < below), "n>10M")
        front = {"pretty_name": self.about.title, "license": self.about.license, "size_categories": [size]}
        kinds = ", ".join(f"{name} ({self.schema[name].pii})" for name in self._personal) or "none"
        rows = [f"| {c.name} | {c.title} | {c.kind} | {c.pii} |" for c in self.schema.columns]
        lines = ["---", yaml.safe_dump(front, sort_keys=False).rstrip(), "---", "", f"# {self.about.title}", ""]
        lines += [self.about.description, "", f"Source: {self.about.creator}, {self.about.url}", ""]
        lines += ["## Uses", "", self.about.uses, "", "## Limits", "", self.about.limits, ""]
        lines += [
            "## Version",
            "",
            f"`{self.version.digest}`, {self.version.rows:,} rows, kept in {self.residency}.",
            "",
        ]
        lines += ["## Columns", "", f"Personal data: {kinds}.", "", "| column | meaning | kind | personal |"]
        lines += ["|---|---|---|---|", *rows, ""]
        return "\n".join(lines) + "\n" + self.quality.markdown().replace("# Data quality", "## Data quality")

    def croissant(self) -> dict[str, Any]:
        """As Croissant 1.0 JSON-LD. `sha256` is the version's content digest: a lake's table is no single file."""
        table = self.schema.name
        file = {"@type": "cr:FileObject", "@id": table, "name": table, "contentUrl": f"sealed://lake/{table}"}
        file |= {"encodingFormat": "application/vnd.apache.parquet", "sha256": self.version.digest.partition(":")[2]}
        fields = [
            {
                "@type": "cr:Field",
                "@id": f"rows/{c.name}",
                "name": c.name,
                "description": c.title,
                "dataType": TYPES[c.kind],
                "source": {"fileObject": {"@id": table}, "extract": {"column": c.name}},
            }
            for c in self.schema.columns
        ]
        keys = [{"@id": f"rows/{name}"} for name in self.schema.key]
        return {
            "@context": CONTEXT,
            "@type": "sc:Dataset",
            "conformsTo": CROISSANT,
            "name": table,
            "description": self.about.description,
            "license": self.about.license,
            "url": self.about.url,
            "creator": {"@type": "sc:Organization", "name": self.about.creator},
            "datePublished": self.about.published.isoformat(),
            "version": self.version.digest,
            "distribution": [file],
            "recordSet": [{"@type": "cr:RecordSet", "@id": "rows", "name": "rows", "key": keys, "field": fields}],
        }

    @property
    def _personal(self) -> tuple[str, ...]:
        return self.schema.of_pii("direct", "indirect", "special")
