"""Figures for Prometheus: counts and times only, never who or what."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from asaka_bot.messages import Decision
from asaka_bot.store.figures import DeliveryFigures


class Metrics:
    """One registry a process, so that several can live in one test run."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._replies = Counter(
            "asaka_replies", "質問への応答の数（判断の種類ごと）", ["decision"], registry=self._registry
        )
        self._seconds = Histogram(
            "asaka_reply_seconds",
            "1つの応答にかかった時間（秒）",
            buckets=(0.005, 0.01, 0.02, 0.05, 0.12, 0.3, 1.0, 3.0),
            registry=self._registry,
        )
        self._deliveries = Gauge(
            "asaka_deliveries", "配信の数（チャネルと状態ごと）", ["channel", "state"], registry=self._registry
        )
        self._occurrences = Gauge(
            "asaka_occurrences", "お知らせの予定の数（結果ごと）", ["status"], registry=self._registry
        )
        self._waiting = Gauge(
            "asaka_oldest_waiting_seconds",
            "送る時刻を過ぎて待っている配信の、最も長い待ち時間（秒）",
            registry=self._registry,
        )
        self._held = Gauge("asaka_sending_held", "送信を止めているとき1", registry=self._registry)
        self._out = Gauge("asaka_channel_out", "ボットを受け付けないチャネルで1", ["channel"], registry=self._registry)

    def replied(self, decision: Decision, seconds: float) -> None:
        """Count one reply."""
        self._replies.labels(decision.value).inc()
        self._seconds.observe(seconds)

    def exposition(self, figures: DeliveryFigures) -> bytes:
        """Everything in Prometheus' text format."""
        self._deliveries.clear()
        for (channel, state), count in figures.deliveries.items():
            self._deliveries.labels(channel, state).set(count)
        self._occurrences.clear()
        for status, count in figures.occurrences.items():
            self._occurrences.labels(status).set(count)
        self._waiting.set(figures.oldest_waiting_seconds)
        self._held.set(figures.held)
        self._out.clear()
        for channel in figures.out:
            self._out.labels(channel).set(1)
        return generate_latest(self._registry)
