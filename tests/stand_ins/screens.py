"""What pages are tested with: pages opened without a browser, runs in the store, a small world."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stand_ins import results
from streamlit.testing.v1 import AppTest

from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.question_sets import QuestionSet
from core.records import Question
from core.runs.client import RunHandle
from core.runs.processes import start_time
from core.runs.store.store import RunState, Store
from core.settings import DistillSettings, Settings, TeacherSettings
from core.workspace import Workspace, write_json

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    "/".join(place)
    for place in re.findall(r'page\("(\w+)", "(\w+)"', (ROOT / "studio.py").read_text("utf-8"))
)
"""The pages of the menu: `teach/teacher`, ..."""
NOBODY = 2**22 + 1
"""The number of no process: beyond what Linux gives."""


def open_page(path: str = "", *, lang: str = "en", **query: str) -> AppTest:
    """The app at a page, e.g. `open_page("teach/teacher", view="train")`; the tour by default."""
    app = AppTest.from_file(str(ROOT / "studio.py"), default_timeout=30)
    app.query_params["lang"] = lang
    if path:
        app.switch_page(f"pages/{path}.py")
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def words(app: AppTest) -> str:
    """Everything that the main part of a page says, joined."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "error", "warning", "success")
    said = [element.value for kind in kinds for element in getattr(app.main, kind)]
    said += [element.label for element in [*app.main.button, *app.main.expander, *app.main.metric]]
    said += [link.proto.label for link in app.main.get("page_link")]
    return "\n".join(map(str, said))


def as_read(text: str) -> str:
    """Markdown as a person reads it: without what keeps foreign text from being Markdown."""
    return re.sub(r"\\([^A-Za-z0-9])", r"\1", text).replace("\u2060", "")


def button(app: AppTest, label: str) -> Any:
    """The one button with this label."""
    found = [one for one in app.main.button if one.label == label]
    assert len(found) == 1, f"{label!r}: {[one.label for one in app.main.button]}"
    return found[0]


def address(app: AppTest, key: str) -> str | None:
    """A parameter of the page's address."""
    value = app.query_params.get(key)
    return value[0] if isinstance(value, list) else value


def clean(app: AppTest) -> AppTest:
    """The app itself, if no exception reached the screen."""
    assert not app.exception, app.exception
    return app


# --- runs ---------------------------------------------------------------------------------------


def add_run(
    recipe: str,
    settings: Settings,
    state: RunState = RunState.RUNNING,
    *,
    run_id: str = "run-1",
    stage: str = "distil",
    pid: int | None = None,
    after: Sequence[str] = (),
    **ending: Any,
) -> str:
    """A run in the store as a worker would leave it; it lives as long as process `pid` does."""
    store = Store(Workspace())
    folder = store.workspace.root / "runs" / run_id
    folder.mkdir(parents=True)
    (folder / "log.txt").write_text("first line\nlast line\n", encoding="utf-8")
    values = settings.model_dump(mode="json")
    store.add(run_id, recipe, values, f"{recipe}: x", None, after=after)
    if state is RunState.QUEUED:
        return run_id
    store.begin(run_id, pid or NOBODY, start_time(pid or NOBODY))
    now = time.time()
    event = {"at": now, "kind": "stage", "payload": {"name": stage}}
    values = {"stage": stage, "stage_started": now - 10, "progressed": now, "done": 3, "total": 10}
    store.write(run_id, values, [event])
    if state is RunState.STOPPING:
        store.ask_to_stop(run_id)
    elif state is RunState.PAUSED:
        store.move(run_id, (RunState.RUNNING,), RunState.PAUSED)
    elif state is not RunState.RUNNING:
        store.finish(run_id, state, **ending)
    return run_id


def say(run_id: str, name: str, values: list[float], first: int = 0) -> None:
    """Points of a curve, one a step."""
    now = time.time()
    rows = [
        {"at": now, "step": first + step, "name": name, "value": value}
        for step, value in enumerate(values)
    ]
    Store(Workspace()).write(run_id, {}, [], rows)


def acknowledge(run_id: str, key: str, old: float, new: float, step: int) -> None:
    """The event by which a run says that it has taken a change over."""
    payload = {"key": key, "old": old, "new": new, "step": step}
    event = {"at": time.time(), "kind": "control", "payload": payload}
    Store(Workspace()).write(run_id, {}, [event])


class Submitted(list):
    """Stands in for `client.submit`: keeps what was asked for and queues it, starting nothing."""

    def __call__(self, store, recipe, settings, title="", slot=None, **more):
        self.append((recipe, settings))
        run_id = add_run(recipe, settings, RunState.QUEUED, run_id=f"new-{len(self)}")
        return RunHandle(store, run_id)


# --- a small world ------------------------------------------------------------------------------


def make_world(**teaching: Any) -> None:
    """A graph, questions, a teacher and a student, all named `demo`.

    `teaching` is what the teacher's settings say besides.
    """
    workspace = Workspace()
    triples = [
        ("joe_biden", "born_in", "scranton"),
        ("joe_biden", "graduate_from", "university_of_delaware"),
        ("scranton", "city_of", "usa"),
        ("university_of_delaware", "located_in", "usa"),
    ]
    graph = KnowledgeGraph.build("demo", triples)
    with workspace.publish("graphs", "demo") as folder:
        graph.save(folder)
        write_json(folder / "import.json", results.import_report().as_record())
    asked = ("What is Joe Biden's nationality?", "乔·拜登的国籍是什么？")
    questions = tuple(
        Question(
            f"q{n}", text, language, ("joe_biden",), ("usa",), (("born_in", "city_of"),), split
        )
        for n, (text, language, split) in enumerate(
            (text, language, split)
            for text, language in zip(asked, ("en", "zh"), strict=True)
            for split in ("train", "dev", "test")
        )
    )
    with workspace.publish("questions", "demo") as folder:
        QuestionSet("demo", "demo", graph.hash, "grouped", questions).save(folder, {})
    common = {"name": "demo", "graph": "demo", "graph_hash": graph.hash, "questions": "demo"}
    settings = TeacherSettings(name="demo", graph="demo", questions="demo", **teaching)
    teacher = {
        **common,
        "kind": "policy",
        "hops": 2,
        "directions": "forward",
        "settings": settings.model_dump(mode="json"),
        "result": results.trained_teacher().as_record(),
    }
    learning = DistillSettings(name="demo", teacher="demo").model_dump(mode="json")
    student = {**common, "teacher": "demo", "parameters": 529_024, "settings": learning}
    for kind, card in (("teachers", teacher), ("students", student)):
        with workspace.publish(kind, "demo") as folder:
            write_json(folder / "card.json", card)
