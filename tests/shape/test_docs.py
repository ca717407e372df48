import pytest

from scripts import docs


@pytest.mark.parametrize("name", sorted(docs.PAGES))
def test_a_page_written_from_the_code_is_true(name: str) -> None:
    file = docs.DOCS / name

    assert file.read_text("utf-8") == docs.written(file, docs.PAGES[name]()), "run `make docs`"
