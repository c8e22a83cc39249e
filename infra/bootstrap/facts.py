"""What a stack on AWS says of the account and region that its state is to be kept in."""

from typing import Any

import yaml

from components.aws.context import Context
from infra.errors import FalajError
from infra.settings import AwsStack, load, stack_file

NAME = "falaj"
"""First part of the names of what is made: one bucket and key for all stacks of an account and region."""
KIND = "bootstrap"
_JUDGED = ("profile", "jurisdiction", "regimes", "data_class", "lawful_basis", "policy")


def read(stack: str) -> AwsStack:
    """The settings of the stack that is to be. CFG-002 for one that is not on AWS."""
    file = stack_file(stack)
    settings = load(file)
    if not isinstance(settings, AwsStack):
        place, said = f"stacks/{file.name}", f"`falaj:target` is {settings.target!r}, which needs no backend in AWS"
        raise FalajError("CFG-002", place, said, "Name a stack whose target is aws.")
    return settings


def stack_name(settings: AwsStack) -> str:
    """The name of the little stack: one for each account and region."""
    return f"{KIND}-{settings.account}-{settings.region}"


def config(stack: str, settings: AwsStack) -> str:
    """Its stack file: what the gate judges it by, and whose settings it is made of."""
    said: dict[str, Any] = settings.model_dump(mode="json", include=set(_JUDGED))
    values = {**said, "kind": KIND, "for": stack}
    return yaml.safe_dump({"config": {f"falaj:{key}": value for key, value in values.items()}})


def context(settings: AwsStack) -> Context:
    """Always protected: a lost state is a lost stack."""
    tags = settings.every_tag(settings.stores.noncurrent_days)
    return Context(stack=NAME, account=settings.account, region=settings.region, zones=(), prod=True, tags=tags)
