"""Mixtures in a workspace: what they are made of, and what happens when a part changes."""

import json

import pytest

from core.answers import model_cache
from core.errors import NotFound, SettingsError, Stale
from core.labels.path_labels import read_labels
from core.recipes import label_questions, lexical_teacher, mix_teachers, train_teacher
from core.report import Silent
from core.settings import LexicalTeacherSettings, MixtureSettings
from core.teacher.teachers import made_of, open_teacher
from tests.family_loop import labelling, teaching
from tests.question_trees import question
from tests.recipes.untrained_teachers import works
from tests.resealed import rewrite


def lexical(workspace, name, **changes):
    wanted = {"graph": "family", "questions": "asked", "hops": 2, "directions": "both", **changes}
    lexical_teacher.run(LexicalTeacherSettings(name=name, **wanted), Silent(), workspace)


def mix(workspace, *teachers, name="mixed", **changes):
    settings = MixtureSettings(name=name, teachers=teachers, **changes)
    return mix_teachers.run(settings, Silent(), workspace).as_record()


@pytest.fixture
def workspace(workspace):
    """The family with a trained teacher `t` and a lexical one, `l`."""
    train_teacher.run(teaching(epochs=1, directions="both"), Silent(), workspace)
    lexical(workspace, "l")
    return workspace


def with_temperature(workspace, name, temperature):
    card = workspace.folder("teachers", name) / "card.json"
    rewrite(card, temperature=temperature)


def scored(teacher):
    asked = question(0, "Who is the spouse of Carl Berg?", "carl", ["gina"])
    return next(teacher.scorer.score(teacher.grower().grow(asked)))


def test_the_mixture_is_the_weighted_mean_of_its_teachers(workspace):
    result = mix(workspace, "t", "l", weights=(3.0, 1.0))
    mixed, *parts = (open_teacher(workspace, name) for name in ("mixed", "t", "l"))
    assert mixed.card["result"] == json.loads(json.dumps(result))
    assert (result["kind"], result["questions"]) == ("mixture", "asked")
    assert mixed.card["temperature"] == result["calibration"]["temperature"] == 1.0
    paths = [scored(part).path for part in parts]
    assert scored(mixed).path == pytest.approx(0.75 * paths[0] + 0.25 * paths[1], abs=1e-12)
    mix(workspace, "t", "l", name="even")
    even = open_teacher(workspace, "even")
    assert even.card["settings"]["weights"] == [1.0, 1.0]
    assert scored(even).path == pytest.approx(0.5 * paths[0] + 0.5 * paths[1], abs=1e-12)


def test_it_serves_like_any_other(workspace):
    mix(workspace, "t", "l")
    works(workspace, "mixed")


def test_another_part_makes_labels_stale(workspace):
    mix(workspace, "t", "l")
    label_questions.run(labelling(teacher="mixed", name="labels"), Silent(), workspace)
    path = workspace.folder("labels", "labels") / "labels.parquet"
    before = open_teacher(workspace, "mixed")
    assert read_labels(path, before.graph.hash, before.hash)
    warm = scored(model_cache.teacher(workspace, "mixed")).path
    with_temperature(workspace, "l", 0.5)
    after = open_teacher(workspace, "mixed")
    with pytest.raises(Stale):
        read_labels(path, after.graph.hash, after.hash)
    # What a warm process had open is opened anew.
    now = scored(model_cache.teacher(workspace, "mixed")).path
    assert now == pytest.approx(scored(after).path) and now != pytest.approx(warm)


def test_other_weights_are_another_teacher(workspace):
    mix(workspace, "t", "l")
    mix(workspace, "t", "l", name="other", weights=(1.0, 2.0))
    assert open_teacher(workspace, "mixed").hash != open_teacher(workspace, "other").hash


def test_mixtures_can_be_mixed(workspace):
    mix(workspace, "t", "l")
    mix(workspace, "mixed", "l", name="more")
    assert made_of(workspace, "more") == {"more", "mixed", "t", "l"}
    paths = [scored(open_teacher(workspace, name)).path for name in ("more", "t", "l")]
    assert paths[0] == pytest.approx(0.25 * paths[1] + 0.75 * paths[2], abs=1e-12)
    for parts in (("mixed", "t"), ("t", "more")):
        with pytest.raises(SettingsError, match="mixture 'mixed' would be a part of itself; give"):
            mix(workspace, *parts, replace=True)
    assert made_of(workspace, "mixed") == {"mixed", "t", "l"}


@pytest.mark.parametrize("weights", [(1.0,), (1.0, 0.0), (1.0, -1.0)])
def test_weights_that_do_not_fit_are_refused(workspace, weights):
    with pytest.raises(SettingsError, match="'weights': 2 teachers need 2 weights above 0 .given"):
        mix(workspace, "t", "l", weights=weights)
    assert not workspace.exists("teachers", "mixed")


def test_teachers_of_other_trees_are_refused(workspace):
    lexical(workspace, "short", hops=1)
    with pytest.raises(SettingsError, match="'t' and 'short' cannot be mixed: they must reason"):
        mix(workspace, "t", "short")
    with pytest.raises(NotFound, match="nothing named 'none' among the teachers"):
        mix(workspace, "t", "none")
    assert not workspace.exists("teachers", "mixed")


def test_a_part_that_changes_its_trees_or_goes_is_said(workspace):
    mix(workspace, "t", "l")
    lexical(workspace, "l", hops=1, replace=True)
    sentence = "'mixed' was mixed of 'l', which has since changed its graph or trees; mix it again"
    with pytest.raises(Stale, match=sentence):
        open_teacher(workspace, "mixed")
    workspace.delete("teachers", "l")
    with pytest.raises(NotFound, match="nothing named 'l' among the teachers"):
        open_teacher(workspace, "mixed")
