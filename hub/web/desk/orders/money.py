"""What the page of an order shows of its money, beside the total."""

from msgspec import Struct

from hub.kit.ids import uuid7
from hub.model.orders.payments import Account, Tender
from hub.store.db import Tx
from hub.store.payments import PaymentRow, accounts_of, payments_of


class MoneyView(Struct, frozen=True):
    """`command_id` makes a double click one payment."""

    command_id: str
    account: Account
    rows: list[PaymentRow]
    tenders: list[str]


async def view_money(tx: Tx, number: int) -> MoneyView:
    account = (await accounts_of(tx, [number]))[number]
    return MoneyView(str(uuid7()), account, await payments_of(tx, number), [each.value for each in Tender])
