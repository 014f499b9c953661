"""Words, their spelling, and what a question spells of a relation's label."""

import numpy as np
import pytest
import torch

from core.graph.knowledge_graph import KnowledgeGraph
from core.records import TOPIC_MARK
from core.teacher.question_encoder import (
    OTHER,
    QuestionEncoder,
    RelationWords,
    WordVectors,
    split_words,
)


def test_words_are_words_and_chinese_characters():
    assert split_words(f"Who's {TOPIC_MARK}'s Wife?  STRASSE ß") == [
        "who", "s", TOPIC_MARK, "s", "wife", "strasse", "ss",
    ]  # fmt: skip
    assert split_words(f"{TOPIC_MARK}的国籍是什么？ABC中2") == [
        TOPIC_MARK, *"的国籍是什么", "abc", "中", "2",
    ]  # fmt: skip
    assert split_words(f"{OTHER}and_{TOPIC_MARK}") == [OTHER, "and", TOPIC_MARK]
    assert split_words("?! ...") == []


def test_relations_are_read_in_all_languages_and_by_their_id(graph):
    words = RelationWords.of(graph)
    spelled = {
        graph.relation_id(r): {w for w, o in zip(words.words, words.owner, strict=True) if o == r}
        for r in range(graph.relation_count)
    }
    assert spelled["spouse"] == {"spouse", "配", "偶"}
    assert words.count == 4 and set(words.owner) == set(range(4))
    # Without a label the id is read, part by part; without words there is a name at least.
    bare = RelationWords.of(KnowledgeGraph.build("g", [("a", "born_in", "b"), ("a", "--", "b")]))
    assert sorted(bare.words) == sorted({"born", "in", f"relation{bare.owner.min()}"})


def test_overlap_is_of_spelling(graph):
    words = RelationWords.of(graph)
    at = {word: place for place, word in enumerate(words.words)}
    overlap = words.overlap(["spouse", "spouses", "friend", TOPIC_MARK, OTHER, "配"])
    assert overlap.shape == (6, len(words.words)) and overlap.dtype == np.float32
    assert overlap[0, at["spouse"]] == 1.0 == overlap[2, at["friend"]] == overlap[5, at["配"]]
    assert 0.5 < overlap[1, at["spouse"]] < 1.0
    assert overlap[0, at["friend"]] < 0.1
    assert not overlap[3:5].any()  # names of topics are no evidence


def test_relevance_is_the_share_of_the_label_that_is_spelled():
    graph = KnowledgeGraph.build("g", [("a", "works_for", "b"), ("a", "city", "b")])
    words = RelationWords.of(graph)
    relevance = words.relevance(["the", "city", "he", "works"])
    assert relevance.shape == (4,)
    city, works = graph.relation("city"), graph.relation("works_for")
    assert relevance[city] == 1.0
    assert 0.5 <= relevance[works] < 0.75  # one of two words
    assert relevance[graph.inverse(city)] == 1.0 and relevance[graph.inverse(works)] < 0.75
    assert not words.relevance([]).any() and not words.relevance([TOPIC_MARK]).any()


class Spelled:
    """A pretrained encoder of two numbers; counts what it is asked for."""

    dimension = 2

    def __init__(self):
        self.asked = []

    def of(self, texts):
        self.asked += texts
        known = {"wife": [1.0, 0.0], "spouse": [1.0, 0.0], "city": [0.0, 1.0]}
        return np.array([known.get(text, [0.0, 0.0]) for text in texts], np.float32)


def test_pretrained_vectors_are_added_to_the_learned_ones():
    torch.manual_seed(0)
    frozen = Spelled()
    vectors = WordVectors(8, frozen)
    with torch.no_grad():
        both = vectors(["wife", "spouse", "city", TOPIC_MARK, OTHER])
        vectors.project.weight.zero_()
        learned = vectors(["wife", "spouse", "city", TOPIC_MARK, OTHER])
    meant = both - learned
    torch.testing.assert_close(meant[0], meant[1])  # unlike words, alike in meaning
    assert (meant[0] - meant[2]).abs().max() > 0.1
    assert not meant[3:].any() and TOPIC_MARK not in frozen.asked and OTHER not in frozen.asked
    assert [name for name, _ in vectors.named_parameters()] == ["table.weight", "project.weight"]


def test_a_question_is_read_alike_alone_and_padded():
    torch.manual_seed(0)
    encoder = QuestionEncoder(8).double().eval()
    vectors = torch.randn(2, 5, 8, dtype=torch.float64)
    with torch.no_grad():
        context, whole = encoder(vectors, torch.tensor([3, 5]))
        alone, only = encoder(vectors[:1, :3], torch.tensor([3]))
    torch.testing.assert_close(context[0, :3], alone[0])
    torch.testing.assert_close(whole[0], only[0])
    assert context.shape == (2, 5, 8) and whole.shape == (2, 8)


def test_at_first_words_are_mostly_what_a_pretrained_encoder_says():
    class Drawn:
        dimension = 384

        def of(self, texts):
            vectors = np.random.default_rng(0).standard_normal((len(texts), 384))
            return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    torch.manual_seed(0)
    alone, words = WordVectors(64), [f"w{number}" for number in range(50)]
    beside = WordVectors(64, Drawn())
    with torch.no_grad():
        meant = beside.project(torch.as_tensor(Drawn().of(words)))
        own = beside(words) - meant
        assert meant.std() == pytest.approx(float(alone(words).std()), rel=0.1)
        assert own.std() < 0.2 * meant.std()
