import zlib
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from core.graph.knowledge_graph import KnowledgeGraph
from core.records import TOPIC_MARK
from core.teacher.spoken_paths import (
    CHOOSES,
    MOST_ODDS,
    SHARPNESS,
    UNASKED,
    HeardQuestion,
    SpokenPaths,
)

LABELS = {
    "causes": ("causes", "导致"),
    "director": ("director", "导演"),
    "part_of": ("is part of", "隶属于"),
}
TRIPLES = [("rain", "causes", "flood"), ("up", "director", "pete"), ("wheel", "part_of", "car")]


class Words:
    """A text's vector is the sum of its words' and word pairs' directions; keeps all texts."""

    def __init__(self):
        self.encoded = []

    def of(self, texts):
        self.encoded += texts
        return np.array([self._sum(text.split()) for text in texts]).reshape(-1, 64)

    def once(self, texts):
        return self.of(texts)

    def _sum(self, words):
        parts = [*words, *map(" ".join, pairwise(words))]
        rows = [np.random.default_rng(zlib.crc32(part.encode())).normal(size=64) for part in parts]
        total = np.sum(rows, axis=0)
        return (total / np.linalg.norm(total)).astype(np.float32)


def graph_with(*languages):
    columns = {f"label:{one}": [LABELS[r][one == "zh"] for r in LABELS] for one in languages}
    relations = pa.table({"id": list(LABELS)} | columns)
    return KnowledgeGraph.build("small", TRIPLES, relations=relations)


@pytest.fixture
def graph():
    return graph_with("en")


@pytest.fixture
def spoken(graph):
    return SpokenPaths(graph, Words())


def codes(graph, *path):
    return tuple(graph.relation(one) for one in path)


@pytest.mark.parametrize(
    ("path", "question"),
    [
        (["causes"], "what does him cause"),
        (["~causes"], "what causes him"),
        (["director"], "who is the director of him"),
        (["~director"], "what has him as its director"),
        (["part_of"], "what is him part of"),
        (["~part_of"], "what is part of him"),
        (["director", "causes"], "what does the director of him cause"),
        (["~director", "~causes"], "what causes what has him as its director"),
    ],
)
def test_a_path_is_asked_for_in_its_direction(graph, spoken, path, question):
    assert question in spoken.questions(codes(graph, *path), "en")


def test_every_path_is_asked_for_and_none_like_another(graph, spoken):
    relations = range(2 * graph.relation_count)
    paths = [(one,) for one in relations] + [(one, two) for one in relations for two in relations]
    ways = [spoken.questions(path, "en") for path in paths]
    assert all(ways)
    assert len({way for texts in ways for way in texts}) == sum(map(len, ways))


def test_the_right_path_sounds_most_like_the_question(graph, spoken):
    paths = [(code,) for code in range(2 * graph.relation_count)]
    for question, right in {
        f"What does {TOPIC_MARK} cause?": "causes",
        f"What causes {TOPIC_MARK}?": "~causes",
        f"So who is the director of {TOPIC_MARK}": "director",
    }.items():
        (best,) = paths[int(np.argmax(spoken.similarities(question, paths)))]
        assert graph.relation_id(best) == right


def test_the_best_way_counts_and_the_mean_over_languages():
    graph = graph_with("en", "zh")
    words = Words()
    spoken = SpokenPaths(graph, words)
    assert spoken.languages == ("en", "zh")
    question = f"{TOPIC_MARK} 导演 director"
    paths = [codes(graph, *path) for path in (["director"], ["~causes", "part_of"], ["~director"])]
    expected = [
        np.mean(
            [
                max(
                    words.of(spoken.questions(path, one))
                    @ words.of([spoken.asked(question, one)])[0]
                )
                for one in spoken.languages
            ]
        )
        for path in paths
    ]
    found = spoken.similarities(question, paths)
    assert found.dtype == np.float32
    assert found == pytest.approx(expected, abs=1e-6)
    assert spoken.similarities(question, paths[::-1]) == pytest.approx(found[::-1])


def test_how_a_question_is_typed_does_not_matter(spoken):
    paths = [(0,), (1,), (3, 2)]
    found = [
        spoken.similarities(question, paths).tolist()
        for question in (
            f"Who is {TOPIC_MARK}'s director?",
            f"WHO IS {TOPIC_MARK}’S   DIRECTOR",
            f"who is {TOPIC_MARK}'s director??!",
        )
    ]
    assert found[0] == found[1] == found[2]


def test_a_path_is_encoded_once(spoken):
    words = spoken._vectors
    spoken.similarities("a", [(0,), (1,), (0,)])
    spoken.similarities("b", [(1,), (2,), (0,)])
    ways = [text for code in (0, 1, 2) for text in spoken.questions((code,), "en")]
    assert sorted(words.encoded) == sorted(["a", "b", *ways])


def test_no_paths_sound_like_nothing(spoken):
    assert spoken.similarities("who", []).shape == (0,)


def test_a_graph_without_labels_is_spoken_of_in_english():
    graph = KnowledgeGraph.build("bare", [("a", "works_in", "b")])
    spoken = SpokenPaths(graph, Words())
    assert spoken.languages == ("en",)
    assert "what does him work in" in spoken.questions((0,), "en")


def test_how_people_asked_counts_beside_the_label(graph, spoken):
    words = spoken._vectors
    question, path, other = f"whose film was {TOPIC_MARK}", codes(graph, "director"), (0,)
    label = spoken.similarities(question, [path, other])
    spoken.learn(
        [
            HeardQuestion("q1", (question, f"who made {TOPIC_MARK}"), (path,), [other]),
            HeardQuestion("q2", (f"who shot {TOPIC_MARK}",), (path,), []),
        ]
    )
    told, spoken.log_linear = spoken.log_linear, None
    texts = ["whose film was him", "who made him", "who shot him"]
    vectors = words.of(texts)
    near = float(np.mean(vectors @ vectors[0]))
    found = spoken.similarities(question, [path, other])
    assert found == pytest.approx(
        [(label[0] + max(near, label[0] - UNASKED)) / 2, label[1] - UNASKED / 2], abs=1e-6
    )
    alone = float(vectors[2] @ vectors[0])
    (heard,) = spoken.similarities(question, [path], "q1")
    assert heard == pytest.approx((label[0] + max(alone, label[0] - UNASKED)) / 2, abs=1e-6)
    spoken.log_linear = told
    odds = told.log_odds(spoken._heard[question], [path, other])
    assert odds[0] == 0.0 > odds[1]
    (absent,) = spoken.similarities(question, [], lacking=[(1, 1)])
    told_apart = spoken.similarities(question, [path, other], lacking=[(1, 1)])
    assert told_apart[2] == pytest.approx(absent), "what is absent is left as it was"
    wanted = found[1] - found[0] + CHOOSES * max(odds[1], -MOST_ODDS)
    assert told_apart[1] - told_apart[0] == pytest.approx(wanted, abs=1e-6)
    assert np.exp(SHARPNESS * told_apart[:2]).sum() == pytest.approx(
        np.exp(SHARPNESS * found).sum(), rel=1e-4
    ), "together they are as near as they were"
    assert spoken.similarities(question, [path], "q1") == pytest.approx(heard), "it hears itself"
