"""Channels on the command line: joined, probed, pulled, paused; each error says what to do."""

from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Hub, Simulated, goods, sets


@pytest.fixture
def joined(hub: Hub, simulated: Simulated) -> Hub:
    """A hub joined to the simulated shop as `web`."""
    hub.arrange(goods)
    assert hub("channel", "add", "woocommerce", "web", *simulated.settings).code == 0
    return hub


def sell(simulated: Simulated, **basket: int) -> str:
    order = {
        "basket": {sku.replace("_", "-"): units for sku, units in basket.items()},
        "buyer": {"name": "Ada"},
    }
    answer = httpx.post(f"{simulated.url}/_sim/sell", json=order, trust_env=False)
    return str(answer.raise_for_status().json()["channel_order_id"])


def test_a_channel_is_joined_probed_and_the_next_step_named(hub: Hub, simulated: Simulated):
    said = hub("channel", "add", "woocommerce", "web", *simulated.settings)
    assert (said.code, "✓ key" in said.out, "✗" in said.out) == (0, True, False)
    assert "webhooks to: http://127.0.0.1:8700/in/" in said.out
    assert "Next: hub channel pull web --listings" in said.out


def test_a_channel_that_does_not_answer_is_joined_all_the_same(shop: Hub):
    assert [row[0] for row in shop.sql("SELECT slug FROM channels")] == ["web"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shopify", "web"], "there is no connector of kind 'shopify'"),
        (["woocommerce", "Web DE"], "use small letters, digits and hyphens"),
        (["woocommerce", "web"], "needs base_url: add --set base_url=…"),
        (["square", "till", "--set", "access_token"], "is not NAME=VALUE"),
        (["square", "till", "--set", "token=1", "--set", "access_token=2"], "has no setting 'token'"),
        (["manual", "phone", "--location", "moon"], "there is no location 'moon'"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_nothing_is_kept(hub: Hub, words: list[str], said: str):
    answer = hub("channel", "add", *words)
    assert (answer.code, said in answer.error) == (1, True)
    assert hub.sql("SELECT count(*) FROM channels") == [(0,)]


def test_a_name_is_given_once(shop: Hub):
    assert "there is a channel 'web' already" in shop("channel", "add", "manual", "web").error


def test_credentials_are_sealed_and_never_listed(shop: Hub):
    assert shop.sql("SELECT position('cs_1'::bytea IN credentials) FROM accounts") == [(0,)]
    assert "cs_1" not in shop("channel", "list", "--json").out


def test_new_orders_are_pulled_and_taken_once(joined: Hub, simulated: Simulated):
    order_id = sell(simulated, MUG_BLUE=2)
    joined("channel", "pull", "web")
    assert joined.sql(f"SELECT count(*) FROM orders WHERE channel_order_id = '{order_id}'") == [(1,)]
    assert "nothing new" in joined("channel", "pull", "web").out


def test_listings_are_pulled_and_matched_where_their_sku_is_ours(joined: Hub):
    joined.sql("INSERT INTO skus (sku, name, created_at) VALUES ('MUG-BLUE', 'Mug', now())")
    pulled = joined("channel", "pull", "web", "--listings").out
    assert "1 unmatched one reads as one of our SKUs. Confirm: hub listing match web --same-sku" in pulled
    assert "1 listing matched on web" in joined("listing", "match", "web", "--same-sku").out
    assert joined.sql("SELECT channel_sku FROM listings WHERE sku = 'MUG-BLUE'") == [("MUG-BLUE",)]


def test_a_probe_that_fails_names_its_remedy_and_the_exit_code_tells(shop: Hub):
    said = shop("channel", "test", "web")
    assert (said.code, "✗ address" in said.out, "→ check the address" in said.out) == (1, True, True)


def test_wrong_credentials_stop_the_channel_until_a_person_corrects_and_tests_them(
    joined: Hub, simulated: Simulated
):
    key = next(each for each in simulated.settings if each.startswith("consumer_key="))
    joined("channel", "set", "web", "consumer_key=ck_wrong")
    assert "hub channel set web NAME=VALUE" in joined("channel", "pull", "web").error
    assert joined.sql("SELECT state FROM accounts") == [("needs login",)]
    joined("channel", "set", "web", key)
    assert "web is connected again" in joined("channel", "test", "web").out
    assert joined.sql("SELECT state FROM accounts") == [("ok",)]


def test_webhooks_are_subscribed_once(joined: Hub):
    first, second = joined("channel", "webhooks", "web"), joined("channel", "webhooks", "web")
    assert (first.code, first.out.count(": created"), second.out.count(": active")) == (0, 4, 4)


def test_a_paused_channel_is_shown_as_paused_until_it_is_resumed(shop: Hub):
    shop("channel", "pause", "web")
    (paused,) = shop("channel", "list", "--json").items
    shop("channel", "resume", "web")
    (resumed,) = shop("channel", "list", "--json").items
    assert (paused["state"], resumed["state"]) == ("paused", "active")


def test_channels_of_one_shop_are_said_to_share_its_limits_whatever_their_keys(shop: Hub):
    assert "shares" not in shop("channel", "list").out
    same = ("base_url=https://127.0.0.1:9/", "consumer_key=ck_2", "consumer_secret=cs_2")
    assert shop("channel", "add", "woocommerce", "web-2", *sets(*same)).code == 0
    assert "web shares its limits with: web-2" in shop("channel", "list").out
    assert [each["shares_limits_with"] for each in shop("channel", "list", "--json").items] == [
        ["web-2"],
        ["web"],
    ]


def test_a_channel_without_an_other_side_says_why_it_cannot_be_asked(phone: Hub):
    assert "its orders are typed or added as files" in phone("channel", "pull", "phone").error
    assert "sends no webhooks" in phone("channel", "webhooks", "phone").error


def test_typed_orders_from_a_file_park_alone_where_they_cannot_be_promised(phone: Hub, tmp_path: Path):
    head = '"placed_at": "2026-11-23T12:00:00Z", "currency": "EUR"'
    line = '"lines": [{{"title": "Mug", "sku": "MUG", "quantity": {}, "unit_price": "5"}}]'
    wanted = enumerate((4, 40, 6))
    orders = [f'{{"command_id": "{n}", {head}, {line.format(units)}}}' for n, units in wanted]
    (tmp_path / "day.json").write_text(f"[{','.join(orders)}]")
    items = phone("inbox", "add", "phone", str(tmp_path / "day.json"), "--json").items
    assert [each["state"] for each in items] == ["taken", "parked", "taken"]
    assert "MUG lacks" in items[1]["reason"]


def test_the_address_for_webhooks_can_be_looked_up(shop: Hub):
    ((token,),) = shop.sql("SELECT webhook_token FROM channels")
    assert shop("channel", "list", "--addresses").out.split()[-2:] == [
        "web",
        f"http://127.0.0.1:8700/in/{token}",
    ]


def test_without_channels_the_way_to_one_is_named(hub: Hub):
    assert "hub channel add KIND SLUG" in hub("channel", "list").out


def test_a_kind_nobody_simulates_is_named_with_those_there_are(hub: Hub):
    assert "no connector simulates the kind 'nothing': choose one of" in hub("sim", "up", "nothing").error


def test_settings_may_be_given_with_equals_signs_inside(hub: Hub):
    assert hub("channel", "add", "woocommerce", "web", *sets("base_url=http://127.0.0.1:9/?a=b")).code == 0


def test_a_channel_is_closed_after_a_question_and_opened_again(joined: Hub):
    joined("channel", "webhooks", "web")
    kept = joined("channel", "close", "web", stdin=b"n\n")
    closed = joined("channel", "close", "web", "--yes")
    refused = joined("channel", "pull", "web").error
    opened = joined("channel", "open", "web", "--json").json
    assert (kept.code, closed.code, "removed there" in closed.out) == (1, 0, True)
    assert refused == "hub: channel 'web' is closed: open it again with: hub channel open web"
    assert (opened["state"], {each["detail"] for each in opened["webhooks"]}) == ("active", {"created"})
