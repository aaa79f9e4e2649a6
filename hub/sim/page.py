"""The page at /_sim, for people who look: what this channel shows, and what it sold last."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from hub.sim.server import SimServer

_PAGES = Environment(autoescape=True, loader=FileSystemLoader(Path(__file__).parent))


def show_page(sim: SimServer) -> str:
    return _PAGES.get_template("page.html").render(state=sim.state(), sales=list(sim.last_sales))
