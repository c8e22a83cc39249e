"""What a stack runs of the bundled workloads: they are there, and so is what they need."""

from infra.catalog.workloads import Training, training, workloads
from infra.errors import FalajError
from infra.settings import ClusterStack, KubernetesStack
from infra.settings.ray import RayGroup, RayJob, RayService


def require_workloads(settings: ClusterStack, place: str) -> None:
    """CFG-032 for the first that cannot run."""
    for kind, found in {"jobs": settings.ray.jobs, "services": settings.ray.services}.items():
        for name, one in found.items():
            if one.workload is not None:
                _require(one, one.workload, f"falaj:ray.{kind}.{name}", settings, place)


def trainers(one: RayJob, wanted: Training) -> dict[str, RayGroup]:
    """The groups that may train: those with GPUs, when the spec takes GPUs and there are such."""
    with_gpus = {name: group for name, group in one.groups.items() if group.gpus}
    return with_gpus if with_gpus and wanted.device != "cpu" else dict(one.groups)


def _require(one: RayJob | RayService, workload: str, key: str, settings: ClusterStack, place: str) -> None:
    if workload not in workloads():
        fix = f"Write one of: {', '.join(workloads())}."
        raise FalajError("CFG-032", place, f"`{key}.workload` is {workload!r}, which is none", fix)
    if settings.ray.platform is None:
        problem = f"`{key}.workload` is {workload}, and `falaj:ray.platform` does not say where its store is"
        raise FalajError("CFG-032", place, problem, "Write `falaj:ray.platform`: docs/kubernetes.md, Workloads.")
    if isinstance(settings, KubernetesStack) and settings.database is None:
        problem = f"`{key}.workload` is {workload}, and without `falaj:database` there is no tracking server"
        raise FalajError("CFG-032", place, problem, "Write `falaj:database`.")
    if one.image is None:
        problem = f"`{key}.workload` is {workload}, and the platform's own image has Ray alone"
        raise FalajError("CFG-032", place, problem, f"Write `{key}.image` and `version`: your image, with Falaj in it.")
    if isinstance(one, RayJob):
        _require_workers(one, workload, training(workload), key, place)


def _require_workers(job: RayJob, workload: str, wanted: Training, key: str, place: str) -> None:
    """What trains has room for the fewest workers of the spec."""
    spec = f"workloads/{workload}/spec.yaml"
    groups = trainers(job, wanted)
    name, group = max(groups.items(), key=lambda found: found[1].max)
    if wanted.device == "gpu" and not group.gpus:
        raise FalajError("CFG-032", place, f"`{key}.groups` have no GPUs, and {spec} trains on GPUs")
    if wanted.workers.min > group.max:
        problem = f"`{key}.groups.{name}.max` is {group.max}, and {spec} trains on {wanted.workers.min} workers"
        raise FalajError("CFG-032", place, problem)
    if group.gpus and not job.queue and group.min < wanted.workers.min:
        problem = f"`{key}.groups.{name}.min` is {group.min}, and training counts the GPUs that are there as it starts"
        raise FalajError("CFG-032", place, problem, f"Write {wanted.workers.min} at least, or a queue.")
