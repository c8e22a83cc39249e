"""What a stack file asks for that its cloud does not give: found before anything is planned."""

from datetime import UTC, datetime

from infra.checks import aws, given
from infra.settings import AwsStack, KubernetesStack, RegionStack, load, stack_file


def checked(stack: str) -> RegionStack:
    """The settings of a stack that is about to be planned."""
    file = stack_file(stack)
    settings = load(file)
    require_sound(settings, f"stacks/{file.name}")
    return settings


def lacking(settings: RegionStack) -> list[str]:
    """What will not work for want of something that may be left out, for whoever reads the plan."""
    return given.lacking(settings) if isinstance(settings, KubernetesStack) else []


def require_sound(settings: RegionStack, place: str, now: datetime | None = None) -> None:
    """Raise the first thing that cannot work, CFG-009 to CFG-030. `place` is the stack file, `now` the present."""
    if isinstance(settings, AwsStack):
        aws.require_sound(settings, place, now or datetime.now(UTC))
    elif isinstance(settings, KubernetesStack):
        given.require_sound(settings, place)
