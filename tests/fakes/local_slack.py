"""A Slack workspace that we did not write: the emulator local-slack from npm, started and driven as a user.

`python -m tests.fakes.local_slack` installs it into var/npm; tests do the same where npm is there.
"""

import asyncio
import json
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import aiohttp

PACKAGE = "local-slack-linux-x64@0.1.8"
FOLDER = Path(__file__).resolve().parents[2] / "var" / "npm"  # git ignores var/
PROGRAM = FOLDER / "node_modules" / "local-slack-linux-x64" / "bin" / "local-slack"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-local-test", "xapp-local-test", "local-signing-secret"
HANAKO, TARO, JIRO, CHANNEL, BOT = "U0HANAKO", "U0TARO", "U0JIRO", "C0SOMU", "U0ASAKA"


def install() -> str:
    """Install the emulator if need be; why it is not there, empty where it is."""
    if PROGRAM.is_file():
        return ""
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed"
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)  # noqa: S603
    return "" if PROGRAM.is_file() else f"npm could not install {PACKAGE} ({done.returncode})"


@dataclass
class LocalSlack:
    """The emulator as people use it."""

    url: str
    session: aiohttp.ClientSession
    page: aiohttp.ClientWebSocketResponse  # what its web page is connected by

    async def control(self, what: str, **fields: object) -> dict:
        async with self.session.post(f"{self.url}/_control/{what}", json=fields) as answer:
            said = await answer.json()
            assert said["ok"], said
            return said

    async def say(self, text: str, *, channel: str, user: str = HANAKO, thread: str | None = None) -> dict:
        """Write a message as a person; what stands then."""
        fields = {"channel": channel, "user": user, "text": text} | ({"thread_ts": thread} if thread else {})
        return (await self.control("message", **fields))["message"]

    async def messages(self, channel: str) -> list[dict]:
        async with self.session.get(f"{self.url}/_control/messages/{channel}") as answer:
            return (await answer.json())["messages"]

    async def answers(self, channel: str, count: int, *, after: str = "", within_seconds: float = 15) -> list[dict]:
        """Wait for `count` messages of the bot after the one with the ts `after`."""
        async with asyncio.timeout(within_seconds):
            while True:
                found = [m for m in await self.messages(channel) if m["user"] == BOT and m["ts"] > after]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.05)

    async def direct(self, user: str = HANAKO) -> str:
        """The id of a person's direct messages with the bot."""
        await self.session.get(f"{self.url}/api/conversations.open", params={"users": user})
        state = await self.state()
        return next(c["id"] for c in state["channels"] if c["is_im"] and user in c["members"])

    async def press(self, message: dict, label: str, *, user: str = HANAKO) -> None:
        """Press a button of a message."""
        rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
        button = next(element for row in rows for element in row if element["text"]["text"] == label)
        action = {"type": "button", "block_id": "b", **button}
        await self.control("interact", channel=message["channel"], messageTs=message["ts"], user=user, action=action)

    async def on_page(self, what: str, **fields: object) -> None:
        """Do something that only the page can: in the App Home, in a dialog."""
        await self.page.send_json({"t": what, "user": HANAKO, "appId": "A0ASAKA", **fields})

    async def state(self) -> dict:
        """All that the page shows when it is opened."""
        async with self.session.ws_connect(f"{self.url}/ui") as fresh:
            return (await fresh.receive_json())["state"]

    async def until(self, what: str, within_seconds: float = 15) -> dict:
        """Wait until the state's part `what` holds something."""
        async with asyncio.timeout(within_seconds):
            while not (found := (await self.state())[what]):
                await asyncio.sleep(0.05)
            return found


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextmanager
def emulator(folder: Path, request_url: str | None = None) -> Iterator[str]:
    """Start the emulator; Socket Mode where there is no `request_url`. Gives its address."""
    port = free_port()
    how = {"mode": "socket"} if request_url is None else {"mode": "events", "requestUrl": request_url}
    tokens = {"botToken": BOT_TOKEN, "appToken": APP_TOKEN, "signingSecret": SECRET}
    people = [
        {"id": HANAKO, "name": "hanako", "real_name": "朝霞 花子", "email": "hanako@city.example"},
        {"id": TARO, "name": "taro", "real_name": "朝霞 太郎", "email": "taro@city.example"},
        {"id": JIRO, "name": "jiro", "real_name": "朝霞 次郎"},
    ]
    config = {
        "workspace": {"name": "朝霞市役所", "domain": "asaka", "teamId": "T0ASAKA"},
        "app": {"appId": "A0ASAKA", "botUserId": BOT, "botName": "職員ボット"} | tokens | how,
        "users": people,
        "channels": [{"id": CHANNEL, "name": "総務課", "members": [HANAKO, TARO, BOT]}],
    }
    file = folder / "local-slack.json"
    file.write_text(json.dumps(config, ensure_ascii=False))
    command = [str(PROGRAM), "--config", str(file), "--port", str(port)]
    url = f"http://localhost:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:  # noqa: S603
        try:
            _wait_for(f"{url}/_control/state")
            yield url
        finally:
            program.kill()


@asynccontextmanager
async def using(url: str) -> AsyncIterator[LocalSlack]:
    """Use a running emulator."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ui") as page:
        yield LocalSlack(url, session, page)


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            with urlopen(url, timeout=1):  # noqa: S310 - our own emulator
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError(url)


if __name__ == "__main__":
    raise SystemExit(install())
