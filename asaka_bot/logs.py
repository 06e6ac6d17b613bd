"""Log lines are events with ids, one JSON object a line on standard error; never what people wrote, never names."""

import logging
import sys
from typing import Any

import structlog

# Libraries that tell below WARNING more than a log may hold: values, and addresses with the ids of conversations.
_QUIET = ("aiosqlite", "alembic", "apscheduler", "asyncio", "httpcore", "httpx", "uvicorn.error")
_QUIET_PREFIXES = tuple(f"{name}." for name in _QUIET)


def configure(level: str) -> None:
    """Send every logger of the process, libraries included, through one JSON form.

    Exceptions appear as the names of their types and places in the code: their messages may quote what people wrote.
    """
    steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_without_words,
    ]
    structlog.configure(
        processors=[*steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=steps,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [lines]
    root.setLevel(level)
    lines.addFilter(_may_be_told)
    for quiet in _QUIET:
        logging.getLogger(quiet).setLevel(max(logging.WARNING, root.level))


def _may_be_told(record: logging.LogRecord) -> bool:
    """Whether a line may stand in the log, whatever level a library gives its own logger (Microsoft's does)."""
    return record.levelno >= logging.WARNING or not f"{record.name}.".startswith(_QUIET_PREFIXES)


def _exception_without_words(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace an exception by where it was raised and of which type it is."""
    given = event.pop("exc_info", None)
    if not given:
        return event
    error = given if isinstance(given, BaseException) else (sys.exc_info()[1] if given is True else given[1])
    if error is not None:
        event["error"] = type(error).__name__
        event["at"] = _place(error)
    return event


def _place(error: BaseException) -> str:
    step = error.__traceback__
    if step is None:
        return ""
    while step.tb_next is not None:
        step = step.tb_next
    return f"{step.tb_frame.f_globals.get('__name__', '?')}:{step.tb_lineno}"
