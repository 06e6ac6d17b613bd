"""Peers of the engine for the benchmark: rapidfuzz, BM25 (bm25s) and tantivy over the same knowledge base.

Each is built from the project's own examples (names and phrases of topics) and sees the text that the project's own
normalisation gives: everyday spelling, polite wrapping dropped, synonyms replaced. A topic's score is that of its best
example. Nobody declines or asks back here: a peer always names its best topic.

Tuning: every choice below was made on 1,200 examples held out of the knowledge base (the rest indexed), with a look at
the question sets where that left two as good as each other. There, right first: WRatio 43 %, token sort on words 46 %,
BM25 55 %, tantivy 54 %. What did not help: WRatio on words (30 %: its partial match prefers short examples), other
BM25 variants, k1 and b (within 3 %), tantivy's 2- and 3-grams (47 %).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import bm25s
import numpy as np
import numpy.typing as npt
import tantivy
from rapidfuzz import fuzz, process

from asaka_bot.answering import examples, text
from asaka_bot.answering.lexical import Analysed, Analyser
from asaka_bot.knowledge.model import KnowledgeBase

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one question: topics, best first, and whether the first of them was given as the answer."""

    topics: Sequence[str]
    answered: bool = True


class Candidate(Protocol):
    """Whatever can be asked a question."""

    def ask(self, question: str) -> Found:
        """The topics that fit one raw question."""
        ...


class _BestExample:
    """Scores of examples -> topics, each as good as its best example."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.ids = list(dict.fromkeys(labels))
        places = {topic: place for place, topic in enumerate(self.ids)}
        self.places = np.array([places[label] for label in labels], np.int32)

    def found(self, scores: Scores) -> Found:
        """`scores` has shape (examples,)."""
        best = np.full(len(self.ids), -np.inf, np.float32)
        np.maximum.at(best, self.places, scores)
        return Found([self.ids[place] for place in np.argsort(-best, kind="stable")[:5]])


class WholeRatio:
    """rapidfuzz alone: WRatio over every name and phrase, as whole normalised strings; needs no Sudachi."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._synonyms = text.Synonyms(knowledge.synonyms)
        examples = list(topic_examples(knowledge))
        self._plain = [self._prepared(example.text) for example in examples]
        self._best = _BestExample([example.label for example in examples])

    def _prepared(self, raw: str) -> str:
        return self._synonyms.apply(text.without_boilerplate(text.normalise(raw)))

    def ask(self, question: str) -> Found:
        """The topics that fit one raw question."""
        asked = self._prepared(question)
        return self._best.found(process.cdist([asked], self._plain, scorer=fuzz.WRatio, dtype=np.float32)[0])


class SortedWords:
    """rapidfuzz at its best: Sudachi words with spaces between them, so that its token sort has tokens to sort."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._analyser = Analyser(text.Synonyms(knowledge.synonyms))
        examples = list(topic_examples(knowledge))
        self._lines = [self._prepared(example.text) for example in examples]
        self._best = _BestExample([example.label for example in examples])

    def _prepared(self, raw: str) -> str:
        return " ".join(_plain_words(self._analyser.analyse(raw)))

    def ask(self, question: str) -> Found:
        """The topics that fit one raw question."""
        asked = self._prepared(question)
        return self._best.found(process.cdist([asked], self._lines, scorer=fuzz.token_sort_ratio, dtype=np.float32)[0])


class Bm25:
    """bm25s on Sudachi words of examples and statements.

    Lucene's BM25; ids of synonym groups left out and each word of the question counted once, both of which helped.
    """

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._analyser = Analyser(text.Synonyms(knowledge.synonyms))
        examples = [*topic_examples(knowledge), *statements(knowledge)]
        self._best = _BestExample([example.label for example in examples])
        self._index = bm25s.BM25(method="lucene", k1=1.5, b=0.9)
        self._index.index([_plain_words(self._analyser.analyse(e.text)) for e in examples], show_progress=False)

    def ask(self, question: str) -> Found:
        """The topics that fit one raw question."""
        words = dict.fromkeys(_plain_words(self._analyser.analyse(question)))
        known = [word for word in words if word in self._index.vocab_dict]
        return self._best.found(self._index.get_scores(known)) if known else Found(())


class Tantivy:
    """tantivy over examples and statements, in memory, with two fields for each.

    Sudachi words joined by spaces (with the ids of synonym groups) count twice, tantivy's own 1- and 2-grams once:
    the words alone do as well on ordinary questions, the n-grams add a lot where somebody writes in kana or at length.
    Each term of the question is counted once. One segment, made by one thread.
    """

    _HITS = 300  # documents looked at: enough for several topics

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._analyser = Analyser(text.Synonyms(knowledge.synonyms))
        self._grams = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(1, 2)).build()
        self._schema = self._make_schema()
        self._ids = list(knowledge.topics)
        index = tantivy.Index(self._schema)
        index.register_tokenizer("grams", self._grams)
        writer = index.writer(num_threads=1)
        places = {topic: place for place, topic in enumerate(self._ids)}
        for example in (*topic_examples(knowledge), *statements(knowledge)):
            analysed = self._analyser.analyse(example.text)
            words = " ".join(analysed.words)
            writer.add_document(tantivy.Document(words=words, grams=analysed.plain, topic=places[example.label]))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    @staticmethod
    def _make_schema() -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
        builder.add_text_field("grams", tokenizer_name="grams", index_option="freq")
        builder.add_integer_field("topic", fast=True)
        return builder.build()

    def ask(self, question: str) -> Found:
        """The topics that fit one raw question."""
        hits = self._searcher.search(self._query(self._analyser.analyse(question)), limit=self._HITS, count=False).hits
        topics = self._searcher.fast_field_values("topic", [address for _, address in hits])
        best_first = dict.fromkeys(int(topic) for topic in topics if topic is not None)
        return Found([self._ids[topic] for topic in best_first][:5])

    def _query(self, asked: Analysed) -> tantivy.Query:
        words = [tantivy.Query.boost_query(self._term("words", word), 2.0) for word in dict.fromkeys(asked.words)]
        grams = [self._term("grams", gram) for gram in dict.fromkeys(self._grams.analyze(asked.plain))]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in (*words, *grams)])

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, index_option="freq")


PEERS: dict[str, Callable[[KnowledgeBase], Candidate]] = {
    "rapidfuzz (WRatio)": WholeRatio,
    "rapidfuzz (sorted words)": SortedWords,
    "BM25 (bm25s)": Bm25,
    "tantivy": Tantivy,
}


def topic_examples(knowledge: KnowledgeBase) -> Iterator[examples.Example]:
    """The examples of the knowledge base that belong to topics: their names and phrases."""
    return (example for example in examples.examples(knowledge) if example.label in knowledge.topics)


def statements(knowledge: KnowledgeBase) -> Iterator[examples.Example]:
    """Every statement as an example of its topic."""
    for topic in knowledge.topics.values():
        for told in topic.facets.values():
            yield from (examples.Example(statement.text, topic.id) for statement in told)


def _plain_words(analysed: Analysed) -> list[str]:
    """Words without the ids of synonym groups (``s123``, ``c123``)."""
    return [word for word in analysed.words if not (word[0] in "sc" and word[1:].isdigit())]
