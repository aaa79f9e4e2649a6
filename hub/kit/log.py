"""Logs are events: a constant name, facts as fields, one line for each unit of work, no secrets, no addresses."""

import logging
import sys
import traceback
from pathlib import Path

import structlog
from structlog.typing import FilteringBoundLogger, Processor

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_CHATTY = ("httpx", "httpcore", "asyncio", "arq", "uvicorn.access")


def get_logger(name: str) -> FilteringBoundLogger:
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def configure_logs(*, as_json: bool | None = None, level: int = logging.INFO) -> None:
    """Send the hub's events and those of its libraries to stderr: lines for people on a terminal, else JSON."""
    if as_json is None:
        as_json = not sys.stderr.isatty()
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_handler(as_json=as_json)], level=level, force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _handler(*, as_json: bool) -> logging.Handler:
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        last += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        last += [structlog.dev.ConsoleRenderer()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=last))
    return handler


def place_of(error: BaseException) -> str:
    """Where it was raised. What it says stays out of the log: it may quote an order, and orders name people (L17)."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
