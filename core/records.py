"""The small frozen values that pass between stages.

Entities and relations appear here by their graph ids (strings). A relation walked from tail to head
carries a `~` in front: `directed_by` leads from a film to its director, `~directed_by` back.
"""

from __future__ import annotations

from dataclasses import dataclass

RelationPath = tuple[str, ...]
"""Relations from the topic entity to the answers, e.g. `("born_in", "city_of")`."""

MISSING = "\u2204"
"""Stands before the relation that a question asks for where the graph does not have it ("there is
no"): `("born_in", "∄mayor")`. By itself: what is asked for is none of the graph's relations."""

SPLITS = ("train", "dev", "test")

TOPIC_MARK = "\ue000"
"""Stands in a question's text for the mention of its topic, whose name is no evidence; no keyboard
types it."""

LONGEST_QUESTION = 2000
"""Characters of a question's text, wherever it comes from."""


def inverse(relation: str) -> str:
    """The same relation walked the other way: `r` gives `~r`, `~r` gives `r`."""
    return relation[1:] if relation.startswith("~") else "~" + relation


def looked_for(path: RelationPath) -> str | None:
    """The relation that a path looks for where the graph lacks it; None where it ends at answers.

    An empty text where it is none of the graph's relations.
    """
    return path[-1][1:] if path and path[-1].startswith(MISSING) else None


@dataclass(frozen=True, slots=True)
class Question:
    """A question tied to a graph.

    Attributes:
        id: Unique within its question set.
        text: As a person would type it.
        language: `en` or `zh`; other codes are kept as they are.
        topics: Entity ids that the question starts from; at least one.
        answers: Entity ids, the whole answer set; empty where the graph does not say.
        paths: Gold relation paths; empty where only answers are known. With k topics an alternative
            is k paths, one from each topic in the order of the topics, which meet at the answers;
            alternatives follow each other, so there are k, 2 k, ... paths. Where the graph does not
            say, a path ends in what was looked for, see `MISSING`.
        split: `train`, `dev` or `test`; empty before splitting.
        group: Questions that share their topics and gold path share a group, and a grouped split
            keeps a group together, so that no paraphrase of a test question is seen in training.
        wordings: Other ways to ask the same, with `{x}` where the topic is named; whoever learns
            from the question draws among them. Only where there is one topic.
    """

    id: str
    text: str
    language: str
    topics: tuple[str, ...]
    answers: tuple[str, ...]
    paths: tuple[RelationPath, ...] = ()
    split: str = ""
    group: str = ""
    wordings: tuple[str, ...] = ()

    def masked_wordings(self, mark: str = TOPIC_MARK) -> tuple[str, ...]:
        """The other wordings, a mark in the place of the topic's name; none of several topics."""
        if len(self.topics) != 1:
            return ()
        return tuple(wording.replace("{x}", mark) for wording in self.wordings)

    @property
    def answerable(self) -> bool:
        """Whether the graph says what is asked, as far as the gold paths tell."""
        return all(looked_for(path) is None for path in self.paths)

    def alternatives(self) -> tuple[tuple[RelationPath, ...], ...]:
        """Gold paths by alternative, one path per topic in each; none if they are not so many."""
        count = len(self.topics)
        if not count or len(self.paths) % count:
            return ()
        return tuple(self.paths[at : at + count] for at in range(0, len(self.paths), count))


@dataclass(frozen=True, slots=True)
class ScoredPath:
    """A relation path with its probability and the entities that it reaches from the topic."""

    relations: RelationPath
    probability: float
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a teacher or student says to one question.

    Attributes:
        question: The question's id.
        answers: `(entity id, probability)`, most probable first. The probability is that of the
            entity *being an answer*, summed over the paths that reach it, so the column need not
            sum to one.
        paths: Most probable first, as emitted: a path need not exist in the graph. Those that end
            in what the graph lacks are not among them.
        missing: Probability that the graph does not say what is asked.
        looked_for: The most probable path that ends in what the graph lacks; empty if there is
            none.
    """

    question: str
    answers: tuple[tuple[str, float], ...]
    paths: tuple[ScoredPath, ...]
    missing: float = 0.0
    looked_for: RelationPath = ()

    @property
    def best(self) -> float:
        """The best answer's probability; 0 where there is none."""
        return max((chance for _, chance in self.answers), default=0.0)

    @property
    def refuses(self) -> bool:
        """Whether it is more probable that the graph does not say than that any answer is right."""
        return self.missing > self.best
