"""Ten of the gate's rules in plain Python, as `pulumi-policy` packs are written: one function a rule and resource."""

from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

TAGS = {"cost-centre", "data-class", "env", "owner", "purpose", "retention", "tenant"}


def region(args, report):
    if args.resource_type.startswith("aws:"):
        found = args.props.get("region") or (args.provider and args.provider.props.get("region"))
        if found != "me-central-1":
            report(f"region is {found}")


def rotation(args, report):
    if args.resource_type == "aws:kms/key:Key" and not args.props.get("enableKeyRotation"):
        report("enableKeyRotation must be true")


def window(args, report):
    if args.resource_type == "aws:kms/key:Key" and (args.props.get("deletionWindowInDays") or 0) < 30:
        report("deletionWindowInDays must be 30")


def single_region(args, report):
    if args.resource_type == "aws:kms/key:Key" and args.props.get("multiRegion"):
        report("multiRegion must be false")


def force_destroy(args, report):
    if args.resource_type == "aws:s3/bucket:Bucket" and args.props.get("forceDestroy"):
        report("forceDestroy must be false")


def encryption(args, report):
    if args.resource_type.startswith("aws:s3/bucketServerSideEncryptionConfiguration"):
        for rule in args.props["rules"]:
            if rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] != "aws:kms":
                report("sseAlgorithm must be aws:kms")


def public(args, report):
    if args.resource_type.startswith("aws:s3/bucketPublicAccessBlock"):
        for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
            if not args.props.get(name):
                report(f"{name} must be true")


def retention(args, report):
    if args.resource_type == "aws:cloudwatch/logGroup:LogGroup" and (args.props.get("retentionInDays") or 0) < 180:
        report("retentionInDays must be 180 or more")


def ingress(args, report):
    if args.resource_type == "aws:ec2/securityGroup:SecurityGroup":
        for rule in args.props.get("ingress") or []:
            if "0.0.0.0/0" in (rule.get("cidrBlocks") or []):
                report("ingress is open to the world")


def tags(args, report):
    taggable = args.resource_type in ("aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:ec2/securityGroup:SecurityGroup")
    if taggable and (missing := TAGS - set(args.props.get("tags") or {})):
        report(f"tags lack {sorted(missing)}")


RULES = [region, rotation, window, single_region, force_destroy, encryption, public, retention, ingress, tags]

PolicyPack(
    "plain",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[ResourceValidationPolicy(rule.__name__, rule.__name__, rule) for rule in RULES],
)
