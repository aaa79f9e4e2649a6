"""Orders by page: nothing is skipped, whatever moves between two calls, and a scan ends."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from hub.model.incoming import IncomingOrder
from hub.sim.certify import flaws
from hub.sim.certify.flaws import must
from hub.sim.certify.judge import newest
from hub.sim.certify.road import Trouble
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Scanned, Shop
from hub.sim.certify.stage import Stage, sku_of
from hub.spec import Capability, RetryLaterError

COUNTS = {
    "none": 0,
    "one": 1,
    "one-short-of-a-page": 4,
    "exactly-a-page": 5,
    "one-more": 6,
    "two-pages": 10,
    "many": 18,
}
SIZES = (1, 2, 3, 7)
APART_S = 600.0  # so far that no overlap of the next scan covers what this one left out


def scenarios() -> list[Scenario]:
    return [
        *(
            _made(f"count-{name}", "every order comes, and the scan ends", partial(count, n=n))
            for name, n in COUNTS.items()
        ),
        *(_made(f"pages-of-{n}", "the size of a page changes nothing", partial(size, n=n)) for n in SIZES),
        _made(
            "equal-timestamps",
            "orders changed in the same instant, over a page's edge, all come",
            equal_timestamps,
        ),
        _made(
            "equal-timestamps-later",
            "one more of the instant last seen comes with the next scan",
            same_instant_later,
        ),
        _made(
            "whole-seconds", "times of change without fractions lose nothing", whole_seconds, "whole_seconds"
        ),
        _made("change-behind", "an order already read that changes in mid-scan comes again", change_behind),
        _made("change-ahead", "an order not read yet that changes in mid-scan still comes", change_ahead),
        _made("changes-all-along", "a change between any two pages skips nobody", changes_all_along),
        _made(
            "new-in-mid-scan", "an order placed in mid-scan comes, now or with the next scan", new_in_mid_scan
        ),
        _made("crash-repeats-a-page", "the same cursor again gives the same page", crash_repeats),
        _made(
            "crash-at-the-start", "after a scan that failed the next one begins where it did", crash_at_start
        ),
        _made("second-scan", "the next scan brings what changed since, and only ends later", second_scan),
        _made("quiet-scan", "a scan where nothing changed keeps its place", quiet_scan),
        _made("empty-page", "an empty page is not the end where more follow", empty_page, "empty_pages"),
        _made("clock-ahead", "a channel whose clock is 90 s ahead loses nothing", partial(skewed, skew_s=90)),
        _made(
            "clock-behind", "a channel whose clock is 90 s behind loses nothing", partial(skewed, skew_s=-90)
        ),
        _made(
            "offline-till", "a sale that reaches the channel an hour late still comes", offline, "offline_s"
        ),
        _made("same-news-same-key", "read twice, the same snapshots have the same keys", same_keys),
        _made("other-news-other-key", "a changed order has another key", other_keys),
    ]


def _made(what: str, says: str, run: Run, *plays: str) -> Scenario:
    return Scenario(f"paging/{what}", Tier.BRONZE, says, run, (Capability.FETCH_ORDERS,), frozenset(plays))


async def count(stage: Stage, *, n: int) -> None:
    shop = await stage.paged()
    sold = sell(shop, n)
    complete(shop, sold, await shop.scan())


async def size(stage: Stage, *, n: int) -> None:
    shop = await stage.paged(n)
    sold = sell(shop, 2 * n + 1)
    complete(shop, sold, await shop.scan())


async def equal_timestamps(stage: Stage) -> None:
    shop = await stage.paged()
    sold = sell(shop, 2 * stage.page_size + 2, every_s=0)
    shop.pass_time(5)
    complete(shop, sold, await shop.scan())


async def same_instant_later(stage: Stage) -> None:
    shop = await stage.paged()
    sold = sell(shop, 3, every_s=0)
    first = await shop.scan()
    sold += sell(shop, 2, every_s=0)
    shop.pass_time(60)
    both = merged(first, await shop.scan(first.resume))
    complete(shop, sold, both)


async def whole_seconds(stage: Stage) -> None:
    shop = await stage.paged(whole_seconds=True)
    sold = sell(shop, 3 * stage.page_size, every_s=0.2)
    complete(shop, sold, await shop.scan())


async def change_behind(stage: Stage) -> None:
    shop = await stage.paged()
    sold = sell(shop, 3 * stage.page_size, every_s=APART_S)
    await _scan_with(shop, sold, {1: lambda: shop.cancel(sold[0])})


async def change_ahead(stage: Stage) -> None:
    shop = await stage.paged()
    sold = sell(shop, 3 * stage.page_size, every_s=APART_S)
    await _scan_with(shop, sold, {1: lambda: shop.cancel(sold[stage.page_size + 1])})


async def changes_all_along(stage: Stage) -> None:
    """Between every two pages one order that was read and one that was not are canceled."""
    shop = await stage.paged()
    sold = sell(shop, 4 * stage.page_size, every_s=APART_S)
    chosen = stage.random.sample(sold, min(len(sold), 6))
    steps = {number: partial(shop.cancel, each) for number, each in enumerate(chosen, 1)}
    await _scan_with(shop, sold, steps)


async def new_in_mid_scan(stage: Stage) -> None:
    shop = await stage.paged()
    sold = sell(shop, 2 * stage.page_size)
    await _scan_with(shop, sold, {1: lambda: sold.extend(sell(shop, 2))})


async def _scan_with(shop: Shop, sold: list[str], steps: Mapping[int, Callable[[], object]]) -> None:
    """Scan, and after the n-th page do the n-th step; one more scan later all must be known as they are."""
    cursor: str | None = None
    scanned = Scanned([], None)
    for number in range(1, 100):
        page = await shop.fetch(cursor)
        scanned.pages.append(page.items)
        if number in steps:
            shop.pass_time(1)
            steps[number]()
            shop.pass_time(1)
        cursor = page.next_cursor
        if cursor is None:
            scanned.resume = page.resume_cursor
            break
    shop.pass_time(300)
    complete(shop, sold, merged(scanned, await shop.scan(scanned.resume)))


async def crash_repeats(stage: Stage) -> None:
    shop = await stage.paged()
    sold = sell(shop, 2 * stage.page_size + 1)
    first = await shop.fetch(None)
    again = await shop.fetch(None)
    kept, repeated = [each.delivery_key for each in first.items], [each.delivery_key for each in again.items]
    must(kept == repeated, flaws.SKIPS_ORDERS, "the first page read again was another one")
    await fails_once(shop, first.next_cursor)
    rest = await shop.scan(first.next_cursor)
    complete(shop, sold, Scanned([first.items, *rest.pages], rest.resume))


async def crash_at_start(stage: Stage) -> None:
    shop = await stage.paged()
    sold = sell(shop, 3)
    first = await shop.scan()
    sold += sell(shop, 3)
    await fails_once(shop, first.resume)
    shop.pass_time(30)
    complete(shop, sold, merged(first, await shop.scan(first.resume)))


async def fails_once(shop: Shop, cursor: str | None) -> None:
    """Ask for a page whose answer is lost; the connector must say "later" and remember nothing of it."""
    shop.road.troubles.append(Trouble(carries_out=True, times=1))
    try:
        await shop.fetch(cursor)
    except RetryLaterError:
        return
    finally:
        shop.road.troubles.clear()
    raise flaws.BrokenRuleError(
        flaws.WRONG_ERROR, "fetch_orders returned a page although the answer was lost"
    )


async def second_scan(stage: Stage) -> None:
    shop = await stage.paged()
    sold = sell(shop, stage.page_size + 2)
    first = await shop.scan()
    shop.pass_time(3600)
    sold += sell(shop, stage.page_size + 1)
    shop.cancel(sold[1])
    shop.pass_time(10)
    complete(shop, sold, merged(first, await shop.scan(first.resume)))


async def quiet_scan(stage: Stage) -> None:
    shop = await stage.paged()
    sold = sell(shop, 4)
    first = await shop.scan()
    resume = first.resume
    for _ in range(3):
        shop.pass_time(3600)
        resume = (await shop.scan(resume)).resume
    sold += sell(shop, 3)
    shop.pass_time(10)
    complete(shop, sold, merged(first, await shop.scan(resume)))


async def empty_page(stage: Stage) -> None:
    shop = await stage.paged(empty_pages=True)
    sold = sell(shop, 2 * stage.page_size + 1)
    complete(shop, sold, await shop.scan())


async def skewed(stage: Stage, *, skew_s: float) -> None:
    shop = await stage.paged(skew_s=skew_s)
    scans, sold, resume = [], [], None
    for _ in range(4):
        sold += sell(shop, 3)
        scans.append(await shop.scan(resume))
        resume = scans[-1].resume
        shop.pass_time(40)
    shop.pass_time(200)
    complete(shop, sold, merged(*scans, await shop.scan(resume)))


async def offline(stage: Stage) -> None:
    shop = await stage.paged(offline_s=3600.0)
    early = sell(shop, 2)
    first = await shop.scan()
    shop.pass_time(3605)
    late = sell(shop, 2)
    second = await shop.scan(first.resume)
    shop.pass_time(3605)
    complete(shop, early + late, merged(first, second, await shop.scan(second.resume)))


async def same_keys(stage: Stage) -> None:
    shop = await stage.paged()
    sell(shop, stage.page_size + 2)
    first = {each.delivery_key for each in (await shop.scan()).messages}
    shop.pass_time(60)
    again = {each.delivery_key for each in (await shop.scan()).messages}
    must(
        first == again,
        flaws.UNSTABLE_KEY,
        f"{len(first ^ again)} keys differ between two readings of the same orders",
    )


async def other_keys(stage: Stage) -> None:
    shop = await stage.paged()
    [sold, *_] = sell(shop, 2)
    before = {each.delivery_key for each in (await shop.scan()).messages if each.channel_order_id == sold}
    shop.pass_time(5)
    shop.cancel(sold)
    shop.pass_time(5)
    after = {each.delivery_key for each in (await shop.scan()).messages if each.channel_order_id == sold}
    must(
        bool(after - before),
        flaws.UNSTABLE_KEY,
        "the canceled order has the key it had before: the hub would drop it",
    )


def sell(shop: Shop, count: int, *, every_s: float = 1.0) -> list[str]:
    """Sell so many orders of one unit each."""
    return shop.sell(*({sku_of(1 + n % 3): 1 + n % 2} for n in range(count)), every_s=every_s)


def merged(*scans: Scanned) -> Scanned:
    return Scanned([page for each in scans for page in each.pages], scans[-1].resume)


def complete(shop: Shop, sold: Sequence[str], scanned: Scanned) -> dict[str, IncomingOrder]:
    """All that was sold is there, and in its newest snapshot it is what the channel says it is."""
    named = {each.channel_order_id for each in scanned.messages}
    missing = [each for each in sold if each not in named]
    must(
        not missing,
        flaws.SKIPS_ORDERS,
        f"{len(missing)} of {len(sold)} orders never came: {', '.join(missing[:5])}",
    )
    held = newest(
        [shop.translate(each) for each in scanned.messages if each.channel_order_id and each.complete]
    )
    stale = [each for each in sold if each in held and held[each].canceled != shop.truth(each).canceled]
    must(not stale, flaws.SKIPS_ORDERS, f"the last change of {', '.join(stale[:5])} never came")
    return held
