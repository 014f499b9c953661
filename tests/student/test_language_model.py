"""Students: built on the spot, saved, opened, and refused."""

import json
from dataclasses import asdict

import pytest
import torch

from core.errors import FormatError, NotFound, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.records import TOPIC_MARK
from core.student import language_model
from core.student.language_model import build_tiny, open_student
from core.student.prompts import HOP, PATH, STOP, TOPIC, Speller
from core.student.saving import save_model
from core.workspace import Workspace, write_json
from tests.family_graph import TRIPLES, family
from tests.resealed import unseal


@pytest.fixture
def small(monkeypatch):
    for name, value in {"WIDTH": 16, "LAYERS": 1, "HEADS": 2}.items():
        monkeypatch.setattr(language_model, name, value)


def logits(model, speller):
    ids = torch.tensor(
        [speller.prompt(f"谁是 {TOPIC_MARK}?") + speller.spell(("child", "~spouse"))]
    )
    with torch.no_grad():
        return model(ids).logits


@pytest.fixture
def workspace(small, tmp_path):
    made, graph = Workspace(), family(tmp_path)
    with made.publish("graphs", "family") as folder:
        graph.save(folder)
    torch.manual_seed(0)
    model, tokenizer = build_tiny(["Who is it?"], graph.relation_ids)
    card = {"graph": "family", "graph_hash": graph.hash, "shape": asdict(TreeShape(2, "forward"))}
    with made.publish("students", "s") as folder:
        save_model(folder, model.eval(), tokenizer)
        write_json(folder / "card.json", card)
    made.logits = logits(model, Speller(tokenizer))
    return made


def test_the_tiny_student_is_tiny():
    words = [f"word{n} of{n * 7} speech{n * 13}" for n in range(900)]
    model, tokenizer = build_tiny(words, ["child"])
    assert 1e5 < sum(p.numel() for p in model.parameters()) < 3e6
    assert len(tokenizer) == model.config.vocab_size == language_model.VOCABULARY


def test_relations_are_spelled_in_few_tokens_and_marks_in_one(small):
    _, tokenizer = build_tiny(["谁?"], ["place_of_birth", "国籍"])
    speller = Speller(tokenizer)
    assert len(speller.relation("place_of_birth")) == 5  # a token per word and per underscore
    assert len(speller.relation("国籍")) == 1
    ids = tokenizer.convert_tokens_to_ids([TOPIC, PATH, HOP, STOP])
    assert len({*ids, tokenizer.pad_token_id}) == 5
    assert tokenizer.eos_token_id == speller.stop


def test_the_same_seed_builds_the_same_student(small):
    made = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        made.append(build_tiny(["谁?"], ["child"])[0].lm_head.weight)
    assert torch.equal(made[0], made[1]) and not torch.equal(made[0], made[2])


def test_an_opened_student_is_the_same(workspace):
    student = open_student(workspace, "s")
    assert torch.equal(logits(student.model, student.speller), workspace.logits)
    assert not student.model.training
    assert student.shape == TreeShape(2, "forward")
    assert (student.name, student.graph.name) == ("s", "family")


def test_a_changed_graph_is_refused_and_another_may_be_named(workspace):
    with workspace.publish("graphs", "family", replace=True) as folder:
        KnowledgeGraph.build("family", TRIPLES).save(folder)
    with pytest.raises(Stale, match="Student 's' was distilled for another version of graph 'fam"):
        open_student(workspace, "s")
    assert open_student(workspace, "s", graph="family").graph.triple_count == len(TRIPLES)
    with pytest.raises(NotFound, match="nothing named 'none' among the graphs"):
        open_student(workspace, "s", graph="none")


@pytest.mark.parametrize("damage", ["cut", "gone", "tokenizer", "config"])
def test_a_damaged_student_is_refused(workspace, damage):
    folder = workspace.folder("students", "s")
    weights = folder / "model.safetensors"
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:100])
    elif damage == "gone":
        weights.unlink()
    elif damage == "tokenizer":
        (folder / "tokenizer.json").write_text("{")
    else:
        (folder / "config.json").write_text(json.dumps({"model_type": "nonsense"}))
    sentence = "json|model.safetensors) is (missing|not what was written); distil it again"
    with pytest.raises(FormatError, match=f"({sentence}"):
        open_student(workspace, "s")
    unseal(folder)
    with pytest.raises(FormatError, match="is missing or damaged; distil it again"):
        open_student(workspace, "s")


def test_an_unknown_student_is_said(workspace):
    with pytest.raises(NotFound, match="nothing named 'x' among the students"):
        open_student(workspace, "x")
