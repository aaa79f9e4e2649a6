"""A carrier is found by any of its names, guessed only where the number leaves no doubt, and links to one parcel."""

import pytest

from hub.channels.carriers import carrier_named, track
from hub.channels.registry import load_registry
from hub.model.errors import InputError, NotFoundError

CARRIERS = load_registry().carriers
UPS = "1Z999AA10123456784"


def test_no_two_carriers_go_by_one_name():
    own = [{each.key, each.title.casefold(), *map(str.casefold, each.names)} for each in CARRIERS.values()]
    assert sum(map(len, own)) == len(set().union(*own))
    assert all(carrier_named(CARRIERS, name) is each for each in CARRIERS.values() for name in each.names)


@pytest.mark.parametrize("name", ["ups", "UPS", " united  parcel SERVICE "])
def test_a_carrier_is_found_by_any_of_its_names(name: str):
    found = carrier_named(CARRIERS, name)
    assert found is not None
    assert found.key == "ups"


def test_a_number_that_only_one_carrier_gives_out_says_whose_it_is():
    found = track(CARRIERS, "1z 999 aa1 01 2345 6784")
    assert (found.carrier, found.url) == ("ups", f"https://www.ups.com/track?tracknum={UPS}")


def test_a_number_that_may_be_of_several_is_not_guessed():
    with pytest.raises(InputError, match="may be of several carriers"):
        track(CARRIERS, "01234567890123")
    assert track(CARRIERS, "01234567890123", "DPD").url == "https://www.dpd.com/tracking/01234567890123"


def test_a_carrier_the_hub_does_not_know_is_named_with_those_it_does():
    with pytest.raises(NotFoundError, match="no carrier 'pigeon'; the hub knows: dhl"):
        track(CARRIERS, UPS, "pigeon")
    assert carrier_named(CARRIERS, "pigeon") is None
