"""Six connectors, each the template with one planted fault, as somebody in a hurry would write it."""

import logging
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from hub_bookstall.connector import Bookstall, BookstallChannel, BookstallConfig
from hub_bookstall.simulator import new_simulator
from msgspec.structs import replace
from typing_extensions import override

from hub import spec
from hub.model.incoming import IncomingOrder

__all__ = ["FAULTY", "new_simulator"]


class SkippingStall(BookstallChannel):
    @override
    async def fetch_orders(self, cursor: str | None, *, until: datetime) -> spec.Page[spec.Message]:
        page = await super().fetch_orders(cursor, until=until)
        if cursor and page.next_cursor:  # "the second page is always the first one again, is it not?"
            return await super().fetch_orders(page.next_cursor, until=until)
        return page


class SkipsAPage(Bookstall):
    channel_type = SkippingStall

    @override
    def open(self, http: spec.Http, config: BookstallConfig) -> BookstallChannel:
        return SkippingStall(http, config)


class NaiveTime(Bookstall):
    @override
    def to_incoming(self, message: spec.Message, config: BookstallConfig) -> IncomingOrder:
        order = super().to_incoming(message, config)
        return replace(order, placed_at=order.placed_at.replace(tzinfo=None))


class FloatMoney(Bookstall):
    @override
    def to_incoming(self, message: spec.Message, config: BookstallConfig) -> IncomingOrder:
        order = super().to_incoming(message, config)
        totals = [Decimal(str(float(line.unit_price) * line.quantity)) for line in order.lines]
        lines = [replace(line, total=total) for line, total in zip(order.lines, totals, strict=True)]
        return replace(order, lines=lines)


class TalkativeStall(BookstallChannel):
    @override
    async def check(self) -> list[spec.Probe]:
        logging.getLogger("bookstall").debug("checking with token %s", self._config.token.value)
        return await super().check()


class LogsASecret(Bookstall):
    channel_type = TalkativeStall

    @override
    def open(self, http: spec.Http, config: BookstallConfig) -> BookstallChannel:
        return TalkativeStall(http, config)


class StubbornStall(BookstallChannel):
    @override
    async def push_stock(self, targets: Sequence[spec.StockTarget]) -> list[spec.Outcome]:
        try:
            return await super().push_stock(targets)
        except spec.RetryLaterError:
            return await super().push_stock(targets)


class RetriesAWrite(Bookstall):
    channel_type = StubbornStall

    @override
    def open(self, http: spec.Http, config: BookstallConfig) -> BookstallChannel:
        return StubbornStall(http, config)


class HastyStall(BookstallChannel):
    @override
    async def push_stock(self, targets: Sequence[spec.StockTarget]) -> list[spec.Outcome]:
        try:
            return await super().push_stock(targets)
        except spec.RetryLaterError as error:
            failed = spec.OutcomeState.REJECTED
            return [spec.Outcome(each.channel_listing_id, failed, str(error)) for each in targets]


class TreatsUnknownAsFailed(Bookstall):
    channel_type = HastyStall

    @override
    def open(self, http: spec.Http, config: BookstallConfig) -> BookstallChannel:
        return HastyStall(http, config)


FAULTY: dict[str, Bookstall] = {
    "skips orders": SkipsAPage(),
    "naive time": NaiveTime(),
    "float money": FloatMoney(),
    "leaks a secret": LogsASecret(),
    "repeats a write": RetriesAWrite(),
    "tells unknown as failed": TreatsUnknownAsFailed(),
}
