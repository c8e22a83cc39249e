"""The resources that `$RESOURCES` (a JSON file of {type, name, inputs}) lists, one by one, without components."""

import json
import os
from pathlib import Path

import pulumi
import pulumi_aws as aws

from infra.plan import schema

provider = aws.Provider("aws", region="me-central-1")
for item in json.loads(Path(os.environ["RESOURCES"]).read_text()):
    known = schema.inputs(item["type"]) or {}
    inputs = {known[name].python: value for name, value in item["inputs"].items() if name in known}
    schema.resource_class(item["type"])(item["name"], opts=pulumi.ResourceOptions(provider=provider), **inputs)
