"""What an edit did: the fields that it changed, or the units that it moved from one order to another. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from hub.model.edits.editing import Edited
from hub.model.edits.owners import LINE, read_line
from hub.model.edits.splitting import BORN, MERGE, SPLIT
from hub.model.edits.words import label_of
from hub.model.telling.facts import fill
from hub.model.telling.sayings import Place, Saying, Sentence, said

_MOVED: Mapping[str, Saying] = {
    SPLIT: said("{goods} split off to {order}"),
    BORN: said("Split off order {order}"),
    MERGE: said("Merged with {order}"),
}
_INTO = said("Merged into order {order}")
_GOODS = said("{units} × {name}")


def tell_edit(
    kind: str, others: Sequence[int], fields: Mapping[str, tuple[str, str]], version: Edited
) -> Place:
    """`others` are the orders that it moved units from or to; `fields` are by name, before and after."""
    if others:
        return fill(_MOVED.get(kind, _INTO), {"order": others, "goods": [*_gone(fields)]})
    named = "; ".join(label_of(name, version) for name in fields) or kind
    return named[:1].upper() + named[1:]


def _gone(fields: Mapping[str, tuple[str, str]]) -> Iterator[Sentence]:
    """What a split took of each line."""
    for name, (before, after) in fields.items():
        was, now = (read_line(text) if name.startswith(LINE) else None for text in (before, after))
        if was is not None and (units := was.quantity - (now.quantity if now else 0)) > 0:
            yield fill(_GOODS, {"units": units, "name": was.title})
