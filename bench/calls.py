"""Sends calls that are given, one after the other, with httpx: signed as the shop wants it, the limit of any pusher."""

import asyncio
import sys
from secrets import token_hex
from time import perf_counter

import httpx
import msgspec
from msgspec import Struct

from hub.kit.clock import now
from hub.spec.auth import OAuth1Keys, oauth1_query


class Calls(Struct, frozen=True):
    """The keys of the shop, and addresses with the body that each is sent."""

    key: str
    secret: str
    calls: list[tuple[str, bytes]]


async def main() -> None:
    job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Calls)
    keys = OAuth1Keys(job.key, job.secret)
    headers = {"content-type": "application/json"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
        begun = perf_counter()
        for url, body in job.calls:
            query = oauth1_query("POST", url, {}, keys, now=now(), nonce=token_hex(16))
            (await client.post(url, params=query, content=body)).raise_for_status()
        print(perf_counter() - begun)


if __name__ == "__main__":
    asyncio.run(main())
