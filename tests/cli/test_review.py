"""Commands list the checks of new orders and set them, in plain words."""

from tests.cli.conftest import Hub


def test_a_check_is_set_and_listed(phone: Hub):
    assert phone("review", "set", "duplicate", "hold", "--figure", "30").out == (
        "duplicate: hold where the same person ordered the same goods within 30 minutes\n"
    )
    said = {each["check"]: (each["does"], each["figure"]) for each in phone("review", "list", "--json").items}
    assert (said["duplicate"], said["phone"]) == (("hold", "30"), ("off", None))


def test_a_figure_that_is_no_number_is_refused(phone: Hub):
    refused = phone("review", "set", "duplicate", "hold", "--figure", "soon")
    assert (refused.code, "it must be a number, such as 30" in refused.error) == (1, True)
