"""Edits as they are kept: the text of each field before and after, sealed; and what of them is undone together."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.record_edits import Work
from hub.kit.secrets import Vault
from hub.model.edits.editing import Edited, all_fields
from hub.model.edits.owners import AMOUNTS, NOTHING, same
from hub.model.edits.splitting import BORN, MERGE, SPLIT
from hub.model.telling.edits import tell_edit
from hub.model.telling.sayings import Place
from hub.store.edits import KeptEdit, NewEdit
from hub.store.holds import NONE_JOINED, Joined

_NO_MONEY = dict.fromkeys(AMOUNTS - {"collected"}, '"0"')
"""On record of every order that was split or merged before money could move."""


class Field(Struct, frozen=True):
    """What a field was and became. `owned`: it was a person's before."""

    before: str
    after: str
    owned: bool = False


class Kept(Struct, frozen=True):
    """An edit as it is sealed: its fields. `born` is all of an order that begins with it.

    Of a split or a merge, `still` is what has to stand as it does until it is undone, `gained` the holds that the order
    took over, and `joined` those of its own that say what others said as well.
    """

    fields: dict[str, Field]
    born: dict[str, str] = {}
    still: dict[str, str] = {}
    gained: Sequence[str] = ()
    joined: Joined = {}


def moves_units(edit: KeptEdit) -> bool:
    """Whether it moved units from one order to another."""
    return edit.together != edit.id or edit.kind in {SPLIT, MERGE}


def open_edit(vault: Vault, edit: KeptEdit) -> Kept:
    """Of one from before money could move, there was none. Raises InputError where no key of this hub opens it."""
    kept = msgspec.json.decode(vault.open(edit.sealed, edit.id.bytes), type=Kept)
    if kept.born:
        return replace(kept, born=_NO_MONEY | kept.born)
    return replace(kept, still=kept.still or _NO_MONEY) if edit.kind in {SPLIT, MERGE} else kept


def tell_kept(vault: Vault, edit: KeptEdit, version: Edited, others: Mapping[UUID, Sequence[int]]) -> Place:
    """What it did, for people; `others` as `edits.others_of` finds them."""
    fields = {name: (each.before, each.after) for name, each in open_edit(vault, edit).fields.items()}
    return tell_edit(edit.kind, others.get(edit.id, ()), fields, version)


def kept_edit(
    vault: Vault,
    work: Work,
    edit_id: UUID,
    *,
    kind: str = "",
    reason: str = "",
    together: UUID | None = None,
    gained: Sequence[str] = (),
    joined: Joined = NONE_JOINED,
) -> NewEdit:
    """What an edit changes, sealed; `together` with others it is undone as one. What was born is canceled then."""
    was, now = all_fields(work.before), all_fields(work.after)
    fields = {
        name: Field(was.get(name, NOTHING), now.get(name, NOTHING), name in work.before.owners)
        for name in sorted({*was, *now})
        if not same(name, was.get(name, NOTHING), now.get(name, NOTHING))
    }
    born = {}
    if kind == BORN:
        money = {name: each for name, each in fields.items() if name in AMOUNTS}
        fields, born = {"canceled": Field("true", "false"), **money}, now
    still = {name: now[name] for name in AMOUNTS} if kind in {SPLIT, MERGE} else {}
    sealed = vault.seal(msgspec.json.encode(Kept(fields, born, still, gained, joined)), edit_id.bytes)
    return NewEdit(edit_id, work.held.id, kind, reason.strip(), sealed, together or edit_id)
