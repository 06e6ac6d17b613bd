"""What the office has decided about notices."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRules:
    """The defaults hold until an admin changes them."""

    approval_above: int = 30  # people; a notice to more of them, or to a channel, needs a second person
    most_rounds: int = 2  # 再通知 of one notice
