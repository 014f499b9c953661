"""The form made from a settings model: bounds, defaults, help, errors, and the command line."""

import shlex

import pytest
import typer
from stand_ins.screens import as_read
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from core.catalogue import BY_SETTINGS
from core.catalogue import CATALOGUE as ENTRIES
from core.command_line.main import app as command_line_app
from core.command_line.options import settings_command
from core.settings import (
    AskSettings,
    DistillSettings,
    EvaluateSettings,
    GraphImportSettings,
    TeacherSettings,
)
from pages.parts.forms.settings_form import command_line
from pages.parts.text import field_name

KINDS = [entry.settings for entry in ENTRIES]


def form(source: str) -> AppTest:
    head = "import streamlit as st\nfrom core.settings import *\n"
    head += "from pages.parts.forms.settings_form import settings_form\n"
    script = f"{head}made = {source}\nst.session_state['made'] = made and made.model_dump()\n"
    app = AppTest.from_string(script, default_timeout=30).run()
    assert not app.exception
    return app


def by_key(elements, key):
    return next(element for element in elements if element.key == key)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_has_a_name_and_help(kind):
    for name, field in kind.model_fields.items():
        assert field_name(name) and field.description


def test_help_is_in_the_language_of_the_reader():
    app = AppTest.from_string(
        "from core.settings import DemoSettings\n"
        "from pages.parts.forms.settings_form import settings_form\n"
        "settings_form(DemoSettings, 'f', first=('name',))"
    )
    app.query_params["lang"] = "zh"
    assert by_key(app.run().text_input, "f.name").help == "图谱、问题、教师与学生共用的名称。"


def test_defaults_and_bounds_come_from_the_model():
    app = form("settings_form(DistillSettings, 'f', defaults={'name': 's', 'teacher': 't'})")
    temperature = by_key(app.number_input, "f.temperature")
    assert (temperature.value, temperature.min, temperature.max) == (1.0, 0.0, 20.0)
    alpha = by_key(app.slider, "f.alpha")
    assert (alpha.value, alpha.min, alpha.max) == (0.5, 0.0, 1.0)
    alpha_end = by_key(app.number_input, "f.alpha_end")
    assert (alpha_end.value, alpha_end.min, alpha_end.max) == (None, 0.0, 1.0)
    epochs = by_key(app.number_input, "f.epochs")
    assert (epochs.value, epochs.min, epochs.max) == (20, 1, 1000)
    assert by_key(app.toggle, "f.replace").value is False
    assert by_key(app.selectbox, "f.labels").options == ["posterior", "prior", "uniform"]
    assert as_read(alpha.help) == DistillSettings.model_fields["alpha"].description


def test_fields_stand_by_group_and_only_where_they_matter():
    app = form("settings_form(DistillSettings, 'f', defaults={'name': 's', 'teacher': 't'})")
    assert [one.value for one in app.caption][:3] == ["The task", "Model", "What it learns from"]
    keys = {one.key for one in (*app.slider, *app.number_input, *app.selectbox)}
    assert {"f.alpha", "f.divergence", "f.on_policy"} <= keys
    assert not {"f.beta", "f.skew", "f.top_k", "f.lora_rank", "f.schedule", "f.beta_end"} & keys
    by_key(app.selectbox, "f.divergence").set_value("jsd").run()
    by_key(app.slider, "f.beta").set_value(0.25)
    by_key(app.number_input, "f.beta_end").set_value(0.75).run()
    by_key(app.selectbox, "f.schedule").set_value("cosine")
    app.button[0].click().run()
    made = app.session_state["made"]
    assert (made["beta"], made["beta_end"], made["schedule"]) == (0.25, 0.75, "cosine")


def test_what_does_not_matter_is_at_its_default():
    app = form(
        "settings_form(DistillSettings, 'f',"
        " defaults={'name': 's', 'teacher': 't', 'on_policy': 0.5, 'paths': 'all'})"
    )
    app.button[0].click().run()
    assert app.session_state["made"]["on_policy"] == 0


def test_nothing_comes_back_before_the_button():
    app = form("settings_form(DistillSettings, 'f', defaults={'name': 's', 'teacher': 't'})")
    assert app.session_state["made"] is None
    by_key(app.slider, "f.alpha").set_value(0.25)
    app.button[0].click().run()
    assert (
        app.session_state["made"] == DistillSettings(name="s", teacher="t", alpha=0.25).model_dump()
    )


def test_an_empty_field_stays_none_and_hidden_fields_keep_their_value():
    app = form(
        "settings_form(TeacherSettings, 'f', hide=('graph', 'questions'),"
        " defaults={'name': 't', 'graph': 'g', 'questions': 'q'})"
    )
    by_key(app.number_input, "f.width").set_value(64)
    app.button[0].click().run()
    assert app.session_state["made"]["width"] == 64
    assert app.session_state["made"]["hops"] is None
    assert app.session_state["made"]["encoder"] == "auto"
    assert app.session_state["made"]["graph"] == "g"


def test_steps_suit_the_range():
    app = form("settings_form(TeacherSettings, 'f', defaults={'name': 't'})")
    steps = {name: by_key(app.number_input, f"f.{name}").step for name in ("precision", "epochs")}
    assert steps == {"precision": 0.01, "epochs": 1}
    assert by_key(app.number_input, "f.learning_rate").step == pytest.approx(1e-4)


def test_missing_and_wrong_values_are_one_sentence():
    app = form("settings_form(DistillSettings, 'f', defaults={'teacher': 't'})")
    app.button[0].click().run()
    assert [error.value for error in app.error] == ["Name is still empty: fill it in first."]
    by_key(app.text_input, "f.name").set_value("s")
    by_key(app.number_input, "f.temperature").set_value(0.0).run()
    assert len(app.error) == 1
    assert as_read(app.error[0].value).startswith("Setting 'temperature': ")
    assert app.session_state["made"] is None


def test_choices_become_a_list():
    app = form(
        "settings_form(LabelSettings, 'f', defaults={'name': 'l'}, choices={'teacher': ['a', 'b'],"
        " 'questions': ['q']})"
    )
    assert by_key(app.selectbox, "f.teacher").value == "a"
    assert by_key(app.selectbox, "f.questions").value is None


def test_several_values():
    app = form(
        "settings_form(QuestionGenerationSettings, 'f', defaults={'name': 'q', 'graph': 'g'})"
    )
    assert by_key(app.multiselect, "f.languages").value == ["en", "zh"]


def test_command_line_says_only_what_differs():
    assert command_line(DistillSettings(name="s", teacher="t")) == (
        "python -m core distill --name s --teacher t"
    )
    made = TeacherSettings(
        name="t", graph="g", questions="q", learning_rate=1e-3, replace=True, hops=2
    )
    assert command_line(made) == (
        "python -m core teacher train --name t --graph g --questions q --hops 2 "
        "--learning-rate 0.001 --replace"
    )


def test_command_line_quotes_what_a_shell_would_split():
    line = command_line(AskSettings(student="s", question="What's $HOME; rm -rf?"))
    assert shlex.split(line)[-1] == "What's $HOME; rm -rf?"
    files = command_line(GraphImportSettings(name="g", files=("a b.tsv", "c.tsv")))
    assert files == "python -m core graph import 'a b.tsv' c.tsv --name g"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_command_line_has_this_command_and_its_options(kind):
    command = typer.main.get_command(command_line_app)
    path, positional = BY_SETTINGS[kind].command, BY_SETTINGS[kind].arguments
    for word in path.split():
        command = command.commands[word]
    taken = {parameter.name: parameter.param_type_name for parameter in command.params}
    for name in kind.model_fields:
        assert taken[name] == ("argument" if name in positional else "option")


def test_what_is_on_by_default_is_turned_off_by_its_own_flag():
    seen = []
    command = settings_command(EvaluateSettings, seen.append, arguments=("model",))
    app = typer.Typer()
    app.command()(command)
    for flags in ([], ["--no-listen"], ["--listen"]):
        assert CliRunner().invoke(app, ["m", *flags]).exit_code == 0
    assert [one.listen for one in seen] == [True, False, True]
    quiet = EvaluateSettings(model="m", listen=False)
    assert command_line(quiet).endswith(" evaluate m --no-listen")
