"""The gRPC service that stands in for a cloud's provider: strict about inputs, in touch with nothing."""

# ruff: noqa: N802  the methods' names are the protocol's

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer

from components.local.provider.wire import to_python
from infra.plan import names
from infra.plan.check import Problem, problems
from infra.plan.definitions import Definitions
from infra.plan.difference import Difference, bare, differences
from infra.plan.facts import unsold
from infra.plan.schema import PACKAGES, documents
from policies.gate.redact import from_engine, plain

Context = grpc.ServicerContext


class Servicer(ResourceProviderServicer):
    """Serves every type of one of the installed SDKs, and says that it has the SDK's version."""

    def __init__(self, package: str, *, catalogue: bool = True) -> None:
        self.version = version(PACKAGES[package])
        self.catalogue = catalogue
        self.regions: set[str] = set()
        """Where the providers of this plan are, as far as that is known."""
        self.definitions = Definitions()
        """What this plan defines of Kubernetes' custom resources."""

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self.version)

    def GetSchema(self, request: provider_pb2.GetSchemaRequest, context: Context) -> provider_pb2.GetSchemaResponse:
        return provider_pb2.GetSchemaResponse(schema="{}")

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        return self._checked(request)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: provider_pb2.ConfigureRequest, context: Context) -> provider_pb2.ConfigureResponse:
        if isinstance(region := plain(request.args).get("region"), str) and region != names.UNKNOWN:
            self.regions.add(region)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        return self._checked(request)

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        token, old, new = token_of(request.urn), plain(request.old_inputs), plain(request.news)
        found = self.differences(request)
        replaced = sorted({one.top for one in found if one.replaces})
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
            replaces=replaced,
            diffs=sorted({one.top for one in found}),
            deleteBeforeReplace=bool(replaced) and names.collides(token, request.urn, bare(old), bare(new)),
            hasDetailedDiff=True,
            detailedDiff={one.path: _in_detail(one) for one in found},
        )

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        token, inputs = token_of(request.urn), request.properties
        if request.preview:
            return provider_pb2.CreateResponse(properties=_with(inputs, names.planned(token, inputs.fields)))
        id_, outputs = names.created(token, request.urn, plain(inputs))
        return provider_pb2.CreateResponse(id=id_, properties=_with(inputs, outputs))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        return provider_pb2.ReadResponse(id=request.id, inputs=request.inputs, properties=request.properties)

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        former = request.olds.fields.keys() - request.old_inputs.fields.keys()
        kept = {name: value for name, value in plain(request.olds).items() if name in former}
        return provider_pb2.UpdateResponse(properties=_with(request.news, kept))

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:
        self._refuse(request.tok, context)
        return provider_pb2.InvokeResponse()

    def Call(self, request: provider_pb2.CallRequest, context: Context) -> provider_pb2.CallResponse:
        self._refuse(request.tok, context)
        return provider_pb2.CallResponse()

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def differences(self, request: provider_pb2.DiffRequest) -> list[Difference]:
        """What an update would change."""
        old, new = plain(request.old_inputs), plain(request.news)
        return differences(token_of(request.urn), old, new, request.ignoreChanges)

    def problems(self, token: str, given: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with a resource's inputs, as the gate's document has them."""
        found = [*problems(token, given), *self.definitions.problems(token, given)]
        return [*found, *unsold(token, given, self.regions)] if self.catalogue else found

    def _checked(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        token = token_of(request.urn)
        failures = self.problems(token, from_engine(request.news))
        inputs = request.news if failures else _named(token, request)
        for name in () if failures else documents(token) & inputs.fields.keys():
            if inputs.fields[name].WhichOneof("kind") == "struct_value":
                inputs[name] = _text(inputs.fields[name].struct_value)
        return provider_pb2.CheckResponse(
            inputs=inputs,
            failures=[provider_pb2.CheckFailure(property=one.place, reason=one.reason) for one in failures],
        )

    def _refuse(self, token: str, context: Context) -> None:
        context.abort(
            grpc.StatusCode.FAILED_PRECONDITION,
            f"{token}: nothing is looked up in a cloud while planning; give the value in the stack file",
        )


def _named(token: str, request: provider_pb2.CheckRequest) -> struct_pb2.Struct:
    """The inputs with a name: the program's, else the one it has had, else a new one."""
    path = names.name_property(token).split(".")
    fields, former = request.news, request.olds
    if not path[0] or f"{path[-1]}Prefix" in fields.fields:
        return request.news
    for name in path[:-1]:
        if name in fields.fields and fields.fields[name].WhichOneof("kind") != "struct_value":
            return request.news  # not known yet
        fields, former = fields.get_or_create_struct(name), former.get_or_create_struct(name)
    if path[-1] not in fields.fields and "generateName" not in fields.fields:
        held = former.fields[path[-1]].string_value if path[-1] in former.fields else ""
        fields[path[-1]] = held or names.auto_name(request.urn)
    return request.news


def _text(document: struct_pb2.Struct) -> str:
    """A document as the text that it is for the cloud: not known while any of it is not."""
    if "$unknown" in json.dumps(from_engine(document)):
        return names.UNKNOWN
    return json.dumps(to_python(document), sort_keys=True, separators=(",", ":"))


def token_of(urn: str) -> str:
    """The resource type that a URN names."""
    return urn.split("::", 3)[2].rsplit("$", 1)[-1]


def _with(inputs: struct_pb2.Struct, outputs: Mapping[str, Any]) -> struct_pb2.Struct:
    properties = struct_pb2.Struct()
    properties.CopyFrom(inputs)
    properties.update(outputs)
    return properties


def _in_detail(one: Difference) -> provider_pb2.PropertyDiff:
    kind = provider_pb2.PropertyDiff.Kind.Value(one.kind.upper() + ("_REPLACE" if one.replaces else ""))
    return provider_pb2.PropertyDiff(kind=kind, inputDiff=True)
