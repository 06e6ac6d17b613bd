"""The same question typed in different ways looks the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.answering import text
from asaka_bot.answering.text import Synonyms


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("ｲｸｷｭｳ", "イクキュウ"),
        ("ＮＰＯ　１２３", "NPO 123"),
        ("髙橋さんの勞働", "高橋さんの労働"),
        ("育休\u200b\ufeffは", "育休は"),
        ("育休は😭いつまで🙏", "育休はいつまで"),
        ("ねえーーーー", "ねえー"),
        ("マタ〜ニティ", "マターニティ"),
        ("育 休 は", "育休は"),
        ("いつまで！！？？", "いつまで!?"),
        ("休めますか。。。", "休めますか。"),
        ("育休wwww", "育休"),
        ("育休（笑）は", "育休は"),
        ("  前後\n の\t空白  ", "前後の空白"),
        ("か\u3099くせい", "がくせい"),
        ("", ""),
    ],
)
def test_normalise(typed, plain):
    """Widths, variants, emoji, laughs, repeated marks and gaps make no difference."""
    assert text.normalise(typed) == plain


def test_hyphens_of_numbers_stay():
    """A hyphen between digits is no long-vowel mark."""
    assert text.normalise("2027-02-10") == "2027-02-10"


def test_english_words_keep_their_w():
    """A w inside a Latin word is no laugh."""
    assert text.normalise("power wlb") == "power wlb"


def test_giant_input_is_cut():
    """Nothing beyond the limit is looked at."""
    assert len(text.normalise("あい" * 100_000)) <= text.MAX_QUESTION


@given(st.text(max_size=80))
def test_normalising_twice_changes_nothing(typed):
    """What is normal stays as it is: the ranker's examples and the questions meet in one form."""
    once = text.normalise(typed)
    assert text.normalise(once) == unicodedata.normalize("NFKC", once)


@given(st.text(max_size=80))
def test_normal_text_has_no_signs_of_its_own(typed):
    """No control character, tab or double space survives."""
    plain = text.normalise(typed)
    assert plain == plain.strip()
    assert "  " not in plain
    assert all(c.isprintable() or c == "\u3000" for c in plain)


@pytest.mark.parametrize(
    ("typed", "bare"),
    [
        ("お疲れ様です。育休はいつまでですか", "育休はいつまでですか"),
        ("すみません、年休について教えてください", "年休について"),
        ("介護休暇の日数を知りたいです", "介護休暇の日数を"),
        ("教えてください", "教えてください"),
        ("よろしくお願いします", "よろしくお願いします"),
    ],
)
def test_boilerplate_is_dropped(typed, bare):
    """Greetings and polite endings say nothing about the topic, unless there is nothing else."""
    assert text.without_boilerplate(text.normalise(typed)) == bare


@pytest.mark.parametrize("typed", ["", "？？？", "…", "!!!", "、。", "ーー", "♪"])
def test_signs_are_no_content(typed):
    """Signs alone ask nothing."""
    assert not text.has_content(text.normalise(typed))


@pytest.mark.parametrize("typed", ["休", "a", "5", "々"])
def test_one_letter_is_content(typed):
    """One letter may be a question."""
    assert text.has_content(typed)


def test_ngrams_skip_punctuation():
    """Spaces and marks don't split what belongs together."""
    assert text.ngrams("育 休、は", (2,)) == ["育休", "休は"]


SYNONYMS = Synonyms(
    [
        ("年次休暇", "年休", "有給", "ねんきゅう"),
        ("介護", "かいご", "カイゴ"),
        ("育児休業", "育休", "パパ育休", "ikukyu"),
    ]
)


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("年休は何日", "年次休暇は何日"),
        ("パパ育休", "育児休業"),
        ("カイゴ休暇", "介護休暇"),
        ("nenkyuu", "年次休暇"),
        ("nenkyu", "nenkyu"),
        ("kaigo", "介護"),
        ("KAIGO", "介護"),
        ("セカイゴー", "セカイゴー"),
        ("ikukyu", "育児休業"),
        ("xikukyux", "xikukyux"),
    ],
)
def test_synonyms(typed, standard):
    """Other spellings become the standard word, the longest first, and not inside a longer word of the same script."""
    assert SYNONYMS.apply(typed) == standard


def test_no_synonyms():
    """A knowledge base without synonyms leaves the text alone, in lower case."""
    assert Synonyms([]).apply("年休 ABC") == "年休 abc"
