"""A log line is one JSON object with a constant event and its facts, from the hub and from its libraries alike."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from hub.kit.log import configure_logs, get_logger


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging is the process's: give it back as it was."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


def lines_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_an_event_carries_its_facts(capsys: pytest.CaptureFixture[str]):
    configure_logs(as_json=True)
    get_logger("hub.jobs").info("stock_pushed", channel="c1", sent=3)
    (line,) = lines_of(capsys.readouterr().err)
    assert (line["event"], line["channel"], line["sent"], line["level"]) == ("stock_pushed", "c1", 3, "info")
    assert line["logger"] == "hub.jobs"


def test_libraries_write_the_same_lines(capsys: pytest.CaptureFixture[str]):
    configure_logs(as_json=True)
    logging.getLogger("alembic").warning("a library says %s", "this")
    (line,) = lines_of(capsys.readouterr().err)
    assert (line["event"], line["level"], line["logger"]) == ("a library says this", "warning", "alembic")


def test_below_the_level_nothing_is_written(capsys: pytest.CaptureFixture[str]):
    configure_logs(as_json=True)
    get_logger("hub").debug("inbox_read")
    logging.getLogger("httpx").info("GET somewhere")
    assert capsys.readouterr().err == ""
