"""A cluster: private, sealed, logged, with nobody in it but its admins."""

import json
from dataclasses import replace

import pytest

from components.aws.addons import Addons, AddonsArgs
from components.aws.cluster import Cluster, ClusterArgs
from components.contracts import Network
from tests.components.aws.iam import permits
from tests.components.aws.rig import ACCOUNT, Made, context, deployed, key, known, of_type

ADMIN = f"arn:aws:iam::{ACCOUNT}:role/platform-admin"
NETWORK = Network(
    id="vpc-0123456789abcdef0",
    cidr="10.20.0.0/16",
    private={f"me-central-1{letter}": f"subnet-{letter}" for letter in "abc"},
    intra={},
    public={},
)
VERSIONS = dict.fromkeys(("vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns"), "v1.2.3-eksbuild.1")
ARGS = ClusterArgs(
    context=context(),
    version="1.35",
    network=NETWORK,
    key=key("cluster"),
    log_key=key("audit"),
    log_days=400,
    service_cidr="172.20.0.0/16",
    admins=[ADMIN],
    addons=VERSIONS,
    prefix_lists={"s3": "pl-0123abcd"},
)


@pytest.fixture(scope="module")
def made() -> dict[str, Made]:
    return deployed(lambda: Cluster("c", ARGS))


def test_its_api_is_private_and_its_secrets_are_sealed_with_the_key(made: dict[str, Made]) -> None:
    cluster = made["c-control-plane"]
    reached = cluster.inputs["vpcConfig"]
    assert (reached["endpointPublicAccess"], reached["endpointPrivateAccess"]) == (False, True)
    assert reached["subnetIds"] == ["subnet-a", "subnet-b", "subnet-c"]
    sealed = cluster.inputs["encryptionConfig"]
    assert (sealed["resources"], sealed["provider"]["keyArn"]) == (["secrets"], key("cluster").arn)
    assert cluster.inputs["deletionProtection"] is True
    assert cluster.inputs["upgradePolicy"] == {"supportType": "STANDARD"}


def test_its_log_is_there_before_it(made: dict[str, Made]) -> None:
    [cluster], [log] = of_type(made, "aws:eks/cluster:Cluster"), of_type(made, "LogGroup")
    assert log.inputs["name"] == f"/aws/eks/{cluster.inputs['name']}/cluster"
    assert (log.inputs["kmsKeyId"], log.inputs["retentionInDays"]) == (key("audit").arn, 400)
    assert log.protect
    assert log.name in cluster.depends_on
    assert len(cluster.inputs["enabledClusterLogTypes"]) == 5


def test_its_rights_are_there_before_it_and_go_after_it(made: dict[str, Made]) -> None:
    [cluster] = of_type(made, "aws:eks/cluster:Cluster")
    assert {"c-identity-role", "c-identity-AmazonEKSClusterPolicy"} <= cluster.depends_on
    trust = made["c-identity-role"].document("assumeRolePolicy")
    own = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": context().arn("eks", "cluster/uae-aws")}
    assert permits(trust, "sts:AssumeRole", "*", own)
    assert not permits(trust, "sts:AssumeRole", "*", own | {"aws:SourceAccount": "999999999999"})


def test_only_its_admins_are_in_it(made: dict[str, Made]) -> None:
    [cluster] = of_type(made, "aws:eks/cluster:Cluster")
    assert cluster.inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    assert [one.inputs["principalArn"] for one in of_type(made, "AccessEntry")] == [ADMIN]
    [granted] = of_type(made, "AccessPolicyAssociation")
    assert granted.inputs["policyArn"].endswith("/AmazonEKSClusterAdminPolicy")
    with pytest.raises(ValueError, match="without admins"):
        replace(ARGS, admins=[])


def test_machines_reach_each_other_the_network_and_s3_and_nothing_else(made: dict[str, Made]) -> None:
    group = made["c-machines"]
    assert group.inputs["tags"]["karpenter.sh/discovery"] == "uae-aws"
    assert not {"ingress", "egress"} & set(group.inputs)
    [entry] = of_type(made, "SecurityGroupIngressRule")
    assert entry.inputs["referencedSecurityGroupId"] == entry.inputs["securityGroupId"]
    ways = {one.name.removeprefix("c-machines-to-"): one.inputs for one in of_type(made, "SecurityGroupEgressRule")}
    assert set(ways) == {"each-other", "network", "s3"}
    assert ways["network"]["cidrIpv4"] == "10.20.0.0/16"
    assert (ways["s3"]["prefixListId"], ways["s3"]["fromPort"], ways["s3"]["toPort"]) == ("pl-0123abcd", 443, 443)


def test_a_machines_role_joins_and_pulls_and_no_more(made: dict[str, Made]) -> None:
    policies = [one.inputs["policyArn"] for one in of_type(made, "RolePolicyAttachment") if one.parent == "c-machine"]
    assert sorted(policy.rsplit("/", 1)[-1] for policy in policies) == [
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSWorkerNodePolicy",
    ]


def test_daemons_come_with_it_pinned_and_the_network_add_on_enforces_policies(made: dict[str, Made]) -> None:
    addons = {one.inputs["addonName"]: one for one in of_type(made, "Addon")}
    assert set(addons) == {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}
    assert {one.inputs["addonVersion"] for one in addons.values()} == {"v1.2.3-eksbuild.1"}
    assert addons["vpc-cni"].document("configurationValues")["enableNetworkPolicy"] == "true"
    [identity] = addons["vpc-cni"].inputs["podIdentityAssociations"]
    assert (identity["serviceAccount"], identity["roleArn"].rsplit("/", 1)[-1]) == ("aws-node", "uae-aws-vpc-cni")
    assert "c-daemons-vpc-cni-identity-AmazonEKS_CNI_Policy" in addons["vpc-cni"].depends_on
    with pytest.raises(ValueError, match="vpc-cni"):
        replace(ARGS, addons={"kube-proxy": "v1", "eks-pod-identity-agent": "v1"})


def test_who_mounts_shared_files_may_do_just_that() -> None:
    def build() -> None:
        versions = {"aws-efs-csi-driver": "v1"}
        Addons("a", AddonsArgs(context=context(), cluster="uae-aws", cluster_arn="arn", versions=versions))

    made = deployed(build)
    [addon] = of_type(made, "Addon")
    roles = {
        one["serviceAccount"]: one["roleArn"].rsplit("/", 1)[-1] for one in addon.inputs["podIdentityAssociations"]
    }
    assert roles == {
        "efs-csi-controller-sa": "uae-aws-aws-efs-csi-driver",
        "efs-csi-node-sa": "uae-aws-aws-efs-csi-node",
    }
    rights = made["a-aws-efs-csi-node-identity-rights"].document("policy")
    mounted = {"elasticfilesystem:AccessedViaMountTarget": "true"}
    assert permits(rights, "elasticfilesystem:ClientWrite", "*", mounted)
    assert not permits(rights, "elasticfilesystem:ClientWrite", "*", {})
    assert not permits(rights, "elasticfilesystem:ClientRootAccess", "*", mounted)


def test_other_add_ons_wait_for_machines() -> None:
    def build() -> None:
        cluster = Cluster("c", ARGS)
        Addons(
            "a",
            AddonsArgs(
                context=context(),
                cluster=cluster.cluster.name,
                cluster_arn=str(cluster.cluster.arn),
                versions={"coredns": "v1", "aws-fsx-csi-driver": "v1"},
                after=[cluster],
            ),
        )

    made = deployed(build)
    assert "c-daemons-vpc-cni" in made["a-coredns"].depends_on
    may = made["a-aws-fsx-csi-driver-identity-rights"].document("policy")
    assert permits(may, "fsx:DescribeFileSystems")
    assert not permits(may, "fsx:DeleteFileSystem")


def test_outside_of_production_it_can_be_deleted() -> None:
    made = deployed(lambda: Cluster("c", replace(ARGS, context=context(prod=False))))
    [cluster], [log] = of_type(made, "aws:eks/cluster:Cluster"), of_type(made, "LogGroup")
    assert cluster.inputs["deletionProtection"] is False
    assert not log.protect
    assert log.inputs["skipDestroy"] is False


def test_the_kubernetes_provider_asks_for_a_token_and_holds_none() -> None:
    clusters: list[Cluster] = []

    def build() -> None:
        clusters.append(Cluster("c", ARGS))
        clusters[0].kubernetes("k")

    made = deployed(build)
    provider = made["k"].inputs
    config = json.loads(provider["kubeconfig"])
    [user] = config["users"]
    assert user["user"]["exec"]["args"][:4] == ["eks", "get-token", "--cluster-name", "uae-aws"]
    assert set(user["user"]) == {"exec"}
    assert config["clusters"][0]["cluster"]["server"] == known(clusters[0].cluster.endpoint)
    assert provider["clusterIdentifier"] == context().arn("eks", "cluster/uae-aws")
    assert str(provider["enableServerSideApply"]).lower() == "true"
    assert "c-admin-platform-admin-policy" in made["k"].depends_on
