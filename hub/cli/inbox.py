"""hub inbox: add raw messages exactly as a channel sends them, see the parked ones, try them again."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import click
from msgspec import Struct
from msgspec.structs import replace

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched, unread_key
from hub.channels.opening import OpenedChannel, channel_of, find_channel, open_channel
from hub.cli.files import Piece, read_files
from hub.cli.orders.settle import settle_all, summary
from hub.cli.output import (
    Cell,
    age,
    count_of,
    in_batches,
    json_option,
    print_json,
    print_table,
    progress,
    show_list,
    tone,
)
from hub.cli.replay import replay
from hub.cli.session import in_hub
from hub.flows.orders.arrive import arrive, arrive_unread
from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError
from hub.store import inbox as store
from hub.store.inbox import Letter

BATCH_MAX = 200
ROWS_MAX = 300
PARKED_MAX = 100_000
NOT_READ = "not read"
NEEDS_A_LOOK = {"parked", NOT_READ, "waiting"}
COLUMNS = ["Id", "Received", "Channel", "By", "Their order", "State", ">Order", "Reason"]


class Outcome(Struct, frozen=True):
    """What became of one message. `repeated`: it had been here before. `number` is our order's."""

    file: str
    channel_order_id: str
    state: str
    repeated: bool = False
    number: int | None = None
    reason: str = ""


class Added(Struct, frozen=True):
    """One piece as it is kept: its key in the inbox, or none where nothing could be kept."""

    piece: Piece
    key: str
    repeated: bool


@click.group()
def inbox() -> None:
    """Add raw messages, see the parked ones, try them again."""


@inbox.command()
@click.argument("channel")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@json_option
@in_hub
async def add(ctx: HubContext, channel: str, files: Sequence[str], *, as_json: bool) -> None:
    """Take raw payload files, exactly as the channel sends them: one order, a list, a page, a webhook; - reads stdin.

    Every message is kept before it is read. Adding a file again changes nothing.
    """
    opened = open_channel(ctx, await find_channel(ctx, channel))
    added = await _keep_all(ctx, opened, files)
    letters, touched = await settle_all(ctx, opened, [each.key for each in added if each.key])
    await ring_touched(ctx, touched)
    outcomes = [_outcome(each, letters) for each in added]
    if as_json:
        print_json({"items": outcomes})
    else:
        _print_outcomes(outcomes, len(files))
        if any(each.state == "parked" for each in outcomes):
            click.echo(
                f"Try the parked ones again, once the cause is fixed: hub inbox retry --channel {channel}"
            )
    if any(each.state == NOT_READ for each in outcomes):
        sys.exit(1)


@inbox.command("list")
@click.option("--parked", is_flag=True, help="Only those that wait for a person or a fix.")
@click.option("--channel", help="Only those of one channel.")
@click.option("--limit", default=100, show_default=True, help="How many at most.")
@json_option
@in_hub
async def list_inbox(
    ctx: HubContext, *, parked: bool, channel: str | None, limit: int, as_json: bool
) -> None:
    """List messages as they arrived, the newest first."""
    if channel is not None:
        await find_channel(ctx, channel)
    async with ctx.db.transaction() as tx:
        found = await store.latest(tx, channel=channel, parked=parked, limit=limit)
    empty = (
        "Nothing is parked."
        if parked
        else "The inbox is empty. Add files with: hub inbox add CHANNEL FILE…, or pull: hub channel pull CHANNEL"
    )
    show_list(found, as_json=as_json, columns=COLUMNS, row=_letter_row, empty=empty)
    if not as_json and any(each.state == "parked" for each in found):
        click.echo("\nTry one again with: hub inbox retry ID   ·   all of them: hub inbox retry --all")


@inbox.command()
@click.argument("ids", nargs=-1, metavar="[ID…]")
@click.option("--channel", help="All parked messages of one channel.")
@click.option("--all", "everything", is_flag=True, help="All parked messages.")
@json_option
@in_hub
async def retry(
    ctx: HubContext, ids: Sequence[str], *, channel: str | None, everything: bool, as_json: bool
) -> None:
    """Try parked messages again. ID is as `hub inbox list` shows it; where the cause is not fixed, it parks again."""
    if not (ids or channel or everything):
        msg = "say which messages: hub inbox retry ID…, --channel CHANNEL, or --all"
        raise InputError(msg)
    if channel is not None:
        await find_channel(ctx, channel)
    async with ctx.db.transaction() as tx:
        parked = await store.latest(tx, channel=channel, parked=True, limit=PARKED_MAX)
    chosen = [_named(each, parked) for each in ids] if ids else parked
    letters = await _retry(ctx, [each.id for each in chosen])
    show_list(letters, as_json=as_json, columns=COLUMNS, row=_letter_row, empty="Nothing is parked.")
    if letters and not as_json:
        click.echo("\n" + summary([each.state for each in letters]))


inbox.add_command(replay)


async def _keep_all(ctx: HubContext, opened: OpenedChannel, files: Sequence[str]) -> list[Added]:
    added: list[Added] = []
    seen: set[str] = set()
    with progress("reading", len(files)) as advance:

        def one_by_one() -> Iterator[str]:
            for file in files:
                yield file
                advance(1)

        for batch in in_batches(read_files(opened.connector, one_by_one()), BATCH_MAX):
            added += await _keep(ctx, opened, batch, seen)
    return added


async def _keep(
    ctx: HubContext, opened: OpenedChannel, batch: Sequence[Piece], seen: set[str]
) -> list[Added]:
    """Store a batch of pieces, commit, and say which had been here before."""
    keys = [_key(each) for each in batch]
    at = now()
    async with ctx.db.transaction() as tx:
        before = await store.letters_by_key(tx, opened.row.id, keys)
        messages = [each.message for each in batch if each.message]
        await arrive(tx, ctx.vault, opened.row.id, messages, source="file", at=at)
        for key, each in zip(keys, batch, strict=True):
            if each.unread is not None:
                await arrive_unread(
                    tx,
                    ctx.vault,
                    opened.row.id,
                    each.unread,
                    key=key,
                    reason=each.reason,
                    source="file",
                    at=at,
                )
    seen |= before.keys()
    added = []
    for key, each in zip(keys, batch, strict=True):
        added.append(Added(replace(each, unread=None), key, key in seen))
        seen.add(key)
    return added


def _key(piece: Piece) -> str:
    if piece.message is not None:
        return piece.message.delivery_key
    return unread_key(piece.unread) if piece.unread is not None else ""


def _outcome(added: Added, letters: Mapping[str, Letter]) -> Outcome:
    file, letter = added.piece.file, letters.get(added.key)
    if letter is None:
        state = NOT_READ if added.piece.reason else "nothing"
        return Outcome(file, "", state, reason=added.piece.reason or "no order in it, and no news of one")
    return Outcome(
        file, letter.channel_order_id, letter.state, added.repeated, letter.number, _reason(letter)
    )


def _reason(letter: Letter) -> str:
    """What is ignored is named by the channel's own word for it."""
    return f"{letter.topic}: {letter.reason}" if letter.state == "ignored" else letter.reason


def _print_outcomes(outcomes: Sequence[Outcome], file_count: int) -> None:
    shown = (
        [each for each in outcomes if each.state in NEEDS_A_LOOK] if len(outcomes) > ROWS_MAX else outcomes
    )
    if shown:
        print_table(["File", "Their order", "State", ">Order", "Reason"], map(_outcome_row, shown))
        click.echo()
    if len(shown) < len(outcomes):
        click.echo(f"{len(outcomes) - len(shown)} that went well are not listed; --json lists all")
    click.echo(f"{count_of(file_count, 'file')}, {summary([_state(each) for each in outcomes])}")
    if all(each.repeated for each in outcomes):
        click.echo("Nothing changed: all of it was here before.")


def _outcome_row(each: Outcome) -> list[Cell]:
    state = tone(each.state)
    if each.repeated:
        state.append(" before")
    return [each.file, each.channel_order_id, state, each.number, each.reason]


def _state(each: Outcome) -> str:
    return f"{each.state} before" if each.repeated else each.state


def _letter_row(each: Letter) -> list[Cell]:
    return [
        short(each.id),
        age(each.received_at, now()),
        each.channel,
        each.source,
        each.channel_order_id,
        tone(each.state),
        each.number,
        _reason(each),
    ]


def short(message_id: UUID) -> str:
    """The random end of an id: enough to tell messages apart on a screen."""
    return message_id.hex[-10:]


def _named(word: str, parked: Sequence[Letter]) -> Letter:
    """Find the one parked message whose id is, or ends in, what a person typed."""
    ending = word.replace("-", "").lower()
    found = [each for each in parked if each.id.hex.endswith(ending)] if ending else []
    if len(found) == 1:
        return found[0]
    if found:
        msg = f"{word} fits {len(found)} parked messages: type more of its end"
        raise InputError(msg, field="id")
    msg = f"no parked message has the id {word}: see hub inbox list --parked"
    raise NotFoundError(msg)


async def _retry(ctx: HubContext, ids: Sequence[UUID]) -> list[Letter]:
    async with ctx.db.transaction() as tx:
        channel_ids = sorted(set(await store.retry_parked(tx, ids=ids)))
        keys = [each.delivery_key for each in await store.letters_by_id(tx, ids)]
    for channel_id in channel_ids:
        opened = await channel_of(ctx, channel_id)
        if opened is not None:
            _, touched = await settle_all(ctx, opened, keys)
            await ring_touched(ctx, touched)
    async with ctx.db.transaction() as tx:
        return await store.letters_by_id(tx, ids)
