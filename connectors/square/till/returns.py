"""What comes back in Square's own words: an order that takes back what another sold, with the money for it. Pure."""

from collections.abc import Mapping
from datetime import datetime

from connectors.square.till.sales import Json, money, text


def return_order(sale: Json, number: int, lines: list[Json], amount: int, at: datetime) -> Json:
    """The order Square makes: it sells nothing, and is done at once."""
    currency, moment = sale["total_money"]["currency"], text(at)
    amounts = _amounts(amount, sum(each["total_tax_money"]["amount"] for each in lines), currency)
    less = {name: money(-each["amount"], currency) for name, each in amounts.items()}
    back = {
        "uid": "return1",
        "source_order_id": sale["id"],
        "return_line_items": lines,
        "return_amounts": amounts,
    }
    return {
        "id": f"SIMRETURN{number:08d}",
        "location_id": sale["location_id"],
        "created_at": moment,
        "updated_at": moment,
        "closed_at": moment,
        "state": "COMPLETED",
        "total_money": money(0, currency),
        "returns": [back],
        "return_amounts": amounts,
        "net_amounts": less,
    }


def custom(sale: Json, amount: int) -> Json:
    """An amount for nothing in particular."""
    currency = sale["total_money"]["currency"]
    sums = {"total_money": money(amount, currency), "total_tax_money": money(0, currency)}
    return {"uid": "back1", "quantity": "1", "item_type": "CUSTOM_AMOUNT"} | sums


def itemized(sale: Json, units: Mapping[str, int]) -> list[Json]:
    """Units of lines, each with its part of what they cost."""
    lines = {each["uid"]: each for each in sale["line_items"]}
    return [_line(f"back{place}", lines[uid], count) for place, (uid, count) in enumerate(units.items(), 1)]


def _line(uid: str, line: Json, units: int) -> Json:
    kept = ("name", "variation_name", "catalog_object_id", "item_type", "base_price_money")
    parts = {
        name: money(line[name]["amount"] * units // int(line["quantity"]), line[name]["currency"])
        for name in ("total_money", "total_tax_money", "total_discount_money")
    }
    named = {"uid": uid, "source_line_item_uid": line["uid"], "quantity": str(units)}
    return named | {name: line[name] for name in kept} | parts


def _amounts(total: int, tax: int, currency: str) -> Json:
    parts = {"total": total, "tax": tax, "discount": 0, "tip": 0, "service_charge": 0}
    return {f"{name}_money": money(amount, currency) for name, amount in parts.items()}
