"""The catalogs of `hub/kit/languages`, held to what the code says: `python -m tests.docs.languages` updates them.

New sentences are added empty, for a translator to fill; what the code says no more is taken out.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from hub.kit.language import FOLDER

EMPTY_HEADS = re.compile(
    r'^"(Project-Id|Report-Msgid|POT-Creation|PO-Revision|Last-Translator|Language-Team|Generated-By).*\n',
    re.MULTILINE,
)
ROOT = Path(__file__).parent.parent.parent
KEYWORDS = {"said": None, "counted": (2, 3), "word": ((1, "c"), 2), "_": None}


def template() -> Catalog:
    """Every text that the code says, with the files that say it."""
    catalog = Catalog(charset="utf-8")
    for path in sources():
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        for _, text, _, context in extract_from_file(method, path, KEYWORDS):
            catalog.add(text, locations=[(str(path.relative_to(ROOT)), 1)], context=context)
    return catalog


def sources() -> Iterator[Path]:
    yield from sorted((ROOT / "hub/model/telling").glob("*.py"))
    yield from sorted((ROOT / "hub/web/templates").glob("*.html"))


def catalogs() -> dict[str, Catalog]:
    return {path.stem: read(path) for path in sorted(FOLDER.glob("*.po"))}


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem.replace("-", "_"))


def main() -> None:
    for tag, catalog in catalogs().items():
        catalog.update(template(), no_fuzzy_matching=True)
        written = BytesIO()
        write_po(written, catalog, width=110, ignore_obsolete=True, include_lineno=False, sort_by_file=True)
        (FOLDER / f"{tag}.po").write_text(EMPTY_HEADS.sub("", written.getvalue().decode()))


if __name__ == "__main__":
    main()
