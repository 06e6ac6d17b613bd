"""What 職員課 has decided about notices; an admin changes it in the console."""

from dataclasses import dataclass, fields

MOST = {"approval_above": 100_000, "most_rounds": 10}  # 0 is the least of each


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRules:
    """The rules in force; the defaults hold until somebody changes them."""

    approval_above: int = 30  # a notice to more recipients needs a second person
    most_rounds: int = 2  # 再通知 per notice

    def __post_init__(self) -> None:
        """Raises `ValueError` for a number that is out of bounds."""
        for each in fields(self):
            if not 0 <= getattr(self, each.name) <= MOST[each.name]:
                raise ValueError(each.name)
