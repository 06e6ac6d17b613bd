"""Recognise a person in danger, also a third person, so that the urgent contacts come first."""

import re
from collections.abc import Mapping

from asaka_bot.answering.examples import DANGER
from asaka_bot.answering.learning import Model
from asaka_bot.answering.lexical import Analysed, Analyser
from asaka_bot.knowledge.model import DangerKind

# On the project's own question sets every danger scores 0.55 and more, all but three of 850 others less than 0.45.
_ALARM = 0.45
_ALARM_AMONG_STRANGERS = 0.75  # where ordinary questions are new to the model
_ALARM_SENTENCE = 0.75  # a single sentence inside a longer text
_HINT = 0.12  # enough to look at the sentences of a longer text one by one
_ALARM_SHORT = 0.8  # so few characters are like a sign by accident
_OUTWEIGHED = 0.9  # a sign weaker than this share of what fits the text best otherwise is none
_ALARM_WORDED = 0.3  # with words that hardly ever mean anything else

_WORDS = re.compile(
    r"死にた[いくかけ]|しにた[いくかけ]|死のう(?:と|か)|消えてしまいた|(?:もう|いっそ)消えた|自殺(?:し|を考|未遂|する|しよう)|首を?(?:吊|つ)[りっる]"
    r"|飛び(?:降り|込[みん])|手首を?切|リスカ|リストカット|オーバードーズ|遺書|生きて(?:いる|る)?(?:意味|の(?:が|も)(?:つら|辛|嫌|いや|しんど))"
    r"|殺して(?:しまい|やり)|殺され(?:そう|る(?!ほど|くらい))|刺して(?:やり|しまい)|(?:殴|なぐ|蹴|け)られ(?:て|た|ました|ている)|首を?(?:絞|し)め"
    r"|(?:薬|眠剤|錠剤)[^。]{0,6}(?:いっぱい|たくさん|大量|全部|まとめて|ためて)|心中|ビンタ|ボコ(?:ボコ|られ)|(?:叩|たた)かれ"
    r"|レイプ|強姦|無理やり(?:キス|ホテル|さわ|触)|(?:子ども|子供|息子|娘|母|父|親)(?:を|に)(?:叩|殴|手を上げ|暴力)"
)
_THIRD_PERSON = re.compile(
    r"(?:部下|同僚|後輩|先輩|友人|友達|係員|係長|課長|主査|職員|新人|同期|夫|妻|彼氏?|彼女|母|父|姉|妹|兄|弟|息子|娘|隣の(?:席|係)[^。]{0,6}|係の子|若手|あの人)(?:が|は|から|も|の(?:様子|腕|手首|体|顔|首))"
)
_FIRST_PERSON = re.compile(
    r"(?:私|わたし|僕|ぼく|俺|自分)(?:が|は|も|を)|(?:死|し)にたい(?:です|。|$)|られ(?:ました|た。|ています)"
)
_SENTENCE_END = re.compile(r"(?<=[。!?])")
_MARKUP = re.compile(
    r"[=+<>@#*|~^`{}\[\]/\\\d\s]{2,}"
)  # signs that no cry for help is made of, but that may stand around one
_MOST_SENTENCES = 8


class DistressDetector:
    """Compares a question with the signs of danger that `urgent.yaml` gives."""

    def __init__(
        self, model: Model, kinds: Mapping[str, DangerKind], analyser: Analyser, *, knows_the_ordinary: bool = True
    ) -> None:
        """`knows_the_ordinary`: whether the model learned from ordinary questions of this knowledge base as well."""
        self._model, self._kinds, self._analyser = model, kinds, analyser
        self._alarm = _ALARM if knows_the_ordinary else _ALARM_AMONG_STRANGERS
        danger = [i for i, place in enumerate(model.classes) if model.labels[place].startswith(DANGER)]
        self._signs = {model.texts[i]: model.labels[model.classes[i]].removeprefix(DANGER) for i in danger}
        self._places = {
            i: label.removeprefix(DANGER) for i, label in enumerate(model.labels) if label.startswith(DANGER)
        }
        self._ordinary = [i for i in range(len(model.labels)) if i not in self._places]

    def detect(self, question: Analysed) -> DangerKind | None:
        """The kind of danger that the question shows, None where it shows none."""
        found = self._detect(question)
        if found is None and (words := _MARKUP.sub(" ", question.original).strip()) != question.original:
            return self._detect(self._analyser.analyse(words))
        return found

    def _detect(self, question: Analysed) -> DangerKind | None:
        if (exact := self._signs.get(question.plain)) is not None:
            return self._kinds[exact]
        whole, likely = self._alarms(question)
        worded = bool(_WORDS.search(question.original))
        if likely and sum(whole.values()) >= self._threshold(question.original, worded):
            return self._kind(whole)
        if worded or sum(whole.values()) >= _HINT:
            return self._detect_in_sentences(question.original)
        return None

    def _detect_in_sentences(self, question: str) -> DangerKind | None:
        """A single cry inside a longer text."""
        parts = [part for part in _SENTENCE_END.split(question) if len(part) >= 5]
        if len(parts) < 2:
            return None
        sentences = [self._analyser.analyse(part) for part in parts[-_MOST_SENTENCES:]]
        self._model.foresee(sentences)
        for sentence in sentences:
            alarms, likely = self._alarms(sentence)
            if likely and sum(alarms.values()) >= _ALARM_SENTENCE:
                return self._kind(alarms)
        return None

    def _threshold(self, question: str, worded: bool) -> float:
        if worded:
            return _ALARM_WORDED
        return _ALARM_SHORT if len(question) <= 6 else self._alarm

    def _alarms(self, question: Analysed) -> tuple[dict[str, float], bool]:
        """A score for each kind of danger, and whether nothing else fits the text clearly better."""
        scores = self._model.scores(question)
        alarms = {kind: max(0.0, float(scores[place])) for place, kind in self._places.items()}
        ordinary = max((float(scores[place]) for place in self._ordinary), default=0.0)
        return alarms, sum(alarms.values()) >= _OUTWEIGHED * ordinary

    def _kind(self, alarms: Mapping[str, float]) -> DangerKind:
        return self._kinds[max(alarms, key=lambda kind: alarms[kind])]


def about_somebody_else(question: str) -> bool:
    """Whether the danger is a third person's."""
    return bool(_THIRD_PERSON.search(question)) and not _FIRST_PERSON.search(question)
