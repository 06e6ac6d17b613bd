"""Start the bot as the README's first command does, ask it something in the web chat, and stop it."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

_PATIENCE_SECONDS = 180  # the first preparation on a slow machine


def main() -> None:
    """Raises where the bot does not start, answer or stop."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("asaka-bot")), "serve", "--port", str(port)]
    with subprocess.Popen(command) as bot:
        try:
            _until_ready(f"{url}/readyz", bot)
            asked = httpx.post(f"{url}/ask", data={"question": "育休はいつまで取れますか"}, headers={"Origin": url})
            assert "3歳" in asked.text, "the answer says no age"
        finally:
            bot.terminate()
        assert bot.wait(20) == 0, "the bot did not stop in order"


def _until_ready(url: str, bot: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        assert bot.poll() is None, "the bot ended by itself"
        try:
            if httpx.get(url).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise TimeoutError("the bot was not ready in time")


if __name__ == "__main__":
    main()
