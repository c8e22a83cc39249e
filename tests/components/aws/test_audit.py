import json
from typing import Any

from components.aws.alarms import EVENTS
from components.aws.audit import Audit, AuditArgs
from components.contracts import ObjectStore
from tests.components.aws import rig

STORE = ObjectStore(name="uae-aws-audit", arn="arn:aws:s3:::uae-aws-audit", key=rig.key("audit"))


def audit(
    *, prod: bool = True, guardduty: bool = True, account: bool = True, emails: tuple[str, ...] = ("soc@example.ae",)
) -> dict[str, rig.Made]:
    args = AuditArgs(
        context=rig.context(prod=prod),
        store=STORE,
        key=rig.key("audit"),
        log_key=rig.key("logs"),
        log_days=400,
        guardduty=guardduty,
        account=account,
        alarm_emails=emails,
        volume_key=rig.key("volumes"),
    )
    return rig.deployed(lambda: Audit("audit", args))


def test_everything_in_the_account_is_recorded_where_nobody_changes_it() -> None:
    trail = audit()["audit-trail-trail"]
    assert (trail.inputs["s3BucketName"], trail.inputs["kmsKeyId"]) == (STORE.name, rig.key("audit").arn)
    for said in ("enableLogging", "enableLogFileValidation", "isMultiRegionTrail", "includeGlobalServiceEvents"):
        assert trail.inputs[said] is True, said
    assert (trail.protect, trail.retain) == (True, True)


def chosen(name: str) -> dict[str, Any]:
    selectors = {
        one["name"]: one["fieldSelectors"] for one in audit()["audit-trail-trail"].inputs["advancedEventSelectors"]
    }
    return {field.pop("field"): field for field in selectors[name]}


def test_reads_of_the_stack_s_objects_are_recorded_and_records_of_records_are_not() -> None:
    assert chosen("Management") == {"eventCategory": {"equals": ["Management"]}}
    objects = chosen("Objects")["resources.ARN"]
    assert objects["startsWiths"] == ["arn:aws:s3:::uae-aws-"]
    tail = f"{rig.ACCOUNT}-{rig.REGION}/"
    assert objects["notStartsWiths"] == [f"arn:aws:s3:::uae-aws-audit-{tail}", f"arn:aws:s3:::uae-aws-logs-{tail}"]


def test_the_trail_writes_its_own_streams_and_no_more() -> None:
    made = audit()
    (trust,) = made["audit-trail-writer-role"].document("assumeRolePolicy")["Statement"]
    assert (
        trust["Condition"]["StringEquals"]["aws:SourceArn"]
        == f"arn:aws:cloudtrail:{rig.REGION}:{rig.ACCOUNT}:trail/uae-aws"
    )
    (rights,) = made["audit-trail-writer-rights"].document("policy")["Statement"]
    assert rights["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    group = f"arn:aws:logs:{rig.REGION}:{rig.ACCOUNT}:log-group:/falaj/uae-aws/trail"
    assert rights["Resource"] == f"{group}:log-stream:{rig.ACCOUNT}_CloudTrail_*"
    assert made["audit-trail-trail"].inputs["cloudWatchLogsGroupArn"] == f"{group}:*"
    assert {"audit-trail-log", "audit-trail-writer-rights"} <= made["audit-trail-trail"].depends_on
    assert (made["audit-trail-log"].inputs["kmsKeyId"], made["audit-trail-log"].inputs["retentionInDays"]) == (
        rig.key("logs").arn,
        400,
    )


def test_every_event_is_counted_and_told_of() -> None:
    made = audit()
    topic = rig.known(made["audit-alarms-root-use"].inputs["alarmActions"])
    asked = {"root-use", "console-without-mfa", "trail-changes", "key-deletion", "policy-changes", "unauthorized-calls"}
    assert asked | {"security-group-changes"} <= set(EVENTS)
    for what in EVENTS:
        counted, alarm = made[f"audit-alarms-{what}-filter"].inputs, made[f"audit-alarms-{what}"].inputs
        assert counted["logGroupName"] == "/falaj/uae-aws/trail"
        assert len(counted["pattern"]) <= 1024  # CloudWatch takes no longer one
        metric = counted["metricTransformation"]
        assert (alarm["namespace"], alarm["metricName"]) == (metric["namespace"], metric["name"])
        assert (alarm["alarmActions"], alarm["actionsEnabled"]) == (topic, True)


def test_the_topic_is_sealed_and_heard_by_those_who_are_named() -> None:
    made = audit(emails=("soc@example.ae", "ciso@example.ae"))
    topic = made["audit-alarms-topic"]
    assert topic.inputs["kmsMasterKeyId"] == rig.key("audit").id
    refused, *allowed = topic.document("policy")["Statement"]
    assert (refused["Effect"], refused["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    for statement in allowed:
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": rig.ACCOUNT}
        assert statement["Principal"]["Service"].endswith(".amazonaws.com")
    assert {one.inputs["endpoint"] for one in rig.of_type(made, "TopicSubscription")} == {
        "soc@example.ae",
        "ciso@example.ae",
    }


def test_guardduty_says_of_each_feature_whether_it_is_on() -> None:
    made = audit()
    features = {one.inputs["name"]: one.inputs for one in rig.of_type(made, "DetectorFeature")}
    on = {name for name, feature in features.items() if feature["status"] == "ENABLED"}
    assert on == {"S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS", "RUNTIME_MONITORING"}
    assert features["EBS_MALWARE_PROTECTION"]["status"] == "DISABLED"
    agents = {one["name"]: one["status"] for one in features["RUNTIME_MONITORING"]["additionalConfigurations"]}
    assert set(agents.values()) == {"DISABLED"}  # it would make endpoints that hold up the network's destruction
    rule = made["audit-threats-findings"]
    assert json.loads(rule.inputs["eventPattern"])["source"] == ["aws.guardduty"]
    assert rule.inputs["name"].startswith("uae-aws-")  # what the topic's policy lets in
    assert not rig.of_type(audit(guardduty=False), "Detector")
    assert not {name for name in audit(account=False) if name.startswith("audit-account")}


def test_the_account_is_closed_and_stays_so_without_the_stack() -> None:
    made = audit(prod=False)
    assert made["audit-account-disks"].inputs["enabled"] is True
    assert made["audit-account-disk-key"].inputs["keyArn"] == rig.key("volumes").arn
    blocked = made["audit-account-buckets"].inputs
    assert set(blocked.values()) == {True}
    assert len(blocked) == 4
    assert made["audit-account-metadata"].inputs["httpTokens"] == "required"
    settings = ("disks", "disk-key", "buckets", "snapshots", "images", "passwords", "metadata")
    assert all(made[f"audit-account-{setting}"].retain for setting in settings)
