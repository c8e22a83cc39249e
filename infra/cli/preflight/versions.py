"""Versions that AWS must have: Kubernetes, its add-ons and the machines' images."""

from collections.abc import Iterator

from infra.catalog.aws.region import Region
from infra.catalog.aws.support import kubernetes
from infra.cli.preflight.aws_cli import Answer
from infra.cli.preflight.question import Question, Verdict
from infra.settings import AwsStack


def questions(settings: AwsStack, region: Region) -> Iterator[Question]:
    """Kubernetes, then add-ons, then one image after the other."""
    yield _kubernetes(settings)
    yield _addons(settings)
    images = {
        (pool.image, pool.kind == "gpu", region.sold[pool.instance_types[0]].arch) for pool in settings.pools.values()
    }
    for image, gpu, arch in sorted(images):
        yield _image(settings.cluster.version, image, gpu, arch)


def _kubernetes(settings: AwsStack) -> Question:
    version, extended = settings.cluster.version, settings.cluster.extended_support

    def judge(answer: Answer) -> Verdict:
        found = {one["clusterVersion"]: one for one in answer["clusterVersions"]}.get(version)
        if found is None:
            newest = answer["clusterVersions"][0]["clusterVersion"]
            return "not offered", False, f"Write falaj:cluster.version: {newest}"
        status = str(found.get("versionStatus") or found["status"]).upper()
        until = str(found.get("endOfStandardSupportDate", ""))[:10]
        ok = status == "STANDARD_SUPPORT" or (extended and status == "EXTENDED_SUPPORT")
        return f"{status.lower().replace('_', ' ')}, standard until {until}", ok, "Write a version that is supported"

    known = kubernetes()[version].standard != "unknown"
    ask = ("eks", "describe-cluster-versions")
    unknown = "" if known else "falaj:cluster.version"
    return Question("kubernetes", f"{version}, supported", ask, judge, "Write a version that is there", unknown)


def _addons(settings: AwsStack) -> Question:
    pinned = settings.cluster.addons

    def judge(answer: Answer) -> Verdict:
        there = {one["addonName"]: [of["addonVersion"] for of in one["addonVersions"]] for one in answer["addons"]}
        lacking = {name: version for name, version in pinned.items() if version not in there.get(name, [])}
        if not lacking:
            return f"all {len(pinned)}", True, ""
        latest = ", ".join(f"{name}: {there[name][0]}" for name in lacking if there.get(name))
        fix = f"Write in falaj:cluster.addons {latest}" if latest else "Take them out of falaj:cluster.addons"
        return f"without {', '.join(f'{name} {version}' for name, version in lacking.items())}", False, fix

    ask = ("eks", "describe-addon-versions", "--kubernetes-version", settings.cluster.version)
    return Question("add-ons", ", ".join(pinned), ask, judge, "Correct falaj:cluster.addons")


def _image(version: str, image: str, gpu: bool, arch: str) -> Question:
    """Both kinds of image are published as parameters, each release under its own name."""
    name = f"amazon-eks-node-al2023-{arch}-nvidia-{version}-v{image[-8:]}"
    path = f"/aws/service/eks/optimized-ami/{version}/amazon-linux-2023/{arch}/nvidia/{name}/image_id"
    if not gpu:
        path = f"/aws/service/bottlerocket/aws-k8s-{version}/{arch}/{image}/image_id"

    def judge(answer: Answer) -> Verdict:
        return str(answer["Parameter"]["Value"]), True, ""

    recommended = f"{path.rsplit('/', 2)[0]}/{'recommended/release_version' if gpu else 'latest/image_version'}"
    fix = f"Write the release that `aws ssm get-parameter --name {recommended}` gives"
    return Question(f"image {image}", f"published ({arch})", ("ssm", "get-parameter", "--name", path), judge, fix)
