"""The parts of a region that hold data and carry traffic, by `$FALAJ_TEST_REGION` (JSON)."""

import json
import os

import pulumi
import pulumi_aws as aws

from components.aws.backup import Backup, BackupArgs
from components.aws.data_stores import DataStores, DataStoresArgs
from components.aws.file_store import FileStore, FileStoreArgs
from components.aws.keys import Keys, KeysArgs
from components.aws.network import Network, NetworkArgs
from components.aws.registry import Registry, RegistryArgs
from tests.components.aws import rig

wanted = json.loads(os.environ["FALAJ_TEST_REGION"])
context = rig.context(prod=wanted["prod"], zones=wanted["zones"])
provider = aws.Provider("aws", region=context.region, allowed_account_ids=[context.account])


class Region(pulumi.ComponentResource):
    def __init__(self) -> None:
        super().__init__("falaj:aws:Region", "region", {}, pulumi.ResourceOptions(providers=[provider]))
        self.child = pulumi.ResourceOptions(parent=self)
        keys = Keys("keys", KeysArgs(context=context, rotation_days=365, deletion_days=30), self.child).keys
        network = NetworkArgs(
            context=context, cidr="10.20.0.0/16", ipv6=True, nat=wanted["nat"], flow_log_days=400, log_key=keys["audit"]
        )
        self.network = Network("network", network, self.child).network
        stores = DataStoresArgs(
            context=context,
            key=keys["storage"],
            audit_key=keys["audit"],
            lock_days=400,
            noncurrent_days=90,
            log_days=400,
        )
        DataStores("stores", stores, self.child)
        registry = RegistryArgs(
            context=context, key=keys["registry"], repositories=["ray"], keep_images=50, continuous_scan=True
        )
        Registry("registry", registry, self.child)
        machines = self.machines()
        for kind in ("efs", "lustre"):
            files = FileStoreArgs(
                context=context,
                kind=kind,
                network=self.network,
                key=keys["files"],
                clients=machines.id,
                restore_tested=wanted["restore_tested"],
            )
            FileStore(kind, files, self.child)
        backup = BackupArgs(
            context=context,
            key=keys["backup"],
            schedule="cron(0 22 * * ? *)",
            keep_days=35,
            lock_days=30,
            test_schedule=wanted["test_schedule"],
        )
        Backup("backup", backup, self.child)
        self.register_outputs({})

    def machines(self) -> aws.ec2.SecurityGroup:
        """A group of machines, and one of them."""
        tags = context.tagged("machines")
        group = aws.ec2.SecurityGroup(
            "machines", vpc_id=self.network.id, ingress=[], egress=[], tags=tags, opts=self.child
        )
        subnet = self.network.private[context.zones[0]]
        aws.ec2.NetworkInterface("machine", subnet_id=subnet, security_groups=[group.id], tags=tags, opts=self.child)
        return group


Region()
