"""Become a supervised program: `python -m components.local.launch SPEC.json`.

Run by supervisord. It ends what an earlier, killed instance left behind, takes the program's secrets from their files,
sets its limits and replaces itself with it.
"""

import os
import resource
import sys
from pathlib import Path

from components.local import processes

MIB = 1 << 20


def main() -> None:
    """Replace this process by the program; never returns."""
    program = processes.Program.model_validate_json(Path(sys.argv[1]).read_text())
    folder = Path(os.environ[processes.SUPERVISOR])
    processes.sweep(folder, program.name)
    if program.data_mib:
        resource.setrlimit(resource.RLIMIT_DATA, (program.data_mib * MIB, program.data_mib * MIB))
    secrets = {name: Path(file).read_text() for name, file in program.secrets.items()}
    os.execvpe(program.command[0], program.command, {**os.environ, **program.environment, **secrets})  # noqa: S606


if __name__ == "__main__":
    main()
