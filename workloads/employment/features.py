"""Features: one transform, used on whole tables in training and on one person in serving."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from workloads.employment.columns import FEATURES

UNSEEN = 0
"""The slot of a code the training data did not hold; the network ignores it."""


class Features(BaseModel):
    """The codes seen in training, per column. Each has a slot of its own: the network's first layer sums their rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seen: dict[str, list[int]]

    @classmethod
    def fit(cls, table: Mapping[str, Any]) -> Self:
        """Learn the codes from the training rows only."""
        return cls(seen={c.name: np.unique(np.asarray(table[c.name])).tolist() for c in FEATURES})

    @property
    def slots(self) -> int:
        """How many slots there are, UNSEEN included."""
        return 1 + sum(len(codes) for codes in self.seen.values())

    def encode(self, table: Mapping[str, Any]) -> NDArray[np.int64]:
        """Slots of shape (rows, columns). An age past those seen counts as the nearest one seen."""
        out: list[NDArray[np.int64]] = []
        first = 1
        for name, codes in self.seen.items():
            known, values = np.asarray(codes), np.asarray(table[name])
            if name == "AGEP":
                values = values.clip(known[0], known[-1])
            at = np.searchsorted(known, values).clip(0, len(known) - 1)
            out.append(np.where(known[at] == values, at + first, UNSEEN))
            first += len(known)
        return np.stack(out, axis=1).astype(np.int64)
