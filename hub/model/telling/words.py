"""Words that the books keep, as people read them: of each list by its name. Pure."""

from collections.abc import Iterable, Mapping

from hub.model.telling.sayings import Saying, word

HOLDS = (
    word("hold", "unmatched"),
    word("hold", "oversold"),
    word("hold", "unsourced"),
    word("hold", "payment"),
    word("hold", "conflict"),
    word("hold", "review"),
    word("hold", "address"),
    word("hold", "fraud"),
    word("hold", "not collected"),
)
_TENDERS = (
    word("tender", "card"),
    word("tender", "alipay"),
    word("tender", "wechat pay"),
    word("tender", "paypal"),
    word("tender", "bank transfer"),
    word("tender", "cash"),
    word("tender", "cash on delivery"),
    word("tender", "gift card"),
    word("tender", "collected by the marketplace"),
    word("tender", "other"),
)
_PAYMENTS = (
    word("payment", "pending"),
    word("payment", "authorized"),
    word("payment", "paid"),
    word("payment", "partly refunded"),
    word("payment", "refunded"),
    word("payment", "failed"),
)
_SOURCES = (
    word("source", "webhook"),
    word("source", "poll"),
    word("source", "fetch"),
    word("source", "file"),
    word("source", "form"),
)
_FIELDS = (word("field", "contact"), word("field", "note"), word("field", "own fields"))
_POLICIES = (word("drift", "heal"), word("drift", "adopt"), word("drift", "ask"))
_DEEDS = (word("drift", "healed"), word("drift", "adopted"), word("drift", "left"), word("drift", "over"))
_TRACKING = (word("tracking", "none"), word("tracking", "lot"), word("tracking", "serial"))

_EFFECTS = {
    "fulfillment": word("effect", "a parcel"),
    "label": word("effect", "the corrected number of a parcel"),
    "cancellation": word("effect", "the cancellation"),
    "refund": word("effect", "a refund"),
}


def _by_word(sayings: Iterable[Saying]) -> dict[str, Saying]:
    return {each.text: each for each in sayings}


WORDS: Mapping[str, Mapping[str, Saying]] = {
    "hold": _by_word(HOLDS),
    "holds": _by_word(HOLDS),
    "tender": _by_word(_TENDERS),
    "payment": _by_word(_PAYMENTS),
    "payment_before": _by_word(_PAYMENTS),
    "source": _by_word(_SOURCES),
    "fields": _by_word(_FIELDS),
    "policy": _by_word(_POLICIES),
    "deed": _by_word(_DEEDS),
    "tracking": _by_word(_TRACKING),
    "effect": _EFFECTS,
    "effects": _EFFECTS,
    "disposition": {
        "restock": word("disposition", "sold again"),
        "scrap": word("disposition", "scrapped"),
        "inspect": word("disposition", "put aside to be looked at"),
    },
    "work": _by_word(
        (
            word("work", "pick more"),
            word("work", "put back"),
            word("work", "print the label anew"),
            word("work", "call the parcel back"),
            word("work", "send another parcel"),
        )
    ),
}
"""By the place they stand in; a word no list knows, such as a hold of the shop's own, is said as it is."""
