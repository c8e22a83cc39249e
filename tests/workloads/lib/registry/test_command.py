"""What `falaj model` and `falaj lineage` ask, as processes on a platform file: one JSON event, an exit code."""

from pathlib import Path

from tests.workloads.command import ask
from workloads.lib.lineage import log
from workloads.lib.lineage.event import event
from workloads.lib.lineage.node import Node
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.registry import alias


def test_the_verbs_of_the_registry(store: ObjectStore, models: list[str], platform: Path, tmp_path: Path):
    alias.move(store, "m", "champion", models[0], why="first")
    listed = ask("registry", platform, "list")["models"]
    assert {one["model"]: one["pointers"] for one in listed} == {models[0]: ["champion"], models[1]: [], models[2]: []}
    assert ask("registry", platform, "show", "m", "champion")["facts"] == {"n": 0}
    history = ask("registry", platform, "history", "m")
    assert (history["records"][0]["why"], history["head"][:2]) == ("first", "1:")
    assert all(one["ok"] for one in ask("registry", platform, "verify", f"--head={history['head']}")["entries"])
    assert ask("registry", platform, "verify", "--head=nonsense")["code"] == "FALAJ-REG-001"
    ask("registry", platform, "hold", "m", models[1], "--why=case")
    applied = ask("registry", platform, "gc", "m", "--apply")
    assert (applied["marked"], applied["deleted"]) == ([models[2]], [])
    (tmp_path / "secret").write_text("a long passphrase\n")
    told = ("m", "champion", "--why=x", f"--out={tmp_path / 'b'}", f"--passphrase-file={tmp_path / 'secret'}")
    assert ask("registry", platform, "export", *told)["encrypted"]
    assert ask("registry", platform, "export", *told)["code"] == "FALAJ-REG-012"
    bundle = ("import", str(tmp_path / "b"), "--why=x")
    assert ask("registry", platform, *bundle)["code"] == "FALAJ-REG-009"
    assert ask("registry", platform, *bundle, f"--passphrase-file={tmp_path / 'secret'}")["model"] == models[0]
    assert ask("registry", platform, "import", str(tmp_path / "none"), "--why=x")["code"] == "FALAJ-REG-012"
    assert ask("registry", platform, "mirror")["code"] == "FALAJ-WRK-012"
    store.put(f"registry/m/{models[1]}/weights", b"tampered")
    bad = [one for one in ask("registry", platform, "verify", "m")["entries"] if not one["ok"]]
    assert [(one["model"], one["error"]["code"]) for one in bad] == [(models[1], "FALAJ-WRK-009")]


def test_the_verbs_of_lineage(store: ObjectStore, platform: Path, tmp_path: Path):
    table, model = Node("data", "w/table", digest(b"t")), Node("model", "w", digest(b"m"))
    about = {"stack": "local", "workload": "w", "step": "train", "key": digest(b"k")}
    log.append(store, event("COMPLETE", **about, reads=[table], makes=[model]))
    page = tmp_path / "graph.html"
    found = ask("lineage", platform, "upstream", "w", f"--html={page}")
    assert found["node"] == f"w@{model.digest}"
    assert [run["job"] for run in found["runs"]] == ["w.train"]
    assert "w/table" in page.read_text()
    assert [one["id"] for one in ask("lineage", platform, "downstream", "w")["nodes"]] == [f"w@{model.digest}"]
    assert ask("lineage", platform, "subject", "7")["rows"] == {}
    assert ask("lineage", platform, "upstream", "nothing")["code"] == "FALAJ-LIN-003"
    assert ask("lineage", platform, "deliver")["code"] == "FALAJ-LIN-004"
    assert ask("lineage", platform, "list", f"--html={tmp_path / 'none/g.html'}")["code"] == "FALAJ-STO-007"
