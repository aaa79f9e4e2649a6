"""What channels may see, for 100,000 listings in one query, and what a batch of orders on one hot SKU costs.

The first stands beside a bare sequential scan of the same rows, the second beside as many single-row updates.

Run it: python -m bench.stock [--listings 10000]. How to read it: bench/README.md.
"""

from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import click
import psycopg
from msgspec import Struct
from psycopg.rows import namedtuple_row

from bench import hot, report
from bench.report import Line
from bench.servers import throw_away
from hub.model.stock.visibility import Allotted, Rule, unfold
from hub.store.stock.shown import shown_by_rules

DATABASE = "stock"
CHANNELS, LOCATIONS = 4, 5
PUSH = 200  # listings that a worker claims at once
_FILL = f"""
INSERT INTO accounts (id, name, kind, credentials, created_at)
SELECT gen_random_uuid(), 'account ' || n, 'woocommerce', '', now() FROM generate_series(1, {CHANNELS}) n;
INSERT INTO channels (id, account_id, slug, name, webhook_token, next_pull_at, next_listings_pull_at, created_at)
SELECT gen_random_uuid(), id, replace(name, ' ', '-'), name, name, now(), now(), now() FROM accounts;
INSERT INTO locations (code, name) SELECT 'place-' || n, 'Place ' || n FROM generate_series(2, {LOCATIONS}) n;
INSERT INTO skus (sku, name, sku_group, created_at)
SELECT 'SKU-' || lpad(n::text, 6, '0'), 'Item ' || n, CASE n % 10 WHEN 0 THEN 'fragile' ELSE '' END, now()
FROM generate_series(1, %(skus)s) n;
INSERT INTO levels (sku, location, on_hand, allocated, safety_stock)
SELECT sku, code, 40 * random(), 5 * random(), 2 * random() FROM skus CROSS JOIN locations;
INSERT INTO listings (id, channel_id, channel_listing_id, channel_sku, title, sku, units, created_at)
SELECT gen_random_uuid(), c.id, sku, sku, s.name, sku, CASE WHEN random() < 0.1 THEN 6 ELSE 1 END, now()
FROM skus s CROSS JOIN channels c ORDER BY random();
INSERT INTO publications (listing_id, channel_id) SELECT id, channel_id FROM listings"""
_RULES = """
INSERT INTO visibility_rules (id, channel_id, sku_group, listing_id, buffer, buffer_percent, cap, allotment, minimum,
                              locations, changed_at)
SELECT gen_random_uuid(), c.id, x.sku_group, NULL, x.buffer, x.buffer_percent, x.cap, x.allotment, x.minimum,
       x.locations, now()
FROM (VALUES
  (NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL::text[]),
  ('account-1', NULL, NULL, 20, 50, NULL, NULL, NULL),
  ('account-2', NULL, NULL, NULL, NULL, 3, NULL, ARRAY['main', 'place-2']),
  (NULL, 'fragile', NULL, NULL, NULL, NULL, 3, NULL),
  ('account-3', 'fragile', 5, NULL, NULL, NULL, NULL, NULL)
) x (slug, sku_group, buffer, buffer_percent, cap, allotment, minimum, locations)
LEFT JOIN channels c ON c.slug = x.slug;
INSERT INTO visibility_rules (id, listing_id, cap, allotment, changed_at)
SELECT gen_random_uuid(), id, 9, 2, now() FROM listings WHERE abs(hashtext(id::text)) % 100 < 5"""

ALL = f"{shown_by_rules('true')} SELECT count(*), sum(quantity) FROM shown"
SCAN = """
SELECT (SELECT sum(units) FROM listings), (SELECT sum(on_hand - allocated - reserved - safety_stock) FROM levels),
       (SELECT sum(length(sku_group)) FROM skus)"""
SOME = f"{shown_by_rules('l.id = ANY(%(ids)s)')} SELECT count(*), sum(quantity) FROM shown"
LOOKUP = """
SELECT count(*), sum(v.on_hand) FROM listings l JOIN levels v ON v.sku = l.sku WHERE l.id = ANY(%(ids)s)"""
EVERY = f"{shown_by_rules('true')} SELECT * FROM shown"


class Timed(Struct, frozen=True):
    """Medians in milliseconds, of statements that took turns."""

    query_ms: float
    limit_ms: float

    @property
    def ratio(self) -> float:
        return self.query_ms / self.limit_ms


@click.command()
@click.option("--listings", default=100_000, show_default=True, help="Listings, over four channels.")
@click.option("--rounds", default=7, show_default=True, help="Times that the query and its limit take turns.")
@click.option("--batches", default=20, show_default=True, help="Batches of 500 orders on one hot SKU.")
@click.option("--seconds", default=5, show_default=True, help="Length of each run of pgbench.")
def main(listings: int, rounds: int, batches: int, seconds: int) -> None:
    """Measure what channels may see, for all listings and for those of one push, and promises on one hot SKU."""
    figures: dict[str, Timed] = {}
    with throw_away() as bed, report.progress() as progress:
        shown = progress.add_task("what channels may see", total=4)
        bed.migrated(DATABASE)
        with bed.connect(DATABASE, autocommit=True) as connection:
            for name, fill in (("without rules", _FILL), ("with rules", _RULES)):
                _fill(connection, fill, listings // CHANNELS)
                prove(connection, listings // CHANNELS * CHANNELS)
                figures[f"all, {name}"] = _measure(connection, ALL, SCAN, rounds)
                progress.advance(shown)
                figures[f"one push, {name}"] = _measure(connection, SOME, LOOKUP, rounds * 5)
                progress.advance(shown)
        shown = progress.add_task("500 orders on one hot SKU", total=2)
        rush = hot.measure(
            bed, batches=batches, seconds=seconds, progress=lambda done: progress.advance(shown, done)
        )
        settings = bed.settings()
    conclude(listings, figures, rush, settings)


def _fill(connection: psycopg.Connection, statements: str, skus: int) -> None:
    for statement in statements.split(";"):
        connection.execute(statement.replace("%(skus)s", str(skus)).encode())
    connection.execute("VACUUM (ANALYZE)")
    connection.execute("CHECKPOINT")


def _measure(connection: psycopg.Connection, query: str, limit: str, rounds: int) -> Timed:
    found = connection.execute(
        "SELECT id FROM listings WHERE channel_id = (SELECT min(channel_id::text)::uuid FROM"
        " channels c JOIN listings l ON l.channel_id = c.id) ORDER BY id LIMIT %s",
        [PUSH],
    )
    values = {"ids": [row[0] for row in found]} if "%(ids)s" in query else None
    times: dict[str, list[float]] = {query: [], limit: []}
    for _ in range(rounds + 1):
        for statement, taken in times.items():
            begun = perf_counter()
            connection.execute(statement.encode(), values).fetchall()
            taken.append(1000 * (perf_counter() - begun))
    return Timed(*(median(taken[1:]) for taken in times.values()))  # the first of each warms up


def prove(connection: psycopg.Connection, listings: int) -> None:
    """Every listing has its number, and the pure function makes the same of what stands beside it."""
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        rows: Sequence[Any] = cursor.execute(EVERY.encode()).fetchall()
    found: dict[UUID, Any] = {row.id: row for row in rows}
    assert len(found) == len(rows) == listings, f"{len(rows)} rows for {listings} listings"
    for row in rows:
        rule = Rule(row.buffer, row.buffer_percent, row.cap, row.allotment, row.minimum)
        allotted = Allotted(int(row.own), int(row.others))
        steps = unfold(int(row.free), rule, units=row.units, allotted=allotted, whole=row.whole)
        assert steps.shown == row.quantity, f"{row} is not {steps}"
    assert len({row.quantity for row in rows}) > 10, "the numbers hardly differ"


def conclude(listings: int, figures: dict[str, Timed], rush: hot.Hot, settings: dict[str, str]) -> None:
    beside = {"all": "sequential scan", "one push": "index lookup"}
    lines = [
        Line(
            f"{f'{listings:,}' if name.startswith('all') else PUSH} listings,{name.partition(',')[2]}",
            f"{timed.query_ms:,.1f} ms",
            f"{beside[name.partition(',')[0]]} {timed.limit_ms:,.1f} ms",
            f"{timed.ratio:.1f} x",
            "lower is better",
        )
        for name, timed in figures.items()
    ]
    lines.extend(
        Line(
            f"{rush.orders} orders on one hot SKU, promised in one batch",
            f"{rush.per_s:,.0f} orders/s",
            f"single-row updates, {f'{clients} clients' if clients > 1 else '1 client'}: {tps:,.0f} tps",
            f"{rush.ratios[clients]:.1f} x",
            _verdict(rush.ratios[clients]) if clients > 1 else "",
        )
        for clients, tps in rush.tps.items()
    )
    title = f"available to sell: {CHANNELS} channels, {LOCATIONS} locations; PostgreSQL {settings['server_version']}"
    facts = {
        name.replace(", ", "_").replace(" ", "_"): {
            "query_ms": round(timed.query_ms, 2),
            "limit_ms": round(timed.limit_ms, 2),
            "ratio": round(timed.ratio, 2),
        }
        for name, timed in figures.items()
    }
    head = {
        "bench": "stock",
        "listings": listings,
        "channels": CHANNELS,
        "locations": LOCATIONS,
        "push": PUSH,
    }
    allocation = {
        "hot_orders": rush.orders,
        "hot_batch_ms": round(1000 * rush.batch_s, 2),
        "hot_orders_per_s": round(rush.per_s),
        "single_row_tps": {str(clients): round(tps) for clients, tps in rush.tps.items()},
        "hot_times_single_row": {str(clients): round(ratio, 2) for clients, ratio in rush.ratios.items()},
        "goal_times_single_row": hot.GOAL,
    }
    report.show(title, lines, head | facts | allocation | {"settings": settings})


def _verdict(ratio: float) -> str:
    return f"goal: at least {hot.GOAL:g} x, {'reached' if ratio >= hot.GOAL else 'missed'}"


if __name__ == "__main__":
    main()
