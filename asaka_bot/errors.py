"""Every error the product raises on purpose.

    AsakaError
    ├── SettingsError       an environment variable is wrong or half set
    ├── KnowledgeError      knowledge/*.yaml can't be used; carries every problem found
    ├── EngineError         the answering engine can't be made ready
    ├── ScheduleError       schedules/*.yaml can't be used; carries every problem found
    ├── QuestionSetError    a file given to `evaluate` can't be read
    ├── DateError           a date in a command or a form can't be understood
    ├── StaffFileError      a staff file can't be read at all
    ├── StaffError          the staff directory can't be changed as asked
    ├── NotPermittedError   the person's role doesn't allow what they asked for
    ├── RoleError           a role can't be given or taken as asked
    ├── SignInError         somebody can't be signed in with their account
    ├── NoticeError         a notice can't be used as asked; carries every problem found, with its field
    ├── AudienceError       the words for an audience can't be understood, or name what doesn't exist
    └── StoreError          the database can't be reached or brought up to date

The message is Japanese, for the person who can mend it: what happened, where, what to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class AsakaError(Exception):
    """The root: whoever catches it can show the message to the person as it is."""


class SettingsError(AsakaError):
    """An environment variable is wrong; the message names it and says what to put there."""


class KnowledgeError(AsakaError):
    """The knowledge base can't be used.

    ``problems`` holds every line ``file:line: what, and what to do``, so that all can be mended in one go.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class EngineError(AsakaError):
    """The answering engine can't be made ready."""


class ScheduleError(AsakaError):
    """The rules of the reminders can't be used; ``problems`` as in `KnowledgeError`."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class QuestionSetError(AsakaError):
    """A question file for `evaluate` can't be read; the message gives file and line."""


class DateError(AsakaError):
    """A date can't be understood or doesn't exist; the message shows how to write one."""


class StaffFileError(AsakaError):
    """A staff file can't be read; the message says how to save it so that it can."""


class StaffError(AsakaError):
    """The staff directory can't be changed as asked; the message says what to do first."""


class NotPermittedError(AsakaError):
    """A person may not do what they asked for; the message says who can help."""


class RoleError(AsakaError):
    """A role can't be given or taken as asked; the message says what to do first."""


class SignInError(AsakaError):
    """Somebody can't be signed in with their account; the message is a word for the log, people get a page.

    ``trouble`` says which: expired, denied, invalid, unreachable, nobody, left.
    """

    def __init__(self, trouble: str, detail: str) -> None:
        self.trouble = trouble
        super().__init__(detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one field of a form, and what to do about it, as a sentence without its full stop."""

    text: str
    field: str = ""  # as the feature names it: title, respond_by, title-en; empty: it is about no field
    item: int = 0  # which one of several links or answers, from 1; 0: all of them

    def __str__(self) -> str:
        return self.text


class NoticeError(AsakaError):
    """A notice can't be kept, sent or changed as asked.

    The fields of its problems are those of `Content` and `Plan`; of a translation ``title-`` or ``body-`` and the
    language; of a named list ``name`` and ``numbers``.
    """

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(each if isinstance(each, Problem) else Problem(text=each) for each in problems)
        super().__init__("\n".join(self.sentences))

    @property
    def sentences(self) -> tuple[str, ...]:
        """The problems where no field is at hand to show them beside."""
        return tuple(each.text for each in self.problems)


class AudienceError(AsakaError):
    """An audience can't be understood; the message names the word and shows how to write it."""


class StoreError(AsakaError):
    """The database can't be used; the message says what to check."""
