"""The smallest training runs, and a report that steers them by a script."""

from core.distill.examples import Examples, make_example
from core.distill.soft_targets import trie_targets
from core.distill.training import train
from core.errors import RunStopped
from core.report import Silent
from core.settings import DistillSettings
from tests.labels_at_random import random_label
from tests.tiny_student import tiny_student


def examples(speller, count=5):
    """Some with gold and soft targets, some with one of them."""
    made = []
    for number in range(count):
        soft = trie_targets(random_label(number, 3), speller) if number % 3 else None
        gold = [("born", "spouse")] if number % 3 < 2 else []
        made.append(make_example("Who? " * (number + 1), gold, soft, speller))
    return made


class Scripted(Silent):
    """Asks for changes, or to stop, when asked so many times; keeps what it is told."""

    def __init__(self, changes=None, stop_at=None, folder=None):
        self.changes, self.stop_at, self.folder = changes or {}, stop_at, folder
        self.asked = 0
        self.curves, self.events, self.told = [], [], []

    def controls(self):
        self.asked += 1
        return self.changes.get(self.asked, {})

    def check_stop(self):
        if self.stop_at is not None and self.asked >= self.stop_at:
            raise RunStopped("Stopped.")

    def metrics(self, step, values):
        self.curves.append((step, dict(values)))

    def event(self, kind, **payload):
        self.events.append((kind, payload))

    def progress(self, done, total, note=""):
        self.told.append((done, total))

    def curve(self, name):
        name = f"distil/{name}"
        return [values[name] for _, values in self.curves if name in values]


def settings(**changes):
    wanted = {"alpha": 0.5, "epochs": 3, "batch_size": 2, "learning_rate": 0.01, "device": "cpu"}
    return DistillSettings(name="s", teacher="t", **{**wanted, **changes})


def run(report, tmp_path, evaluate=dict, data=None, student=tiny_student, more=None, **changes):
    """Train a fresh student; gives it and how the training ended."""
    model, speller = student()
    data = data or Examples(examples(speller), 0)
    wanted, scratch = settings(**changes), tmp_path / "scratch"
    done = train(model, speller.tokenizer, data, wanted, report, evaluate, scratch, **(more or {}))
    return model, done
