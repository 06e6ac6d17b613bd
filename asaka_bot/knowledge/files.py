"""knowledge/*.yaml -> KnowledgeBase; every problem at once, as ``file:line: what, and what to do``."""

from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel

from asaka_bot.errors import KnowledgeError
from asaka_bot.knowledge import schema, yaml_tree
from asaka_bot.knowledge.building import Builder
from asaka_bot.knowledge.model import KnowledgeBase
from asaka_bot.knowledge.problems import File, Places, Problems
from asaka_bot.knowledge.validation import validate

SHIPPED = Path(__file__).resolve().parents[2] / "knowledge"

_SPECIAL: dict[str, type[BaseModel]] = {
    "sources.yaml": schema.SourceFileIn,
    "city.yaml": schema.CityFileIn,
    "broad.yaml": schema.BroadFileIn,
    "outside.yaml": schema.OutsideFileIn,
    "synonyms.yaml": schema.SynonymFileIn,
    "contacts.yaml": schema.ContactFileIn,
    "urgent.yaml": schema.UrgentFileIn,
}
_BORROWED = ("synonyms.yaml", "contacts.yaml", "urgent.yaml")  # taken from the shipped folder where missing


def load(folder: Path) -> KnowledgeBase:
    """Read the knowledge base in `folder`.

    Raises:
        KnowledgeError: with every problem found, when there is any.
    """
    knowledge, problems, _ = inspect(folder)
    if knowledge is None or problems:
        raise KnowledgeError(problems)
    return knowledge


def inspect(folder: Path) -> tuple[KnowledgeBase | None, list[str], "Places"]:
    """Read `folder` as far as it goes: the knowledge base (None if nothing is usable), its problems, the places."""
    problems = Problems()
    files = _read_all(folder, problems)
    places: Places = {}
    builder = Builder(files, problems, places)
    knowledge = builder.build() if files else None
    if knowledge is not None and not (folder / "urgent.yaml").is_file():
        knowledge = _with_harmless(knowledge)
    if not any(f.short_name not in _SPECIAL for f in files):
        problems.lines.append(f"{folder}: 話題のファイルがありません。topics: を持つ .yaml を1つ以上置いてください")
    return knowledge, problems.lines, places


def _with_harmless(knowledge: KnowledgeBase) -> KnowledgeBase:
    """More sentences without danger, from the shipped outside.yaml: the shipped look-alikes alone are about work."""
    path = SHIPPED / "outside.yaml"
    if not path.is_file():
        return knowledge
    content = schema.OutsideFileIn.model_validate(yaml_tree.read(path).value)
    everyday = (phrase for subject in content.outside for phrase in subject.phrases)
    look_alikes = (*knowledge.urgent.look_alikes, *everyday)
    return replace(knowledge, urgent=replace(knowledge.urgent, look_alikes=look_alikes))


def _read_all(folder: Path, problems: Problems) -> list[File]:
    if not folder.is_dir():
        problems.lines.append(f"{folder}: フォルダーがありません。ASAKA_KNOWLEDGE_DIR を確かめてください")
        return []
    paths = {path.name: path for path in sorted(folder.glob("*.yaml"))}
    for name in _BORROWED:
        if name not in paths and (SHIPPED / name).is_file():
            paths[name] = SHIPPED / name
    files = []
    for path in paths.values():
        try:
            file = File(path, yaml_tree.read(path))
        except yaml_tree.YamlError as problem:
            problems.lines.append(f"{path.parent.name}/{path.name}:{problem.line}: {problem}")
            continue
        validate(file, _SPECIAL.get(file.short_name, schema.TopicFileIn), problems)
        files.append(file)
    return files
