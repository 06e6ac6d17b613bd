"""Where a question was asked, and so where its answer may stand."""

from dataclasses import dataclass

from asaka_bot.channels.slack.conversations import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of one person."""

    team: str
    user: str
    channel: str = ""  # empty: the person's direct messages, opened by writing to the person
    thread: str = ""  # the thread to answer in; empty: none
    direct: bool = False  # nobody else reads along
    response_url: str = ""  # set where only the person sees the answer although others are in the channel
    quiet: bool = False  # others did not see the person ask, so nothing may show them

    @property
    def key(self) -> Key:
        """The conversation that goes on here."""
        channel = "" if self.direct else self.channel
        return Key(team=self.team, channel=channel, thread=self.thread, user=self.user)

    @property
    def to(self) -> str:
        """What chat.postMessage takes as its channel."""
        return self.channel or self.user

    @property
    def in_private(self) -> "Place":
        """The person's direct messages."""
        return Place(team=self.team, user=self.user, direct=True)
