"""Gatekeeper itself beside a simulated region, with the rights, arguments and rules that the component gives it."""

import base64
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from components.kubernetes.admission import ACCOUNT, NAMESPACE
from infra.plan.cluster.client import Client, Object
from infra.toolchain import GATEKEEPER, in_cache
from tests.components.aws.rig import Made

_EARLY = ("Namespace", "CustomResourceDefinition")
_POD = "gatekeeper"


class Gatekeeper:
    """`made` is what the component made; pods of the simulation run nothing, so its program runs here."""

    def __init__(self, client: Client, region: Path, made: Mapping[str, Made], folder: Path) -> None:
        self.client, self.region, self.made, self.folder = client, region, made, folder
        self.port, self.health, self.metrics = _free(3)
        self._process: subprocess.Popen[bytes] | None = None

    def set_up(self) -> None:
        """Everything but the hook, each after what it waits for; constraints once their templates are loaded."""
        keys = self.region / "pki"
        certificates = self.folder / "certificates"
        certificates.mkdir()
        (self.folder / "audited").mkdir()
        for theirs, ours in {"server.crt": "tls.crt", "server.key": "tls.key", "ca.crt": "ca.crt"}.items():
            shutil.copyfile(keys / theirs, certificates / ours)
        custom = self._of("CustomResourceDefinition")
        shaped = [one for one in custom if one["spec"]["group"] == "constraints.gatekeeper.sh"]
        kinds = {"ConstraintTemplate", *(one["spec"]["names"]["kind"] for one in shaped)}
        for wanted in (_EARLY, None):
            for one in self.objects():
                late = one["kind"] in (*kinds, "Deployment", "ValidatingWebhookConfiguration", "PodDisruptionBudget")
                if not late and (wanted is None) != (one["kind"] in _EARLY):
                    self.client.apply(one, force=True)
        self.start()
        for one in self._of("ConstraintTemplate"):
            self.client.apply(one)
        for one in self._of("ConstraintTemplate"):
            self.until(one, lambda status: status.get("created"))
        constraints = [one for one in self.objects() if one["kind"] in kinds - {"ConstraintTemplate"}]
        for one in constraints:
            self.client.apply(one)
        for one in constraints:
            self.until(one, lambda status: [of for of in status.get("byPod") or [] if of.get("enforced")])

    def hook(self) -> None:
        """From now on the API server asks; of this machine, where the component names a service."""
        (one,) = self._of("ValidatingWebhookConfiguration")
        (asked,) = one["webhooks"]
        authority = base64.b64encode((self.region / "pki" / "ca.crt").read_bytes()).decode()
        asked["clientConfig"] = {"url": f"https://127.0.0.1:{self.port}/v1/admit", "caBundle": authority}
        self.client.apply(one)

    def start(self) -> None:
        """As its own account, in a pod that is waiting for ever."""
        there = {"namespace": NAMESPACE, "name": _POD}
        spec = {"schedulerName": "nobody", "containers": [{"name": "manager", "image": "none", **_RESTRICTED}]}
        spec["securityContext"] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        self.client.apply({"apiVersion": "v1", "kind": "Pod", "metadata": there, "spec": spec}, force=True)
        flags = {
            "kubeconfig": self._kubeconfig(),
            "host": "127.0.0.1",
            "port": self.port,
            "health-addr": f"127.0.0.1:{self.health}",
            "prometheus-port": self.metrics,
            "cert-dir": self.folder / "certificates",
            "disable-cert-rotation": "true",
            "api-cache-dir": self.folder / "audited",
            "audit-interval": 3,
        }
        arguments = [*self._arguments(), *(f"--{name}={value}" for name, value in flags.items())]
        found = in_cache(GATEKEEPER)
        assert found, "gatekeeper is not built: tools/bootstrap --admission"
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [found.path, *arguments],
                env={**os.environ, "POD_NAME": _POD, "POD_NAMESPACE": NAMESPACE, "NAMESPACE": NAMESPACE},
                stdout=log,
                stderr=log,
            )
        self._answers("readyz")

    def stop(self) -> None:
        """As a machine that is lost: it says goodbye to nobody."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def until(self, found: Object, holds: Any, seconds: float = 60) -> Object:
        """The object once its status is so."""
        deadline = time.monotonic() + seconds
        while True:
            now = self.client.get(found) or {}
            if holds(now.get("status") or {}):
                return now
            assert self._process
            assert self._process.poll() is None, (self.folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, f"{found['kind']} {found['metadata']['name']}: {now.get('status')}"
            time.sleep(0.1)

    def objects(self) -> list[Object]:
        """What was made, in that order."""
        return [dict(one.inputs) for one in self.made.values() if one.type.startswith("kubernetes:")]

    def _of(self, kind: str) -> list[Object]:
        return [one for one in self.objects() if one["kind"] == kind]

    def _arguments(self) -> Sequence[str]:
        """Of both programs: one of them answers, one looks at what is there."""
        pods = [one["spec"]["template"]["spec"] for one in self._of("Deployment")]
        return [argument for pod in pods for container in pod["containers"] for argument in container["args"]]

    def _kubeconfig(self) -> Path:
        at = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{ACCOUNT}/token"
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
        token = self.client.ask("POST", at, asked)["status"]["token"]  # pyright: ignore[reportArgumentType]
        config = yaml.safe_load((self.region / "kubeconfig").read_text())
        config["users"][0]["user"] = {"token": token}
        file = self.folder / "kubeconfig"
        file.write_text(yaml.safe_dump(config))
        return file

    def _answers(self, what: str) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.health}/{what}")
            except (urllib.error.URLError, OSError):
                said = (self.folder / "log").read_text()[-2000:]
                assert self._process
                assert self._process.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.1)
            else:
                return


_RESTRICTED = {"securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}


def _free(many: int) -> list[int]:
    held = [socket.socket() for _ in range(many)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
