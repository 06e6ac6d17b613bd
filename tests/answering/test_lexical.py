"""Words, characters and sounds: what finds a text again, and how alike two texts are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.answering.lexical import Analyser, Bm25Index, TfidfIndex
from asaka_bot.answering.text import Synonyms


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(Synonyms([("年次休暇", "年休")]))


def test_words_are_dictionary_forms(analyser):
    """An inflected verb is the same word as its dictionary form."""
    asked = analyser.analyse("休んで、休めば、休みたい").words
    assert len([word for word in asked if word == asked[0]]) == 3


def test_particles_are_no_words(analyser):
    """は, が and です say nothing about the topic."""
    assert not {"は", "が", "です", "か"} & set(analyser.analyse("休暇は何ですか").words)


def test_homophones_sound_alike(analyser):
    """A conversion slip, 整理痛 for 生理痛, keeps the reading."""
    assert analyser.analyse("生理痛").reading == analyser.analyse("整理痛").reading


def test_plain_text_uses_standard_words(analyser):
    """年休 and 年次休暇 are the same to the indexes, but the question stays as typed."""
    asked = analyser.analyse("年休は何日ですか")
    assert asked.plain.startswith("年次休暇")
    assert asked.original.startswith("年休")


def test_empty_text_has_nothing(analyser):
    """Nothing typed gives no words, characters or sounds."""
    asked = analyser.analyse("")
    assert (asked.words, asked.characters, asked.sounds) == ((), [], [])


ROWS = [["育児", "休業", "期間"], ["介護", "休暇", "期間"], ["育児", "育児", "時間"]]


def test_tfidf_finds_the_same_row():
    """A row is most like itself, with a cosine of 1."""
    index = TfidfIndex.build(ROWS)
    for place, row in enumerate(ROWS):
        scores = index.scores(row)
        assert scores[place] == pytest.approx(1.0, abs=1e-5)
        assert int(scores.argmax()) == place


def test_tfidf_of_unknown_words_is_zero():
    """What nobody has said is like nothing."""
    assert not TfidfIndex.build(ROWS).scores(["宇宙"]).any()


def test_rare_words_count_more():
    """介護, in one row, tells more than 期間, in two."""
    scores = TfidfIndex.build(ROWS).scores(["介護", "期間"])
    assert scores[1] > scores[0] > scores[2]


def test_tfidf_survives_storing():
    """The index made again from its arrays scores the same."""
    index = TfidfIndex.build(ROWS)
    again = TfidfIndex.from_arrays(index.arrays())
    assert np.array_equal(index.scores(["育児", "時間"]), again.scores(["育児", "時間"]))


_words = st.lists(st.sampled_from(["あ", "い", "う", "え", "お"]), min_size=1, max_size=6)


@given(st.lists(_words, min_size=1, max_size=6), _words)
def test_tfidf_is_a_cosine(rows, asked):
    """Scores lie in 0..1 and agree with the cosine taken by hand over dense vectors."""
    rows = rows * 2  # a term of one row alone isn't indexed
    scores = TfidfIndex.build(rows).scores(asked)
    vocabulary = sorted({word for row in rows for word in row})
    idf = {w: np.log((1 + len(rows)) / (1 + sum(w in row for row in rows))) + 1 for w in vocabulary}

    def vector(words):
        return np.array([(1 + np.log(words.count(w))) * idf[w] if w in words else 0.0 for w in vocabulary])

    question = vector(asked)
    for score, row in zip(scores, map(vector, rows), strict=True):
        norm = np.linalg.norm(question) * np.linalg.norm(row)
        assert score == pytest.approx(question @ row / norm if norm else 0.0, abs=1e-4)


def test_bm25_prefers_the_shorter_row():
    """The same word in a short row counts more than in a long one."""
    scores = Bm25Index([["介護"], ["介護", "あ", "い", "う", "え"], ["お"]]).scores(["介護"])
    assert scores[0] > scores[1] > scores[2] == 0


def test_bm25_ids_of_compounds_count_half():
    """A synonym group of a compound is a hint only."""
    scores = Bm25Index([["s12"], ["c34"]]).scores(["s12", "c34"])
    assert scores[1] == pytest.approx(scores[0] / 2)


def test_bm25_of_nothing():
    """An empty index and an empty question give no scores."""
    assert Bm25Index([]).scores(["介護"]).shape == (0,)
    assert not Bm25Index(ROWS).scores([]).any()
