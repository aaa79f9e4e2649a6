"""Every page is clean, fits a phone, names its fields, and its colors have the contrast that WCAG AA asks for."""

import re
from itertools import product
from pathlib import Path

import pytest
from playwright.async_api import expect

import hub.web
from tests.desk.conftest import PHONE_SCREEN, Desk

STATIC = Path(hub.web.__file__).parent / "static"
PAGES = ["/orders", "/orders?view=held", "/orders/new", "/channels", "/channels/phone/sync", "/waiting"]
PAGES += ["/stock", "/stock?open=MUG", "/stock/MUG", "/listings", "/listings?show=matched"]
PAGES += ["/locations", "/locations/main", "/transfers", "/transfers/new", "/counts", "/counts/new"]
PAGES += ["/alarms", "/alarms?ended=true"]
PAGES += ["/receipts", "/receipts/new", "/sourcing", "/recipes/MUG", "/visibility/MUG"]
BACKGROUNDS = ["page", "surface", "sunken", "rail", "hover", "active"]
SOFT = ["good", "wait", "bad", "info", "accent"]
NAMELESS = """nodes => nodes.filter(node => !(node.labels?.length || node.ariaLabel
    || node.getAttribute("aria-labelledby") || node.textContent.trim())).map(node => node.outerHTML)"""


@pytest.mark.anyio
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_no_errors_and_breaks_no_policy(desk: Desk, path: str):
    page = await desk.open(path)
    await expect(page.locator("h1")).to_be_visible()
    await page.wait_for_load_state("load")
    assert desk.complaints == []


@pytest.mark.anyio
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_needs_no_sideways_scrolling_on_a_phone(phone_desk: Desk, path: str):
    page = await phone_desk.open(path)
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE_SCREEN["width"]
    await expect(page.get_by_role("link", name="New order", exact=True).first).to_be_in_viewport()


@pytest.mark.anyio
@pytest.mark.parametrize("path", PAGES)
async def test_every_field_and_button_has_a_name(desk: Desk, path: str):
    page = await desk.open(path)
    fields = page.locator("input:not([type=hidden]), select, textarea, button, summary, main a")
    assert await fields.evaluate_all(NAMELESS) == []


@pytest.mark.parametrize(("text", "background"), [*product(["text", "text-2"], BACKGROUNDS)])
def test_text_is_readable_on_every_background(text: str, background: str):
    assert min(contrasts(text, background)) >= 4.5


@pytest.mark.parametrize("background", ["page", "surface", "sunken", "rail", "hover"])
def test_faint_text_and_links_are_readable_too(background: str):
    assert min(*contrasts("text-3", background), *contrasts("accent", background)) >= 4.5


@pytest.mark.anyio
async def test_a_phone_says_what_was_ordered(phone_desk: Desk):
    page = await phone_desk.open("/orders")
    await expect(page.locator("td.c-items")).to_be_visible()


@pytest.mark.parametrize("tone", SOFT)
def test_the_words_of_a_state_are_readable_on_its_color(tone: str):
    assert min(contrasts(tone, f"{tone}-soft")) >= 4.5


def test_a_main_button_is_readable_and_borders_of_fields_are_seen():
    assert min(contrasts("accent-text", "accent-fill")) >= 4.5
    assert min(contrasts("control", "surface")) >= 3


def test_script_and_style_weigh_less_than_100_kilobytes_together():
    files = [path for path in STATIC.iterdir() if path.suffix in {".js", ".css"}]
    assert sum(path.stat().st_size for path in files) < 100_000


def contrasts(one: str, other: str) -> list[float]:
    """The contrast of two tokens in light and in dark (WCAG 2.2, 1.4.3)."""
    return [contrast(*pair) for pair in zip(token(one), token(other), strict=True)]


def token(name: str) -> list[str]:
    found = re.search(rf"--{name}: light-dark\((#\w{{6}}), (#\w{{6}})\)", (STATIC / "hub.css").read_text())
    assert found is not None, name
    return list(found.groups())


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
