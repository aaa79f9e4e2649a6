"""What can be wrong with a connector: each flaw has a name, the rule it breaks, and what its author does about it."""

from typing import NoReturn

from msgspec import Struct


class Flaw(Struct, frozen=True):
    name: str
    rule: str
    remedy: str


class BrokenRuleError(Exception):
    """A connector broke a rule; `seen` says what was seen instead, without secrets or people."""

    def __init__(self, flaw: Flaw, seen: str) -> None:
        super().__init__(f"{flaw.name}: {seen}")
        self.flaw = flaw
        self.seen = seen


class UntriedError(Exception):
    """The scenario does not apply to this connector, for the reason given."""


def untried(reason: str) -> NoReturn:
    raise UntriedError(reason)


def must(kept: bool, flaw: Flaw, seen: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise BrokenRuleError unless the rule is kept."""
    if not kept:
        raise BrokenRuleError(flaw, seen)


MANIFEST = Flaw(
    "manifest does not fit",
    "what the manifest declares is what the connector has, whole",
    "give every method of a capability its exact name and parameters, or leave the capability out",
)
CONFIG = Flaw(
    "config does not fit",
    "settings are typed in as text, explained, and read again after an upgrade",
    "give each field a help text and, but for what must be given, a default",
)
PROBES = Flaw(
    "probes cannot tell",
    "check() tells a wrong key, a missing permission and a wrong address apart, each with its remedy",
    "return one Probe for each, with a name of its own and a remedy in words",
)
SKIPS_ORDERS = Flaw(
    "skips orders",
    "every order that changed since the cursor is on some page, whatever moves meanwhile",
    "go on after the last record seen, never by counting rows; the cursor is that record less the overlap",
)
NEVER_ENDS = Flaw(
    "never ends",
    "a scan ends: next_cursor is None where the channel has no more for now",
    "return next_cursor None on the last page, and resume_cursor for the next scan",
)
UNSTABLE_KEY = Flaw(
    "unstable key",
    "the same news has the same delivery key by whichever way it comes, other news has another",
    "make the key of the order's id and a digest of its body, never of the time or of the call",
)
BLOCKS_NEIGHBORS = Flaw(
    "one blocks its neighbors",
    "one wrong record never spoils its page or its batch",
    "cut a page by a head of two or three fields, and let a stray one pass with no order id",
)
NAIVE_TIME = Flaw(
    "naive time",
    "every time has its zone",
    "type times as Aware; where the channel writes local time, add the zone of its settings",
)
WRONG_TIME = Flaw(
    "wrong time",
    "placed_at is the moment of the sale",
    "read the channel's UTC field, or convert from its zone",
)
FLOAT_MONEY = Flaw(
    "float money",
    "amounts are exact decimals, as the channel wrote them",
    "type amounts as Decimal in the wire Structs; no float on the way, not even once",
)
WRONG_MONEY = Flaw(
    "wrong money",
    "total, lines and currency are the channel's own",
    "keep the channel's figures; mind the decimals of the currency (JPY 0, KWD 3)",
)
WRONG_LINES = Flaw(
    "wrong lines",
    "each line has the units that were sold, and names its listing or its SKU",
    "one IncomingLine for each line of the channel, in its own units",
)
WRONG_STATE = Flaw(
    "wrong state",
    "the newest snapshot says what the channel says: canceled is canceled",
    "map every state of the channel; give updated_at and revision as the channel has them",
)
WRONG_HANDOVER = Flaw(
    "wrong hand-over",
    "who collects, who pays at the door, and every parcel that left are read as the channel has them",
    "set pickup, cash_on_delivery and parcels by the channel's own words, a parcel for each tracking number",
)
UNSOUND = Flaw(
    "unsound order",
    "an IncomingOrder keeps its own types and limits",
    "check lengths, currency codes and quantities, and raise MalformedError where they do not fit",
)
IMPURE = Flaw(
    "not pure",
    "parsing and translating give the same for the same bytes, and call nobody",
    "take the clock, chance and network out of verify, parse, split_file and to_incoming",
)
WRONG_ERROR = Flaw(
    "wrong error",
    "an error is named by what happens next: later, unauthorized, rejected, malformed",
    "let raise_for_status map the status; turn what cannot be read into MalformedError with the field's name",
)
WAITS = Flaw(
    "waits by itself",
    "a connector neither sleeps nor tries again: the hub does, within the budget",
    "raise RetryLaterError with after_s and return",
)
LEAKS_SECRET = Flaw(
    "leaks a secret",
    "no secret stands in a log, a repr, an error or a probe",
    "type it as Secret, and read .value only where the request is signed",
)
LEAKS_PERSON = Flaw(
    "leaks personal data",
    "names, addresses, phones and e-mails stand in IncomingOrder.person and nowhere else",
    "put them into person; say fields, never values, in errors; log nothing",
)
FORGED_WEBHOOK = Flaw(
    "takes a forged webhook",
    "a webhook is taken only with a signature over exactly these bytes",
    "compute the HMAC over the raw body, compare with hub.spec.signing.same, refuse where it is missing",
)
REFUSED_WEBHOOK = Flaw(
    "refuses a good webhook",
    "what the channel signed is taken, and leads to the order it tells of",
    "check which bytes, which address and which header the channel signs",
)
SUBSCRIBES_AGAIN = Flaw(
    "subscribes again",
    "ensure_webhooks changes nothing where all is well, and revives what the channel switched off",
    "look for a subscription to this url first; switch it on again where it is off",
)
GOES_ON_SENDING = Flaw(
    "goes on sending",
    "after remove_webhooks nothing comes to that address, and all others keep theirs",
    "list the subscriptions, delete each that delivers to this url, and take one that is gone already for done",
)
HIDES_SWITCHED_OFF = Flaw(
    "hides what was switched off",
    "what the channel had switched off is told once, by a probe that is mended",
    "return Probe(…, mended=True) where ensure_webhooks finds its subscription switched off",
)
WRONG_STOCK = Flaw(
    "wrong stock",
    "after `applied` the channel shows exactly the quantity, whatever it showed before",
    "write absolute numbers; make idempotency keys of the version, never of the quantity",
)
OVERWRITES = Flaw(
    "overwrites blindly",
    "what changed there meanwhile is not written over: its outcome is unknown, and the hub reads back",
    "send `expected` along where there is one, and answer unknown where the channel shows another number",
)
LOST_OUTCOME = Flaw(
    "loses an outcome",
    "one outcome for every target: applied, rejected with the channel's reason, or unknown",
    "answer for each target, and say unknown where the channel's answer does not mention it",
)
UNKNOWN_AS_FAILED = Flaw(
    "tells unknown as failed",
    "where the answer is lost nobody knows: the outcome is unknown, or the call raises RetryLaterError",
    "catch nothing after the write, or return unknown for each target of it",
)
UNKNOWN_AS_APPLIED = Flaw(
    "tells unknown as applied",
    "applied is said only where the channel said so",
    "return applied only for what a 2xx answer confirms",
)
REPEATS_WRITE = Flaw(
    "repeats a write",
    "a write is sent once; what became of it is read back before anybody sends it again",
    "send it once and return unknown; the hub reads back and decides",
)
WRONG_LISTINGS = Flaw(
    "wrong listings",
    "every listing is listed once; two with one SKU stay two",
    "page through all of them by the channel's own id",
)
CRASHES = Flaw(
    "crashes",
    "a connector raises the four errors of hub.spec and nothing else",
    "the traceback stands below: give the case its branch",
)
REDACTS_TOO_MUCH = Flaw(
    "redacts too much",
    "a redacted body is read as the same order, so that records can be tried again",
    "redact the fields that name the buyer, by hub.spec.redaction, and no other",
)
ABOVE_LIMIT = Flaw(
    "above the limit",
    "no window holds more calls than the channel answers, and none goes out after it said to wait",
    "declare the vendor's own limits as budgets, and let RetryLaterError pass: it ends the call",
)
FREE_CALL = Flaw(
    "a call that costs nothing",
    "where budgets are declared, each call spends something of one",
    "end the costs of a budget with Cost(), which fits every call",
)
LOG_IN = Flaw(
    "logs in wrongly",
    "the state and the way back are sent along; only what the channel gave becomes tokens",
    "build the address with hub.spec.auth.login_url, and ask with ask_for_tokens",
)
WRONG_WRITE = Flaw(
    "wrong write",
    "what is wished is what the channel has afterwards; what cannot be is rejected in words",
    "send the units and amounts of the wish, and answer by what the channel said",
)
ACTS_TWICE = Flaw(
    "acts twice",
    "the same wish acts once, however often it is sent, and each time its outcome is what became of it",
    "send the key to the channel; where it has none, look whether it was done before you do it",
)
AFTER_SALES = Flaw(
    "loses what came after",
    "every return, refund and settlement comes, once for each change, with the channel's own figures",
    "go on after the last record seen; make the delivery key of its id and a digest of its body",
)
SIMULATOR = Flaw(
    "its simulator fails",
    "a simulator answers every call, as its vendor would",
    "mend the simulator first, at the line that is named: what was tried says nothing of the connector",
)
