"""What the console's notice pages need. Every method checks the actor's role: `NotPermittedError` where it is too small."""

from collections.abc import Sequence
from typing import Protocol

from asaka_bot.broadcasts.audience import Recipient
from asaka_bot.broadcasts.notice import (
    Content,
    NamedList,
    Notice,
    NoticeReply,
    Plan,
    Progress,
    Stand,
    Standing,
    Submitted,
    Template,
)
from asaka_bot.outgoing import Message
from asaka_bot.roles import Actor


class Notices(Protocol):
    """All that HR does with notices.

    Raises, besides: `NoticeError` where a text, a moment or a state does not fit (`problems`, one sentence each; also
    where somebody has changed the notice meanwhile), `AudienceError` where the audience can't be understood, and
    `KeyError` where there is no such notice, or none that the actor may see.
    """

    def templates(self) -> Sequence[Template]:
        """What to start from."""

    def topics(self) -> Sequence[tuple[str, str]]:
        """The bot's topics (id, title) to link to."""

    async def latest(self, actor: Actor, limit: int, before: int | None = None) -> Sequence[Notice]:
        """The newest first; with `before` those older than that id. 所属長 see those that went to their office."""

    async def find(self, actor: Actor, notice: int) -> Notice:
        """One notice."""

    async def create(self, actor: Actor, content: Content, plan: Plan) -> Notice:
        """Keep a draft. Only its shape is checked; whether it may leave, `submit` says."""

    async def change(self, actor: Actor, notice: int, version: int, content: Content, plan: Plan) -> Notice:
        """Keep a draft's new text; one that awaits approval becomes a draft again."""

    async def copy(self, actor: Actor, notice: int) -> Notice:
        """A new draft with the same text and audience."""

    async def discard(self, actor: Actor, notice: int) -> None:
        """Remove a draft."""

    async def message(self, actor: Actor, notice: int) -> Message:
        """The notice as people will read it."""

    async def recipients(self, actor: Actor, plan: Plan) -> Sequence[Recipient]:
        """Exactly whom the plan means today, with who is unreachable and why."""

    async def frozen(self, actor: Actor, notice: int) -> Sequence[Standing]:
        """The recipients as they were frozen with the submission, for whoever approves."""

    async def test(self, actor: Actor, notice: int) -> str:
        """Send it to the actor alone; where to, as a sentence."""

    async def submit(self, actor: Actor, notice: int, version: int, agreed: frozenset[str]) -> Submitted:
        """Send it, plan it, or ask for approval; with questions that are not in `agreed`, nothing happens yet."""

    async def approve(self, actor: Actor, notice: int, version: int) -> Notice:
        """A second person lets it leave; it leaves at its time, or at once."""

    async def send_back(self, actor: Actor, notice: int, version: int, reason: str) -> Notice:
        """A second person makes it a draft again."""

    async def review(self, actor: Actor, notice: int) -> None:
        """A second person has looked at an urgent notice that left without approval."""

    async def edit_sent(self, actor: Actor, notice: int, version: int, content: Content) -> int:
        """Change what was sent: what waits leaves with the new text, what arrived is replaced; how many of these."""

    async def cancel(self, actor: Actor, notice: int) -> int:
        """Stop what has not left, now and on later days; how many deliveries that were."""

    async def recall(self, actor: Actor, notice: int, reason: str) -> int:
        """Stop what has not left, and replace what has arrived; how many of these."""

    async def remind(self, actor: Actor, notice: int) -> int:
        """再通知: once more to those who have not confirmed; how many people."""

    async def confirm_for(self, actor: Actor, notice: int, staff_id: str) -> bool:
        """代理確認; False where the person has confirmed already."""

    async def progress(self, actor: Actor, notice: int) -> Progress:
        """The live page's figures; 所属長 without a role of HR see their own office alone."""

    async def standings(
        self, actor: Actor, notice: int, *, office: str = "", stand: Stand | None = None, unconfirmed: bool = False
    ) -> Sequence[Standing]:
        """Recipients by name, by office and number; needs SEE_NAMES, or to lead the office."""

    async def export(self, actor: Actor, notice: int) -> bytes:
        """All recipients as an Excel file (.xlsx) in which no text is a formula."""

    async def replies(self, actor: Actor, *, handled: bool, limit: int) -> Sequence[NoticeReply]:
        """What people wrote back, the newest first."""

    async def handle_reply(self, actor: Actor, reply: int) -> bool:
        """Mark a reply as dealt with; False where somebody did so before."""

    async def lists(self, actor: Actor) -> Sequence[NamedList]:
        """The named lists, by name."""

    async def keep_list(self, actor: Actor, name: str, staff_ids: Sequence[str]) -> None:
        """Make a list, or give it other members. Raises `NoticeError` for numbers that nobody has."""

    async def remove_list(self, actor: Actor, name: str) -> None:
        """Remove a list; notices that name it must be given another audience before they leave."""
