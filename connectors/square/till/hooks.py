"""Webhooks of the simulated Square: subscriptions, and signed events for each that wants them."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from connectors.square.settings import API_VERSION
from connectors.square.till import requests as req
from connectors.square.till.requests import Refusal, asked, page_of, start_of
from connectors.square.till.sales import Json, text
from connectors.square.webhooks import SIGNATURE_HEADER, sign
from hub.spec.testing import Delivery, Route, SimCall, SimReply, sim_json

SIGNATURE_KEY = "simulated-signature-key"
MERCHANT = "SIMMERCHANT01"


class Hooks:
    def __init__(self) -> None:
        self.subscriptions: dict[str, Json] = {}
        self.deliveries: list[Delivery] = []
        self._events = self._made = 0

    @property
    def routes(self) -> Mapping[str, Route]:
        return {
            "GET /v2/webhooks/subscriptions": self._list,
            "POST /v2/webhooks/subscriptions": self._create,
            "PUT /v2/webhooks/subscriptions/{id}": self._update,
            "DELETE /v2/webhooks/subscriptions/{id}": self._delete,
        }

    def tell(self, topic: str, subject: str, content: Json, at: datetime) -> None:
        """Queue one signed event for each enabled subscription to the topic."""
        self._events += 1
        event = {
            "merchant_id": MERCHANT,
            "type": topic,
            "event_id": f"sim-event-{self._events:010d}",
            "created_at": text(at),
            "data": {"type": next(iter(content)), "id": subject, "object": content},
        }
        body = msgspec.json.encode(event)
        for each in self.subscriptions.values():
            if each["enabled"] and topic in each["event_types"]:
                self.deliveries.append(_signed(each["notification_url"], body))

    def _list(self, call: SimCall) -> SimReply:
        every = call.query.get("include_disabled") == "true"
        found = [each for each in self.subscriptions.values() if every or each["enabled"]]
        hidden = [{key: value for key, value in each.items() if key != "signature_key"} for each in found]
        page, cursor = page_of(hidden, start_of(call.query.get("cursor")), 100)
        return sim_json({"subscriptions": page} | cursor)

    def _create(self, call: SimCall) -> SimReply:
        wanted = asked(call.request.body, req.SubscriptionChange).subscription
        self._made += 1
        return self._keep(f"wbhk_sim{self._made:04d}", wanted, call.at)

    def _update(self, call: SimCall) -> SimReply:
        name = call.parts["id"]
        if name not in self.subscriptions:
            raise Refusal(404, "NOT_FOUND", "Subscription not found.")
        return self._keep(name, asked(call.request.body, req.SubscriptionChange).subscription, call.at)

    def _delete(self, call: SimCall) -> SimReply:
        if self.subscriptions.pop(call.parts["id"], None) is None:
            raise Refusal(404, "NOT_FOUND", "Subscription not found.")
        return sim_json({})

    def _keep(self, name: str, wanted: req.Subscription, at: datetime) -> SimReply:
        fields = msgspec.to_builtins(wanted) | {"api_version": wanted.api_version or API_VERSION}
        kept = {"id": name, **fields, "signature_key": SIGNATURE_KEY, "updated_at": text(at)}
        self.subscriptions[name] = kept
        return sim_json({"subscription": kept})


def _signed(url: str, body: bytes) -> Delivery:
    headers = {"content-type": "application/json", SIGNATURE_HEADER: sign(SIGNATURE_KEY, url, body)}
    return Delivery(url, headers, body)
