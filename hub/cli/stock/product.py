"""hub product: SKUs that are one thing in several variants."""

from collections.abc import Sequence

import click

from hub.channels.context import HubContext
from hub.cli.output import Cell, json_option, print_json, print_table, show_list
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR, sku_of
from hub.flows.stock import set_products as flow
from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError
from hub.model.stock.products import Product, Variant, in_words
from hub.store.stock.products import ProductOf, list_products

LIMIT = 200
NO_PRODUCTS = "No products yet. Begin one: hub product new SHIRT 'T-shirt' --option size --option color"


@click.group()
def product() -> None:
    """Say which SKUs are variants of one thing, and what tells them apart. No stock moves by it."""


@product.command("list")
@click.option("--limit", default=LIMIT, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_all(ctx: HubContext, limit: int, *, as_json: bool) -> None:
    """List products, with how many variants each has and what may be sold of them together."""
    async with ctx.db.transaction() as tx:
        found = await list_products(tx, limit=limit + 1)
    columns = ["Product", "Title", "Options", ">Variants", ">Available"]
    show_list(found[:limit], as_json=as_json, columns=columns, row=_row, empty=NO_PRODUCTS)
    if len(found) > limit and not as_json:
        click.echo(f"\nThere are more than {limit}: raise --limit")


@product.command()
@click.argument("code")
@json_option
@in_hub
async def show(ctx: HubContext, code: str, *, as_json: bool) -> None:
    """Show a product with its variants, and what may be sold of each."""
    async with ctx.db.transaction() as tx:
        found = await list_products(tx, codes=[code], limit=1)
    if not found:
        msg = f"there is no product {code}: see hub product list"
        raise NotFoundError(msg)
    (one,) = found
    if as_json:
        print_json(one)
        return
    click.echo(f"{one.code}  {one.title}")
    if not one.variants:
        click.echo(f"No variants yet. Add one: hub product add-variant {code} SKU{_example(one.options)}")
        return
    rows = [
        [each.sku, *(each.values[name] for name in one.options), each.name, str(each.available)]
        for each in one.variants
    ]
    print_table(["SKU", *(name.capitalize() for name in one.options), "Name", ">Available"], rows)


@product.command()
@click.argument("code")
@click.argument("title")
@click.option(
    "--option", "options", multiple=True, help="What tells its variants apart, such as size; repeat it."
)
@in_hub
async def new(ctx: HubContext, code: str, title: str, *, options: Sequence[str]) -> None:
    """Begin a product, or change the title of one that is there."""
    wanted = Product(code, title, tuple(options))
    async with ctx.db.transaction() as tx:
        await flow.put_products(tx, [wanted], actor=ACTOR, at=now())
    await ctx.bell.announce("stock")
    click.echo(f"product {code} is there. Next: hub product add-variant {code} SKU{_example(options)}")


@product.command("add-variant")
@click.argument("code")
@click.argument("sku")
@click.option("--value", "values", multiple=True, metavar="OPTION=VALUE", help="Such as size=M; repeat it.")
@in_hub
async def add_variant(ctx: HubContext, code: str, sku: str, *, values: Sequence[str]) -> None:
    """Make SKU a variant of the product, or give it other values. Its stock and listings stay as they are."""
    async with ctx.db.transaction() as tx:
        variant = Variant(await sku_of(tx, sku), dict(map(_pair, values)))
        await flow.add_variants(tx, {code: [variant]}, actor=ACTOR, at=now())
    await ctx.bell.announce("stock")
    click.echo(f"{variant.sku} is a variant of {code}: {in_words(variant.values) or 'the only one'}")


@product.command("remove-variant")
@click.argument("sku")
@in_hub
async def remove_variant(ctx: HubContext, sku: str) -> None:
    """Take SKU out of its product. Its stock and listings stay as they are."""
    async with ctx.db.transaction() as tx:
        named = await sku_of(tx, sku)
        await flow.remove_variants(tx, [named], actor=ACTOR, at=now())
    await ctx.bell.announce("stock")
    click.echo(f"{named} stands for itself again")


def _row(one: ProductOf) -> list[Cell]:
    options = ", ".join(one.options)
    return [one.code, one.title, options, str(len(one.variants)), str(one.available)]


def _pair(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not equals:
        msg = f"{written!r} is not OPTION=VALUE: write it as size=M"
        raise InputError(msg, field="values")
    return name.strip(), value.strip()


def _example(options: Sequence[str]) -> str:
    return "".join(f" --value {name}=…" for name in options)
