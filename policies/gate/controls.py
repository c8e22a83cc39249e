"""The control catalogue: what laws and standards ask for, read from policies/controls, each with its source."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from infra import yaml_text
from infra.errors import FalajError

FOLDER = Path(__file__).resolve().parents[1] / "controls"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Control(_Model):
    """What a rule serves. `status` says whether the reference's number and subject were read in `source`."""

    framework: str = Field(min_length=1)
    reference: str = Field(min_length=1)
    title: str = Field(min_length=1)
    status: Literal["verified", "unverified"]
    source: str = Field(min_length=1)

    @property
    def name(self) -> str:
        """As rules name it: `ISO-27001:2022 8.24`."""
        return f"{self.framework} {self.reference}"


class Entry(_Model):
    """One control of a framework; `by` says who can serve it: rules, people, or rules that are yet to be written."""

    title: str = Field(min_length=1)
    status: Literal["verified", "unverified"]
    by: Literal["code", "people", "open"]
    why: str = ""
    source: str = ""


class Framework(_Model):
    """One law or standard."""

    framework: str = Field(min_length=1)
    title: str = Field(min_length=1)
    jurisdiction: Literal["uae", "difc", "adgm", "eu", "international"]
    source: str = Field(min_length=1)
    note: str = ""
    controls: dict[str, Entry]


def frameworks(folder: Path = FOLDER) -> list[Framework]:
    """Every framework, by its id. Raises GATE-017 for a file that is not of this shape."""
    return sorted((_read(file) for file in folder.glob("*.yaml")), key=lambda item: item.framework)


@cache
def by_name(folder: Path = FOLDER) -> dict[str, Control]:
    """Every control, by the name that rules use."""
    listed = [
        Control(
            framework=framework.framework,
            reference=reference,
            title=entry.title,
            status=entry.status,
            source=entry.source or framework.source,
        )
        for framework in frameworks(folder)
        for reference, entry in framework.controls.items()
    ]
    return {control.name: control for control in listed}


def _read(file: Path) -> Framework:
    try:
        text: Any = yaml_text.read(file)
        return Framework.model_validate(text)
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())[:300]
        raise FalajError(
            "GATE-017", f"policies/controls/{file.name}", f"it is no catalogue of controls: {said}"
        ) from error
