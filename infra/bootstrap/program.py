"""The Pulumi program of `falaj bootstrap aws`: a bucket and two keys."""

import pulumi
import pulumi_aws as aws
import yaml
from pulumi.runtime.config import get_config_env

from components.aws.state_backend import StateBackend, StateBackendArgs
from infra.bootstrap import facts
from infra.errors import FalajError
from infra.settings import AwsStack
from policies.gate import receipt
from policies.gate.about import scalar


def deploy() -> None:
    """Make what the stack in `falaj:for` needs."""
    settings = read_settings()
    if settings.profile != "dev":
        receipt.require(receipt.engine_address())
    where = facts.context(settings)
    provider = aws.Provider(
        "aws",
        region=settings.region,
        allowed_account_ids=[settings.account],
        default_tags=aws.ProviderDefaultTagsArgs(tags=dict(where.tags)),
    )
    args = StateBackendArgs(
        context=where,
        rotation_days=settings.keys.rotation_days,
        deletion_days=settings.keys.deletion_days,
        noncurrent_days=settings.stores.noncurrent_days,
        log_days=settings.stores.log_days,
        users=settings.identity.operators,
    )
    backend = StateBackend("backend", args, pulumi.ResourceOptions(providers=[provider]))
    pulumi.export("bucket", backend.store.name)
    pulumi.export("key", backend.secrets.arn)


def read_settings() -> AwsStack:
    """The settings of the stack this is for. CFG-008 when the gate was told of others."""
    stack = pulumi.Config("falaj").require("for")
    settings = facts.read(stack)
    told = {key: scalar(text) for key, text in get_config_env().items()}
    if told != yaml.safe_load(facts.config(stack, settings))["config"]:
        raise FalajError("CFG-008", f"stacks/Pulumi.{stack}.yaml", "it is not what this run was given")
    return settings
