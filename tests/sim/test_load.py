"""Customers are made up from a seed: the same ones every time, most of them after the most popular goods."""

import re
from collections import Counter
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.sim.catalog import demo_catalog, sim_items
from hub.sim.load import Load, LoadPlan, Sells, Visit, run_loads, visits
from hub.sim.remote import RemoteSim
from hub.sim.serve import serve
from tests.sim.fake_shop import FakeShop

GOODS = sim_items(demo_catalog())
SKUS = [item.sku for item in GOODS]
RUSH = LoadPlan(visits=60, per_minute=0, cancel=0.2)
asynchronous = pytest.mark.anyio


def first(count: int, plan: LoadPlan = RUSH) -> list[Visit]:
    return list(islice(visits(plan, SKUS), count))


@given(seed=st.integers(0, 2**32))
def test_one_seed_brings_the_same_customers(seed):
    assert first(20, LoadPlan(seed=seed)) == first(20, LoadPlan(seed=seed))


def test_another_seed_brings_others():
    assert first(20, LoadPlan(seed=1)) != first(20, LoadPlan(seed=2))


def test_baskets_have_one_to_four_lines_of_known_goods():
    baskets = [visit.basket for visit in first(500)]
    assert {len(basket) for basket in baskets} == {1, 2, 3, 4}
    assert set().union(*baskets) <= set(SKUS)
    assert min(units for basket in baskets for units in basket.values()) == 1


def test_the_first_in_the_catalog_sells_best():
    lines = Counter(sku for visit in first(3000) for sku in visit.basket)
    assert lines.most_common(1)[0][0] == SKUS[0]
    assert sum(lines[sku] for sku in SKUS[:12]) > lines.total() / 2


def test_without_skew_all_sell_alike():
    lines = Counter(sku for visit in first(6000, LoadPlan(skew=0)) for sku in visit.basket)
    assert max(lines.values()) < 2 * min(lines.values())


def test_the_pace_is_the_rate_in_the_mean():
    pauses = [visit.pause_s for visit in first(5000, LoadPlan(per_minute=120))]
    assert 0.47 < sum(pauses) / 5000 < 0.53


def test_no_customer_can_be_a_real_one():
    for buyer in (visit.buyer for visit in first(500)):
        assert re.fullmatch(r"[a-z.]+\.\d+@example\.com", buyer.email)
        assert re.fullmatch(r"\+1-555-01\d\d", buyer.phone)


def test_customers_write_in_several_scripts_from_several_countries():
    people = [visit.buyer for visit in first(500)]
    assert len({buyer.shipping.country for buyer in people if buyer.shipping}) >= 8
    assert any(re.match(r"[\u4e00-\u9fff]", buyer.name) for buyer in people)
    assert any(re.search("[äöüßéñł]", buyer.name) for buyer in people)


@asynchronous
async def test_every_visit_is_a_sale_or_a_refusal_and_the_channel_agrees():
    shop = FakeShop(GOODS)
    async with serve([shop]) as [sim]:
        report = await Load(RUSH, SKUS).run(sim)
    assert (report.sold + report.refused, report.sold) == (60, len(shop.baskets))
    assert report.canceled == len(shop.canceled) > 0
    assert Counter(report.units) == sum((Counter(basket) for basket in shop.baskets.values()), Counter())


@asynchronous
async def test_from_another_process_the_same_customers_buy_the_same(client):
    async with serve([FakeShop(GOODS), FakeShop(GOODS)]) as [near, far]:
        pairs: list[tuple[Load, Sells]] = [
            (Load(RUSH, SKUS), near),
            (Load(RUSH, SKUS), RemoteSim(client, far.url)),
        ]
        here, there = await run_loads(pairs)
        assert (here, near.simulator.stock()) == (there, far.simulator.stock())
