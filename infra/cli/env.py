"""`falaj env`: the environment of a bare `pulumi`."""

import shlex

from infra.backend import engine_of
from infra.cli.output import OK, emit, guarded, out
from infra.engine import PACK, Engine


def env(stack: str, as_json: bool) -> int:
    """Print it as shell exports: state, passphrase, tools, and the policy pack for every preview and up."""
    return guarded(as_json, lambda: _env(engine_of(stack), as_json))


def _env(engine: Engine, as_json: bool) -> int:
    with engine.locked():
        engine.prepare()
    values = {
        **engine.environment(),
        "PULUMI_STACK": engine.stack,
        "PULUMI_OPTION_CONFIG_FILE": str(engine.config_file),
        "PULUMI_OPTION_POLICY_PACK": str(PACK),
    }
    if as_json:
        emit(values)
    else:
        for name, value in values.items():
            out.print(f"export {name}={shlex.quote(value)}", markup=False)
    return OK
