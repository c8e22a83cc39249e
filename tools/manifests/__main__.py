"""`python -m tools.manifests`: render what the bill of materials names out of the makers' own Go modules.

Types and objects of each come into files of `components/kubernetes/manifests/<name>`: objects to be read, types a
line each, without the descriptions of their fields, which are most of their bytes, and without versions that are not
served. All else is as its makers have it. It prints what has changed of the bill's digests.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from components.kubernetes.bill import Manifest, bill
from infra.toolchain import RENDERER, in_cache, sha256

_VALUES = Path(__file__).with_name("values")
_KUBERNETES = "1.35.0"
Object = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """A chart in a module."""

    path: str
    namespace: str
    keep: Callable[[Object], bool] = lambda _: True
    """Which objects are applied."""


def _kueue(one: Object) -> bool:
    """Without roles that are for people, of frameworks that are not here, and the API of pending workloads."""
    name, kind = one["metadata"]["name"], one["kind"]
    return not name.endswith(("editor-role", "viewer-role")) and kind != "APIService" and "visibility" not in name


_CHARTS = {
    "kueue": Chart("charts/kueue", "kueue-system", _kueue),
    "cert-manager": Chart("deploy/charts/cert-manager", "cert-manager"),
    "external-secrets": Chart("deploy/charts/external-secrets", "external-secrets"),
    "gatekeeper": Chart("charts/gatekeeper", "gatekeeper-system"),
    "karpenter": Chart("charts/karpenter", "karpenter"),
}
_FOLDERS = {
    "external-secrets": ("deploy/crds/bundle.yaml",),
    "karpenter": ("pkg/apis/crds",),
    "kuberay-operator": ("config/crd/bases", "config/rbac/role.yaml"),
    "velero": ("config/crd/v1/bases", "config/crd/v2alpha1/bases"),
    "policy-controller": ("config",),
}


def main(names: Iterable[str]) -> None:
    for name in names or bill().manifests:
        for row in write(bill().manifests[name]):
            sys.stdout.write(f"{name}: {row}\n")


def write(manifest: Manifest, to: Path | None = None) -> list[str]:
    """Render one into its folder, or another. Rows of the bill that are not so yet."""
    folder, found = to or manifest.folder, list(_objects(manifest))
    folder.mkdir(parents=True, exist_ok=True)
    types = sorted((_served(_brief(one)) for one in found if one["kind"] == "CustomResourceDefinition"), key=_order)
    others = [one for one in found if one["kind"] not in ("CustomResourceDefinition", "Namespace")]
    lines = [json.dumps(one, sort_keys=True, separators=(",", ":")) + "\n" for one in types]
    said = f"# {manifest.module} {manifest.version}, rendered by `python -m tools.manifests {manifest.name}`\n"
    written = {"types": _written(folder / "crds.jsonl", "".join(lines)), "objects": ""}
    if others:
        text = said + yaml.safe_dump_all(sorted(others, key=_order), width=110)
        written["objects"] = _written(folder / "objects.yaml", text)
    return [f'{key} = "{digest}"' for key, digest in written.items() if digest != getattr(manifest, key)]


def _written(file: Path, text: str) -> str:
    file.write_text(text)
    return f"sha256:{sha256(file)}"


def _objects(manifest: Manifest) -> Iterable[Object]:
    module = _module(manifest)
    if chart := _CHARTS.get(manifest.name):
        yield from filter(chart.keep, _rendered(manifest, module / chart.path, chart))
    for file in (file for path in _FOLDERS.get(manifest.name, ()) for file in _files(module / path)):
        yield from (one for one in _documents(file.read_text()) if one["kind"] != "Kustomization")


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.yaml")) if path.is_dir() else [path]


def _module(manifest: Manifest) -> Path:
    command = ["go", "mod", "download", "-json", f"{manifest.module}@{manifest.version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tempfile.gettempdir())
    found = json.loads(done.stdout)
    if found["Sum"] != manifest.sum:
        sys.exit(f"{manifest.name}: the module's sum is {found['Sum']}, and the bill says {manifest.sum}")
    return Path(found["Dir"])


def _rendered(manifest: Manifest, source: Path, chart: Chart) -> list[Object]:
    helm = in_cache(RENDERER)
    if helm is None:
        sys.exit("helm is not built yet: run tools/bootstrap --renderer")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "chart"
        shutil.copytree(source, copy, copy_function=shutil.copyfile)
        about = yaml.safe_load((copy / "Chart.yaml").read_text())
        about.pop("dependencies", None)  # none is in the module, and none is switched on
        about |= {"version": manifest.version.removeprefix("v"), "appVersion": manifest.version}
        (copy / "Chart.yaml").chmod(0o644)
        (copy / "Chart.yaml").write_text(yaml.safe_dump(about))
        values = _VALUES / f"{manifest.name}.yaml"
        command = [
            helm.path,
            "template",
            manifest.name,
            copy,
            "--namespace",
            chart.namespace,
            "--include-crds",
            "--no-hooks",
        ]
        options = ["--kube-version", _KUBERNETES, "--values", values]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    return _documents(done.stdout)


def _documents(text: str) -> list[Object]:
    return [one for one in yaml.load_all(text, yaml.CSafeLoader) if one]


def _brief(node: Any) -> Any:
    """A schema without its descriptions; a field that is called so is one of `properties`, and stays."""
    if isinstance(node, list):
        return [_brief(one) for one in cast(list[Any], node)]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: _brief(one) for name, one in value.items()} if key == "properties" else _brief(value)
        for key, value in cast(Object, node).items()
        if not (key == "description" and isinstance(value, str))
    }


def _served(one: Object) -> Object:
    """A type without the versions that nobody is served."""
    spec: Object = one["spec"]
    return {**one, "spec": {**spec, "versions": [of for of in spec["versions"] if of["served"] or of["storage"]]}}


def _order(one: Object) -> tuple[str, str, str]:
    return one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]


if __name__ == "__main__":
    main(sys.argv[1:])
