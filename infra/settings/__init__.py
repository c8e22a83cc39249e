"""A stack file, typed: what a user may write in `stacks/Pulumi.<stack>.yaml` under `config:`, as `falaj:<key>`.

Frozen, and strict: an unknown key, a wrong type or a value out of range is one FalajError with the place, the value
and what was expected. Imports neither pulumi nor ray nor torch.
"""

from infra.settings.aws import AwsStack
from infra.settings.kubernetes import KubernetesStack
from infra.settings.local import LocalStack
from infra.settings.read import PREFIX, TARGETS, ClusterStack, RegionStack, load, parse, stack_file

__all__ = [
    "PREFIX",
    "TARGETS",
    "AwsStack",
    "ClusterStack",
    "KubernetesStack",
    "LocalStack",
    "RegionStack",
    "load",
    "parse",
    "stack_file",
]
