"""Which question teaches what: gold paths, soft labels, how much of either, from which topic."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from core.distill.baselines import top_paths
from core.distill.examples import Example, Paying, make_example
from core.distill.soft_targets import TrieTargets, trie_targets
from core.distill.target_cache import SpelledTargets, spelling_digest, write_targets
from core.errors import FormatError
from core.graph.linking import Linker, mask
from core.labels.path_labels import PathLabel, label_key
from core.messages import Message
from core.records import TOPIC_MARK, Question, RelationPath
from core.settings import DistillSettings
from core.student.prompts import Speller


def masked_texts(linker: Linker, questions: Iterable[Question]) -> dict[str, str]:
    """The text of each question with the mention of its topic masked, by `label_key`.

    A question with several topics is asked of the student once for each, as it is of the teacher.
    """
    texts = {}
    for question in questions:
        for topic in question.topics:
            entity = linker.graph.find_entity(topic)
            text = question.text
            masked = text if entity is None else mask(linker, text, entity, TOPIC_MARK)
            texts[label_key(question, topic)] = masked
    return texts


def spelled_targets(
    folder: Path, labels: Mapping[str, PathLabel], speller: Speller, settings: DistillSettings
) -> Mapping[str, TrieTargets]:
    """The labels' soft targets, cut as the settings say: spelled once, then read from disk.

    Args:
        folder: Where the labels are.
        labels: By question.
        speller: How the student spells.
        settings: `targets` and `top_k` say what is cut off.
    """
    count = {"exact": 0, "sequence": 1, "top": settings.top_k}[settings.targets]
    names = {name for label in labels.values() for name in label.relations[1:]}
    place = folder / "spelled" / spelling_digest(names, speller, count)
    if not place.exists():
        cut = {
            name: label if count == 0 else top_paths(label, count) for name, label in labels.items()
        }
        made = ((name, trie_targets(one, speller)) for name, one in cut.items() if one is not None)
        write_targets(place, made)
    return SpelledTargets(place)


def make_examples(
    questions: Sequence[Question],
    masked: Mapping[str, str],
    labels: Mapping[str, PathLabel],
    targets: Mapping[str, TrieTargets],
    speller: Speller,
    settings: DistillSettings,
    paying: Mapping[str, tuple[Paying, ...]] = MappingProxyType({}),
) -> list[Example]:
    """Examples of the training questions under the settings.

    Soft targets are left out where alpha is 1 from beginning to end and can never count. Gold paths
    are used for `gold_share` of the questions that have them and labels for `teacher_share` of
    those that have one, chosen by whole groups so that no paraphrase of a chosen question gives
    more away; labels whose best path is less probable than `confidence` are passed over. Paying
    paths, by `label_key` too, are used wherever there are any.

    Raises:
        FormatError: If nothing is left to learn from.
    """
    golden = _chosen((q for q in questions if q.paths), settings.gold_share, settings.seed)
    labelled = [q for q in questions if any(key in targets for key in _keys(q))]
    taught = _chosen(labelled, settings.teacher_share, settings.seed + 1)
    examples = []
    for question in questions:
        for number, key in enumerate(_keys(question)):
            gold = _gold(question, number) if question.group in golden else ()
            soft = None
            if _soft_counts(settings) and key in targets and question.group in taught:
                best = labels[key].best(1)
                if best and best[0][1] >= settings.confidence:
                    soft = targets[key]
            example = make_example(
                masked[key], gold, soft, speller, question.masked_wordings(), paying.get(key, ())
            )
            if example is not None:
                examples.append(example)
    if not examples:
        raise FormatError(_nothing_left(settings, bool(labelled)))
    return examples


def held_out(
    questions: Sequence[Question],
    masked: Mapping[str, str],
    labels: Mapping[str, PathLabel],
    speller: Speller,
) -> list[Example]:
    """Questions to measure a student on: all that is known about each, whatever it learns from."""
    made = []
    for question in questions:
        for number, key in enumerate(_keys(question)):
            label = labels.get(key)
            soft = None if label is None else trie_targets(label, speller)
            made.append(make_example(masked[key], _gold(question, number), soft, speller))
    return [example for example in made if example is not None]


def _keys(question: Question) -> list[str]:
    return [label_key(question, topic) for topic in question.topics]


def _gold(question: Question, topic: int) -> tuple[RelationPath, ...]:
    """The gold paths that start from one of the topics, each once."""
    return tuple(dict.fromkeys(paths[topic] for paths in question.alternatives()))


def _soft_counts(settings: DistillSettings) -> bool:
    """Whether the soft term has a weight at some step, as far as the settings can tell."""
    return settings.alpha < 1 or settings.alpha_end not in (None, 1) or settings.replay is not None


def _chosen(questions: Iterable[Question], share: float, seed: int) -> set[str]:
    """A share of the groups that some questions belong to."""
    groups = sorted({question.group for question in questions})
    random.Random(seed).shuffle(groups)
    return set(groups[: round(share * len(groups))])


def _nothing_left(settings: DistillSettings, labelled: bool) -> Message:
    if labelled and settings.confidence > 0 and settings.alpha < 1:
        return Message(
            "There is nothing to learn from: no label's best path is as probable as the confidence "
            "{confidence:g} asks, and no training question has a gold path to use.",
            confidence=settings.confidence,
        )
    return Message(
        "There is nothing to learn from: alpha is {alpha:g}, and no training question "
        "has a gold path to use or a label.",
        alpha=settings.alpha,
    )
