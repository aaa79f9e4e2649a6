"""The reference says what the code says: every command, setting, hook, capability and error, with its signature."""

from tests.docs.reference import FOLDER, PAGES


def test_every_page_of_the_reference_is_made_of_the_code_as_it_is():
    """After a change that is meant: python -m tests.docs.reference."""
    assert [name for name, page in PAGES.items() if (FOLDER / name).read_text() != page()] == []


def test_nothing_else_stands_among_the_pages_of_the_reference():
    assert {each.name for each in FOLDER.iterdir()} == set(PAGES)
