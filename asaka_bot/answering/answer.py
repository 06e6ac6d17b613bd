"""A question becomes a reply: understand, decide (answer, choose, decline, urgent), put into words."""

import ctypes
import functools
import gc
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from asaka_bot.answering import compose, conversation, examples, facets, learning, semantic, text
from asaka_bot.answering.conversation import Context
from asaka_bot.answering.distress import DistressDetector
from asaka_bot.answering.lexical import Analysed, Analyser
from asaka_bot.answering.ranking import Ranker, Ranking, Searched, Trained, can_train
from asaka_bot.answering.semantic import Encoder, Progress
from asaka_bot.errors import DateError
from asaka_bot.knowledge.model import Facet, KnowledgeBase, Role, Statement
from asaka_bot.messages import Decision, Reply

# The gate, on calibrated chances; `asaka-bot evaluate` shows what it gives on a question set. An outside subject has
# few examples, so the likeliest one counts more than its chance says; but a long text scatters chances over many of
# them without being about any, and it seldom is a broad question.
_OUTSIDE_WEIGHT = 2.0
_WORD, _BRIEF = 14, 28  # characters
_SURELY_OUTSIDE = 0.6
_MOSTLY_OUTSIDE = 0.5  # enough where it is twice as likely as the best topic
# A brief question in words that nobody has used spreads its chances thinly over everything outside; only where one
# subject stands out, or hardly any topic does, is it taken for one from outside.
_STANDS_OUT, _THICK, _HARDLY_ANY = 0.02, 0.4, 0.1
_NAMED_OUTSIDE = 0.15  # one outside subject this likely counts against the best topic, however long the question
_NAMES_THE_SUBJECT = 0.15  # below this the bot says that it does not know, not what it takes the matter for
_REFUSES = 0.5  # nor does it turn anybody away as an attacker or a joker
_CLEAR = 0.42  # a topic this likely is answered at once, however short the question
_FAMILIAR = 0.17  # nearest example below this: nobody has asked anything like it
_BROAD = 0.4  # broad questions as likely as this together: asked back, whatever the best topic
_CHOICES = 4
_LIKELY = 0.1  # a topic this likely is among the choices of a broad question, whatever its group
_TAKEN_UP = 0.5  # a choice this likely is what 「何日?」 after it asks about
_CONCEIVABLE = 0.001  # a topic this likely is offered beside the answer before those that the answer itself leads to
_WHICH = "どれについてのご質問でしょうか。"
_MADV_DONTNEED = 4  # Linux, mman.h
_BETWEEN_NAMES = " とやか、。・／/?？!！"


def silent(stage: str, done: int, total: int) -> None:
    """A progress reporter that reports nothing."""


def show(
    knowledge: KnowledgeBase, topic: str, facet: Facet | None, *, now: datetime, role: Role | None = None
) -> tuple[Reply, Context]:
    """The reply to a button: a topic, led by the facet given. Raises `KeyError` for an unknown topic."""
    reply = compose.answer(knowledge.topics[topic], facet, role, knowledge, now.date())
    return reply, Context(topic=topic, facet=facet, role=role, at=now)


class Engine:
    """Answers questions from one knowledge base; pure but for the caches it reads at the start.

    Not for several threads at once: whoever shares it serialises the calls (see `asaka_bot.channels.answers`).
    """

    def __init__(
        self,
        knowledge: KnowledgeBase,
        *,
        cache: Path | None = None,
        progress: Progress = silent,
        encoders: Sequence[Encoder] | None = None,
    ) -> None:
        """Prepare the rankers; `encoders` defaults to the sentence encoders that are installed."""
        self.knowledge = knowledge
        self._analyser = Analyser(text.Synonyms(knowledge.synonyms))
        names = {
            self._analyser.analyse(name).plain: topic.id
            for topic in knowledge.topics.values()
            for name in (*topic.aliases, topic.title)
        }
        self._names = sorted(((n, t) for n, t in names.items() if len(n) > 1), key=lambda named: -len(named[0]))
        self._statement_words: dict[str, frozenset[str]] = {}
        self._ranker, model = _prepare(knowledge, self._analyser, cache, progress, encoders)
        kinds = {kind.id: kind for kind in knowledge.urgent.kinds}
        self._distress = DistressDetector(
            model, kinds, self._analyser, knows_the_ordinary=isinstance(self._ranker, Trained)
        )
        # Models load at their first use: now, not with a person waiting.
        self._ranker.rank(self._analyser.analyse("準備"))
        _give_back_memory()

    def reply(
        self, question: str, *, now: datetime, role: Role | None = None, context: Context | None = None
    ) -> tuple[Reply, Context]:
        """The reply to one question or turn, and the context to pass along with the next one.

        `now` is an aware datetime; `role` is what the person said of themselves, `context` what went before.
        """
        try:
            return self._reply(question, now, role, context)
        finally:
            _give_back_dictionary()

    def _reply(self, question: str, now: datetime, role: Role | None, context: Context | None) -> tuple[Reply, Context]:
        kept = context if context is not None and context.alive(now) else None
        asked = self._analyser.analyse(question)
        role = facets.recognise_role(asked.original) or role or (kept.role if kept else None)
        empty = Context(at=now, role=role)
        if not text.has_content(asked.original):
            return compose.nothing_asked(self.knowledge), kept or empty
        if (kind := self._distress.detect(asked)) is not None:
            return compose.urgent(kind, asked.original, self.knowledge), empty
        ranking = self._understand(asked, kept)
        reply = self._with_dates(self._decide(asked, ranking, role, kept, now), asked.original, now)
        if reply.decision is Decision.CHOOSE and kept is None:
            likeliest = reply.choices[0].topic
            return reply, replace(empty, topic=likeliest) if ranking.topics[likeliest] >= _TAKEN_UP else empty
        if reply.decision is not Decision.ANSWER:
            return reply, replace(kept, at=now) if kept else empty
        facet = Facet(reply.facet) if reply.facet else None
        before = kept.topic if kept and kept.topic != reply.topic else kept.previous if kept else None
        return reply, Context(topic=reply.topic, previous=before, facet=facet, role=role, at=now)

    def urgent(self, written: str) -> Reply | None:
        """The urgent contacts, where a text that is no question shows signs of danger."""
        said = self._analyser.analyse(written)
        kind = self._distress.detect(said) if text.has_content(said.original) else None
        return compose.urgent(kind, said.original, self.knowledge) if kind is not None else None

    def show(
        self, topic: str, facet: Facet | None, *, now: datetime, role: Role | None = None
    ) -> tuple[Reply, Context]:
        """The reply to a button. Raises `KeyError` for an unknown topic."""
        return show(self.knowledge, topic, facet, now=now, role=role)

    def _understand(self, asked: Analysed, context: Context | None) -> Ranking:
        if context is None:
            return self._ranker.rank(asked)
        return conversation.rank_turn(asked, context, self._ranker, self._analyser, self.knowledge)

    def _decide(
        self, asked: Analysed, ranking: Ranking, role: Role | None, context: Context | None, now: datetime
    ) -> Reply:
        ids = ranking.ids
        best = next(iter(ranking.topics.values()), 0.0)
        length = len(asked.plain)
        brief = length <= _BRIEF
        broad = sum(ranking.broad.values()) if context is None else 0.0  # a turn is about what was said
        outside, strangest = sum(ranking.outside.values()), next(iter(ranking.outside.values()), 0.0)
        strange = _is_strange(best, outside, strangest, brief=brief)
        if not ids or ranking.nearest < _FAMILIAR:
            return compose.decline(None, ids, self.knowledge)
        if strange and outside > broad / 2:
            subject: str | None = next(iter(ranking.outside))
            if strangest < (_REFUSES if subject in compose.UNSPOKEN else _NAMES_THE_SUBJECT):
                subject = None
            if subject == "noise" and asked.words:
                subject = None  # words that nobody asked about before, but words
            return compose.decline(subject, () if outside > 0.8 else ids, self.knowledge)
        if broad > _BROAD:
            group = next(b for b in self.knowledge.broad if b.id == next(iter(ranking.broad)))
            likely = (ids[0],) if best >= _LIKELY and ids[0] not in group.topics else ()
            likeliest_first = sorted((*likely, *group.topics), key=lambda topic: -ranking.topics.get(topic, 0.0))
            return compose.choose(group.prompt, likeliest_first[:_CHOICES], ids, self.knowledge)
        if len(several := self._named(asked.plain)) > 1 and context is None:
            return compose.choose(_WHICH, several[:_CHOICES], ids, self.knowledge)
        close = [topic for topic in ids if ranking.topics[topic] >= best / 4][:_CHOICES]
        if best < _CLEAR and len(close) > 1 and length <= _WORD and context is None:
            return compose.choose(_WHICH, close, ids, self.knowledge)
        nearby = [topic for topic in ids[1:4] if ranking.topics[topic] >= _CONCEIVABLE]
        return self._answer(asked, ids[0], nearby, role, context, now)

    def _answer(
        self,
        asked: Analysed,
        best: str,
        nearby: Sequence[str],
        role: Role | None,
        context: Context | None,
        now: datetime,
    ) -> Reply:
        topic = self.knowledge.topics[best]
        facet = self._facet(asked, topic.id)
        if (
            context is not None
            and context.facet
            and not facets.cue_scores(asked.original)
            and conversation.keeps_the_side(asked.original, same_topic=topic.id == context.topic)
        ):
            facet = context.facet  # 「いや、介護の方」 keeps asking the same side

        words = set(asked.words)

        def relevance(statement: Statement) -> int:
            return len(words & self._words_of(statement.text))

        return compose.answer(topic, facet, role, self.knowledge, now.date(), nearby, relevance)

    def _facet(self, asked: Analysed, topic: str) -> Facet | None:
        """The side that is asked about; a name alone asks none, unless its wording does (残業の上限)."""
        sentence = facets.asking_sentence(asked.original)
        asking = self._analyser.analyse(sentence) if sentence != asked.original else None
        facet = facets.recognise(sentence, self._ranker.facets(asked, topic, asking))
        only_named = asking is None and self._named(asked.plain)
        return None if only_named and facet not in facets.cue_scores(sentence) else facet

    def _named(self, question: str) -> Sequence[str]:
        """The topics of a question that is nothing but their names: 産休育休, 介護休暇と介護時間."""
        found = []
        for name, topic in self._names:
            if name in question:
                question = question.replace(name, " ")
                found.append(topic)
        return list(dict.fromkeys(found)) if not question.strip(_BETWEEN_NAMES) else ()

    def _words_of(self, statement: str) -> frozenset[str]:
        """The words of a statement, worked out when it first competes for a place in a reply."""
        if (known := self._statement_words.get(statement)) is None:
            known = self._statement_words[statement] = frozenset(self._analyser.analyse(statement).words)
        return known

    def _with_dates(self, reply: Reply, question: str, now: datetime) -> Reply:
        """The table of dates where the question states one; a question of nothing else is about the leave at birth."""
        try:
            dated = compose.with_dates(reply, question, now.date())
        except DateError as error:
            return replace(reply, notes=(str(error), *reply.notes))
        if (
            dated.dates
            and reply.decision is Decision.DECLINE
            and (leave := self.knowledge.topics.get("maternity-leave"))
        ):
            return compose.with_dates(
                compose.answer(leave, None, None, self.knowledge, now.date()), question, now.date()
            )
        return dated


def _is_strange(best: float, outside: float, strangest: float, *, brief: bool) -> bool:
    """Whether the chances speak for a matter that the knowledge base does not cover."""
    if brief and max(outside, _OUTSIDE_WEIGHT * strangest) > best:
        return strangest > _STANDS_OUT or outside > _THICK or best < _HARDLY_ANY
    if outside > max(best, _SURELY_OUTSIDE) or outside > max(_OUTSIDE_WEIGHT * best, _MOSTLY_OUTSIDE):
        return True
    return strangest > _NAMED_OUTSIDE and outside + _OUTSIDE_WEIGHT * strangest > best


def _give_back_memory() -> None:
    """Hand what training and loading have freed, or read once, back to the system, where it offers that (Linux)."""
    gc.collect()
    if sys.platform != "linux":
        return
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:  # glibc
        trim(0)
    _give_back_dictionary()


def _give_back_dictionary() -> None:
    """Loading the dictionary touches 120 MB of its file, each question 40 of it again: reading them anew takes 2 ms."""
    for start, length in _dictionary_pages():
        ctypes.CDLL(None).madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), _MADV_DONTNEED)


@functools.cache
def _dictionary_pages() -> tuple[tuple[int, int], ...]:
    """Where the dictionary's file is mapped: addresses and lengths; none where the system does not tell (Linux does)."""
    if sys.platform != "linux":
        return ()
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:  # a container without /proc
        return ()
    mapped = (line.split(" ")[0].split("-") for line in maps.splitlines() if line.endswith(".dic") and " r--" in line)
    return tuple((int(start, 16), int(end, 16) - int(start, 16)) for start, end in mapped)


def _prepare(
    knowledge: KnowledgeBase,
    analyser: Analyser,
    cache: Path | None,
    progress: Progress,
    encoders: Sequence[Encoder] | None,
) -> tuple[Ranker, learning.Model]:
    """The ranker and the model that recognises danger: one and the same where there are phrases to learn from."""
    trained = can_train(knowledge)
    if encoders is None:
        wanted = [semantic.UniversalSentenceEncoder] + ([] if trained else [semantic.MultilingualE5])
        encoders = [encoder for model in wanted if (encoder := semantic.load(model)) is not None]
        for encoder in encoders:
            if cache is not None and isinstance(encoder, semantic.UniversalSentenceEncoder):
                encoder.keep_words_on_disk(cache)
    fast = encoders[0] if encoders else None
    found = examples.examples(knowledge) if trained else examples.danger_examples(knowledge, with_topics=True)
    model = learning.load_or_train(found, analyser, fast, cache, progress)
    if trained:
        return Trained(model, knowledge), model
    return Searched(tuple(knowledge.topics.values()), analyser, encoders, cache, progress), model
