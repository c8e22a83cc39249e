"""What `falaj plan` found out about a stack."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.plan.bill import NOTES, Bill, bill
from infra.plan.change import OPERATIONS, Change, changes
from infra.plan.part import Part, parts
from infra.plan.price import Span

if TYPE_CHECKING:
    from policies.gate.decision import Decision


@dataclass(frozen=True)
class Outcome:
    """A plan, judged."""

    stack: str
    seconds: float
    """Of the plan itself, without the gate."""
    changes: dict[str, Change]
    decision: "Decision"
    lacking: tuple[str, ...] = ()
    """What does not work, since the stack file does not tell of it."""

    @classmethod
    def of(
        cls, stack: str, preview: dict[str, Any], seconds: float, decision: "Decision", lacking: Iterable[str] = ()
    ) -> "Outcome":
        """From `pulumi preview --json`."""
        return cls(stack, seconds, changes(preview.get("steps") or []), decision, tuple(lacking))

    @property
    def resources(self) -> dict[str, Change]:
        """What the cloud would hold or lose, without components and providers."""
        bare = {urn: one for urn, one in self.changes.items() if not one.type.startswith("pulumi:")}
        return {urn: one for urn, one in bare.items() if not one.is_component}

    @property
    def operations(self) -> dict[str, int]:
        """How many resources are created, updated, …"""
        counted = Counter(one.operation for one in self.resources.values())
        return {operation: counted[operation] for operation in OPERATIONS if counted[operation]}

    @property
    def parts(self) -> tuple[Part, ...]:
        """Components and what they are made of."""
        return parts(self.changes)

    @property
    def bill(self) -> Bill:
        """A month's costs, and watts."""
        return bill(self.changes)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        names = {part.urn: part.name for part in self.parts}
        return {
            "ok": self.decision.allowed,
            "stack": self.stack,
            "seconds": round(self.seconds, 1),
            "resources": len(self.resources),
            "operations": self.operations,
            "components": [
                {
                    "name": part.name,
                    "type": part.type,
                    "resources": part.types,
                    "needs": sorted(names[urn] for urn in part.needs if urn in names),
                }
                for part in self.parts
            ],
            "changes": [_change(one) for one in self.resources.values() if one.operation not in ("same", "read")],
            "cost": _bill(self.bill),
            "lacking": list(self.lacking),
            "decision": self.decision.model_dump(mode="json"),
        }


def _change(one: Change) -> dict[str, Any]:
    return {
        "urn": one.urn,
        "type": one.type,
        "name": one.name,
        "operation": one.operation,
        "protected": one.protected,
        "properties": [
            {"path": item.path, "old": item.old, "new": item.new, "replaces": item.replaces} for item in one.properties
        ],
    }


def _bill(found: Bill) -> dict[str, Any]:
    return {
        "usd_month": _span(found.usd),
        "watts": _span(found.watts),
        "facility_watts": _span(found.facility),
        "tco2_month": _span(found.carbon),
        "items": [
            {
                "name": item.change.name,
                "type": item.change.type,
                "usd_month": _span(item.price.usd),
                "basis": item.price.basis,
                "listed": item.price.listed,
                "watts": _span(item.price.watts) if item.price.watts else None,
            }
            for item in found.items
        ],
        "unknown": [
            {"name": item.change.name, "type": item.change.type, "reason": item.reason} for item in found.unknown
        ],
        "notes": NOTES,
    }


def _span(span: Span) -> dict[str, float]:
    return {"planned": round(span.planned, 2), "least": round(span.least, 2), "most": round(span.most, 2)}
