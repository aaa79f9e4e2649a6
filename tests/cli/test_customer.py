"""Commands find a customer by e-mail, phone or id; note, tag, block, merge and part them."""

from tests.cli.conftest import Hub

ADA, WORK = "ada@home.example", "ada@work.example"


def test_a_customer_is_noted_blocked_and_merged(phone: Hub):
    for email in (ADA, WORK):
        who = ("--customer", "Ada", "--email", email, "--phone", "+49 30 5550101")
        phone("order", "new", "--line", "MUG:1", *who)
    phone("customer", "note", ADA, "--note", "Rings twice", "--tag", "regular")
    assert phone("customer", "block", ADA, "--why", "three back").out.startswith(f"{ADA} is blocked")
    (row,) = phone("customer", "blocked", "--json").items
    assert (row["email"], row["why_blocked"], row["note"], row["tags"]) == (
        ADA,
        "three back",
        "Rings twice",
        ["regular"],
    )
    assert WORK in phone("customer", "show", ADA).out
    merged = phone("customer", "merge", WORK, ADA).out
    assert phone("customer", "show", WORK, "--json").json["also"] == [WORK]
    assert phone("customer", "unmerge", merged.split()[-1]).out == "they are two people again\n"
    assert phone("customer", "unblock", ADA).code == 0


def test_who_is_unknown_or_several_is_told(phone: Hub):
    assert "nobody is known as" in phone("customer", "show", "nobody@example.com").error
