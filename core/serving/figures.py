"""What the server counts, as Prometheus reads it. No question, label or key is among it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)  # seconds

_OTHER = "other"


class Figures:
    """The counters of one server.

    Args:
        paths: Those that are counted by name; what else is asked for counts as one.
    """

    def __init__(self, paths: frozenset[str]) -> None:
        self._paths = paths
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "pathdistill_requests_total",
            "Requests by path and status; 0 where the client left.",
            ["path", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "pathdistill_request_seconds",
            "From the head of a request to the end of its answer.",
            ["path"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.decisions = Counter(
            "pathdistill_answers_total",
            "Answers by what was decided.",
            ["decision"],
            registry=self.registry,
        )
        self.started = Counter(
            "pathdistill_processes_started_total",
            "Processes that answer, as often as one was started.",
            registry=self.registry,
        )
        self.waiting = Gauge("pathdistill_waiting", "Requests that wait.", registry=self.registry)
        self.busy = Gauge("pathdistill_busy", "Processes that answer now.", registry=self.registry)
        self.ready = Gauge(
            "pathdistill_ready", "Processes that can answer.", registry=self.registry
        )

    def note(self, path: str, status: int, seconds: float) -> None:
        """Count a request that is over."""
        known = path if path in self._paths else _OTHER
        self.requests.labels(known, str(status)).inc()
        self.seconds.labels(known).observe(seconds)

    def decide(self, decision: str) -> None:
        """Count an answer."""
        self.decisions.labels(decision).inc()

    def text(self) -> bytes:
        """All of it."""
        return generate_latest(self.registry)
