"""One address per channel: verify, store, commit, and only then answer (L3).

An answer in the 200s says *we have it*. So what cannot be read but is rightly signed is parked and answered 202: a
channel that hears errors would disable the webhook for all orders because of one (L5). What is not rightly signed is
refused with 401 and counted, and 503 says that nothing was stored: the channel delivers it again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from litestar import Request, Response, Router, post
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath
from msgspec import Struct

from hub.channels import intake
from hub.channels.context import HubContext
from hub.channels.opening import OpenedChannel, open_for_webhook
from hub.kit.clock import now
from hub.kit.log import get_logger
from hub.model.errors import InputError, NotFoundError
from hub.spec import MalformedError, Message, ReceivesWebhooks, RetryLaterError
from hub.spec.signing import hmac_sha256_base64
from hub.store.db import RefusedRowsError
from hub.web.metrics import Meters
from hub.web.security import OPEN

BODY_BYTES_MAX = 5_000_000  # the largest order webhook seen in the wild is below 1 MB
REFUSED = "webhooks refused"
UNREADABLE = "webhooks unreadable"

log = get_logger(__name__)


class Received(Struct, frozen=True):
    """How many of the messages were new, had been here before, or could not be read and wait for a person."""

    new: int
    repeated: int
    parked: int = 0


class _Delivery(Struct, frozen=True):
    headers: Mapping[str, str]
    body: bytes
    url: str
    at: datetime


@post("/{token:str}", status_code=200, request_max_body_size=BODY_BYTES_MAX)
async def receive_webhook(
    request: Request[Any, Any, Any],
    token: FromPath[str],
    hub: NamedDependency[HubContext],
    meters: NamedDependency[Meters],
) -> Response[Received]:
    """Take one delivery. A ping, or news seen before, is answered 200 like any other."""
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    delivery = _Delivery(headers, body, f"{hub.config.url}/in/{token}", now())
    opened = await _open(hub, token)
    if opened is None or not isinstance(opened.channel, ReceivesWebhooks):
        raise _unknown(meters, delivery)
    if not opened.channel.verify_webhook(headers, body, url=delivery.url, now=delivery.at):
        raise await _refused(hub, meters, opened)
    received = await _store(hub, opened, opened.channel, delivery)
    meters.count(opened.row.slug, _result_of(received))
    return Response(received, status_code=202 if received.parked else 200)


async def _open(hub: HubContext, token: str) -> OpenedChannel | None:
    """A channel whose settings no longer fit is our trouble, not the sender's: ask it to deliver again."""
    try:
        return await open_for_webhook(hub, token)
    except InputError as error:
        log.error("webhook_channel_broken", reason=str(error))  # noqa: TRY400 -- the reason is the whole story
        msg = "the channel cannot be opened at the moment"
        raise RetryLaterError(msg) from error


async def _store(
    hub: HubContext, opened: OpenedChannel, channel: ReceivesWebhooks, delivery: _Delivery
) -> Received:
    messages = _read(channel, delivery)
    if isinstance(messages, MalformedError):
        return await _park(hub, opened, delivery, reason=str(messages))
    if not messages:
        return Received(0, 0)
    try:
        arrived = await intake.arrive(hub, opened.row, messages, source="webhook", at=delivery.at)
    except RefusedRowsError:
        return await _park(
            hub, opened, delivery, reason="it names its order with characters no table can hold"
        )
    return Received(arrived.new, arrived.repeated)


def _read(channel: ReceivesWebhooks, delivery: _Delivery) -> list[Message] | MalformedError:
    try:
        return channel.parse_webhook(delivery.headers, delivery.body)
    except MalformedError as error:
        return error


async def _park(hub: HubContext, opened: OpenedChannel, delivery: _Delivery, *, reason: str) -> Received:
    arrived = await intake.arrive_unread(
        hub, opened.row, delivery.body, reason=reason, source="webhook", at=delivery.at
    )
    if arrived.new:
        await intake.count(hub, opened.row.id, UNREADABLE, at=delivery.at)
        await hub.bell.announce("channels")
    log.warning("webhook_unreadable", channel=str(opened.row.id), new=arrived.new)
    return Received(0, arrived.repeated, parked=arrived.new)


async def _refused(hub: HubContext, meters: Meters, opened: OpenedChannel) -> NotAuthorizedException:
    """Count it where it stays: a wrong secret must show on the channel's page, not only in a log."""
    await intake.count(hub, opened.row.id, REFUSED, at=now())
    meters.count(opened.row.slug, "refused")
    log.warning("webhook_refused", channel=str(opened.row.id))
    msg = "the signature is missing or wrong: check the webhook's secret and address on the channel's page"
    return NotAuthorizedException(msg)


def _unknown(meters: Meters, delivery: _Delivery) -> NotFoundError:
    """Do the work of a signature check first, so that the time of the answer tells nothing about tokens."""
    hmac_sha256_base64(delivery.url, delivery.body)
    meters.count("", "unknown")
    return NotFoundError("there is no webhook at this address: copy it again from the channel's page")


def _result_of(received: Received) -> Literal["taken", "parked", "repeated", "ping"]:
    if received.new:
        return "taken"
    if received.parked:
        return "parked"
    return "repeated" if received.repeated else "ping"


webhook_routes = Router("/in", route_handlers=[receive_webhook], opt=OPEN, include_in_schema=False)
