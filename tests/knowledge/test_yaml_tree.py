"""YAML is read as plain text with lines; whatever is dangerous or ambiguous is refused with line and instruction."""

import string
from contextlib import suppress

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.knowledge import yaml_tree
from asaka_bot.knowledge.yaml_tree import YamlError


@pytest.mark.parametrize("written", ["no", "yes", "1e3", "0o17", "2026-04-01", "1.50", "on", "12:30"])
def test_scalars_stay_as_written(written):
    """Nothing that HR types turns into a truth value, a number or a date on its own."""
    assert yaml_tree.parse(f"a: {written}").value == {"a": written}


@pytest.mark.parametrize("written", ["", "~", "null"])
def test_empty_scalars_are_none(written):
    """A field left empty counts as not given."""
    assert yaml_tree.parse(f"a: {written}").value == {"a": None}


def test_quoted_null_is_text():
    """Quotation marks make even 'null' a text."""
    assert yaml_tree.parse('a: "null"\nb: ""').value == {"a": "null", "b": ""}


def test_line_of_each_place():
    """Every entry knows the line it stands on."""
    tree = yaml_tree.parse("# comment\ntopics:\n  - id: a\n    title: b\n  - id: c\n")
    assert tree.line(("topics", 0, "title")) == 4
    assert tree.line(("topics", 1)) == 5
    assert tree.line(("topics",)) == 2


def test_line_of_a_missing_place_is_the_place_around_it():
    """What isn't written is reported where it should have been."""
    tree = yaml_tree.parse("\n\ntopics:\n  - id: a\n  - id: c\n")
    assert tree.line(("topics", 1, "title")) == 5
    assert tree.line(("nothing", "here")) == 3


@pytest.mark.parametrize(
    ("text", "line", "instruction"),
    [
        ("a: 1\nb: &x 2\n", 2, "そのまま書いて"),
        ("a: &x [1]\nb: *x\n", 1, "そのまま書いて"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "取り除いて"),
        ("a: !!python/tuple [1]\n", 1, "取り除いて"),
        ("a: !foo {b: c}\n", 1, "取り除いて"),
        ("a: 1\nb: 2\na: 3\n", 3, "1つにまとめて"),
        ("x:\n  a: 1\n  a: 3\n", 3, "1つにまとめて"),
        ("a: 1\n---\nb: 2\n", 1, "1つにまとめて"),
        ("a: 1\n  b: 2\n", 2, "確かめて"),
        ("a: [1, 2\nb: 3\n", 2, "確かめて"),
        ("a:\n\t- b\n", 2, "確かめて"),
        ("? [a, b]\n: c\n", 1, "文字で書いて"),
        ("a: \x07\n", 1, "取り除いて"),
    ],
)
def test_refused_with_line_and_instruction(text, line, instruction):
    """What we don't read is refused at its line, with what to do about it."""
    with pytest.raises(YamlError, match=instruction) as caught:
        yaml_tree.parse(text)
    assert caught.value.line == line


def test_deep_nesting_is_refused():
    """A thousand brackets neither hang nor exhaust the stack."""
    with pytest.raises(YamlError, match="深すぎ"):
        yaml_tree.parse("[" * 1_000 + "]" * 1_000)


def test_alias_bomb_is_refused():
    """Aliases that would multiply to billions of entries are refused at the first anchor."""
    bomb = "a: &a [x,x]\n" + "".join(f"{b}: &{b} [*{a},*{a}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    with pytest.raises(YamlError, match="アンカー"):
        yaml_tree.parse(bomb)


def test_not_utf8_is_refused(tmp_path):
    """A file saved by an old spreadsheet in Shift_JIS is refused with how to save it."""
    file = tmp_path / "x.yaml"
    file.write_bytes("題: 休暇".encode("cp932"))
    with pytest.raises(YamlError, match="UTF-8で保存"):
        yaml_tree.read(file)


def test_byte_order_mark_is_no_part_of_the_text(tmp_path):
    """Notepad's byte order mark doesn't become part of the first key."""
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert yaml_tree.read(file).value == {"a": "1", "b": "2"}


def test_giant_file_is_refused_unread(tmp_path):
    """A file beyond the limit is refused by its size."""
    file = tmp_path / "x.yaml"
    with file.open("wb") as out:
        out.truncate(yaml_tree.MAX_BYTES + 1)
    with pytest.raises(YamlError, match="ファイルを分けて"):
        yaml_tree.read(file)


def test_empty_text_is_none():
    """A file of comments only holds nothing."""
    assert yaml_tree.parse("# nothing\n").value is None


_texts = st.text(alphabet=string.ascii_letters + "あ休暇日:#- '\"", min_size=1, max_size=12)
_trees = st.recursive(
    _texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3), max_leaves=12
)


@given(_trees)
def test_reads_back_what_a_yaml_library_writes(tree):
    """Whatever texts, lists and mappings a library writes come back the same."""
    written = yaml.safe_dump(tree, allow_unicode=True, default_style='"')
    if "&id" not in written:  # the library shortens equal objects by anchors
        assert yaml_tree.parse(written).value == tree


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    """No input makes the reader fail in another way than by its own error."""
    with suppress(YamlError):
        assert yaml_tree.parse(text).line(()) >= 1
