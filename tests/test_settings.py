from typing import Literal, get_args, get_origin

import pytest

from core.catalogue import CATALOGUE
from core.errors import SettingsError
from core.settings import (
    CONTROLLABLE,
    GROUPS,
    VERBS,
    AskSettings,
    DistillSettings,
    GraphImportSettings,
    MixtureSettings,
    TeacherSettings,
    checked,
    checked_control,
    field_names,
    groups,
    matters,
    renamed,
)

MODELS = [entry.settings for entry in CATALOGUE]


def refused(kind, /, **values):
    with pytest.raises(SettingsError) as caught:
        checked(kind, values)
    return str(caught.value)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_says_what_it_is_for(model):
    assert model.__doc__.strip().endswith(".")
    for name, field in model.model_fields.items():
        assert field.description, f"{model.__name__}.{name} has no description"
        assert field.description.rstrip().endswith("."), f"{model.__name__}.{name}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_unknown_fields_are_refused(model):
    given = {"no_such_field": 1}
    for name, field in model.model_fields.items():
        if field.is_required():
            kind, parts = get_origin(field.annotation), get_args(field.annotation)
            given[name] = ("x", "y") if kind is tuple else parts[0] if kind is Literal else "x"
    assert refused(model, **given) == (
        "Setting 'no_such_field' is unknown to this version of PathDistill (given: 1): leave it "
        "out, or use the version that knows it."
    )


def test_defaults_are_within_their_own_bounds():
    made = checked(DistillSettings, {"name": "s", "teacher": "t"})
    assert checked(DistillSettings, made.model_dump()) == made


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"alpha": 1.5},
         "Setting 'alpha': Input should be less than or equal to 1 (given: 1.5)."),
        ({"alpha": -0.1},
         "Setting 'alpha': Input should be greater than or equal to 0 (given: -0.1)."),
        ({"temperature": 0},
         "Setting 'temperature': Input should be greater than 0 (given: 0)."),
        ({"temperature": "warm"},
         "Setting 'temperature': Input should be a valid number, unable to parse string as a "
         "number (given: 'warm')."),
        ({"labels": "magic"},
         "Setting 'labels': Input should be 'posterior', 'prior' or 'uniform' (given: 'magic')."),
    ],
)  # fmt: skip
def test_what_is_out_of_range_is_said(values, sentence):
    assert refused(DistillSettings, name="s", teacher="t", **values) == sentence


def test_what_is_missing_is_said():
    assert refused(DistillSettings, name="s") == "Setting 'teacher': Field required."


def test_settings_do_not_change():
    made = checked(DistillSettings, {"name": "s", "teacher": "t"})
    with pytest.raises(ValueError, match="frozen"):
        made.alpha = 0.1


@pytest.mark.parametrize("key", CONTROLLABLE)
def test_controls_are_fields_with_their_bounds(key):
    assert checked_control(key, 0.25) == 0.25
    with pytest.raises(SettingsError, match=f"Setting '{key}'"):
        checked_control(key, -1)
    with pytest.raises(SettingsError, match=f"Setting '{key}'"):
        checked_control(key, 1e9)
    with pytest.raises(SettingsError, match=f"Setting '{key}'"):
        checked_control(key, float("nan"))


def test_what_cannot_change_while_running_is_said():
    with pytest.raises(SettingsError) as caught:
        checked_control("epochs", 3)
    assert str(caught.value) == (
        "'epochs' cannot change while a run goes on; these can: alpha, temperature, validity, "
        "beta, reward, learning_rate."
    )


@pytest.mark.parametrize("verb", VERBS)
def test_verbs_are_asked_for_by_one(verb):
    assert checked_control(verb, 1) == 1.0
    for value in (2, -1, 0.5, float("nan"), *(() if verb == "pause" else (0,))):
        with pytest.raises(SettingsError, match=f"'{verb}' is asked for by the value 1"):
            checked_control(verb, value)


def test_a_pause_ends_by_zero():
    assert checked_control("pause", 0) == 0.0


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_setting_is_bounded(model):
    """Texts and finite numbers by the base, counts of texts and whole numbers one by one."""
    for name, field in model.model_fields.items():
        bounds = {type(bound).__name__ for bound in field.metadata}
        if get_origin(field.annotation) is tuple:
            assert "MaxLen" in bounds, f"{name} may have any number of parts"
        elif {field.annotation, *get_args(field.annotation)} & {int, float}:
            assert {"Le", "Lt"} & bounds and {"Ge", "Gt"} & bounds, f"{name} has no bounds"


@pytest.mark.parametrize(
    ("kind", "values", "sentence"),
    [
        (DistillSettings, {"teacher": "x" * 5000}, "should have at most 4096 characters"),
        (AskSettings, {"question": "x" * 10_000_000}, "should have at most 2000 characters"),
        (AskSettings, {"question": "a\0b"}, "A text cannot hold NUL, the character 0"),
        (AskSettings, {"question": "half \ud83d"}, "Input should be a valid string"),
        (GraphImportSettings, {"files": ["x"] * 1001}, "should have at most 1000 items"),
        (GraphImportSettings, {"files": ["a", "b\0"]}, "A text cannot hold NUL"),
        (MixtureSettings, {"weights": [1.0, float("inf")]}, "should be a finite number"),
        (DistillSettings, {"alpha": float("nan")}, "Setting 'alpha': Input should be"),
        (DistillSettings, {"alpha": 10**400}, "Setting 'alpha': Input should be"),
        (DistillSettings, {"epochs": 10**5000}, "what is too long to show"),
        (DistillSettings, {"epochs": "9" * 5000}, "Setting 'epochs': Unable to parse input string"),
        (DistillSettings, {"seed": 2**32}, "less than or equal to 4294967295"),
        (
            DistillSettings,
            {"epochs": [[[]]] * 9},
            "Setting 'epochs': Input should be a valid integer",
        ),
    ],
)
def test_values_that_nobody_expects_get_one_short_sentence(kind, values, sentence):
    needed = {"name": "n", "teacher": "t", "student": "s", "teachers": ["a", "b"]}
    given = {name: value for name, value in needed.items() if name in kind.model_fields}
    said = refused(kind, **given | values)
    assert sentence in said and len(said) < 400


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_setting_is_in_one_group(model):
    found = groups(model)
    assert list(found) == [group for group in GROUPS if group in found]
    assert sorted(field_names(model)) == sorted(model.model_fields)


def test_a_group_is_where_a_setting_is_declared():
    found = groups(DistillSettings)
    assert found["main"] == ("name", "teacher", "questions")
    assert found["objective"][:2] == ("alpha", "temperature")
    assert found["result"] == ("replace",)


@pytest.mark.parametrize(
    ("name", "without", "under"),
    [
        ("beta", {}, {"divergence": "jsd"}),
        ("beta_end", {"divergence": "skew-kl"}, {"divergence": "jsd"}),
        ("skew", {"divergence": "jsd"}, {"divergence": "skew-reverse-kl"}),
        ("top_k", {"targets": "sequence"}, {"targets": "top"}),
        ("lora_rank", {"student": "tiny"}, {"student": "SmolLM2-135M"}),
        ("schedule", {"replay": "run"}, {"temperature_end": 2.0}),
        ("validity", {"objective": "token"}, {"objective": "split"}),
        ("on_policy", {"paths": "all"}, {"paths": "drawn"}),
    ],
)
def test_some_settings_matter_only_under_others(name, without, under):
    assert not matters(DistillSettings, name, without)
    assert matters(DistillSettings, name, under)
    assert matters(DistillSettings, "alpha", without)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_whether_a_setting_matters_is_known_of_all(model):
    for name in model.model_fields:
        assert matters(model, name, {}) in (True, False)


def test_stored_settings_are_read_by_their_old_names():
    old = {"name": "t", "graph": "g", "questions": "q", "largest": 99}
    made = checked(TeacherSettings, renamed(TeacherSettings, old))
    assert made.max_paths == 99
    both = {"top": 5, "top_k": 4}
    assert renamed(DistillSettings, both) == both, "the new name counts; the old one is unknown"


def test_old_names_are_no_names_to_a_person():
    assert "Setting 'largest' is unknown" in refused(
        TeacherSettings, name="t", graph="g", questions="q", largest=99
    )
