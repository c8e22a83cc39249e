"""What runs in the cluster for all its tenants. Reads like a table of contents."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.kubernetes.certificates import Certificates, CertificatesArgs
from components.kubernetes.context import Context
from components.kubernetes.signatures import Signatures, SignaturesArgs


@dataclass(frozen=True, kw_only=True)
class PlatformArgs:
    context: Context
    signers: Sequence[str]
    """Public keys (PEM) of those whose signatures of images count; empty for no look at signatures."""
    registries: Sequence[str]
    """What the addresses of images begin with."""
    after: Sequence[pulumi.Resource] = ()
    """Machines that the platform's servers run on."""


class Platform(pulumi.ComponentResource):
    """The platform layer."""

    def __init__(self, name: str, args: PlatformArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Platform", name, {}, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self._args = args
        after = self._signatures()
        Certificates("certificates", CertificatesArgs(context=args.context, after=after), self._child)
        self.register_outputs({})

    def _signatures(self) -> Sequence[pulumi.Resource]:
        """Before any other pod is made."""
        args = self._args
        if not args.signers:
            return args.after
        made = SignaturesArgs(context=args.context, signers=args.signers, registries=args.registries, after=args.after)
        return [*args.after, *Signatures("signatures", made, self._child).ready]
