"""schedules/*.yaml -> Schedule; every problem at once, as ``file:line: what, and what to do``."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from asaka_bot.errors import ScheduleError
from asaka_bot.knowledge import files as knowledge_files
from asaka_bot.knowledge import yaml_tree
from asaka_bot.knowledge.model import KnowledgeBase
from asaka_bot.knowledge.problems import File, Place, Problems
from asaka_bot.knowledge.validation import validate
from asaka_bot.reminders import phrasing, schema
from asaka_bot.reminders.building import Builder
from asaka_bot.reminders.rules import Schedule

SHIPPED = Path(__file__).resolve().parents[2] / "schedules"

_SPECIAL: dict[str, type[BaseModel]] = {
    "calendar.yaml": schema.CalendarFileIn,
    "destinations.yaml": schema.DestinationFileIn,
    "wording.yaml": schema.WordingFileIn,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a folder holds; lines read ``file:line: what, and what to do``."""

    schedule: Schedule | None  # None: nothing usable
    problems: tuple[str, ...]  # the schedule can't be used
    gaps: tuple[str, ...]  # the knowledge base lacks a topic or a figure; reminders do without it
    places: dict[str, Place]  # of the rules


def load(folder: Path, knowledge: KnowledgeBase | None = None) -> Schedule:
    """Read the schedule in `folder`; links and figures come from `knowledge` (None: the shipped one).

    Links and texts that need what the knowledge base does not have are left out; `inspect` names them.

    Raises:
        ScheduleError: with every problem found, when there is any.
    """
    found = inspect(folder, knowledge or knowledge_files.load(knowledge_files.SHIPPED))
    if found.schedule is None or found.problems:
        raise ScheduleError(found.problems)
    return found.schedule


def inspect(folder: Path, knowledge: KnowledgeBase) -> Inspection:
    """Read `folder` as far as it goes."""
    problems, gaps = Problems(), Problems()
    files = _read_all(folder, problems)
    builder = Builder(files, problems, gaps)
    schedule = builder.build(knowledge) if files else None
    if schedule is not None:
        phrasing.check(schedule, builder.wording, builder.places, problems)
    return Inspection(schedule=schedule, problems=tuple(problems.lines), gaps=tuple(gaps.lines), places=builder.places)


def _read_all(folder: Path, problems: Problems) -> list[File]:
    if not folder.is_dir():
        problems.lines.append(f"{folder}: フォルダーがありません。ASAKA_SCHEDULES_DIR を確かめてください")
        return []
    paths = sorted(folder.glob("*.yaml"))
    for missing in sorted(set(_SPECIAL) - {path.name for path in paths}):
        problems.lines.append(f"{folder}: {missing} がありません。同梱の schedules/{missing} を写して置いてください")
    if all(path.name in _SPECIAL for path in paths):
        problems.lines.append(f"{folder}: ルールのファイルがありません。rules: を持つ .yaml を1つ以上置いてください")
    files = []
    for path in paths:
        try:
            file = File(path, yaml_tree.read(path))
        except yaml_tree.YamlError as problem:
            problems.lines.append(f"{path.parent.name}/{path.name}:{problem.line}: {problem}")
            continue
        validate(file, _SPECIAL.get(path.name, schema.RuleFileIn), problems)
        files.append(file)
    return files
