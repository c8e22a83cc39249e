"""Whether IAM would let a request through, by the documents given: an allowing statement and no denying one."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any


def permits(document: Mapping[str, Any], action: str, resource: str = "*", *keys: Mapping[str, str]) -> bool:
    """`keys` are the request's condition keys."""
    given = {name.lower(): value for some in keys for name, value in some.items()}
    effects = {
        statement["Effect"]
        for statement in document["Statement"]
        if _about(statement, action, resource) and _met(statement.get("Condition", {}), given)
    }
    return effects == {"Allow"}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _about(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    if "NotAction" in statement:
        meant = not _any(action.lower(), statement["NotAction"], lower=True)
    else:
        meant = _any(action.lower(), statement["Action"], lower=True)
    return meant and _any(resource, statement.get("Resource", "*"))


def _any(text: str, patterns: Any, *, lower: bool = False) -> bool:
    return any(fnmatchcase(text, pattern.lower() if lower else pattern) for pattern in _listed(patterns))


def _met(condition: Mapping[str, Mapping[str, Any]], given: Mapping[str, str]) -> bool:
    return all(_holds(*test, given) for test in _tests(condition))


def _tests(condition: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, str, list[str]]]:
    return (
        (operator, name.lower(), list(map(str, _listed(values))))
        for operator, tests in condition.items()
        for name, values in tests.items()
    )


def _holds(operator: str, name: str, values: list[str], given: Mapping[str, str]) -> bool:
    if name not in given:
        return "IfExists" in operator or "ForAllValues" in operator or "Not" in operator
    if "Not" in operator:
        return given[name] not in values
    return any(fnmatchcase(given[name], value) if "Like" in operator else given[name] == value for value in values)
