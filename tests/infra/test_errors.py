import pickle
import re

from infra.docs import AREAS
from infra.errors import CATALOGUE, Exit, FalajError
from infra.home import PROJECT

SOURCES = [PROJECT / "tools" / "bootstrap"] + [
    file
    for folder in ("infra", "components", "policies", "workloads", "tools")
    for file in (PROJECT / folder).rglob("*.py")
]


def test_every_code_in_the_source_is_in_the_catalogue_and_the_other_way_round() -> None:
    pattern = re.compile(rf'"(?:FALAJ-)?((?:{"|".join(AREAS)})-\d{{3}})\b')
    used = {code for file in SOURCES if file.name != "errors.py" for code in pattern.findall(file.read_text())}
    assert used - CATALOGUE.keys() == set()
    assert CATALOGUE.keys() - used == set()


def test_every_row_says_cause_and_fix_in_sentences() -> None:
    for code, entry in CATALOGUE.items():
        assert re.fullmatch(rf"({'|'.join(AREAS)})-\d{{3}}", code)
        assert entry.exit is not Exit.OK
        for sentence in (entry.cause, entry.fix):
            assert sentence.endswith("."), (code, sentence)


def test_an_error_survives_another_process() -> None:
    error = FalajError("LOC-001", "falaj:ray.port", "port 6379 is taken by redis (pid 7)", "Stop redis.")
    assert str(FalajError.from_dict(error.as_dict())) == str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - as Ray hands it over
    text = f"error: rpc error: {error}\nmore"
    found = FalajError.from_text(text)
    assert found is not None
    assert str(found) == str(error)
    assert found.entry.exit is Exit.BUSY
    assert FalajError.from_text("error: nothing of ours") is None
