"""Show the registry in MLflow: a model version for each entry, tagged with its digest, and the aliases.

A mirror, never read back as truth: each call compares what MLflow shows with the registry and sends the difference, so
what was not sent while the server was down is made up by the next call.
"""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from workloads.lib.mlflow_rest import MlflowRest
from workloads.lib.registry.branch import BRANCH
from workloads.lib.registry.entry import Registry
from workloads.lib.registry.log import Log, pointed

TAG = "falaj.digest"
PAGE = 100


@dataclass
class Sent:
    """What MLflow did not show before."""

    versions: list[str] = field(default_factory=list[str])
    """Digests."""
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    """Alias to digest."""

    def __bool__(self) -> bool:
        return bool(self.versions or self.aliases)


def mirror(registry: Registry, name: str, url: str) -> Sent:
    """Bring the MLflow server at `url` up to date about the models of that name. WRK-012 when it does not answer.

    Branches stay out: MLflow has no name for them. A collected entry's version stays, as MLflow's record of the past.
    """
    server, sent = _Server(url), Sent()
    versions = server.versions(name)
    if missing := [model for model in registry.entries(name) if model not in versions]:
        server.make(name)
        for model in missing:
            versions[model] = server.add(name, model)
            sent.versions.append(model)
    there = server.aliases(name) if versions else {}
    for alias, model in pointed(Log(registry.store, name).records()).items():
        if not BRANCH.fullmatch(alias) and there.get(alias) != versions.get(model):
            server.point(name, alias, versions[model])
            sent.aliases[alias] = model
    return sent


class _Server(MlflowRest):
    def make(self, name: str) -> None:
        status, answer = self.ask("registered-models/create", {"name": name})
        if not (status == 400 and isinstance(answer, dict) and answer.get("error_code") == "RESOURCE_ALREADY_EXISTS"):  # pyright: ignore[reportUnknownMemberType]
            self.checked(status, answer)

    def add(self, name: str, model: str) -> str:
        tags = [{"key": TAG, "value": model}]
        body = {"name": name, "source": f"falaj:/registry/{name}/{model}", "tags": tags}
        return self.call("model-versions/create", body)["model_version"]["version"]

    def versions(self, name: str) -> dict[str, str]:
        """Digest to version. Should two versions have one digest (two mirrors at once), the first stands."""
        found: dict[str, str] = {}
        query = {"filter": f"name = '{name}'", "max_results": PAGE, "order_by": "version_number ASC"}
        while True:
            answer = self.call(f"model-versions/search?{urlencode(query)}")
            for version in answer.get("model_versions", []):
                for tag in version.get("tags", []):
                    if tag["key"] == TAG:
                        found.setdefault(tag["value"], version["version"])
            if not (token := answer.get("next_page_token")):
                return found
            query["page_token"] = token

    def aliases(self, name: str) -> dict[str, str]:
        model = self.call(f"registered-models/get?{urlencode({'name': name})}")["registered_model"]
        return {alias["alias"]: alias["version"] for alias in model.get("aliases", [])}

    def point(self, name: str, alias: str, version: str) -> None:
        body = {"name": name, "alias": alias, "version": version}
        self.call("registered-models/alias", body)
