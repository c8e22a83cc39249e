"""What Ray is to run and cannot is refused before the plan, with both values and a fix."""

from typing import Any

import pytest

from components.kubernetes.ray_rules import OLDEST, release
from infra.catalog.aws.instance import instances
from infra.catalog.aws.room import parts, room
from infra.checks import require_sound
from infra.checks.kubernetes import claims, head_pool
from infra.settings import AwsStack, parse
from tests.infra.test_checks import NOW, PLACE, Change, config, refused

IMAGE = f"111122223333.dkr.ecr.me-central-1.amazonaws.com/ray@sha256:{'0' * 64}"
DATA = {"pool": "cpu", "cpu": 4, "memory_gib": 16, "max": 6}
TRAIN = {"pool": "h200", "cpu": 88, "memory_gib": 900, "gpus": 4, "max": 4}
TUNE = {"pool": "l40s", "cpu": 8, "memory_gib": 64, "gpus": 1, "max": 16}
LAB = {"groups": {"data": DATA, "tune": TUNE}}
JOB = {"groups": {"train": TRAIN}, "queue": "training", "entrypoint": "python -m train"}
SERVE = {"groups": {"serve": DATA}, "serve": {"applications": [{"import_path": "app:app"}]}}
SOUND = {"runtimes": {"lab": LAB}, "jobs": {"train": JOB}, "services": {"employment": SERVE}}


def with_group(**changes: Any) -> Change:
    return {"ray": {"runtimes": {"lab": {"groups": {"data": DATA | changes}}}}}


def with_job(**changes: Any) -> Change:
    return {"ray": {"jobs": {"train": JOB | changes}}}


def settings(change: Change) -> AwsStack:
    found = parse(config("uae-aws", change), PLACE)
    assert isinstance(found, AwsStack)
    require_sound(found, PLACE, NOW)
    return found


def test_what_fits_is_sound() -> None:
    found = settings({"ray": SOUND})
    assert [(one.where, one.workers * one.gpus, one.queue) for one in claims(found)] == [
        ("runtimes.lab.groups.tune", 16, None),
        ("jobs.train.groups.train", 16, "training"),
    ]
    assert head_pool(found, found.ray.runtimes["lab"].head) == "cpu"


MISTAKES: list[tuple[Change, str, list[str]]] = [
    # pools
    (with_group(pool="gpu"), "CFG-025", ["runtimes.lab.groups.data.pool` is gpu", "system, cpu, l40s, h200"]),
    (with_group(gpus=1), "CFG-025", ["gpus` is 1", "pool cpu is of kind cpu", "l40s, h200"]),
    (with_group(pool="l40s"), "CFG-025", ["gpus` is 0", "l40s is for work with GPUs"]),
    (with_group(pool="system"), "CFG-025", ["system is for the platform's own servers"]),
    ({"ray": {"runtimes": {"lab": LAB | {"head": {"pool": "h200"}}}}}, "CFG-025", ["lab.head", "h200"]),
    # machines: the second type of a pool counts, too
    (with_group(cpu=16), "CFG-026", ["claims 16 processors", "m7i.4xlarge of pool cpu has about 15.4"]),
    (with_group(memory_gib=60), "CFG-026", ["60 GiB", "57 GiB"]),
    (
        {**with_group(cpu=12), "pools.cpu.instance_types": ["m7i.4xlarge", "m7i.2xlarge"]},
        "CFG-026",
        ["m7i.2xlarge of pool cpu"],
    ),
    (with_group(max=31), "CFG-026", ["max` is 31", "10 machines of pool cpu (m7i.4xlarge) carry 30"]),
    (with_job(groups={"train": TRAIN | {"gpus": 9}}), "CFG-026", ["9 GPUs", "p5en.48xlarge", "and 8"]),
    # Three of a machine's four: one worker a machine, whatever the sum of GPUs.
    (
        {"ray": {"runtimes": {"lab": {"groups": {"tune": TUNE | {"gpus": 3, "max": 5}}}}}},
        "CFG-026",
        ["max` is 5", "4 machines of pool l40s (g6e.12xlarge) carry 4"],
    ),
    ({"ray": {"runtimes": {"lab": LAB | {"head": {"cpu": 64}}}}}, "CFG-026", ["lab.head", "64 processors"]),
    # GPUs
    (
        {"ray": {"jobs": {"train": JOB, "more": JOB}}},
        "CFG-027",
        ["32 GPUs of pool h200", "jobs.train.groups.train: 4 of 4, jobs.more.groups.train: 4 of 4", "have 16"],
    ),
    ({"ray": SOUND, "policy.max_gpus": 31}, "CFG-027", ["take 32 GPUs", "max_gpus` is 31"]),
    # Ray
    (with_job(image=IMAGE, version="2.51.2"), "CFG-028", ["2.51.2", "ray_version_min` is 2.52.0"]),
    (
        {**with_job(image=IMAGE, version="2.51.2"), "policy.ray_version_min": "2.40.0"},
        "CFG-028",
        ["asks for no token", "2.52.0"],
    ),
    (with_job(groups={"head": TRAIN}), "CFG-028", ["jobs.train.groups", "named head"]),
    (with_job(runtime_env={"pip": ["evil"]}), "CFG-028", ["jobs.train.runtime_env", "`pip`", "in the image"]),
    (
        {"ray": {"services": {"employment": SERVE | {"serve": {"applications": [{"runtime_env": {"uv": ["evil"]}}]}}}}},
        "CFG-028",
        ["services.employment.serve.applications[0].runtime_env", "`uv`"],
    ),
    (
        {"ray": {"jobs": {"train": JOB}, "runtimes": {"train": LAB}}},
        "CFG-028",
        ["ray.runtimes.train", "ray.jobs.train", "one name"],
    ),
    # queues
    (with_job(queue="night"), "CFG-029", ["jobs.train.queue` is night", "research, training"]),
    (
        {**with_job(), "queues.training": {"machines": {"cpu": 2, "h200": 2}, "namespaces": ["lab"]}},
        "CFG-029",
        ["no queue of namespace ray", "research"],
    ),
    (with_job(queue="research"), "CFG-029", ["jobs.train` claims of pool h200", "queues.research.machines", "h200: 0"]),
    (
        {**with_job(), "queues.training.machines": {"cpu": 2, "h200": 1}},
        "CFG-029",
        ["claims 352.0 processors, 3600 GiB and 16 GPUs of pool h200", "gets 190.", "8 GPUs at most (machines: 1)"],
    ),
    (
        {**with_job(head={"cpu": 15}), "queues": {"training": {"machines": {"cpu": 1, "h200": 2}}}},
        "CFG-029",
        ["15.5 processors", "pool cpu", "gets 15.4"],
    ),
    ({"queues.training.machines": {"gpu": 1}}, "CFG-029", ["queues.training.machines` has gpu"]),
    ({"queues.training.machines": {"system": 1}}, "CFG-029", ["has system, which is no pool for work"]),
    ({"queues.training.machines": {"cpu": 7}}, "CFG-029", ["11 machines of pool cpu, whose max is 10"]),
    # the shape
    (with_job(image="ray:latest", version="2.60.0"), "CFG-002", ["falaj:ray.jobs.train.image", "ray:latest"]),
    (with_job(version="2.60.0"), "CFG-002", ["falaj:ray.jobs.train", "both, or neither"]),
    (with_group(min=7), "CFG-002", ["falaj:ray.runtimes.lab.groups.data", "min 7 is over max 6"]),
    (with_group(maximum=7), "CFG-001", ["falaj:ray.runtimes.lab.groups.data.maximum"]),
    ({"ray": {"jobs": {"Train": JOB}}}, "CFG-002", ["falaj:ray.jobs", "Train"]),
]


@pytest.mark.parametrize(("change", "code", "words"), MISTAKES)
def test_mistakes_name_place_values_and_fix(change: Change, code: str, words: list[str]) -> None:
    error = refused("uae-aws", change)
    assert error.code == code, error
    assert "\n" not in str(error)
    assert error.fix
    for word in words:
        assert word in str(error)


def test_a_divided_gpu_is_claimed_by_parts_and_counts_as_what_it_is_part_of() -> None:
    def divided(workers: int) -> Change:
        group = {"pool": "h200", "cpu": 4, "memory_gib": 32, "gpus": 1, "max": workers}
        return {"ray": {"runtimes": {"lab": {"groups": {"parts": group}}}}, "pools.h200.mig": "1g.35gb"}

    assert settings({**divided(64), "policy.max_gpus": 16})  # two machines of eight GPUs in four
    assert refused("uae-aws", {**divided(64), "policy.max_gpus": 15}).code == "CFG-027"
    assert refused("uae-aws", divided(65)).code == "CFG-026"


def test_a_gpu_that_is_used_in_turn_is_claimed_by_shares_each_of_which_counts() -> None:
    def shared(workers: int, gpus: int = 1) -> Change:
        group = {"pool": "l40s", "cpu": 4, "memory_gib": 32, "gpus": gpus, "max": workers}
        return {"ray": {"runtimes": {"lab": {"groups": {"shares": group}}}}, "pools.l40s.time_slices": 2}

    assert settings(shared(32))  # four machines of four GPUs for two
    assert refused("uae-aws", shared(33)).code == "CFG-026"
    assert refused("uae-aws", {**shared(32), "policy.max_gpus": 31}).code == "CFG-027"
    error = refused("uae-aws", shared(8, gpus=2))
    assert (error.code, error.fix) == ("CFG-025", "Write 1: two shares are no more than one.")


def test_a_queue_that_borrows_may_get_what_all_queues_have() -> None:
    def queues(borrows: bool) -> Change:
        training = {"machines": {"cpu": 2, "h200": 1}, "borrows": borrows}
        return {**with_job(), "queues": {"training": training, "spare": {"machines": {"h200": 1}}}}

    assert settings(queues(True))
    assert refused("uae-aws", queues(False)).code == "CFG-029"


def test_a_gpu_is_divided_as_its_maker_says() -> None:
    h200, a100 = instances()["p5en.48xlarge"].gpu, instances()["p4d.24xlarge"].gpu
    assert h200
    assert a100
    assert {mig: parts(h200, mig) for mig in h200.mig} == {
        "1g.18gb": 7,
        "1g.35gb": 4,
        "2g.35gb": 3,
        "3g.71gb": 2,
        "4g.71gb": 1,
        "7g.141gb": 1,
    }
    assert {mig: parts(a100, mig) for mig in a100.mig}["1g.10gb"] == 4


def test_no_machine_has_all_of_itself_for_pods() -> None:
    for one in instances().values():
        there = room(one)
        assert there.cpu < one.vcpus
        assert there.gib < one.gib
        assert there.gpus == one.gpus


def test_the_platforms_ray_is_one_that_asks_for_a_token() -> None:
    assert tuple(map(int, release().split("."))) >= OLDEST
