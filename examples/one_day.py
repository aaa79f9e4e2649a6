"""A small day at a small shop, over the API of a running hub: SKUs, stock, orders by phone, and what is left.

Start a hub with `hub up`, then: python examples/one_day.py
HUB_URL (or HUB_PORT) says where the hub is, HUB_API_KEY is sent where the hub has a key.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

URL = os.environ.get("HUB_URL") or f"http://127.0.0.1:{os.environ.get('HUB_PORT') or 8700}"
KEY = os.environ.get("HUB_API_KEY", "")
PLACE = "main"
GOODS = {"DAY-MUG": ("Mug, blue", "12.50", 9), "DAY-TEA": ("Tea, 100 g", "7.90", 5)}
CALLS = (
    ("Ada Example", {"DAY-MUG": 2}),
    ("Grace Sample", {"DAY-MUG": 1, "DAY-TEA": 2}),
    ("Alan Placeholder", {"DAY-TEA": 1}),
)


def main() -> None:
    """Open the shop, take three orders, send one twice, ask for too much, and look at the shelf."""
    open_shop()
    for number, (name, basket) in enumerate(CALLS, 1):
        print(f"{name} calls: {take(name, basket, f'one-day/{RUN}/{number}')}")
    print(f"the last call again: {take(*CALLS[-1], f'one-day/{RUN}/{len(CALLS)}')}")
    print(f"somebody wants 1000 mugs: {take('Bulk Buyer', {'DAY-MUG': 1000}, f'one-day/{RUN}/bulk')}")
    for each in ask("GET", "/stock?sku=DAY-MUG&sku=DAY-TEA")["items"]:
        print(f"left of {each['sku']}: {each['available']}")


def open_shop() -> None:
    """Put SKUs, a location and the opening stock; every part may be done again."""
    ask("POST", "/locations", {"locations": [{"code": PLACE, "name": "Main warehouse"}]})
    ask("POST", "/skus", {"skus": [sku_of(key) for key in GOODS]})
    ask("POST", "/stock/adjustments", {"adjustments": [opening_of(key) for key in GOODS]})
    if "phone" not in [each["slug"] for each in ask("GET", "/channels")["items"]]:
        subprocess.run([sys.executable, "-m", "hub", "channel", "add", "manual", "phone"], check=True)


def sku_of(key: str) -> dict[str, Any]:
    name, price, _ = GOODS[key]
    return {"sku": key, "name": name, "price": {"amount": price, "currency": "EUR"}}


def opening_of(key: str) -> dict[str, Any]:
    """The id is made of the SKU: the shop opens once, however often this runs."""
    cause = str(uuid.uuid5(uuid.NAMESPACE_OID, f"one-day/opening/{key}"))
    return {"id": cause, "sku": key, "location": PLACE, "change": GOODS[key][2], "reason": "opening stock"}


def take(name: str, basket: dict[str, int], command_id: str) -> str:
    """Take one order; the same command id again is the same order."""
    order = {
        "channel": "phone",
        "command_id": command_id,
        "placed_at": RUN,
        "currency": "EUR",
        "customer": {"name": name},
        "lines": [
            {"sku": sku, "title": GOODS[sku][0], "quantity": units, "unit_price": GOODS[sku][1]}
            for sku, units in basket.items()
        ],
    }
    answer = ask("POST", "/orders", order)
    return f"order {answer['number']}" if "number" in answer else f"refused, {answer['detail']}"


def ask(method: str, path: str, value: object = None) -> dict[str, Any]:
    """Return what the hub answers; a refusal (409) is an answer too."""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {KEY}"} if KEY else {})
    body = None if value is None else json.dumps(value).encode()
    request = urllib.request.Request(f"{URL}/api/v1{path}", body, headers, method=method)  # noqa: S310 -- our hub
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310 -- as above
            return dict(json.load(reply))
    except urllib.error.HTTPError as refusal:
        if refusal.code != 409:
            sys.exit(f"{method} {path} was answered {refusal.code}: {refusal.read().decode()}")
        return dict(json.load(refusal))
    except urllib.error.URLError as error:
        sys.exit(f"no hub answers at {URL} ({error.reason}): start one with `hub up`")


RUN = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

if __name__ == "__main__":
    main()
