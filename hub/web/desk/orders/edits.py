"""What people changed of an order, where the channel has changed its mind since, and the form to change more."""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.kept_edits import tell_kept
from hub.flows.orders.versions import read_versions
from hub.kit.ids import uuid7
from hub.kit.language import Language
from hub.kit.secrets import Vault
from hub.model.edits.editing import Edited
from hub.model.edits.words import in_words, label_of
from hub.model.errors import InputError
from hub.model.orders.fields import Field, of_lines, of_order
from hub.store import edits
from hub.store.db import Tx
from hub.store.edits import KeptEdit
from hub.store.order_fields import all_fields


class Conflict(Struct, frozen=True):
    """A field that a person and the channel both changed, in words; `shown` is theirs as the form sends it back."""

    field: str
    label: str
    ours: str
    theirs: str
    shown: str


class EditView(Struct, frozen=True):
    """`what` it did, for people."""

    edit: KeptEdit
    what: str


class EditsView(Struct, frozen=True):
    """`version` None: no key of this hub opens it. `command_id` makes a double click one edit.

    `fields` are the retailer's own, `line_fields` those of lines.
    """

    command_id: str
    version: Edited | None = None
    conflicts: list[Conflict] = []
    edits: list[EditView] = []
    fields: list[Field] = []
    line_fields: list[Field] = []


async def view_edits(tx: Tx, vault: Vault, order_id: UUID, language: Language) -> EditsView:
    found = await edits.edits_of(tx, order_id)
    try:
        fields = await all_fields(tx)
        version = replace((await read_versions(tx, vault, [order_id]))[order_id], fields=fields)
        others = await edits.others_of(tx, found)
        shown = [EditView(each, language.write(tell_kept(vault, each, version, others))) for each in found]
    except InputError:
        return EditsView("")
    conflicts = [
        Conflict(
            name, label_of(name, version), in_words(name, each.ours), in_words(name, each.theirs), each.theirs
        )
        for name, each in version.owners.items()
        if each.asks
    ]
    return EditsView(str(uuid7()), version, conflicts, shown, of_order(fields), of_lines(fields))
