"""Certification: the tier that the connector's page claims is reached, and its quality table is true."""

from tests.connectors.claims import certified_as_claimed


def test_it_is_certified_as_its_page_claims():
    certified_as_claimed("woocommerce")
