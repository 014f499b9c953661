"""A certificate is what asking again without each fact of the graph gives, no more, no less."""

import shutil

import pytest

from core.answers import fewer_paths, model_cache, student_scorer
from core.answers.ear import Ear
from core.errors import SettingsError
from core.graph.import_report import describe
from core.graph.knowledge_graph import KnowledgeGraph
from core.recipes import answer_question, edit_graph, explain_question
from core.report import Silent
from core.results.answer_lines import answer_text
from core.settings import AskSettings, ExplainSettings, GraphEditSettings
from core.student.posterior import path_posterior
from core.workspace import Workspace, write_json
from tests.recipes import test_ear

QUESTIONS = (
    "What is the nationality of Bob Berg's children?",
    "Who is married to Carl Berg?",
)


def facts(world):
    graph = KnowledgeGraph.open(world.folder("graphs", "family"))
    columns = zip(graph.heads, graph.relations, graph.tails, strict=True)
    return ["|".join((graph.entity_id(h), graph.relation_id(r), graph.entity_id(t)))
            for h, r, t in columns]  # fmt: skip


def ask(world, question, **changes):
    return answer_question.run(
        AskSettings(student="s", question=question, **changes), Silent(), world
    )


def explain(world, question, **changes):
    settings = ExplainSettings(teacher="t", question=question, **changes)
    return explain_question.run(settings, Silent(), world)


def said(result):
    """What is most probable, and every answer with its probability."""
    missing = getattr(result, "missing", None)
    missing = result.unsaid if isinstance(missing, tuple) else missing
    chances = {one.id: one.probability for one in result.answers}
    best = result.answers[0] if result.answers else None
    first = best.id if best and best.probability >= missing else None
    return first, {**chances, None: missing}


def check(world, asking, question, **changes):
    """Hold a certificate against all facts, each taken away and the question asked again."""
    found = asking(world, question, certify=True, **changes).certificate
    first, chances = said(asking(world, question, **changes))
    assert (found.answer.id if found.answer else None) == first
    assert found.probability == pytest.approx(chances[first], abs=1e-5)
    left = {}
    for fact in facts(world):
        then, chances = said(asking(world, question, without_edges=(fact,), **changes))
        left[fact] = (then == first, chances.get(first, 0.0), then)
    changed = [fact for fact, (_, now, _) in left.items() if abs(now - found.probability) > 1e-5]
    assert len(changed) <= found.tried, "what was not tried changes nothing"
    broken = [fact for fact, (kept, *_) in left.items() if not kept]
    assert found.decisive == len(broken)
    assert found.kept == (not broken)
    if found.hangs_on is None:
        assert all(kept > found.probability - 1e-3 for _, kept, _ in left.values())
        return found
    on = found.hangs_on.fact
    kept, probability, then = left[f"{on.head.id}|{on.relation.id}|{on.tail.id}"]
    assert kept == found.hangs_on.kept
    assert probability == pytest.approx(found.hangs_on.probability, abs=1e-5)
    assert then == (found.hangs_on.first.id if found.hangs_on.first else None)
    worst = min((kept, chance) for kept, chance, _ in left.values())
    assert (kept, probability) == pytest.approx(worst, abs=1e-5)
    return found


def test_a_students_certificate_is_what_asking_again_gives(world):
    check(world, ask, QUESTIONS[0])


def test_a_student_is_read_as_often_for_one_fact_as_for_all(world, monkeypatch):
    read = []

    def counted(*given):
        read.append(given)
        return path_posterior(*given)

    for module in (student_scorer, fewer_paths):
        monkeypatch.setattr(module, "path_posterior", counted)
    found = ask(world, "Who is married to Ann Berg?", certify=True).certificate
    assert found.decisive > 0
    assert len(read) == 2, "once for the answer, once for its certificate"


def test_a_teachers_certificate_is_what_asking_again_gives(world):
    check(world, explain, QUESTIONS[1])


def test_what_is_heard_is_certified_too(world, monkeypatch):
    """A student with an ear takes for possible what follows what somewhere in the graph."""

    class Heard(test_ear.Sounds):
        def similarities(self, question, paths, lacking=()):
            return super().similarities(test_ear.QUESTION, paths, lacking)

    def ear(workspace, student):
        return Ear(student.graph, Heard(student.graph), 5.0, 0.3, student.shape)

    monkeypatch.setattr(model_cache, "ear", ear)
    assert ask(world, QUESTIONS[1]).heard
    check(world, ask, QUESTIONS[1])


def test_questions_about_two_things_are_certified(world):
    found = check(world, ask, "Who are the children of Ann Berg and Bob Berg?", topic="ann",
                  also=("bob",))  # fmt: skip
    assert found.facts > 0


def test_what_is_supposed_is_certified_as_it_is_supposed(world):
    less = ("bob|child|dora",)
    found = ask(world, QUESTIONS[0], certify=True, without_edges=less).certificate
    plain = ask(world, QUESTIONS[0], certify=True).certificate
    assert found.facts < plain.facts


def test_all_facts_of_a_source_are_taken_away_together(world, tmp_path):
    """Two facts that came in one file, of which either would do."""
    copied = Workspace(tmp_path / "copy")
    shutil.copytree(world.root, copied.root, dirs_exist_ok=True)
    graph = KnowledgeGraph.open(copied.folder("graphs", "family"))
    with copied.publish("graphs", "family", replace=True) as folder:
        graph.save(folder)
        write_json(folder / "import.json", describe(graph, (), ()).as_record())
    facts = ("carl,spouse,dora", "carl,spouse,emma")
    edit = GraphEditSettings(graph="family", add=facts, source="rumours.csv")
    edit_graph.run(edit, Silent(), copied)
    removed = ("carl|spouse|dora", "carl|spouse|emma")
    for asking in (ask, explain):
        question = QUESTIONS[1]
        found = asking(copied, question, certify=True).certificate
        first, _ = said(asking(copied, question))
        then, chances = said(asking(copied, question, without_edges=removed))
        assert found.sources == 1
        if found.source is None:  # an untaught teacher says nothing for certain, even less so then
            assert asking is explain and then == first
            assert chances[first] > found.probability - 1e-3
            continue
        assert (found.source.source, found.source.facts) == ("rumours.csv", 2)
        assert found.source.probability == pytest.approx(chances.get(first, 0.0), abs=1e-5)
        assert (found.source.first.id if found.source.first else None) == then
        assert found.source.kept == (then == first)


def test_a_search_is_not_certified(world):
    for changes in ({"search": "beam"}, {"decoding": "free"}):
        with pytest.raises(SettingsError, match="Only an answer by the exact search"):
            ask(world, QUESTIONS[0], certify=True, **changes)


def test_the_terminal_tells_what_an_answer_hangs_on(world):
    answer = ask(world, QUESTIONS[0], certify=True)
    text = answer_text(answer)
    found = answer.certificate
    assert f"{found.facts} facts" in text
    assert ("Hangs on: " in text) == (not found.kept)
