"""Budgets of accounts, shared by every process of the hub: one script in Redis, and a careful bucket while it is away.

A budget is kept for the whole account, whichever channel, worker or page calls. Each lane leaves some of a bucket to
those before it, and has a share of its refill that they cannot take; within a lane the channels of the account take
turns. Redis may be lost at any time (L3): each process remembers the level it last saw and goes on with a part of it,
so that the sum of all stays in the limit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from math import isfinite
from typing import Any

import structlog
from msgspec.structs import replace
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.channels.buckets import COMES_BACK_S, FLOOR, Ask, Bucket, take_all
from hub.channels.lanes import RULES, Lane
from hub.kit.clock import now
from hub.spec import Budget, Reply, RetryLaterError
from hub.spec.transport import retry_after_s

AWAY_SHARE = (
    0.25  # of level, depth and refill, for each process alone: as many as ever call one account at once
)
AWAY_S = 5.0  # so long a Redis that did not answer is not asked again
ANSWER_S = 2.0
CLOSED_S = 1.0  # after a 429 that names no time
CLOSED_S_MAX = 3600.0
_BUSY = {429, 503}

log = structlog.get_logger()

_BEGIN = """
local given, clock = tonumber(ARGV[1]), redis.call('TIME')
local now = given > 0 and given or clock[1] + clock[2] / 1000000
local function read(key)
  local flat, held = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do held[flat[i]] = tonumber(flat[i+1]) end
  return held
end
local function level_of(held, capacity, refill, hint)
  local rate = held.refill or refill
  local level = (held.level or hint) + math.max(0, now - (held.at or now)) * rate
  return math.min(capacity, level), rate, (held.closed_until or 0) - now
end
local function keep(key, level, capacity, rate)
  redis.call('HSET', key, 'level', string.format('%.6f', level), 'at', string.format('%.6f', now))
  redis.call('PEXPIRE', key, 7200000 + math.ceil(capacity / rate * 1000))
end
"""
_TAKE = (
    _BEGIN
    + """
local floor, comes_back_s, lane, channel = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local of_lane = lane .. '/'
local me = of_lane .. channel
local function kept_for_others(held)
  local units = 0
  for name, until_then in pairs(held) do
    local whose = string.match(name, '^until:(.*)$')
    if whose and whose ~= lane and until_then > now then units = units + held['kept:' .. whose] end
  end
  return units
end
local function others_in_lane(held, turn)
  local count, ahead = 0, 0
  for name, until_then in pairs(held) do
    local whose = string.match(name, '^back:(.*)$')
    if whose and whose ~= me and string.sub(whose, 1, #of_lane) == of_lane and until_then > now then
      count = count + 1
      if held['asked:' .. whose] < turn then ahead = ahead + held['wants:' .. whose] end
    end
  end
  return count, ahead
end
local wait, turn, asks, answer = 0, 0, {}, {}
for i, key in ipairs(KEYS) do
  asks[i] = {held = read(key)}
  turn = math.max(turn, asks[i].held['turn:' .. me] or 0)
end
for i, ask in ipairs(asks) do
  local given, closed_s, ahead = {}, 0, 0
  for n = 0, 4 do given[n] = tonumber(ARGV[5*i+n+1]) end
  ask.capacity, ask.weight = given[0], given[2]
  ask.level, ask.rate, closed_s = level_of(ask.held, ask.capacity, given[1], given[4])
  ask.due = (now - (ask.held['got:' .. lane] or now)) * ask.rate * floor >= ask.weight
  ask.others, ahead = others_in_lane(ask.held, turn)
  local stays = ask.due and 0 or given[3] + kept_for_others(ask.held)
  local needs = math.min(ask.capacity, ask.weight + stays) + ahead
  wait = math.max(wait, closed_s)
  if needs - ask.level > 0.000001 then wait = math.max(wait, (needs - ask.level) / ask.rate) end
end
for i, key in ipairs(KEYS) do
  local ask, at = asks[i], string.format('%.6f', now)
  if wait > 0 then
    local back = string.format('%.6f', now + wait + comes_back_s)
    redis.call('HSETNX', key, 'got:' .. lane, at)
    redis.call('HSET', key, 'wants:' .. me, ask.weight, 'asked:' .. me, turn, 'back:' .. me, back)
    if ask.due then redis.call('HSET', key, 'kept:' .. lane, ask.weight, 'until:' .. lane, back) end
  else
    ask.level = ask.level - ask.weight
    local again = string.format('%.6f', now + ask.weight / ask.rate * ask.others)
    redis.call('HSET', key, 'got:' .. lane, at, 'turn:' .. me, again)
    redis.call('HDEL', key, 'kept:' .. lane, 'until:' .. lane, 'wants:' .. me, 'asked:' .. me, 'back:' .. me)
  end
  keep(key, ask.level, ask.capacity, ask.rate)
  answer[i] = string.format('%.6f', ask.level)
end
return {string.format('%.6f', wait), unpack(answer)}
"""
)
_HEED = (
    _BEGIN
    + """
local key, capacity, left = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[4])
local closed_s, told = tonumber(ARGV[5]), tonumber(ARGV[6])
local level, rate = level_of(read(key), capacity, tonumber(ARGV[3]), capacity)
if left >= 0 then level = math.min(level, left) end
if told > 0 then rate = told; redis.call('HSET', key, 'refill', ARGV[6]) end
if closed_s > 0 then
  level = 0
  local known = tonumber(redis.call('HGET', key, 'closed_until')) or 0
  redis.call('HSET', key, 'closed_until', string.format('%.6f', math.max(known, now + closed_s)))
end
keep(key, level, capacity, rate)
"""
)


class BudgetSpentError(RetryLaterError):
    """Not a failure of the channel: the hub itself held the call back, and nothing was sent.

    `for_all` False: there may be something left for lanes before the one that asked.
    """

    def __init__(self, message: str, *, after_s: float, for_all: bool = True) -> None:
        super().__init__(message, after_s=after_s, sent=False)
        self.for_all = for_all


class Budgets:
    """One for each process. `clock` stands in for that of Redis and of this process in tests."""

    def __init__(self, redis: "Redis", *, clock: Callable[[], float] | None = None) -> None:
        self._take = redis.register_script(_TAKE)
        self._heed = redis.register_script(_HEED)
        self._clock = clock
        self._seen: dict[str, Bucket] = {}
        self._alone: set[str] = set()  # buckets used while Redis was away
        self._away_until = 0.0

    async def spend(
        self,
        account: str,
        budgets: Sequence[Budget],
        method: str,
        path: str,
        *,
        lane: Lane,
        channel: str = "",
    ) -> None:
        """Return when the call may go out; BudgetSpentError where it would wait longer than its lane allows."""
        asks = asks_of(account, budgets, method, path, lane, channel)
        left_s = RULES[lane].wait_s_max
        while (wait := await self._try(asks)) > 0:
            if wait > left_s:
                names = ", ".join(each.name for each in budgets if each.weight_of(method, path))
                msg = f"{method} {path} waits for its budget ({names}): the hub goes on in {wait:.0f} s"
                raise BudgetSpentError(msg, after_s=wait, for_all=not RULES[lane].leaves)
            await asyncio.sleep(wait)
            left_s -= wait

    async def heed(
        self, account: str, budgets: Sequence[Budget], method: str, path: str, reply: Reply
    ) -> None:
        """Hear what the answer says of its budgets: how much is left, the limit now, and when to come again."""
        for budget in budgets:
            weight = budget.weight_of(method, path)
            if not weight:
                continue
            ask = Ask(key_of(account, budget.name), budget.capacity, budget.refill_per_s, weight)
            left, told = _number(reply, budget.left_header), _told_refill(budget, reply)
            await self._learn(ask, left, _closed_s(budget, reply, left), told)

    async def _try(self, asks: Sequence[Ask]) -> float:
        if not asks:
            return 0.0
        if self._now() >= self._away_until:
            try:
                await self._rejoin(asks)
                return await self._ask_redis(asks)
            except (RedisError, OSError, TimeoutError) as error:
                self._away_until = self._now() + AWAY_S
                log.warning("budgets_without_redis", error=type(error).__name__)
        own = [self._own(each) for each in asks]
        parts = [_part_of(ask, bucket) for ask, bucket in zip(asks, own, strict=True)]
        return take_all(own, parts, self._now())

    async def _ask_redis(self, asks: Sequence[Ask]) -> float:
        """The level this process last saw stands in for a bucket that Redis has forgotten."""
        args: list[float | str] = [self._given(), FLOOR, COMES_BACK_S, asks[0].lane, asks[0].channel]
        for each in asks:
            hint = self._seen[each.name].level if each.name in self._seen else each.capacity
            args += [each.capacity, each.refill_per_s, each.weight, each.left, hint]
        wait, *levels = await self._run(self._take, [each.name for each in asks], args)
        for each, level in zip(asks, levels, strict=True):
            own = self._seen.setdefault(each.name, Bucket(level, 0.0))
            own.level, own.at = level, self._now()
        return wait

    async def _rejoin(self, asks: Sequence[Ask]) -> None:
        """Redis has filled its buckets meanwhile, and knows nothing of what was spent without it."""
        for each in asks:
            if each.name in self._alone:
                own = self._seen[each.name]
                own.fill(_part_of(each, own), self._now())
                await self._run(self._heed, [each.name], self._heard(each, own.level, 0.0, 0.0))
                self._alone.discard(each.name)

    async def _learn(self, ask: Ask, left: float | None, closed_s: float, told: float) -> None:
        """Redis is only told what it cannot know: most answers say no more than that a call was counted."""
        own = self._seen.setdefault(ask.name, Bucket(ask.capacity, self._now()))
        news = (left is not None and left < own.level) or closed_s > 0 or told not in {0.0, own.told}
        if not news:
            return
        own.level = min(own.level, ask.capacity if left is None else left)
        own.told = told or own.told
        if closed_s:
            own.level, own.closed_until = 0.0, max(own.closed_until, self._now() + closed_s)
        with suppress(RedisError, OSError, TimeoutError):
            await self._run(self._heed, [ask.name], self._heard(ask, own.level, closed_s, told))

    def _heard(self, ask: Ask, left: float, closed_s: float, told: float) -> list[float | str]:
        return [self._given(), ask.capacity, ask.refill_per_s, left, closed_s, told]

    async def _run(
        self, script: Callable[..., Awaitable[Any]], keys: list[str], args: list[float | str]
    ) -> list[float]:
        async with asyncio.timeout(ANSWER_S):
            answer = await script(keys=keys, args=args)
        return [float(each) for each in answer or []]

    def _own(self, ask: Ask) -> Bucket:
        """A part of the level last seen, and none of a bucket never seen: others may have just emptied it."""
        own = self._seen.setdefault(ask.name, Bucket(0.0, self._now()))
        if ask.name not in self._alone:
            own.level *= AWAY_SHARE
            self._alone.add(ask.name)
        return own

    def _now(self) -> float:
        return self._clock() if self._clock else now().timestamp()

    def _given(self) -> float:
        """0 lets Redis look at its own clock, the only one that all processes share."""
        return self._clock() if self._clock else 0.0


def asks_of(
    account: str, budgets: Sequence[Budget], method: str, path: str, lane: Lane, channel: str = ""
) -> list[Ask]:
    """What a call spends of which buckets of its account."""
    leaves = RULES[lane].leaves
    return [
        Ask(key_of(account, each.name), each.capacity, each.refill_per_s, weight, leaves, lane, channel)
        for each in budgets
        if (weight := each.weight_of(method, path))
    ]


def key_of(account: str, name: str) -> str:
    return f"hub:budget:{account}:{name}"


def _part_of(ask: Ask, own: Bucket) -> Ask:
    """What one process may do alone while it cannot know what the others do."""
    depth = max(ask.weight, ask.capacity * AWAY_SHARE)
    refill = (own.told or ask.refill_per_s) * AWAY_SHARE
    return replace(ask, capacity=depth, refill_per_s=refill)


def _closed_s(budget: Budget, reply: Reply, left: float | None) -> float:
    """How long to send nothing: as the channel says, a moment after a 429 without a word, or until the window ends."""
    after = retry_after_s(reply)
    if reply.status in _BUSY and after is not None:
        return min(after, CLOSED_S_MAX)
    if reply.status == 429:
        return CLOSED_S
    reset = _number(reply, budget.reset_header)
    return min(reset, CLOSED_S_MAX) if reset and left is not None and left < 1 else 0.0


def _told_refill(budget: Budget, reply: Reply) -> float:
    """Units a second by the limit the channel tells now, never faster than declared; 0 where it tells none."""
    limit = min(_number(reply, budget.limit_header) or 0.0, budget.limit)
    spread = limit if budget.is_bucket else limit - budget.capacity + 1
    return max(spread, limit / 2, 0.0) / budget.window_s


def _number(reply: Reply, header: str) -> float | None:
    """The number in a header; of "32/40", used of so many, what is left; None where it is none, as with "nan"."""
    text = reply.headers.get(header, "") if header else ""
    used, slash, of_all = text.partition("/")
    with suppress(ValueError):
        number = float(of_all) - float(used) if slash else float(used)
        return number if isfinite(number) else None
    return None
