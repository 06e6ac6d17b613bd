"""A platform without its settings: what is addressed to it fails at once and visibly, rather than waiting for ever."""

from asaka_bot.delivery.channel import Absent, Letter, Lookup, Outcome, Refused, Traits

_TITLES = {"slack": "Slack", "teams": "Microsoft Teams"}


class UnconfiguredChannel:
    """Refuses everything, with the reason that HR sees."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.traits = Traits(read_back=False, update=False)

    async def send(self, letter: Letter) -> Outcome:  # noqa: ARG002 - the port asks for it
        """Refuse."""
        title = _TITLES.get(self.name, self.name)
        return Refused(reason=f"{title}の設定がないため、送れません。情報システムの担当に確認してください。")

    async def find(self, letter: Letter) -> Lookup:  # noqa: ARG002 - the port asks for it
        """Nothing was ever sent."""
        return Absent()

    async def update(self, letter: Letter, platform_ref: str) -> Outcome:  # noqa: ARG002 - the port asks for it
        """Refuse."""
        return await self.send(letter)
