"""A stack file, typed: what a user may write in `stacks/Pulumi.<stack>.yaml` under `config:`, as `falaj:<key>`.

Frozen, and strict: an unknown key, a wrong type or a value out of range is one FalajError with the place, the value
and what was expected. Imports neither pulumi nor ray nor torch.
"""

from infra.settings.aws import AwsStack
from infra.settings.local import LocalStack
from infra.settings.read import PREFIX, TARGETS, RegionStack, load, parse, stack_file

__all__ = ["PREFIX", "TARGETS", "AwsStack", "LocalStack", "RegionStack", "load", "parse", "stack_file"]
