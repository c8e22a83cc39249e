"""Every error a user can meet: one class, one catalogue, one line of text each.

    FALAJ-CFG-004 stacks/Pulumi.local.yaml: ray.cpus is 64, this machine has 2. Lower ray.cpus to 2 or less.

A leaf module (standard library only): every package of the project may import it.
`docs/errors.md` is generated from `CATALOGUE`.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """Exit codes of `falaj`, by what the user has to do next."""

    OK = 0
    FAULT = 1
    """Something broke while it ran: read the error, then run the command again."""
    USAGE = 2
    """The command line is wrong (the code click and most Unix tools use)."""
    CONFIG = 3
    """A file the user wrote is wrong: correct it."""
    DENIED = 4
    """The gate refused: change what was asked for, never the gate."""
    MISSING = 5
    """A tool, package or file the command needs is not there: run the fix it names."""
    BUSY = 6
    """Somebody else holds what is needed (another run, a port): wait, or free it."""
    INTEGRITY = 7
    """Stored data, a key, a signature or the decision log is not what was written."""


@dataclass(frozen=True)
class Entry:
    """One row of the catalogue."""

    title: str
    exit: Exit
    cause: str
    fix: str


class FalajError(Exception):
    """One clear error: its code, where, what (with the values), and the fix. Never carries a secret."""

    def __init__(self, code: str, place: str, problem: str, fix: str = "") -> None:
        self.code = code
        self.entry = CATALOGUE[code]
        self.place = place
        self.problem = problem.rstrip(". ")
        self.fix = fix or self.entry.fix
        super().__init__(f"FALAJ-{code} {place}: {self.problem}. {self.fix}")

    def as_dict(self) -> dict[str, Any]:
        """For `--json`: {code, place, problem, fix, exit}."""
        return {
            "code": f"FALAJ-{self.code}",
            "place": self.place,
            "problem": self.problem,
            "fix": self.fix,
            "exit": int(self.entry.exit),
        }

    @classmethod
    def from_text(cls, text: str) -> "FalajError | None":
        """The first of our errors in another program's output; its fix stays part of `problem`."""
        if not (found := re.search(r"FALAJ-([A-Z]+-\d{3}) (\S.*?): ([^\n]+)", text)) or found[1] not in CATALOGUE:
            return None
        error = cls(found[1], found[2], found[3])
        error.args = (found[0],)
        return error

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "FalajError":
        """The error another process of ours reported with `as_dict`."""
        return cls(fields["code"].removeprefix("FALAJ-"), fields["place"], fields["problem"], fields["fix"])


CATALOGUE: dict[str, Entry] = {
    # --- CFG: what the user wrote in a stack file
    "CFG-001": Entry(
        "Unknown key in a stack file",
        Exit.CONFIG,
        "A key is misspelt, does not exist, or has no namespace.",
        "Remove the key or correct its spelling.",
    ),
    "CFG-002": Entry(
        "Wrong value in a stack file",
        Exit.CONFIG,
        "A value has the wrong type or is out of its range.",
        "Correct the value; docs/settings.md lists every key with its type and range.",
    ),
    "CFG-003": Entry(
        "Missing key in a stack file", Exit.CONFIG, "A key without a default is not there.", "Add the key."
    ),
    "CFG-004": Entry(
        "The stack file cannot be read",
        Exit.CONFIG,
        "It is not YAML, or has no `config:` section.",
        "Correct the file; stacks/Pulumi.local.yaml is an example.",
    ),
    "CFG-005": Entry(
        "No such stack",
        Exit.CONFIG,
        "There is no stacks/Pulumi.<stack>.yaml.",
        "Name a stack that is there, or write its file.",
    ),
    "CFG-006": Entry(
        "Not a stack's name",
        Exit.CONFIG,
        "The name has a character that cannot be part of a stack's name.",
        "Use letters, digits, dots, dashes and underscores.",
    ),
    "CFG-007": Entry(
        "The passphrase does not open the stack",
        Exit.INTEGRITY,
        "The state was written with another passphrase than the one given.",
        "Put the passphrase the stack was made with back into its file.",
    ),
    "CFG-008": Entry(
        "The stack file has changed since",
        Exit.CONFIG,
        "A bare `pulumi` was given the settings of an earlier stack file, or settings on its command line.",
        'Write them into the stack file and run `eval "$(falaj env)"` again.',
    ),
    # --- STO: the key ring and the sealed object store
    "STO-001": Entry(
        "The passphrase does not open the key ring",
        Exit.CONFIG,
        "The passphrase file was replaced, or the key ring comes from another installation.",
        "Put back the passphrase this key ring was created with; without it nothing in the store can be read.",
    ),
    "STO-002": Entry(
        "The key ring is damaged",
        Exit.INTEGRITY,
        "The file was edited, cut short or could not be read.",
        "Restore the key ring from a backup; a new one cannot read the old store.",
    ),
    "STO-003": Entry(
        "No key ring or passphrase",
        Exit.MISSING,
        "The platform is not up, or its state folder was moved.",
        "Run `falaj up`.",
    ),
    "STO-004": Entry(
        "A stored object is damaged",
        Exit.INTEGRITY,
        "Its file was changed, cut short or swapped since it was written.",
        "Delete the object's file to have it made again, or restore it from a backup.",
    ),
    "STO-005": Entry(
        "A stored object is missing",
        Exit.MISSING,
        "It was deleted, or the step that makes it did not finish.",
        "Run the workload again; it makes what is missing.",
    ),
    "STO-006": Entry(
        "The store belongs to another key ring",
        Exit.INTEGRITY,
        "The store or the key ring was moved or replaced.",
        "Use the key ring the store was created with, or another folder.",
    ),
    "STO-007": Entry(
        "The disk refused",
        Exit.FAULT,
        "The disk is full, read-only, or not ours to write.",
        "Free some space or correct the rights, then run the command again; nothing half-written was left.",
    ),
    "STO-008": Entry(
        "No name for an object",
        Exit.USAGE,
        "Names are letters, digits and . _ : = + - in parts joined by /, 150 characters at most.",
        "Use such a name.",
    ),
    "STO-009": Entry(
        "A write-once object would change",
        Exit.INTEGRITY,
        "Something else was stored under this name before.",
        "Store it under its own name; delete the old object only when nothing refers to it.",
    ),
    "STO-010": Entry(
        "A key ring is there already",
        Exit.FAULT,
        "Creating it again would make the store unreadable.",
        "Open the ring that is there, or choose another path.",
    ),
    "STO-011": Entry(
        "No object store",
        Exit.MISSING,
        "The platform is not up, or the folder was moved.",
        "Run `falaj up`.",
    ),
    # --- LOC: the local target
    "LOC-001": Entry(
        "A port is taken",
        Exit.BUSY,
        "Another process listens on a port the stack file asks for.",
        "Stop that process, or set another port in the stack file.",
    ),
    "LOC-002": Entry(
        "No passphrase",
        Exit.MISSING,
        "The engine's plugin was started without the passphrase that opens the key ring.",
        'Use `falaj up`, or run `eval "$(falaj env)"` before `pulumi`.',
    ),
    "LOC-003": Entry(
        "An object store without encryption",
        Exit.CONFIG,
        "The stack file turns encryption off; no such store is ever built.",
        "Set falaj:store.encryption to AES-256-GCM.",
    ),
    "LOC-004": Entry(
        "The process supervisor did not start",
        Exit.FAULT,
        "The daemon refused its configuration or died.",
        "Read what it said; then run `falaj up` again.",
    ),
    "LOC-005": Entry(
        "The sockets' folder is not private",
        Exit.INTEGRITY,
        "Somebody else made, or may enter, the folder for this stack's sockets.",
        "Remove that folder, then run `falaj up` again.",
    ),
    "LOC-006": Entry(
        "A server did not become healthy",
        Exit.FAULT,
        "It crashed, hung or was too slow.",
        "Read its log with `falaj logs`; then run `falaj up` again.",
    ),
    "LOC-007": Entry(
        "More than the machine has",
        Exit.CONFIG,
        "The stack file asks for more cores or memory than this machine has.",
        "Lower the value in the stack file.",
    ),
    "LOC-008": Entry(
        "Another key ring",
        Exit.INTEGRITY,
        "The ring's file was exchanged; it cannot open what the stack has sealed.",
        "Put the stack's own key ring back from its backup.",
    ),
    # --- GATE: the policy gate
    "GATE-001": Entry(
        "Denied by policy",
        Exit.DENIED,
        "A mandatory rule found a violation, or something it may not leave undecided.",
        "Change what the finding names, as its remediation says; the rules are in docs/policies.md.",
    ),
    "GATE-002": Entry(
        "OPA is not there",
        Exit.MISSING,
        "The decision engine `opa` is neither named by $FALAJ_OPA nor on PATH.",
        "Run `falaj doctor`; `make setup` builds OPA.",
    ),
    "GATE-003": Entry(
        "OPA is too old",
        Exit.MISSING,
        "Bundles of older versions can be side-stepped (GHSA-g2pf-6v5v-qcc8).",
        "Install a newer OPA, or run `make setup`.",
    ),
    "GATE-004": Entry(
        "OPA did not start",
        Exit.FAULT,
        "The decision engine stopped, or was not ready in time.",
        "Read the reason given, correct it, and run the command again.",
    ),
    "GATE-005": Entry(
        "OPA does not answer",
        Exit.FAULT,
        "The decision engine cannot be reached: it was stopped, or never ran at this address.",
        "Start it again (`falaj up`), then run the command again.",
    ),
    "GATE-006": Entry(
        "OPA did not answer in time",
        Exit.FAULT,
        "The decision engine is overloaded or stopped.",
        "Run the command again; if it stays slow, look at the machine's load.",
    ),
    "GATE-007": Entry(
        "No decision",
        Exit.INTEGRITY,
        "The engine answered without a result: the packs it has loaded do not contain the gate.",
        "Restart the decision server with the packs of this checkout (`falaj up`).",
    ),
    "GATE-008": Entry(
        "An answer the gate does not understand",
        Exit.INTEGRITY,
        "Something else than our OPA answers at this address, or the packs are of another version.",
        "Check the address; restart the decision server with the packs of this checkout.",
    ),
    "GATE-009": Entry(
        "The rules are not the ones expected",
        Exit.INTEGRITY,
        "The engine serves another bundle than the one this run was started with.",
        "Run `falaj up` so that the decision server loads the packs of this checkout.",
    ),
    "GATE-010": Entry(
        "No rule was evaluated",
        Exit.DENIED,
        "Nothing in what was submitted is known to any rule, so nothing was judged.",
        "Add rules for these types, or correct the document; silence is not consent.",
    ),
    "GATE-011": Entry(
        "A rule broke",
        Exit.INTEGRITY,
        "A rule raised an error, gave two answers, or gave none.",
        "Correct the rule and its tests (`make test`); a broken rule denies.",
    ),
    "GATE-012": Entry(
        "OPA refused our token",
        Exit.FAULT,
        "The token file and the decision server disagree.",
        "Run `falaj up` so that both are written anew.",
    ),
    "GATE-013": Entry(
        "A document the gate cannot read",
        Exit.DENIED,
        "What was submitted does not have the shape of a gate document.",
        "Correct the field named; the shape is in policies/gate/document.py.",
    ),
    "GATE-014": Entry(
        "The decision could not be recorded",
        Exit.FAULT,
        "The decision log cannot be written (disk full, permissions); what is not recorded is not allowed.",
        "Free space or correct the permissions, then run the command again.",
    ),
    "GATE-015": Entry(
        "The decision log was changed",
        Exit.INTEGRITY,
        "A record of the hash-chained decision log does not match the chain.",
        "Keep the file as evidence, move it aside, and find out who wrote to it.",
    ),
    "GATE-016": Entry(
        "The policy pack is not loaded",
        Exit.DENIED,
        "The stack's profile is not dev, and the engine that runs this program has no live analyzer with our rules.",
        "Run `falaj up`, or add `--policy-pack policies` (PULUMI_OPTION_POLICY_PACK=policies).",
    ),
    "GATE-017": Entry(
        "The packs cannot be loaded",
        Exit.INTEGRITY,
        "A rule lacks its metadata, or has two, or does not compile.",
        "Run `make check` and correct the rule.",
    ),
    "GATE-018": Entry(
        "The pack takes no configuration",
        Exit.DENIED,
        "A policy-pack configuration sets levels; they come from the rules' metadata and the stack's profile.",
        "Remove `--policy-pack-config`.",
    ),
    # --- WRK: workloads
    "WRK-001": Entry(
        "No usable platform file",
        Exit.MISSING,
        "The platform is not up, or the file was written by another version.",
        "Run `falaj up`, then the workload again.",
    ),
    "WRK-002": Entry(
        "The workload is already running",
        Exit.BUSY,
        "Two runs of one workload on one platform would overwrite each other.",
        "Wait for the other run to end, then run it again.",
    ),
    "WRK-003": Entry(
        "A workload spec is wrong",
        Exit.CONFIG,
        "A key is misspelt, missing, of the wrong type or out of range.",
        "Correct spec.yaml of the workload.",
    ),
    "WRK-004": Entry(
        "The data set could not be fetched",
        Exit.MISSING,
        "There is no network, or the package index does not have it.",
        "Check the network and pip's index settings, then run it again; once fetched it is kept.",
    ),
    "WRK-005": Entry(
        "The data set is not the pinned one",
        Exit.INTEGRITY,
        "The index or a mirror delivered other bytes than those that were reviewed.",
        "Do not use it. Find out why the index delivers it; change the pin only for bytes you have reviewed.",
    ),
    "WRK-006": Entry(
        "The data set's schema changed",
        Exit.CONFIG,
        "A file or column the workload needs is not there.",
        "Pin a version that has it, or change the workload's columns.",
    ),
    "WRK-007": Entry(
        "Ray cannot be reached",
        Exit.FAULT,
        "The Ray head is down, or the token is another one's.",
        "Run `falaj up` to heal the platform, then run the workload again.",
    ),
    "WRK-008": Entry(
        "Too much bad data",
        Exit.FAULT,
        "More rows failed validation than the spec allows; they are not silently dropped.",
        "Correct the data at its source, or raise max_quarantined in the spec with a reason.",
    ),
    "WRK-009": Entry(
        "A registry entry is not what its name says",
        Exit.INTEGRITY,
        "A file, the manifest or the entry's name was changed after it was published.",
        "Do not use this model: train it again, and find out who wrote to the store.",
    ),
    "WRK-010": Entry(
        "A model's signature does not hold",
        Exit.INTEGRITY,
        "The signature or the files changed, or another key signed them.",
        "Do not use this model: train it again, and find out who wrote to the store.",
    ),
    "WRK-011": Entry(
        "The alias log is broken",
        Exit.INTEGRITY,
        "A move of an alias was removed or reordered.",
        "Restore the store from a backup; do not trust the aliases until then.",
    ),
    "WRK-012": Entry(
        "The tracking server does not work",
        Exit.FAULT,
        "MLflow is down, or answers with an error.",
        "Run `falaj up` to heal the platform, then run the workload again.",
    ),
    "WRK-013": Entry(
        "The serving port belongs to somebody else",
        Exit.BUSY,
        "Another program listens on the port of Ray Serve.",
        "Stop that program, or change serve_port in the stack file and run `falaj up`.",
    ),
    "WRK-014": Entry(
        "The model did not start serving",
        Exit.FAULT,
        "The application raised an error while it started; Ray's log of the replica has it.",
        "Read the problem, correct it, then run the workload again; an older model is still served.",
    ),
    "WRK-015": Entry(
        "Training failed",
        Exit.FAULT,
        "The training worker raised an error or was killed.",
        "Read the problem, correct it, then run the workload again; it goes on from the last finished step.",
    ),
    "WRK-016": Entry(
        "The endpoint does not answer as it must",
        Exit.FAULT,
        "Another model or another program answers there, or none does.",
        "Run the workload again; if it stays, look into Ray Serve with `falaj logs`.",
    ),
    "WRK-017": Entry(
        "A request the model cannot answer",
        Exit.USAGE,
        "A field is missing, unknown, of the wrong type or out of range.",
        "Correct the field; /employment/docs describes them all.",
    ),
    "WRK-018": Entry(
        "The workload broke",
        Exit.FAULT,
        "A defect of ours, or of a library.",
        "Run it again; if it stays, report it with the log, which has the traceback.",
    ),
    # --- TOOL: set-up and tools
    "TOOL-001": Entry(
        "A tool is missing",
        Exit.MISSING,
        "It is neither on PATH nor in the cache of the set-up.",
        "Run make up (or tools/bootstrap), which builds what is missing.",
    ),
    "TOOL-002": Entry(
        "A package registry does not answer",
        Exit.MISSING,
        "No network, a proxy that is not set, or a registry that is down.",
        "Check the network, HTTPS_PROXY, UV_DEFAULT_INDEX and GOPROXY, then run it again; what is done is kept.",
    ),
    "TOOL-003": Entry(
        "A package registry refuses a pinned version",
        Exit.MISSING,
        "The registry or mirror does not carry it, or asks for a login.",
        "Have the mirror carry it, or point UV_DEFAULT_INDEX or GOPROXY at a registry that does.",
    ),
    "TOOL-004": Entry(
        "A tool or package is not what was pinned or recorded",
        Exit.INTEGRITY,
        "A file in the cache is damaged, or a registry serves other content.",
        "Run tools/bootstrap: it builds a damaged tool again. If it stays, do not trust the registry.",
    ),
    "TOOL-005": Entry(
        "A folder of the set-up cannot be written",
        Exit.MISSING,
        "The cache or the project belongs to somebody else, or is mounted read-only.",
        "Point FALAJ_CACHE at a folder of yours, or correct the owner of the one named.",
    ),
    "TOOL-006": Entry(
        "The disk is full",
        Exit.MISSING,
        "The set-up needs more room than is free.",
        "Free some space, or point FALAJ_CACHE and UV_CACHE_DIR at another disk; what is done is kept.",
    ),
    "TOOL-007": Entry(
        "uv.lock is out of date",
        Exit.CONFIG,
        "pyproject.toml was changed and uv.lock was not.",
        "Run uv lock and commit uv.lock together with pyproject.toml.",
    ),
    "TOOL-008": Entry(
        "A step of the set-up failed",
        Exit.FAULT,
        "The installer or the compiler stopped.",
        "Run tools/bootstrap again; what is done is kept. If it stays, run it with --verbose for all it prints.",
    ),
    "TOOL-009": Entry(
        "Wrong Python",
        Exit.MISSING,
        "The set-up was started with a Python the project does not run on.",
        "Install Python 3.11 (Debian 12: apt-get install python3.11), then run it again.",
    ),
    "TOOL-010": Entry(
        "A package registry's certificate is not trusted",
        Exit.MISSING,
        "A proxy of your network signs with its own certificate authority.",
        "Set SSL_CERT_FILE to the file with your network's authority, then run it again.",
    ),
    # --- RUN: running falaj
    "RUN-001": Entry(
        "Another run is under way",
        Exit.BUSY,
        "Two runs at the same time would undo each other's work.",
        "Wait for it to end, or stop it.",
    ),
    "RUN-002": Entry(
        "The engine failed",
        Exit.FAULT,
        "A resource could not be made, changed or removed.",
        "Read the message, then run the command again; what was done is kept.",
    ),
    "RUN-003": Entry(
        "The stack is not up",
        Exit.MISSING,
        "The command needs a running platform.",
        "Run `falaj up local` first.",
    ),
    "RUN-004": Entry(
        "The disk is full",
        Exit.FAULT,
        "A file could not be written.",
        "Free space on that disk, then run the command again; nothing was lost.",
    ),
    "RUN-005": Entry(
        "No such workload",
        Exit.USAGE,
        "The name is none of the folders in workloads/.",
        "Name one that is there.",
    ),
    "RUN-006": Entry(
        "The workload ended without a result",
        Exit.FAULT,
        "Its process was killed or crashed.",
        "Read its log, then run the command again; it goes on where it was.",
    ),
    "RUN-007": Entry(
        "No such server",
        Exit.USAGE,
        "The name is none of the stack's servers.",
        "Name one that is there.",
    ),
    "RUN-008": Entry(
        "A file or folder cannot be used",
        Exit.FAULT,
        "The operating system refused to read or write it.",
        "Correct its owner and rights, then run the command again.",
    ),
}
