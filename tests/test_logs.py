"""What the log of the process tells, and what it keeps to itself."""

import subprocess
import sys

SCRIPT = """
import logging
from asaka_bot import logs
logs.configure("DEBUG")
for name in ("httpx", "httpcore.http11"):
    logging.getLogger(name).setLevel(logging.DEBUG)  # as Microsoft's client does
    logging.getLogger(name).info("POST /v3/conversations/a:person/activities")
    logging.getLogger(name).warning("trouble with %s", name)
logging.getLogger("httpx2").info("another library")
try:
    raise ValueError("what a person wrote")
except ValueError:
    logging.getLogger("asaka").exception("failed")
"""


def test_neither_addresses_nor_words_of_people():
    """Libraries don't tell to whom the bot writes, whatever level they set; errors appear without their texts."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)  # noqa: S603
    assert "a:person" not in done.stderr
    assert "what a person wrote" not in done.stderr
    assert [word in done.stderr for word in ("trouble with httpcore.http11", "another library", "ValueError")] == [
        True
    ] * 3
