"""Microsoft's Agents Playground, driven as a person drives Teams: a program that we did not write."""

import contextlib
import json
import os
import queue
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "var" / "node"  # git ignores var/
PACKAGES = ("@microsoft/m365agentsplayground@0.2.28", "@microsoft/app-manifest@1.1.2")  # npm's latest is unreliable


def packages() -> Path:
    """The folder of the npm packages, installed at the first call; skips the test where that can't be done."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    wanted = [FOLDER / "node_modules" / name.rpartition("@")[0] for name in PACKAGES]
    if not all(place.is_dir() for place in wanted):
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text("{}", encoding="ascii")
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, check=False, timeout=300)  # noqa: S603
        if done.returncode:
            pytest.skip("npm can't fetch the packages")
    return FOLDER / "node_modules"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Playground:
    """One running playground and what the bot sent there."""

    url: str
    config: dict[str, Any]
    arrived: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)

    @property
    def personal(self) -> str:
        return str(self.config["personalChat"]["id"])

    @property
    def group(self) -> str:
        return str(self.config["groupChats"][0]["id"])

    @property
    def channel(self) -> str:
        return str(self.config["teams"][0]["channels"][1]["id"])

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            text = answer.read().decode()
        return answer.status, json.loads(text) if text else None

    def install(self, conversation: str) -> None:
        self.post(f"/_debug/conversation/{conversation}/installation", {})

    def say(self, text: str, conversation: str | None = None, *, mention: bool = False) -> None:
        body: dict[str, Any] = {"from": {"id": "user-id-0"}, "text": text, "textFormat": "plain"}
        if mention:
            bot = self.config["bot"]
            tag = f"<at>{bot['name']}</at>"
            entity = {"mentioned": {"id": bot["id"]}, "text": tag}
            body |= {"text": f"{tag} {text}", "mentions": [entity]}
        self.post(f"/_conversation/v1/conversations/{conversation or self.personal}/messages", body)

    def press(self, message: dict[str, Any], action: dict[str, Any], **inputs: str) -> Any:
        """Press a button of a card; returns what Teams would show in answer."""
        value = {
            "action": {
                "type": "Action.Execute", "title": action["title"], "verb": action["verb"],
                "data": action["data"] | inputs,
            },
            "trigger": "manual",
        }  # fmt: skip
        body = {
            "name": "adaptiveCard/action", "from": {"id": "user-id-0"}, "value": value,
            "conversation": {"id": message["actionConversationId"]}, "replyToId": message["message"]["messageId"],
        }  # fmt: skip
        return self.post("/_conversation/v1/invoke", body)[1]

    def next(self, seconds: float = 10.0) -> dict[str, Any]:
        """The next thing that the bot sent."""
        return self.arrived.get(timeout=seconds)

    def quiet(self, seconds: float = 0.7) -> bool:
        """Whether nothing arrives."""
        with contextlib.suppress(queue.Empty):
            self.arrived.get(timeout=seconds)
            return False
        return True


@contextmanager
def playground(bot_port: int) -> Iterator[Playground]:
    """A playground whose bot listens on `bot_port`."""
    script = packages() / "@microsoft" / "m365agentsplayground" / "cli.js"
    port = free_port()
    command = ["node", str(script), "-e", f"http://127.0.0.1:{bot_port}/api/messages", "-c", "msteams"]
    command += ["-p", str(port), "--disable-telemetry"]
    environment = os.environ | {"BROWSER": "none"}
    process = subprocess.Popen(  # noqa: S603
        command, cwd=FOLDER, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        running = Playground(url := f"http://127.0.0.1:{port}", _config(url))
        with connect(f"ws://127.0.0.1:{port}/_ws_conversation/v1/conversations/stream") as stream:
            listener = threading.Thread(target=_listen, args=(stream, running.arrived), daemon=True)
            listener.start()
            yield running
        listener.join(5)
    finally:
        process.terminate()
        process.wait(10)


def _listen(stream: Any, arrived: queue.Queue[dict[str, Any]]) -> None:
    with contextlib.suppress(ConnectionClosed):
        for line in stream:
            arrived.put(json.loads(line))


def _config(url: str) -> dict[str, Any]:
    until = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"{url}/_internal/v1/config", timeout=5) as answer:  # noqa: S310
                found: dict[str, Any] = json.load(answer)["config"]
                return found
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def card_of(message: dict[str, Any]) -> dict[str, Any]:
    """The card of what the bot sent."""
    [attachment] = message["message"]["attachments"]
    found: dict[str, Any] = attachment["content"]
    return found
