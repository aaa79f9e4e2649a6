"""The webhook subscriptions of a simulated channel, and what waits to be sent to them."""

from collections.abc import Callable

from msgspec import Struct

from hub.spec.testing.wire import Delivery

Build = Callable[["SimHook"], Delivery | None]


class SimHook(Struct):
    """One subscription. A vendor that gave up delivering sets `enabled` to False."""

    id: str
    url: str
    topics: list[str]
    secret: str = ""
    enabled: bool = True


class SimHooks:
    """With `late`, a body is built when it is taken: it may tell of more than its topic did."""

    def __init__(self, *, late: bool = False) -> None:
        self.by_id: dict[str, SimHook] = {}
        self._late = late
        self._made = 0
        self._waiting: list[Callable[[], Delivery | None]] = []

    def subscribe(self, url: str, topics: list[str], secret: str = "") -> SimHook:
        """Add a subscription; a vendor that allows one for each address looks for it first."""
        self._made += 1
        hook = SimHook(f"hook-{self._made}", url, topics, secret)
        self.by_id[hook.id] = hook
        return hook

    def put(self, url: str, topics: list[str], secret: str) -> str:
        """Subscribe, or switch on again what there is for this address; return what it was: new, on or off."""
        known = next((each for each in self.by_id.values() if each.url == url), None)
        was = "new" if known is None else "on" if known.enabled else "off"
        hook = known or self.subscribe(url, topics)
        hook.secret, hook.enabled = secret, True
        return was

    def remove(self, url: str) -> int:
        """Delete all that go to this address; return how many there were."""
        gone = [each.id for each in self.by_id.values() if each.url == url]
        for each in gone:
            del self.by_id[each]
        return len(gone)

    def tell(self, topic: str, build: Build) -> None:
        for hook in self.by_id.values():
            if hook.enabled and topic in hook.topics:
                self._queue(hook, build)

    def take(self) -> list[Delivery]:
        waiting, self._waiting = self._waiting, []
        return [delivery for each in waiting if (delivery := each()) is not None]

    def _queue(self, hook: SimHook, build: Build) -> None:
        if self._late:
            self._waiting.append(lambda: build(hook))
        else:
            built = build(hook)
            self._waiting.append(lambda: built)
