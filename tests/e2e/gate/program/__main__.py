"""The cases of `$FALAJ_GATE_CASES` (a JSON file of {name, resources}) as resources of the real SDK classes."""

import json
import os
from pathlib import Path

from build import Builder

for case in json.loads(Path(os.environ["FALAJ_GATE_CASES"]).read_text()):
    Builder(case["name"], case["resources"]).build()
