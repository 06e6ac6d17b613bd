"""The trained model: an example has its say near to it, however few are like it."""

import numpy as np

from asaka_bot.answering import learning


def test_what_the_regression_left_over_is_made_up_for_near_an_example(engine, knowledge, monkeypatch):
    """What an example teaches gains by it where its own text is asked; other labels hardly move."""
    model = engine._ranker._model
    taught = [(topic.id, topic.phrases[place].text) for topic in knowledge.topics.values() for place in (0, -1)]
    places = [model.labels.index(topic) for topic, _ in taught]
    texts = [engine._analyser.analyse(text) for _, text in taught]

    def scores():
        model._recent.clear()
        return np.stack([model.scores(text).copy() for text in texts])

    corrected = scores()
    monkeypatch.setattr(learning, "_CORRECTION", 0.0)
    plain = scores()
    own = np.arange(len(texts)), places
    assert (corrected - plain)[own].mean() > 0.15
    assert (corrected > plain)[own].mean() > 0.9
    others = np.ones_like(plain, bool)
    others[own] = False
    assert np.abs(corrected - plain)[others].mean() < 0.02
    model._recent.clear()
