"""The certificates of Ray's pods, made by the script that their init container runs; and Ray itself with them."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import psutil

from components.kubernetes.ray_tls import ENVIRONMENT, SCRIPT
from tests.rig import BIN, free_ports

HEAD = "demo-head-svc.ray.svc.cluster.local"
DRIVER = """
import ray, sys
ray.init(address=sys.argv[1], logging_level="ERROR")
answer = ray.remote(lambda: 6 * 7).remote()
print(ray.get(answer, timeout=60))
"""


def openssl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)


def authority(folder: Path, key: Path | None = None) -> Path:
    """As cert-manager makes it; with a key, the same one renewed."""
    folder.mkdir()
    if key:
        (folder / "tls.key").write_bytes(key.read_bytes())
    else:
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder / "tls.key")
    subject = ["-subj", "/CN=ray demo", "-days", "730", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    made = openssl("req", "-x509", "-new", "-key", folder / "tls.key", *subject, "-out", folder / "tls.crt")
    assert made.returncode == 0, made.stderr
    return folder


def signed(folder: Path, of: Path, *, address: str = "10.20.1.7", head: bool = False) -> Path:
    """A pod's folder after its init container."""
    folder.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "AUTHORITY": str(of),
        "FOLDER": str(folder),
        "HEAD": "yes" if head else "",
        "POD_IP": address,
        "POD_NAME": "demo-pod",
        "FQ_RAY_IP": HEAD,
    }
    done = subprocess.run(["/bin/sh", "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def trusted(pod: Path, by: Path, *name: str) -> bool:
    return openssl("verify", "-purpose", "sslserver", *name, "-CAfile", by, pod / "tls.crt").returncode == 0


def test_a_pod_is_known_by_its_own_address_and_the_head_by_its_name(tmp_path: Path) -> None:
    of = authority(tmp_path / "authority")
    head, worker = signed(tmp_path / "head", of, head=True), signed(tmp_path / "worker", of)
    for pod in (head, worker):
        assert sorted(file.name for file in pod.iterdir()) == ["ca.crt", "tls.crt", "tls.key"]
        assert (pod / "tls.key").stat().st_mode & 0o077 == 0
        assert trusted(pod, pod / "ca.crt", "-verify_ip", "10.20.1.7")
        assert not trusted(pod, pod / "ca.crt", "-verify_ip", "10.20.1.8")
    assert trusted(head, of / "tls.crt", "-verify_hostname", HEAD)
    assert not trusted(worker, of / "tls.crt", "-verify_hostname", HEAD)


def test_pods_before_and_after_a_renewal_trust_each_other_and_no_other_cluster(tmp_path: Path) -> None:
    of = authority(tmp_path / "authority")
    renewed = authority(tmp_path / "renewed", key=of / "tls.key")
    before, after = signed(tmp_path / "before", of), signed(tmp_path / "after", renewed)
    assert (of / "tls.crt").read_bytes() != (renewed / "tls.crt").read_bytes()
    assert trusted(after, before / "ca.crt")
    assert trusted(before, after / "ca.crt")
    assert not trusted(before, authority(tmp_path / "other") / "tls.crt")


def test_a_pod_cannot_sign_for_another(tmp_path: Path) -> None:
    pod = signed(tmp_path / "pod", authority(tmp_path / "authority"))
    forged = signed(tmp_path / "forged", pod)
    assert openssl("verify", "-CAfile", pod / "ca.crt", "-untrusted", pod / "tls.crt", forged / "tls.crt").returncode
    assert not trusted(forged, pod / "ca.crt")


def test_ray_speaks_to_those_alone_whom_the_authority_signed_for(tmp_path: Path) -> None:
    of = authority(tmp_path / "authority")
    pod = signed(tmp_path / "pod", of, address="127.0.0.1", head=True)
    stranger = signed(tmp_path / "stranger", authority(tmp_path / "other"), address="127.0.0.1")
    port, client = free_ports(2)
    with _head(pod, port, client) as sockets:
        command = [sys.executable, "-c", DRIVER, f"127.0.0.1:{port}"]
        driver = subprocess.run(command, env=_environment(pod), capture_output=True, text=True, timeout=90, check=False)
        assert driver.stdout.strip() == "42", (driver.stderr, sockets)
        assert _greeted(port, pod, pod)
        assert not _greeted(port, pod, stranger)
        assert not _greeted(port, pod, None)


@contextmanager
def _head(pod: Path, port: int, client: int) -> Generator[Path]:
    """A head on loopback, until it is no longer needed."""
    sockets = Path("/tmp") / f"falaj-ray-{port}"
    command = ["start", "--head", "--block", "--num-cpus=1", "--node-ip-address=127.0.0.1", f"--port={port}"]
    command += ["--include-dashboard=false", f"--ray-client-server-port={client}", "--object-store-memory=100000000"]
    null = subprocess.DEVNULL
    head = psutil.Popen(
        [BIN / "ray", *command, f"--temp-dir={sockets}"], env=_environment(pod), stdout=null, stderr=null
    )
    try:
        _wait(lambda: _greeted(port, pod, pod))
        yield sockets
    finally:
        for one in (*head.children(recursive=True), head):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        head.wait(30)
        shutil.rmtree(sockets, ignore_errors=True)


def _wait(until: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "the head did not start"
        time.sleep(0.3)


def _greeted(port: int, pod: Path, who: Path | None) -> bool:
    """Whether the head answers one who shows the certificate in a folder, or none."""
    context = ssl.create_default_context(cafile=pod / "ca.crt")
    context.set_alpn_protocols(["h2"])
    if who:
        context.load_cert_chain(who / "tls.crt", who / "tls.key")
    try:
        plain = socket.create_connection(("127.0.0.1", port), timeout=10)
        with plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
            return len(connection.recv(9)) == 9  # the head of a frame with its settings
    except OSError:
        return False


def _environment(pod: Path) -> dict[str, str]:
    """Of Ray's processes, as in a pod whose files are in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    files = {name: value.replace("/etc/ray/tls", str(pod)) for name, value in ENVIRONMENT.items()}
    # Without the last one Ray takes 127.0.0.1 for the machine's outer address.
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 32}
    return {**kept, **files, **token, "RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
