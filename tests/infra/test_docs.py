from infra.docs import pages
from infra.home import PROJECT


def test_generated_pages_are_current() -> None:
    for name, text in pages().items():
        assert (PROJECT / "docs" / name).read_text() == text, f"docs/{name} is out of date: run `make docs`"
