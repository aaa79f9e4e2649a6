"""Products on the command line: begun, given variants, shown for people and for programs."""

from tests.cli.conftest import Hub


def shirt(hub: Hub) -> Hub:
    """A mug in two colors."""
    assert hub("product", "new", "CUPS", "Cups", "--option", "color").code == 0
    assert hub("product", "add-variant", "CUPS", "mug", "--value", "color=blue").code == 0
    return hub


def test_an_empty_list_says_how_to_begin(hub: Hub):
    assert "hub product new SHIRT" in hub("product", "list").out


def test_a_product_is_begun_given_variants_and_listed(phone: Hub):
    said = shirt(phone)("product", "add-variant", "CUPS", "LAMP", "--value", "color=red")
    assert said.out == "LAMP is a variant of CUPS: color red\n"
    (item,) = phone("product", "list", "--json").items
    assert [(each["sku"], each["values"], each["available"]) for each in item["variants"]] == [
        ("LAMP", {"color": "red"}, 0),
        ("MUG", {"color": "blue"}, 10),
    ]
    assert phone("product", "list").out.split()[-5:] == ["CUPS", "Cups", "color", "2", "10"]


def test_a_product_shows_each_variant_with_its_options(phone: Hub):
    out = shirt(phone)("product", "show", "CUPS").out
    assert out.splitlines()[1].split() == ["SKU", "Color", "Name", "Available"]
    assert out.splitlines()[2].split() == ["MUG", "blue", "Mug", "10"]
    assert phone("product", "show", "CUPS", "--json").json["code"] == "CUPS"


def test_a_variant_is_taken_out_again(phone: Hub):
    assert shirt(phone)("product", "remove-variant", "MUG").out == "MUG stands for itself again\n"
    assert "Add one: hub product add-variant CUPS SKU --value color=…" in phone("product", "show", "CUPS").out


def test_what_is_wrong_is_said(phone: Hub):
    shirt(phone)
    assert "is not OPTION=VALUE" in phone("product", "add-variant", "CUPS", "LAMP", "--value", "red").error
    assert "there is no product NONE" in phone("product", "show", "NONE").error
    assert (
        "there is no SKU NONE" in phone("product", "add-variant", "CUPS", "NONE", "--value", "color=x").error
    )


def test_all_variants_of_a_product_are_put_into_a_group_at_once(phone: Hub):
    shirt(phone)("product", "add-variant", "CUPS", "LAMP", "--value", "color=red")
    assert phone("visibility", "group", "soft", "--product", "CUPS").out.startswith(
        "2 SKUs in group soft now"
    )
    assert phone.sql("SELECT sku FROM skus WHERE sku_group = 'soft' ORDER BY 1") == [("LAMP",), ("MUG",)]
