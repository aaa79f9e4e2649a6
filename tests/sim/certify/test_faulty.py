"""A planted fault is named, and nothing but that fault: six connectors, each wrong in one way."""

import asyncio

import pytest
from msgspec.structs import replace

from hub.sim.certify import Tier, Wish, certify, subject_for
from tests.sim.certify.faulty import FAULTY, new_simulator


@pytest.mark.parametrize("flaw", sorted(FAULTY))
def test_certification_names_the_fault_exactly(flaw: str):
    subject = replace(subject_for(FAULTY[flaw]), new_simulator=new_simulator)
    certificate = asyncio.run(certify(subject, Wish(tier=Tier.SILVER)))
    assert [each.name for each in certificate.flaws] == [flaw]
    assert certificate.tier < Tier.SILVER
