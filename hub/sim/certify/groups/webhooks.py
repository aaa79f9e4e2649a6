"""Webhooks: what the channel signed is taken, everything else is not; the same news has the same key."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.sim.certify import flaws
from hub.sim.certify.ears import note
from hub.sim.certify.flaws import must, untried
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Shop, secret_fields
from hub.sim.certify.stage import Stage, sku_of
from hub.spec import Capability, MalformedError, Message
from hub.spec.testing import Delivery, PlaysProfile, SwitchesOff

URL = "https://hub.example/in/0123456789abcdef"
OTHER_TOPIC = "weather.changed"
A, B = sku_of(1), sku_of(2)
GARBAGE = {
    "empty": b"",
    "text": b"hello",
    "half-json": b'{"id": ',
    "null": b"null",
    "list": b"[]",
    "number": b"42",
    "not-utf8": b"\xff\xfe\x00",
    "deep": b"[" * 5000,
    "nul": b'{"id": "\\u0000"}',
}


class News(Struct, frozen=True):
    """Deliveries of one sale and one cancellation, and the order they tell of."""

    shop: Shop
    order_id: str
    deliveries: list[Delivery]


def scenarios() -> list[Scenario]:
    return [
        _made("signed", "what the channel signed is taken", signed),
        _made("names-its-order", "a sale's webhook names the order, or carries it", names),
        _made("tampered", "one other byte in the body, anywhere, and it is refused", tampered),
        _made("cut-short", "a body that was cut short or grew is refused", cut_short),
        _made("unsigned", "without its signature it is refused", unsigned),
        _made("wrong-signature", "with another signature it is refused", wrong_signature),
        _made("rotated-secret", "signed with a secret the hub does not have, it is refused", rotated),
        _made("no-secret", "while no secret is set nothing is taken", no_secret),
        _made("old", "a signature with a time is refused once it is old", old),
        _made("same-key", "the same delivery has the same key, however often it comes", same_key),
        _made(
            "same-key-as-the-poll",
            "a complete webhook has the key the poll gives the same snapshot",
            as_polled,
        ),
        _made("two-orders-two-keys", "two orders of one moment have two keys", two_keys),
        _made("any-header-case", "parsing needs nothing but lower-case headers and the raw body", pure),
        _made("unknown-topic", "news of another kind is counted, not failed", unknown_topic),
        *(
            _made(
                f"garbage-{name}",
                "what is no webhook is malformed, and nothing else happens",
                partial(garbage, body=body),
            )
            for name, body in GARBAGE.items()
        ),
        _made("ensure", "after ensure_webhooks the channel tells of every sale", ensured),
        _made("ensure-again", "ensure_webhooks again changes nothing", ensured_again),
        _made("ensure-another-address", "another address gets webhooks of its own", another_address),
        _made("switched-off", "a subscription the channel switched off is revived", revived),
    ]


def _made(what: str, says: str, run: Run, *plays: str) -> Scenario:
    return Scenario(
        f"webhooks/{what}", Tier.SILVER, says, run, (Capability.RECEIVE_WEBHOOKS,), frozenset(plays)
    )


async def ensure(shop: Shop, url: str = URL) -> None:
    for probe in await shop.ask("ensure_webhooks", shop.channel.ensure_webhooks(url)):
        note(f"{probe.name} {probe.detail} {probe.remedy}")


async def told(stage: Stage) -> News:
    shop = await stage.open()
    await ensure(shop)
    shop.simulator.take_deliveries()  # pings
    [order_id] = shop.sell({A: 1, B: 2})
    shop.cancel(order_id)
    return News(shop, order_id, at_url(shop))


def at_url(shop: Shop, url: str = URL) -> list[Delivery]:
    deliveries = [each for each in shop.simulator.take_deliveries() if each.url == url]
    return [
        replace(each, headers={name.lower(): text for name, text in each.headers.items()})
        for each in deliveries
    ]


def verified(shop: Shop, delivery: Delivery, *, later_s: float = 0) -> bool:
    now = shop.at + timedelta(seconds=later_s)
    return bool(
        shop.pure(
            "verify_webhook",
            lambda: shop.channel.verify_webhook(delivery.headers, delivery.body, url=delivery.url, now=now),
        )
    )


def parsed(shop: Shop, delivery: Delivery) -> list[Message]:
    messages: list[Message] = shop.pure(
        "parse_webhook", lambda: shop.channel.parse_webhook(delivery.headers, delivery.body)
    )
    return messages


async def signed(stage: Stage) -> None:
    news = await told(stage)
    must(
        bool(news.deliveries),
        flaws.REFUSED_WEBHOOK,
        "a sale and a cancellation sent no webhook to the address that was ensured",
    )
    refused = [each for each in news.deliveries if not verified(news.shop, each)]
    must(
        not refused,
        flaws.REFUSED_WEBHOOK,
        f"{len(refused)} of {len(news.deliveries)} webhooks the channel signed were refused",
    )


async def names(stage: Stage) -> None:
    news = await told(stage)
    named = {message.channel_order_id for each in news.deliveries for message in parsed(news.shop, each)}
    must(
        news.order_id in named,
        flaws.REFUSED_WEBHOOK,
        f"the sale's webhooks name {sorted(named)}, not the order",
    )


def refused_all(news: News, forged: Sequence[Delivery], how: str) -> None:
    taken = [each for each in forged if verified(news.shop, each)]
    must(not taken, flaws.FORGED_WEBHOOK, f"{how}: {len(taken)} of {len(forged)} were taken")


async def tampered(stage: Stage) -> None:
    news = await told(stage)
    forged = []
    for each in news.deliveries:
        for place in {0, len(each.body) - 1, *(stage.random.randrange(len(each.body)) for _ in range(12))}:
            other = bytes([each.body[place] ^ 1])
            forged.append(replace(each, body=each.body[:place] + other + each.body[place + 1 :]))
    refused_all(news, forged, "one byte of the body changed")


async def cut_short(stage: Stage) -> None:
    news = await told(stage)
    bodies = [(each, [each.body[:-1], each.body + b" ", b""]) for each in news.deliveries]
    refused_all(
        news,
        [replace(each, body=body) for each, others in bodies for body in others],
        "the body cut or grown",
    )


async def unsigned(stage: Stage) -> None:
    news = await told(stage)
    bare = {"content-type": "application/json"}
    refused_all(
        news,
        [replace(each, headers=bare) for each in news.deliveries],
        "all headers but the content type gone",
    )


async def wrong_signature(stage: Stage) -> None:
    """Every header that is not the same for all deliveries may be the signature; each is spoiled at once."""
    news = await told(stage)
    forged = [
        replace(each, headers={name: _spoiled(text) for name, text in each.headers.items()})
        for each in news.deliveries
    ]
    refused_all(news, forged, "every header spoiled")


def _spoiled(text: str) -> str:
    return text[:-2] + ("AA" if text[-2:] != "AA" else "BB") if len(text) > 8 else text


async def rotated(stage: Stage) -> None:
    news = await told(stage)
    _reopened(stage, news.shop, "another-secret-than-before")
    refused_all(news, news.deliveries, "the hub's secrets are others now")


async def no_secret(stage: Stage) -> None:
    news = await told(stage)
    _reopened(stage, news.shop, "")
    refused_all(news, news.deliveries, "no secret is set")


def _reopened(stage: Stage, shop: Shop, value: str) -> None:
    stage.reopen(shop, **dict.fromkeys(secret_fields(shop.connector), value))


async def old(stage: Stage) -> None:
    news = await told(stage)
    age_s = _signed_max_s(news.shop) + 60
    if age_s == 60:
        untried("its signatures carry no time")
    late = [each for each in news.deliveries if verified(news.shop, each, later_s=age_s)]
    must(
        not late,
        flaws.FORGED_WEBHOOK,
        f"a signature {age_s:g} s old was taken: whoever recorded it can send it again",
    )


def _signed_max_s(shop: Shop) -> float:
    return shop.simulator.profile.signed_max_s if isinstance(shop.simulator, PlaysProfile) else 0


async def same_key(stage: Stage) -> None:
    news = await told(stage)
    for each in news.deliveries:
        first, again = (keys_of(parsed(news.shop, each)) for _ in range(2))
        must(first == again, flaws.UNSTABLE_KEY, "the same delivery parsed twice had two keys")


def keys_of(messages: Sequence[Message]) -> list[str]:
    return [each.delivery_key for each in messages]


async def as_polled(stage: Stage) -> None:
    shop = await stage.open()
    await ensure(shop)
    shop.simulator.take_deliveries()
    sold = shop.sell({A: 1}, {B: 1})
    deliveries = at_url(shop)
    shop.pass_time(5)
    polled = {each.delivery_key for each in (await shop.scan()).messages}
    pushed = [
        each
        for delivery in deliveries
        for each in parsed(shop, delivery)
        if each.complete and each.channel_order_id
    ]
    strange = [each.channel_order_id for each in pushed if each.delivery_key not in polled]
    must(
        not strange,
        flaws.UNSTABLE_KEY,
        f"the webhook of {strange[:2]} has another key than the poll of the same snapshot",
    )
    must(len(sold) == len(set(sold)), flaws.UNSTABLE_KEY, "two orders had one id")


async def two_keys(stage: Stage) -> None:
    shop = await stage.open()
    await ensure(shop)
    shop.simulator.take_deliveries()
    sold = shop.sell({A: 1}, {A: 1}, every_s=0)
    messages = [each for delivery in at_url(shop) for each in parsed(shop, delivery)]
    keys = {one: {each.delivery_key for each in messages if each.channel_order_id == one} for one in sold}
    must(
        not keys[sold[0]] & keys[sold[1]],
        flaws.UNSTABLE_KEY,
        "two orders of one moment share a delivery key: one would be dropped",
    )


async def pure(stage: Stage) -> None:
    news = await told(stage)
    asked = len(news.shop.http.asked)
    for each in news.deliveries:
        must(
            verified(news.shop, each) == verified(news.shop, each),
            flaws.IMPURE,
            "the same webhook was taken once and refused once",
        )
        parsed(news.shop, each)
    must(
        len(news.shop.http.asked) == asked, flaws.IMPURE, "verifying or parsing a webhook called the channel"
    )


async def unknown_topic(stage: Stage) -> None:
    """Wherever the delivery says its topic, it says another one; the signature is no matter here."""
    news = await told(stage)
    for each in news.deliveries:
        for topic in {message.topic for message in parsed(news.shop, each) if message.topic}:
            other = _with_topic(each, topic)
            if other != each:
                _counted(news.shop, other)


def _with_topic(delivery: Delivery, topic: str) -> Delivery:
    headers = {name: OTHER_TOPIC if text == topic else text for name, text in delivery.headers.items()}
    body = delivery.body.replace(msgspec.json.encode(topic), msgspec.json.encode(OTHER_TOPIC))
    return replace(delivery, headers=headers, body=body)


def _counted(shop: Shop, delivery: Delivery) -> None:
    try:
        parsed(shop, delivery)
    except MalformedError as error:
        raise flaws.BrokenRuleError(
            flaws.WRONG_ERROR, f"news of another kind was called malformed: {error}"
        ) from error


async def garbage(stage: Stage, *, body: bytes) -> None:
    news = await told(stage)
    for each in news.deliveries[:1]:
        wrong = replace(each, body=body)
        must(
            not verified(news.shop, wrong),
            flaws.FORGED_WEBHOOK,
            "a body that is no webhook was taken for signed",
        )
        try:
            messages = parsed(news.shop, wrong)
        except MalformedError:
            continue
        ours = [message for message in messages if message.channel_order_id]
        must(not ours, flaws.WRONG_ERROR, f"from {body[:20]!r} an order was read: {ours[:1]}")


async def ensured(stage: Stage) -> None:
    news = await told(stage)
    shop, later = news.shop, []
    for _ in range(3):
        later += shop.sell({A: 1})
    named = {message.channel_order_id for each in at_url(shop) for message in parsed(shop, each)}
    must(
        set(later) <= named,
        flaws.REFUSED_WEBHOOK,
        f"of {len(later)} sales webhooks named {len(named & set(later))}",
    )


async def ensured_again(stage: Stage) -> None:
    shop = await stage.open()
    await ensure(shop)
    once = await _deliveries_of_a_sale(shop)
    await ensure(shop)
    twice = await _deliveries_of_a_sale(shop)
    must(once == twice, flaws.SUBSCRIBES_AGAIN, f"a sale sent {once} webhooks; after ensuring again, {twice}")


async def another_address(stage: Stage) -> None:
    shop = await stage.open()
    await ensure(shop)
    await ensure(shop, f"{URL}-two")
    shop.simulator.take_deliveries()
    shop.sell({A: 1})
    urls = {each.url for each in shop.simulator.take_deliveries()}
    must(
        f"{URL}-two" in urls,
        flaws.SUBSCRIBES_AGAIN,
        "a second address was ensured, and no webhook went there",
    )


async def revived(stage: Stage) -> None:
    shop = await stage.open()
    await ensure(shop)
    before = await _deliveries_of_a_sale(shop)
    if not isinstance(shop.simulator, SwitchesOff):
        untried("its simulator cannot switch webhooks off")
    shop.simulator.switch_off_webhooks()
    await ensure(shop)
    after = await _deliveries_of_a_sale(shop)
    must(
        after >= before,
        flaws.SUBSCRIBES_AGAIN,
        f"switched off and ensured, a sale sent {after} webhooks, {before} before",
    )


async def _deliveries_of_a_sale(shop: Shop) -> int:
    shop.simulator.take_deliveries()
    shop.sell({A: 1})
    return len(at_url(shop))
