"""Ray on the GPU pool, a job and a service of Ray as the platform makes them, and machines that outlive their stack."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.contracts import Endpoint
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.ray_group import Group, Head, Pool
from components.kubernetes.ray_job import RayJob, RayJobArgs
from components.kubernetes.ray_runtime import RayRuntime, RayRuntimeArgs
from components.kubernetes.ray_service import RayService, RayServiceArgs
from tests.e2e import simulated

region = aws.Provider("region", region="me-central-1")
kept = pulumi.ResourceOptions(provider=region, protect=True, retain_on_delete=True)
rack = aws.ec2.PlacementGroup("rack", strategy="cluster", tags=simulated.TAGS, opts=kept)

context, known = simulated.context(prod=True), simulated.certificates()
space = Namespace("research", NamespaceArgs(context=context, name="research"))
common: dict[str, Any] = {
    "context": context,
    "namespace": space.name,
    "head": Head(pool=Pool(name="cpu")),
    "image": f"{simulated.REGISTRY}/ray:2.60.0@sha256:{'0' * 64}",
    "version": "2.60.0",
    "token": "token",
    "after": known,
}
cache = Endpoint(host="cache.me-central-1.amazonaws.com", port=6379, secret="cache")
workers = Group(name="train", pool=Pool(name="l40s", gpus=4), cpu=4, memory_gib=16, gpus=1, min=2, max=2)
servers = Group(name="serve", pool=Pool(name="cpu"), cpu=2, memory_gib=8, min=1, max=1)
RayRuntime("demo", RayRuntimeArgs(**common, groups=[workers], cache=cache))
RayJob("once", RayJobArgs(**common, groups=[servers], entrypoint="python train.py; sleep 1"))
applications = [{"name": "model", "import_path": "model:app", "deployments": [{"name": "Model"}]}]
RayService("answers", RayServiceArgs(**common, groups=[servers], cache=cache, serve={"applications": applications}))
pulumi.export("rack", rack.arn)
