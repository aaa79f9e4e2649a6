"""Stock targets → batches, and the batch answers → outcomes. Pure.

Simple products go into one batch; the variations of a product have a batch of their own, since /products/batch
refuses them ("To manipulate product variations you should use the ... endpoint").
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from connectors.woocommerce.api import reason
from connectors.woocommerce.wire import StockBatch, StockItem, WireBatchItem, WireBatchReply, WireProduct
from hub.spec import Outcome, OutcomeState, StockTarget

BATCH_MAX = 100  # items per batch call; more answer 413
GONE = 404  # the product whose variations were asked for is deleted


class Ref(Struct, frozen=True, order=True):
    """A listing id taken apart: `id` is a variation of the product `parent`, or, with 0, a simple product."""

    parent: int
    id: int

    @property
    def path(self) -> str:
        """The collection that holds it."""
        return f"/products/{self.parent}/variations" if self.parent else "/products"


class Read(Struct, frozen=True):
    """One call that reads levels: the collection, its product (0 for simple ones) and the query."""

    parent: int
    path: str
    query: dict[str, str]


class Batch(Struct, frozen=True):
    """Targets of one call, by WooCommerce's id; each stands for all targets of its listing."""

    path: str
    targets: dict[int, StockTarget]

    @property
    def payload(self) -> StockBatch:
        return StockBatch([StockItem(number, target.quantity) for number, target in self.targets.items()])


def ref_of(listing_id: str) -> Ref | None:
    """Read "11" or "11/15"; None for what is no listing id of this connector."""
    first, slash, second = listing_id.partition("/")
    if not _is_id(first) or (slash and not _is_id(second)):
        return None
    return Ref(int(first), int(second)) if slash else Ref(0, int(first))


def batches_of(targets: Sequence[StockTarget]) -> list[Batch]:
    """Group by collection, at most 100 each. Of two targets for one listing the higher version is sent."""
    batches: list[Batch] = []
    for path, wanted in sorted(_by_path(targets).items()):
        items = list(wanted.items())
        parts = (items[start : start + BATCH_MAX] for start in range(0, len(items), BATCH_MAX))
        batches.extend(Batch(path, dict(part)) for part in parts)
    return batches


def outcomes_of(batch: Batch, reply: WireBatchReply) -> list[Outcome]:
    """Judge each item; one the answer does not mention is unknown."""
    answers = {item.id: item for item in reply.update}
    return [_outcome(target, answers.get(number)) for number, target in batch.targets.items()]


def all_of(batch: Batch, state: OutcomeState, why: str) -> list[Outcome]:
    """Give every target of the batch the same outcome."""
    return [Outcome(target.channel_listing_id, state, why) for target in batch.targets.values()]


def per_target(targets: Sequence[StockTarget], outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return one outcome per target, in their order; what was never sent says so."""
    known = {outcome.channel_listing_id: outcome for outcome in outcomes}
    return [known.get(target.channel_listing_id) or _unsent(target) for target in targets]


def unanswered(outcomes: Sequence[Outcome]) -> bool:
    """Say whether a whole batch is unknown: the shop is in trouble, the next batch would wait in vain."""
    return all(outcome.state is OutcomeState.UNKNOWN for outcome in outcomes)


def reads_of(listing_ids: Iterable[str]) -> Iterator[Read]:
    """Group by collection, at most 100 ids each."""
    refs = sorted({ref for ref in map(ref_of, listing_ids) if ref})
    for parent, group in groupby(refs, key=lambda ref: ref.parent):
        ids = [ref.id for ref in group]
        path = Ref(parent, 0).path
        for start in range(0, len(ids), BATCH_MAX):
            include = ",".join(map(str, ids[start : start + BATCH_MAX]))
            yield Read(parent, path, {"include": include, "per_page": str(BATCH_MAX)})


def levels_of(parent: int, products: Iterable[WireProduct]) -> Iterator[tuple[str, int]]:
    """Return (listing id, units shown) for whatever counts its stock."""
    for product in products:
        if product.manage_stock and product.stock_quantity is not None:
            listing_id = f"{parent}/{product.id}" if parent else str(product.id)
            yield listing_id, product.stock_quantity


def _by_path(targets: Sequence[StockTarget]) -> dict[str, dict[int, StockTarget]]:
    wanted: dict[str, dict[int, StockTarget]] = {}
    for target in sorted(targets, key=lambda target: target.version):
        ref = ref_of(target.channel_listing_id)
        if ref:
            wanted.setdefault(ref.path, {})[ref.id] = target
    return wanted


def _outcome(target: StockTarget, answer: WireBatchItem | None) -> Outcome:
    listing_id = target.channel_listing_id
    if answer is None:
        return Outcome(listing_id, OutcomeState.UNKNOWN, "WooCommerce's answer does not mention it")
    if answer.error:
        return Outcome(listing_id, OutcomeState.REJECTED, reason(answer.error) or "refused without a reason")
    if answer.manage_stock is not True:
        why = "WooCommerce does not count the stock of this product: allow stock management in its settings"
        return Outcome(listing_id, OutcomeState.REJECTED, why)
    return Outcome(listing_id, OutcomeState.APPLIED)


def _unsent(target: StockTarget) -> Outcome:
    if ref_of(target.channel_listing_id):
        why = "not sent: the shop stopped answering before it"
        return Outcome(target.channel_listing_id, OutcomeState.UNKNOWN, why)
    why = (
        f"{target.channel_listing_id!r} is no WooCommerce listing: match it to product 11 or variation 11/15"
    )
    return Outcome(target.channel_listing_id, OutcomeState.REJECTED, why)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and not text.startswith("0")
