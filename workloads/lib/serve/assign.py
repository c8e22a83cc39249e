"""Who gets which variant: a keyed hash of the subject, so it is sticky, the same on every replica, and can be redone.

Nothing is stored and nothing can be guessed without the key, which is sealed in the store.
"""

import secrets
from dataclasses import dataclass
from hashlib import blake2b

from workloads.lib.fingerprint import canonical
from workloads.lib.lock import held
from workloads.lib.object_store import ObjectStore
from workloads.lib.serve.plan import Plan

KEY = "keys/routing"
KEY_BYTES = 32


@dataclass(frozen=True)
class Assignment:
    """The arm that answers. exposed: whether this subject takes part in the experiment; only those are compared."""

    arm: str
    exposed: bool
    reason: str
    """experiment | stage (not let in yet) | holdout | override."""


def key(store: ObjectStore) -> bytes:
    """The platform's routing key, made on first use."""
    if not store.exists(KEY):
        with held(store, "keys"):
            if not store.exists(KEY):
                store.put_if_absent(KEY, secrets.token_bytes(KEY_BYTES))
    return store.get(KEY)


def pseudonym(key: bytes, subject: str) -> str:
    """What stands for the subject in the request log: 128 bits of a keyed hash."""
    return blake2b(subject.encode(), key=key, digest_size=16, person=b"log").hexdigest()


def place(key: bytes, purpose: str, experiment: str, subject: str) -> float:
    """A number in [0, 1) that belongs to the subject; independent of those for other purposes and experiments."""
    drawn = blake2b(canonical([purpose, experiment, subject]), key=key, digest_size=8, person=b"route").digest()
    return (int.from_bytes(drawn, "big") >> 11) / (1 << 53)  # the 53 bits that a float holds exactly


def assign(key: bytes, plan: Plan, subject: str) -> Assignment:
    """The subject's arm.

    Held out: the champion, whatever the stage. Not let in yet: the champion. Let in: an arm by weight. A higher stage
    lets more subjects in and moves none that is in.
    """
    if place(key, "holdout", plan.holdout_salt, subject) < plan.holdout:
        return Assignment(plan.champion.name, exposed=False, reason="holdout")
    if place(key, "stage", plan.experiment, subject) >= plan.stage / 100:
        return Assignment(plan.champion.name, exposed=False, reason="stage")
    drawn = place(key, "arm", plan.experiment, subject) * sum(arm.weight for arm in plan.arms)
    for arm in plan.arms:
        if drawn < arm.weight:
            return Assignment(arm.name, exposed=True, reason="experiment")
        drawn -= arm.weight
    return Assignment(plan.champion.name, exposed=True, reason="experiment")  # rounding: the last arm's end is 1
