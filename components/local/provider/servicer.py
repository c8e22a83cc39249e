"""The provider plugin's gRPC service: the engine's verbs, handed to the resource's Kind."""

import errno
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer
from pydantic import ValidationError

from components.local.provider.wire import UNKNOWN, Properties, known, to_python, to_struct
from components.local.resource import Kind
from infra.errors import FalajError

AnyKind = Kind[Any]
T = TypeVar("T")
Context = grpc.ServicerContext
VERSION = "0.1.0"


class Servicer(ResourceProviderServicer):
    """Serves the given kinds; refuses every other type by name."""

    def __init__(self, kinds: Sequence[AnyKind]) -> None:
        self.kinds = {kind.type_name: kind for kind in kinds}

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=VERSION)

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: provider_pb2.ConfigureRequest, context: Context) -> provider_pb2.ConfigureResponse:
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        kind = self._kind(request.urn, context)
        news = to_python(request.news)
        failures = _violations(kind, news)
        if not failures and UNKNOWN not in news.values():
            try:
                kind.check(kind.schema.model_validate(news))
            except FalajError as error:
                failures = [("", str(error))]
        return provider_pb2.CheckResponse(
            inputs=request.news,
            failures=[provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in failures],
        )

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        kind = self._kind(request.urn, context)
        old, new = to_python(request.old_inputs), to_python(request.news)
        changed = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        replaced = sorted(changed.intersection(kind.replaced_by))
        drifted: set[str] = set()
        if not changed:
            inputs = kind.schema.model_validate(new)
            drifted = _guarded(lambda: kind.drift(inputs, to_python(request.olds)), context)
        some = provider_pb2.DiffResponse.DIFF_SOME if changed or drifted else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some,
            replaces=replaced,
            diffs=sorted(changed | drifted),
            deleteBeforeReplace=bool(replaced),
            hasDetailedDiff=True,
            detailedDiff={
                name: provider_pb2.PropertyDiff(
                    kind=provider_pb2.PropertyDiff.UPDATE_REPLACE
                    if name in replaced
                    else provider_pb2.PropertyDiff.UPDATE,
                    inputDiff=name in changed,
                )
                for name in changed | drifted
            },
        )

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        kind, properties = self._kind(request.urn, context), to_python(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_planned(kind, properties))
        inputs = kind.schema.model_validate(properties)
        id_, outputs = _guarded(lambda: kind.create(inputs), context)
        return provider_pb2.CreateResponse(id=id_, properties=to_struct({**properties, **outputs}))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        kind, properties = self._kind(request.urn, context), to_python(request.inputs)
        inputs = _stored(kind, properties)
        outputs = _guarded(lambda: kind.read(inputs, to_python(request.properties)), context)
        if outputs is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=request.id, inputs=request.inputs, properties=to_struct({**properties, **outputs})
        )

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        kind, news = self._kind(request.urn, context), to_python(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=_planned(kind, news))
        old = _stored(kind, to_python(request.old_inputs))
        new = kind.schema.model_validate(news)
        outputs = _guarded(lambda: kind.update(old, new), context)
        return provider_pb2.UpdateResponse(properties=to_struct({**news, **outputs}))

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:
        kind = self._kind(request.urn, context)
        inputs = _stored(kind, to_python(request.old_inputs))
        _guarded(lambda: kind.delete(inputs), context)
        return empty_pb2.Empty()

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def _kind(self, urn: str, context: Context) -> AnyKind:
        token = urn.split("::")[2].split("$")[-1]
        if token not in self.kinds:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{token} is not a resource of the local target")
        return self.kinds[token]


def _violations(kind: AnyKind, news: Properties) -> list[tuple[str, str]]:
    """(property, reason) for each input that is misspelt, missing, of the wrong type or out of range.

    Of a text the kind is told and not the value: the engine sends secrets unmarked.
    """
    try:
        kind.schema.model_validate(known(news))
    except ValidationError as error:
        hidden = news.keys() - known(news).keys()
        return [
            (".".join(map(str, problem["loc"])), f"{problem['msg']} (got {_shown(problem['input'])})")
            for problem in error.errors(include_url=False)
            if problem["loc"] and problem["loc"][0] not in hidden
        ]
    return []


def _shown(value: Any) -> str:
    return repr(value) if value is None or isinstance(value, (bool, int, float)) else f"a {type(value).__name__}"


def _stored(kind: AnyKind, properties: Properties) -> Any:
    """Inputs from a state, which an older version may have written: what is no longer an input is passed over."""
    return kind.schema.model_validate(
        {name: properties[name] for name in kind.schema.model_fields if name in properties}
    )


def _planned(kind: AnyKind, inputs: Properties) -> struct_pb2.Struct:
    """What a preview can say: the inputs as given, the outputs unknown."""
    return to_struct({**inputs, **dict.fromkeys(kind.outputs, UNKNOWN)})


def _guarded(verb: Callable[[], T], context: Context) -> T:
    """Run a verb; its FalajError becomes the one line the engine shows."""
    try:
        return verb()
    except FalajError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        raise
    except OSError as error:
        code = "RUN-004" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "RUN-008"
        problem = FalajError(code, str(error.filename or "a file"), str(error.strerror or error))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(problem))
        raise
