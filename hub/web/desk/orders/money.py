"""What the page of an order shows of its money, beside the total."""

from uuid import UUID

from msgspec import Struct

from hub.kit.ids import uuid7
from hub.model.orders.payments import Account, Tender
from hub.model.orders.refunds import Bill
from hub.store.db import Tx
from hub.store.payments import PaymentRow, accounts_of, payments_of
from hub.store.refunds import Refund, bills_of, refunds_of


class MoneyView(Struct, frozen=True):
    """`command_id` makes a double click one payment; `bill` says what of the order may be refunded by line."""

    command_id: str
    account: Account
    rows: list[PaymentRow]
    tenders: list[str]
    bill: Bill
    refunds: list[Refund]

    @property
    def gone(self) -> dict[UUID, Refund]:
        """Those of the refunds that went back as they were said, by the payment that is the same."""
        paid = {each.id for each in self.rows}
        return {each.id: each for each in self.refunds if each.id in paid}


async def view_money(tx: Tx, number: int, order_id: UUID) -> MoneyView:
    account = (await accounts_of(tx, [number]))[number]
    bill = (await bills_of(tx, [order_id]))[order_id]
    tenders = [each.value for each in Tender]
    rows, refunds = await payments_of(tx, number), await refunds_of(tx, number)
    return MoneyView(str(uuid7()), account, rows, tenders, bill, refunds)
