"""Each entry of the catalogue can be loaded, started, described as a command, and recognised."""

import shlex
from pathlib import Path

import pytest

from core import settings as all_settings
from core.catalogue import BY_RECIPE, CATALOGUE, RUNS, Entry
from core.command_line import asking, making
from core.command_line.main import app
from core.runs.worker.recipe_loading import load_recipe, settings_model
from core.settings import Settings, checked
from core.workspace import KINDS, Workspace
from pages.parts.forms.settings_form import command_line
from pages.parts.text import has_text
from pages.runs.run_story import recipe_name

SOUND = {
    "name": "n", "graph": "g", "questions": "q", "teacher": "t", "teachers": ("t", "u"),
    "model": "m", "student": "s", "files": ("some films.tsv",), "to": "out", "question": "Who?",
    "without_word": "who", "baseline": "any-path",
}  # fmt: skip


def sound(entry: Entry) -> Settings:
    fields = entry.settings.model_fields
    return checked(entry.settings, {name: SOUND[name] for name in SOUND if name in fields})


def callbacks(group=app, words=()):
    for command in group.registered_commands:
        yield (*words, command.name)
    for part in group.registered_groups:
        yield from callbacks(part.typer_instance, (*words, part.name))


def test_every_recipe_and_every_settings_model_is_entered_once():
    folder = Path(load_recipe("evaluate").run.__code__.co_filename).parent
    recipes = {path.stem for path in folder.glob("*.py") if "\ndef run(" in path.read_text("utf-8")}
    assert recipes == set(BY_RECIPE)
    assert len(BY_RECIPE) == len(CATALOGUE)
    made = {kind for kind in vars(all_settings).values() if isinstance(kind, type)}
    models = {kind for kind in made if issubclass(kind, Settings) and kind is not Settings}
    assert models == {entry.settings for entry in CATALOGUE}


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.recipe)
def test_an_entry_says_what_its_recipe_takes(entry):
    assert load_recipe(entry.recipe).settings is entry.settings is settings_model(entry.recipe)
    assert set(entry.arguments) <= set(entry.settings.model_fields)
    assert entry.makes in ("", *KINDS)
    assert bool(entry.makes) == bool(entry.name)


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.recipe)
def test_an_entry_is_a_command_and_is_described_as_one(entry):
    words = tuple(entry.command.split())
    assert words in set(callbacks())
    described = shlex.split(command_line(sound(entry)))
    assert described[:3] == ["python", "-m", "core"]
    assert described[3 : 3 + len(words)] == list(words)


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.recipe)
def test_an_entry_is_recognised_in_the_list_of_runs(entry):
    assert has_text(f"runs.recipe.{entry.recipe}")
    assert recipe_name(entry.recipe) != entry.recipe


@pytest.mark.parametrize(
    ("recipe", "name"),
    [
        ("import_graph", "some-films"),
        ("generate_questions", "g-questions"),
        ("transfer_teacher", "t-on-g"),
        ("mix_teachers", "t-mixture"),
        ("distill_student", "t-student"),
    ],
)
def test_what_nobody_names_is_called_after_what_it_is_made_of(recipe, name, tmp_path):
    entry = RUNS[recipe]
    given = sound(entry).model_dump()
    space = Workspace(tmp_path)
    assert making._named(entry)(space, given) == name
    (tmp_path / entry.makes / name).mkdir(parents=True)
    assert making._named(entry)(space, given) == f"{name}-2"
    assert making._named(entry)(space, {**given, "replace": True}) == name


def test_whatever_answers_at_once_has_a_way_to_be_shown():
    assert set(asking.DISPLAYS) == set(BY_RECIPE) - set(RUNS)
    assert set(making.DISPLAYS) <= set(RUNS)
