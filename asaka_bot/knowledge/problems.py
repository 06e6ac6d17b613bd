"""What is wrong in files that people edit, each with the place to mend it."""

from pathlib import Path

from pydantic import BaseModel

from asaka_bot.knowledge import yaml_tree


class Problems:
    """Gathers what is wrong, so that HR can mend all of it in one go."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, place: "Place", message: str) -> None:
        """Note one problem at its file and line."""
        self.lines.append(f"{place}: {message}")


class Place:
    """A spot in a file, shown as ``knowledge/childcare.yaml:41``."""

    def __init__(self, file: "File", *location: str | int) -> None:
        self.file, self.location = file, location

    def __truediv__(self, key: str | int) -> "Place":
        return Place(self.file, *self.location, key)

    def __str__(self) -> str:
        return f"{self.file.name}:{self.file.tree.line(self.location)}"


class File:
    """One parsed file: its name as shown to people, its tree, and its validated content."""

    def __init__(self, path: Path, tree: yaml_tree.Tree) -> None:
        self.name = f"{path.parent.name}/{path.name}"
        self.short_name = path.name
        self.tree = tree
        self.content: BaseModel | None = None


Places = dict[str, Place]
