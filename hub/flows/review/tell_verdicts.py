"""Tell verdicts: what a rule wants told of an order, and rules that fail, become notices, each once."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from hub.flows.post_notices import NewNotice, post_notices
from hub.model.review.rules import Verb
from hub.model.review.verdicts import Verdict
from hub.spec import Severity
from hub.store.db import Tx


async def tell_verdicts(
    tx: Tx, verdicts: Mapping[UUID, Verdict], numbers: Mapping[UUID, int], *, url: str, at: datetime
) -> set[UUID]:
    """Return the notifiers to ring, after commit. No statement where there is nothing to tell."""
    wanted = [
        notice
        for order_id, verdict in verdicts.items()
        for notice in _notices(order_id, numbers[order_id], verdict, url)
    ]
    return await post_notices(tx, list({each.key: each for each in wanted}.values()), at=at)


def _notices(order_id: UUID, number: int, verdict: Verdict, url: str) -> Iterator[NewNotice]:
    link = f"{url}/orders/{number}"
    for each in verdict.decisions:
        for action in each.actions:
            if action.verb is Verb.NOTIFY:
                key = f"rule told: {each.rule} {each.version} {order_id}"
                title = f"Order {number}: {action.value}"
                yield NewNotice(
                    key, "review.rule", Severity.INFO, title, f"The rule {each.rule} says so.", link
                )
    for failure in verdict.failures:
        key = f"rule failed: {failure.rule} {failure.version}"
        title = f"The rule {failure.rule} failed on order {number}"
        says = f"{failure.why}. Orders go on as if it did not exist: correct it under Review."
        yield NewNotice(key, "review.rule_failed", Severity.WARNING, title, says, link)
