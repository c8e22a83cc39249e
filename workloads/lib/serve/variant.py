# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUntypedClassDecorator=false, reportUntypedFunctionDecorator=false
"""A variant: one registered model, verified as it is loaded, as a Serve application of its own.

Imported by Serve's replicas; the driver imports it only to deploy.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ray import serve

from workloads.lib import loopback
from workloads.lib.platform import Platform
from workloads.lib.registry import Registry
from workloads.lib.serve.scale import Scale
from workloads.lib.serve.scorer import Scorer

Answer = tuple[float, str, str]
"""Prediction, digest of the model, version of its features."""


@serve.deployment(name="Variant")
class Variant:
    """Answers rows, several at once when several wait."""

    def __init__(self, platform_file: str, name: str, digest: str, scale: dict[str, Any]) -> None:
        platform, asked = Platform.load(Path(platform_file)), Scale.model_validate(scale)
        loopback.stay(platform)
        self.scorer = Scorer(Registry(platform.open_store()).load(name, digest), asked.threads)
        batched: Any = self._scores
        batched.set_max_batch_size(asked.batch)
        batched.set_batch_wait_timeout_s(asked.batch_wait)

    async def __call__(self, row: Mapping[str, Any]) -> Answer:
        """The row's prediction."""
        return await self._scores(row), self.scorer.model, self.scorer.features  # pyright: ignore[reportArgumentType, reportReturnType, reportGeneralTypeIssues]

    @serve.batch
    async def _scores(self, rows: list[Mapping[str, Any]]) -> list[float]:
        return self.scorer.score(rows).tolist()
