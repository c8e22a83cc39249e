"""An entry as a person names it: a digest, the first digits of one, an alias or a branch."""

from infra.errors import FalajError
from workloads.lib.registry.entry import Registry
from workloads.lib.registry.log import Log, pointed


def find(registry: Registry, name: str, wanted: str) -> str:
    """The digest meant. REG-003 when there is none, or several."""
    if pointer := pointed(Log(registry.store, name).records()).get(wanted):
        return pointer
    digits = wanted.removeprefix("sha256:")
    found = [model for model in registry.entries(name) if digits and model.startswith(f"sha256:{digits}")]
    if len(found) != 1:
        problem = f"{wanted[:80]!r} names {len(found) or 'no'} {'entries' if found else 'entry'}"
        raise FalajError("REG-003", f"model {name}", problem)
    return found[0]
