"""The gate's rules as a stack's cluster is given them."""

from components.kubernetes.admission_rules import Rules
from infra.judge import described
from infra.settings import RegionStack
from policies.gate import admission


def rules(stack: str, settings: RegionStack) -> Rules:
    """As strict as the stack's profile has them, with its own parameters."""
    made = admission.admission(*described(stack, settings, dry_run=True))
    return Rules(
        templates=[one.template for one in made],
        constraints=[one.constraint for one in made],
        watched=admission.watched(type for one in made for type in one.types),
    )
