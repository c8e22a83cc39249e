"""Commands that work with the servers of this machine."""

from infra.errors import FalajError
from infra.settings import LocalStack, load, stack_file


def require_local(stack: str) -> LocalStack:
    """The stack's settings; RUN-009 when it does not run on this machine."""
    file = stack_file(stack)
    settings = load(file)
    if isinstance(settings, LocalStack):
        return settings
    problem = f"`falaj:target` is {settings.target}, and this command is for target local"
    raise FalajError("RUN-009", f"stacks/{file.name}", problem)
