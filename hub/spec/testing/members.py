"""What every exporter, observer, notifier and carrier keeps: rules that a test of any package can try.

Each function returns the rules that are broken, in words; `[]` is what a test wants to see.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from hub.model.errors import HubError
from hub.spec.carriers import Carrier
from hub.spec.config import Settings, read_settings, secrets_of, settings_of, write_settings
from hub.spec.errors import MalformedError, RejectedError, RetryLaterError, UnauthorizedError
from hub.spec.exporters import Export, ExportedLevel, ExportedLine, ExportedOrder, Exporter
from hub.spec.mail import Mail
from hub.spec.notices import Notice, Notifier, Severity
from hub.spec.observers import Event, Observer
from hub.spec.transport import Http, Reply

KIND = re.compile(r"[a-z][a-z0-9_]*")
BAD_ANSWERS = (400, 401, 404, 408, 429, 500, 503)
NAMED = (RetryLaterError, UnauthorizedError, RejectedError, MalformedError)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_NO_HOLDS: list[str] = []
_LINE = ExportedLine(
    *("1", "mug-blue", "MUG", "=Mug, blue", "item", 2, 0, 2, 0, 0, 0),
    *(Decimal("9.99"), Decimal(0), Decimal("3.19"), Decimal("19.98")),
)
_ORDER = ExportedOrder(
    *("0197", 1001, "shop", "A-1", "A1", NOON, False, 0, "EUR", Decimal("19.98"), Decimal("3.19")),
    *(Decimal(0), Decimal(0), True, "paid", _NO_HOLDS, [_LINE]),
    fields={"po_number": "4711"},
)
EXPORTS = (
    Export("orders-000000000007", NOON, orders=[_ORDER]),
    Export("stock-00000001-0001", NOON, levels=[ExportedLevel("MUG", "MAIN", 10, 2)]),
)
EVENT = Event(7, "order.taken", NOON, "shop", 1001, "shop", {"lines": 1})
NOTICE = Notice(
    "0197", "stock.late", Severity.WARNING, "A number is late", "Look there", "https://hub.example", NOON
)


class CannedHttp:
    """Fulfills Http: each call gets the same status, or with `status` 0 no answer at all."""

    base_url = "https://there.example"

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.calls: list[tuple[str, str]] = []

    def now(self) -> datetime:
        return NOON

    def nonce(self) -> str:
        return f"nonce{len(self.calls)}"

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str = "",
    ) -> Reply:
        del query, body, headers, idempotency_key
        self.calls.append((method, path))
        if not self.status:
            msg = f"{method} {path} got no answer"
            raise RetryLaterError(msg)
        return Reply(self.status, {}, b"{}")


async def broken_by_exporter(exporter: Exporter, settings: Mapping[str, str]) -> list[str]:
    """Try it with settings that are right. What it writes goes to where they say."""

    def acts(http: Http, config: Settings) -> list[Callable[[], Awaitable[None]]]:
        opened = exporter.open(http, config)
        return [lambda each=each: opened.write(each) for each in EXPORTS]  # type: ignore[misc]

    return await _broken(exporter, settings, acts, lambda http, config: exporter.open(http, config).check())


async def broken_by_observer(observer: Observer, settings: Mapping[str, str]) -> list[str]:
    """Try it with settings that are right."""

    def acts(http: Http, config: Settings) -> list[Callable[[], Awaitable[None]]]:
        opened = observer.open(http, config)
        return [lambda: opened.observe(EVENT)]

    return await _broken(observer, settings, acts, lambda http, config: observer.open(http, config).check())


async def broken_by_notifier(notifier: Notifier, mail: Mail, settings: Mapping[str, str]) -> list[str]:
    """Try it with settings that are right, and a `mail` that takes what it is given."""

    def acts(http: Http, config: Settings) -> list[Callable[[], Awaitable[None]]]:
        opened = notifier.open(http, mail, config)
        return [lambda: opened.notify(NOTICE)]

    return await _broken(
        notifier, settings, acts, lambda http, config: notifier.open(http, mail, config).check()
    )


def broken_by_carrier(carrier: Carrier) -> list[str]:
    """Nothing typed as a number may lead to another page, and no number is guessed that could be another's."""
    url = carrier.tracking_url("A/1 &?#")
    rules = {
        f"the key {carrier.key!r} is not small letters and digits": KIND.fullmatch(carrier.key) is not None,
        "it has no title": bool(carrier.title),
        f"a number becomes part of the address unquoted: {url}": not url or url.endswith("A%2F1%26%3F%23"),
        f"its address is not https: {url}": not url or url.startswith("https://"),
        "an empty number has an address": not carrier.tracking_url("  "),
        "it knows a number that is none": not (carrier.knows("") or carrier.knows("?")),
    }
    return [broken for broken, kept in rules.items() if not kept]


Acts = Callable[[Http, Settings], Sequence[Callable[[], Awaitable[None]]]]
Check = Callable[[Http, Settings], Awaitable[Sequence[object]]]


async def _broken(
    member: Exporter | Observer | Notifier, settings: Mapping[str, str], acts: Acts, check: Check
) -> list[str]:
    broken = _broken_by_form(member)
    config = read_settings(member.config_type, write_settings(member.config_type, settings))
    secrets = secrets_of(config)
    if any(each in repr(config) for each in secrets):
        broken.append("a secret can be read in the repr of the settings: make it a Secret")
    http = CannedHttp()
    wanted = acts(http, config)
    if http.calls:
        broken.append("open() calls the network: it may only bind")
    await check(http, config)
    for act in [*wanted, *wanted]:  # what is told twice does no harm
        await act()
    for status in (*BAD_ANSWERS, 0):
        broken += await _broken_by_answer(acts(http := CannedHttp(status), config), http, status, secrets)
    return list(dict.fromkeys(broken))


def _broken_by_form(member: Exporter | Observer | Notifier) -> list[str]:
    unexplained = [each.name for each in settings_of(member.config_type) if not each.help]
    rules = {
        f"the kind {member.kind!r} is not small letters, digits and _": KIND.fullmatch(member.kind)
        is not None,
        "it has no title": bool(member.title),
        f"nobody is told what to write into {', '.join(unexplained)}: Meta(description=…)": not unexplained,
    }
    return [broken for broken, kept in rules.items() if not kept]


async def _broken_by_answer(
    acts: Sequence[Callable[[], Awaitable[None]]], http: CannedHttp, status: int, secrets: Sequence[str]
) -> list[str]:
    """A bad answer becomes an error that says what happens next, and never one that says a secret."""
    broken: list[str] = []
    for act in acts:
        before = len(http.calls)
        try:
            await act()
        except HubError as error:
            named = isinstance(error, NAMED)
            broken += [] if named else [f"{status or 'silence'} becomes {type(error).__name__}"]
            broken += [f"an error tells a secret: {type(error).__name__}"] if _tells(error, secrets) else []
        else:
            if len(http.calls) > before:
                broken.append(f"{status or 'silence'} is taken for success")
    return broken


def _tells(error: HubError, secrets: Sequence[str]) -> bool:
    return any(each in str(error) for each in secrets)
