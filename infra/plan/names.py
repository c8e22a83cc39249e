"""Names, ids and outputs that a cloud would give a resource: realistic, and always the same for the same resource."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, cast

from infra.plan import schema

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's sentinel for a value that nobody knows yet."""
ACCOUNT = "123456789012"
SUBSCRIPTION = "00000000-0000-4000-8000-000000000000"
REGION = "me-central-1"

_NAMED = {
    "aws:s3/bucket:Bucket": "bucket",
    "aws:s3/bucketV2:BucketV2": "bucket",
    "azure-native:compute:VirtualMachine": "vmName",
}
_PREFIXES = {"SecurityGroup": "sg", "Instance": "i", "Volume": "vol", "RouteTable": "rtb", "FlowLog": "fl"}
_GLOBAL = frozenset({"iam", "s3", "route53", "cloudfront"})  # services whose ARNs name no region
_EMPTY: dict[schema.Shape, Any] = {"boolean": False, "number": 0, "list": [], "map": {}, "object": {}}


def name_property(token: str) -> str:
    """The input that the provider fills with a name where the program has none; "" for types that need one."""
    if token.startswith(schema.PROVIDER):
        return ""
    if token.startswith("kubernetes:"):
        return "metadata.name"
    known = schema.inputs(token) or {}
    package, _, kind = schema.split(token)
    if package == "aws":
        name = _NAMED.get(token, "name")
        return name if name in known and name in schema.computed(token) else ""
    optional = [name for name, field in known.items() if not field.required]
    own = (_NAMED.get(token), *(name for name in optional if _names(name, kind)), "resourceName", "name")
    return next((name for name in own if name in optional), "")


def _names(name: str, kind: str) -> bool:
    """Whether it is an Azure type's own name: `accountName` of a StorageAccount."""
    return name.endswith("Name") and kind.lower().endswith(name.removesuffix("Name").lower())


def auto_name(urn: str) -> str:
    """A name for a resource: the program's with some characters that set it apart."""
    return f"{urn.rsplit('::', 1)[-1]}-{_digest(urn)[:7]}"


def collides(token: str, urn: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a replacement would bear the name of what it replaces, so that the old one must go first.

    So do all three providers: a name that the program gives and does not change cannot be had twice.
    """
    steps = [step for step in name_property(token).split(".") if step]
    before, after = _at(old, steps), _at(new, steps)
    spaces = [_at(state, [*steps[:-1], "namespace"]) for state in (old, new)] if len(steps) > 1 else []
    return isinstance(after, str) and before == after and not _is_automatic(after, urn) and len(set(spaces)) < 2


def _at(state: Any, steps: list[str]) -> Any:
    """What is at a path; nothing when it is not there."""
    for step in steps:
        state = cast("dict[str, Any]", state).get(step) if isinstance(state, dict) else None
    return state if steps else None


def _is_automatic(name: str, urn: str) -> bool:
    """Whether the provider made it: the resource's own name and some characters that set it apart."""
    return bool(re.fullmatch(re.escape(urn.rsplit("::", 1)[-1].lower()) + "-?[0-9a-f]{7,8}", name.lower()))


def planned(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs that only the cloud will know."""
    return {name: UNKNOWN for name in schema.computed(token) if name not in inputs}


def created(token: str, urn: str, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A new resource's id and those outputs that are no inputs. Secrets in `inputs` are not read."""
    package, _, _ = schema.split(token)
    match package:
        case "aws":
            id_ = _aws_id(token, urn, inputs)
            arn = _arn(token, id_, inputs)
        case "azure-native":
            id_ = arn = _azure_id(token, urn, inputs)
        case _:
            return _kubernetes_id(urn, inputs), {}
    return id_, {
        name: _text(name, urn, id_, arn) if shape == "string" else _nested(name, urn, shape)
        for name, shape in schema.computed(token).items()
        if name not in inputs
    }


def _nested(name: str, urn: str, shape: schema.Shape) -> Any:
    if name == "masterUserSecrets":  # programs read the only one's ARN
        return [{"secretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!db-{_digest(urn)[:8]}"}]
    return _EMPTY.get(shape)


def _text(name: str, urn: str, id_: str, arn: str) -> str:
    if name == "arn":
        return arn
    if name in ("ownerId", "accountId", "registryId"):
        return ACCOUNT
    if name == "region":
        return REGION
    if name == "prefixListId":
        return f"pl-{_digest(urn)[:17]}"
    if name == "ipv6CidrBlock":
        return f"2a05:d01c:{_digest(urn)[:4]}::/56"
    if name in ("name", "keyId"):
        return id_.rsplit("/", 1)[-1]
    return f"{name}-{_digest(urn + name)[:8]}"


def _aws_id(token: str, urn: str, inputs: Mapping[str, Any]) -> str:
    name, digest = inputs.get(name_property(token)), _digest(urn)
    if isinstance(name, str) and not token.startswith("aws:ec2/"):
        return name
    kind = schema.split(token)[2]
    if token.startswith("aws:kms/"):
        return "-".join((digest[:8], digest[8:12], "4" + digest[13:16], "8" + digest[17:20], digest[20:32]))
    return f"{_PREFIXES.get(kind, kind.lower())}-{digest[:17]}"


def _arn(token: str, id_: str, inputs: Mapping[str, Any]) -> str:
    service, kind = schema.split(token)[1].split("/")[0], schema.split(token)[2]
    if service == "s3":
        return f"arn:aws:s3:::{id_}"
    region = inputs.get("region", REGION)
    where = "" if service in _GLOBAL else region if isinstance(region, str) else REGION
    return f"arn:aws:{service}:{where}:{ACCOUNT}:{kind.lower()}/{id_}"


def _azure_id(token: str, urn: str, inputs: Mapping[str, Any]) -> str:
    _, module, kind = schema.split(token)
    name = inputs.get(name_property(token))
    name = name if isinstance(name, str) else auto_name(urn)
    if kind == "ResourceGroup":
        return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"
    group = inputs.get("resourceGroupName")
    scope = f"/resourceGroups/{group}" if isinstance(group, str) else ""
    provider = module.split("/")[0].capitalize()
    return f"/subscriptions/{SUBSCRIPTION}{scope}/providers/Microsoft.{provider}/{kind[:1].lower() + kind[1:]}s/{name}"


def _kubernetes_id(urn: str, inputs: Mapping[str, Any]) -> str:
    named: Mapping[str, Any] = inputs.get("metadata") or {}
    return "/".join(filter(None, (named.get("namespace"), named.get("name") or auto_name(urn))))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
