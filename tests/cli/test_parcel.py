"""Parcels on the command line: many leave at once, and each is found again by its number."""

from tests.cli.conftest import Hub


def test_many_leave_and_each_is_followed(phone: Hub):
    for _ in range(4):
        phone("order", "new", "--line", "MUG:1:9.90")
    said = phone("parcel", "ship", "1001", "1002", "9", "--carrier", "DHL")
    assert (said.code, said.out.splitlines()[0]) == (3, "2 parcels left")
    assert "there is no order 9" in said.out
    both = phone("order", "ship", "1003", "--with", "1004", "--tracking", "1Z").out.splitlines()
    assert [" ".join(each.split()[:6]) for each in both] == [
        f"1 unit of order {each} left:" for each in (1003, 1004)
    ]
    one = phone("parcel", "list", "--json").items[-1]
    assert phone("parcel", "label", one["id"], "--tracking", "0034").code == 0
    assert phone("parcel", "tell", "0034", "delivered").out.endswith("is delivered\n")
    assert "cannot be lost now" in phone("parcel", "tell", "0034", "lost").error
    assert "no parcel has the number 7" in phone("parcel", "tell", "7", "lost").error
    assert phone("parcel", "list", "--state", "delivered", "--json").items[0]["tracking"] == "0034"
