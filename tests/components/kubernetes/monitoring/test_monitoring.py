"""What the monitoring makes in a cluster, and that the gate finds nothing in it."""

import configparser
import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from components.kubernetes.monitoring.monitoring import Monitoring, MonitoringArgs
from components.kubernetes.monitoring.rule_files import RULES, Machine, Region
from components.kubernetes.monitoring.scrape import JOBS
from components.kubernetes.opencost import OpenCost, OpenCostArgs, price_list
from tests.components.kubernetes import rig

MACHINES = {"p5en.48xlarge": Machine(watts=7075, gpu_watts=5600, usd=77.7), "new.large": Machine(watts=100)}
REGION = Region(machines=MACHINES, pue=1.36, grid=381.54, budgets={"ray": 90000}, rack_budget=40000)


@cache
def made(receivers: str | None = "platform/alerts") -> dict[str, rig.Made]:
    def build() -> None:
        context = rig.context()
        monitoring = MonitoringArgs(
            context=context,
            region=REGION,
            receivers=receivers,
            retention_days=30,
            storage_gib=200,
            storage_class="sealed",
            runbooks="https://wiki.example/runbooks/",
        )
        watched = Monitoring("monitoring", monitoring)
        costs = OpenCostArgs(context=context, region="me-central-1", machines=MACHINES, after=[watched])
        OpenCost("costs", costs)

    return rig.deployed(build)


def server(name: str, *of: str | None) -> dict[str, Any]:
    return made(*of)[f"{name}-server"].inputs["spec"]["template"]["spec"]


def files(name: str, *of: str | None) -> dict[str, str]:
    return made(*of)[name].inputs["data"]


def test_the_gate_finds_nothing() -> None:
    assert rig.findings(made(), "IMG-003") == {}


def test_nothing_needs_the_host() -> None:
    assert not rig.of_type(made(), "DaemonSet")
    labels = made()["monitoring-space-namespace"].inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert "hostPath" not in json.dumps([one.inputs for one in made().values()])


def test_prometheus_reads_its_configuration_and_rules(tmp_path: Path) -> None:
    text = files("prometheus-config")["prometheus.yaml"].replace("/etc/prometheus/rules", str(tmp_path))
    (tmp_path / "prometheus.yml").write_text(text)
    rules = files("prometheus-rules")
    assert set(rules) == {*(file.name for file in RULES.glob("*.yaml")), "catalogue.yaml"}
    for name, rule in rules.items():
        (tmp_path / name).write_text(rule)
    command = ["promtool", "check", "config", "--syntax-only", tmp_path / "prometheus.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    subprocess.run(["promtool", "check", "rules", *tmp_path.glob("*.yaml")], check=True, capture_output=True)
    assert "https://wiki.example/runbooks/gpu.md#gpuxiderror" in rules["gpu.yaml"]


def test_what_prometheus_keeps_is_on_a_sealed_disk_and_goes_before_the_disk_is_full() -> None:
    (disk,) = made()["prometheus-server"].inputs["spec"]["volumeClaimTemplates"]
    assert disk["spec"]["storageClassName"] == "sealed"
    size = int(disk["spec"]["resources"]["requests"]["storage"].removesuffix("Gi"))
    arguments = server("prometheus")["containers"][0]["args"]
    assert "--storage.tsdb.retention.time=30d" in arguments
    (limit,) = [found[1] for one in arguments if (found := re.search(r"retention\.size=(\d+)GiB", one))]
    assert int(limit) < size


def test_another_file_starts_its_server_again() -> None:
    for name in ("prometheus-config", "prometheus-rules", "alertmanager-config", "grafana-dashboards"):
        template = made()[f"{name.split('-')[0]}-server"].inputs["spec"]["template"]
        assert template["metadata"]["annotations"][f"falaj.ae/{name}"]


def test_prometheus_may_read_metrics_and_no_secret() -> None:
    roles = {one.name: one.inputs["rules"] for one in rig.of_type(made(), "ClusterRole")}
    assert set(roles) == {"prometheus-role", "kube-state-metrics-role", "opencost-role"}
    for rules in roles.values():
        assert {verb for rule in rules for verb in rule["verbs"]} <= {"get", "list", "watch"}
        named = {name for rule in rules for name in rule.get("resources", [])}
        assert not named & {"secrets", "configmaps", "nodes/proxy"}


def test_every_target_is_let_through_by_both_walls() -> None:
    policies = {one.name: one.inputs["spec"] for one in rig.of_type(made(), "NetworkPolicy")}
    (everywhere,) = [
        rule
        for rule in policies["monitoring-space-prometheus"]["egress"]
        if rule["to"][0].get("namespaceSelector") == {}
    ]
    assert {port["port"] for port in everywhere["ports"]} == {job.port for job in JOBS}
    inside = {job.name: job.port for job in JOBS if job.namespace == "monitoring"}
    for name, port in inside.items():
        opened = [rule["ports"][0]["port"] for rule in policies[f"monitoring-space-{name}"]["ingress"]]
        assert port in opened
    assert policies["costs-space-metrics"]["ingress"][0]["ports"][0]["port"] == 9003


def test_whom_to_tell_is_a_secret_s_and_every_receiver_is_one_of_its_keys() -> None:
    told = yaml.safe_load(files("alertmanager-config")["alertmanager.yaml"])
    assert [one["webhook_configs"] for one in told["receivers"]] == [
        [{"url_file": "/etc/alertmanager/receivers/page"}],
        [{"url_file": "/etc/alertmanager/receivers/ticket"}],
    ]
    wanted = made()["monitoring-receivers-wanted"].inputs["spec"]
    assert wanted["dataFrom"] == [{"extract": {"key": "platform/alerts"}}]
    volumes = {one["name"]: one for one in server("alertmanager")["volumes"]}
    assert volumes["receivers"]["secret"] == {"secretName": wanted["target"]["name"], "optional": True}


def test_where_nobody_is_to_be_told_nothing_waits_for_a_secret() -> None:
    told = yaml.safe_load(files("alertmanager-config", None)["alertmanager.yaml"])
    assert told["receivers"] == [{"name": "page"}, {"name": "ticket"}]
    assert {one["name"] for one in server("alertmanager", None)["volumes"]} == {"tmp", "config"}
    assert "monitoring-receivers-wanted" not in made(None)
    assert rig.findings(made(None), "IMG-003") == {}


def test_what_follows_from_what_are_alerts_that_there_are() -> None:
    groups = [yaml.safe_load(file.read_text())["groups"] for file in RULES.glob("*.yaml")]
    names = [rule["alert"] for group in sum(groups, []) for rule in group["rules"] if "alert" in rule]  # noqa: RUF017
    for rule in yaml.safe_load(files("alertmanager-config")["alertmanager.yaml"])["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            for pattern in matcher.split('"')[1].split("|"):
                assert any(re.fullmatch(pattern, name) for name in names), pattern


def test_grafana_lets_nobody_in_unnamed_and_asks_nobody_outside() -> None:
    ini = configparser.ConfigParser(interpolation=None)
    ini.read_string(files("grafana-config")["grafana.ini"])
    off = {
        "analytics": ["reporting_enabled", "check_for_updates", "check_for_plugin_updates", "feedback_links_enabled"],
        "news": ["news_feed_enabled"],
        "plugins": ["plugin_admin_enabled"],
        "snapshots": ["external_enabled"],
        "auth.anonymous": ["enabled"],
        "users": ["allow_sign_up"],
    }
    assert all(not ini.getboolean(section, key) for section, keys in off.items() for key in keys)
    assert ini.getboolean("security", "disable_gravatar")
    assert ini.getboolean("plugins", "preinstall_disabled")
    mounts = {one["name"]: one["mountPath"] for one in server("grafana")["containers"][0]["volumeMounts"]}
    assert ini["security"]["admin_password"] == f"$__file{{{mounts['admin']}/password}}"
    assert set(files("grafana-dashboards")) == {
        f"falaj-{name}.json" for name in ("gpus", "ray", "serve", "queues", "power", "platform")
    }


def test_costs_are_the_catalogue_s_and_what_has_no_price_is_left_out() -> None:
    header, row = price_list("me-central-1", MACHINES).splitlines()
    told = dict(zip(header.split(","), row.split(","), strict=True))
    assert told["InstanceID"] == told["InstanceType"] == "p5en.48xlarge"
    assert (told["Region"], told["AssetClass"], float(told["MarketPriceHourly"])) == ("me-central-1", "node", 77.7)
    assert told["InstanceIDField"].split(".", 2)[2] == "node.kubernetes.io/instance-type"
    env = {one["name"]: one["value"] for one in server("opencost")["containers"][0]["env"]}
    assert (env["CLOUD_COST_ENABLED"], env["USE_CSV_PROVIDER"]) == ("false", "true")
    assert files("opencost-prices")["prices.csv"].splitlines() == [header, row]
