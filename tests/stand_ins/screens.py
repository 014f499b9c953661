"""What pages are tested with: pages opened without a browser, runs in the store, and records of the
shape that the short recipes return.
"""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.question_sets import QuestionSet
from core.records import Question
from core.runs.client import RunHandle
from core.runs.processes import start_time
from core.runs.store.store import RunState, Store
from core.settings import DistillSettings, Settings, TeacherSettings, WhatIfSettings
from core.workspace import Workspace, write_json

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    "/".join(place)
    for place in re.findall(r'page\("(\w+)", "(\w+)"', (ROOT / "studio.py").read_text("utf-8"))
)
"""The pages of the menu: `teach/teacher`, ..."""
NOBODY = 2**22 + 1
"""The number of no process: beyond what Linux gives."""
HTML_ESCAPE = "<b>Biden</b> *x* :red[y]"


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
        write_json(folder / "import.json", {"name": "demo"})
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
        "result": teacher_result(),
    }
    learning = DistillSettings(name="demo", teacher="demo").model_dump(mode="json")
    student = {**common, "teacher": "demo", "parameters": 529_024, "settings": learning}
    for kind, card in (("teachers", teacher), ("students", student)):
        with workspace.publish(kind, "demo") as folder:
            write_json(folder / "card.json", card)


# --- records ------------------------------------------------------------------------------------


def reliability() -> list[dict[str, Any]]:
    """Bins of a model that is too sure below and right above."""
    return [
        {"low": 0.4, "high": 0.5, "count": 10, "confidence": 0.45, "accuracy": 0.3},
        {"low": 0.9, "high": 1.0, "count": 90, "confidence": 0.97, "accuracy": 0.96},
    ]


def teacher_result() -> dict[str, Any]:
    """What `train_teacher` leaves in the card."""
    nothing = ("unknown_topic", "nothing_around", "unreachable", "gold_missing", "cut_words")
    return {
        "name": "demo",
        "steps": 350,
        "epochs": 14.0,
        "best_step": 240,
        "dev_hits_at_1": 0.975,
        "seconds": 138.8,
        "calibration": {
            "temperature": 1.65,
            "ece_before": 0.048,
            "ece": 0.024,
            "reliability": reliability(),
            "precision": 0.95,
            "threshold": 0.52,
            "coverage": 0.9,
            "questions": 100,
        },
        "retrieval_ceiling": 0.99,
        "counts": {"used": 1798, "several_topics": 12, **dict.fromkeys(nothing, 0), "new_one": 7},
    }


def evaluation(split: str, **scores: Any) -> dict[str, Any]:
    """What `evaluate` keeps of the teacher `demo`."""
    told = {"hits_at_1": 0.93, "path_exact_match": 0.95, "ece": 0.03, "questions": 200}
    about = {"model": "demo", "kind": "teacher", "question_set": "demo", "split": split}
    return {**about, **told, "reliability": reliability(), **scores}


def named(name: str, label: str | None = None) -> dict[str, str]:
    return {"id": name, "label": label or name.replace("_", " ").title()}


TOPICS = [{**named("joe_biden"), "match": "exact", "score": 1.0}]
USA = named("usa", "USA")


def trace(question: str = "What is Joe Biden's nationality?") -> dict[str, Any]:
    """What `explain_question` returns, for the worked example."""

    def node(number, parent, path, mass, share, stop, frontier):
        return {
            "id": number,
            "parent": parent,
            "path": path,
            "relation": named(path[-1], path[-1]),
            "mass": mass,
            "probability": share,
            "stop": stop,
            "frontier": [frontier],
            "frontier_size": 3,
        }

    def edge(source, relation, target, hop, share):
        return {
            "source": source,
            "relation": named(relation, relation),
            "target": target,
            "hop": hop,
            "probability": share,
        }

    biden, scranton = named("joe_biden"), named("scranton", HTML_ESCAPE)
    path = ["born_in", "city_of"]
    return {
        "question": question,
        "language": "en",
        "teacher": "demo",
        "seconds": 0.1,
        "topics": TOPICS,
        "words": ["What", "<script>", "nationality"],
        "hops": [
            {
                "hop": 1,
                "attention": [0.1, 0.2, 0.7],
                "nodes": [node(1, 0, ["born_in"], 0.6, 0.6, 0.02, scranton)],
            },
            {
                "hop": 2,
                "attention": [0.0, 0.1, 0.9],
                "nodes": [node(2, 1, path, 0.58, 0.97, 0.99, USA)],
            },
        ],
        "edges": [
            edge(biden, "born_in", scranton, 1, 0.6),
            edge(scranton, "city_of", USA, 2, 0.58),
        ],
        "paths": [
            {
                "relations": path,
                "labels": path,
                "probability": 0.58,
                "answers": [USA],
                "reached": 3,
                "chains": [],
            }
        ],
        "answers": [{**USA, "probability": 0.89}],
        "parting": {
            "shared": [],
            "next": ["born_in", HTML_ESCAPE],
            "probabilities": [0.58, 0.31],
        },
        "message_passing": [
            {"node": 1, "labels": ["born_in"], "without": 0.35, "with": 0.6},
        ],
        "rest": 0.11,
        "candidates": [],
        "beside": [],
        "meetings": [],
    }


def supposed(settings: WhatIfSettings) -> dict[str, Any]:
    """What `suppose_otherwise` returns: without the first fact, the second way is all there is."""
    gone = bool(settings.without_edges)
    delaware = named("delaware")
    removed = {"edges": [], "entities": [], "words": list(settings.without_words)}

    def path(labels: list[str], before: float, after: float) -> dict[str, Any]:
        lost = {"before": before, "after": after, "gone": after == 0}
        return {"relations": labels, "labels": labels, **lost}

    return {
        "question": settings.question,
        "language": "en",
        "teacher": "demo",
        "topics": TOPICS,
        "words": ["What", "<script>", "nationality"],
        "removed": removed,
        "paths": [
            path(["born_in", "city_of"], 0.58, 0.0 if gone else 0.58),
            path(["graduate_from"], 0.42, 1.0 if gone else 0.42),
        ],
        "answers": [
            {**USA, "before": 0.58, "after": 0.0 if gone else 0.58},
            {**delaware, "before": 0.42, "after": 1.0 if gone else 0.42},
        ],
        "moved": 0.58 if gone else 0.0,
        "seconds": 0.1,
    }


def comparison() -> dict[str, Any]:
    """What `compare_labels` returns: a root with two choices, each followed by STOP."""

    def node(number, parent, relation, stop, teacher, student):
        return {
            "id": number,
            "parent": parent,
            "relation": named(relation, relation) if relation else None,
            "stop": stop,
            "path": [],
            "teacher": {"probability": teacher, "mass": teacher},
            "student": {"probability": student, "mass": student},
        }

    return {
        "question": "What is Joe Biden's nationality?",
        "language": "en",
        "teacher": "demo",
        "student": "demo",
        "topics": TOPICS,
        "nodes": [
            node(0, None, None, False, 1.0, 1.0),
            node(1, 0, "born_in", False, 0.8, 0.5),
            node(2, 0, "graduate_from", False, 0.2, 0.5),
            node(3, 1, None, True, 1.0, 1.0),
            node(4, 2, None, True, 1.0, 1.0),
        ],
        "paths": [],
        "kl_path": 0.25,
        "kl_choice": 0.19,
        "off_graph": 0.01,
        "rest": 0.02,
    }


def answer(question: str, supported: bool = True) -> dict[str, Any]:
    """What `answer_question` returns."""
    verdict = "in_graph" if supported else "wrong_relation"
    hop = {
        "head": named("scranton"),
        "relation": named("city_of", "city_of"),
        "tail": USA,
        "verdict": verdict,
        "nearest": None,
    }
    path = {
        "relations": ["city_of"],
        "probability": 0.6,
        "answers": [USA],
        "reached": 1,
        "supported": supported,
        "hops": [hop],
    }
    return {
        "question": question,
        "language": "en",
        "student": "demo",
        "decoding": "constrained",
        "seconds": 0.2,
        "topics": TOPICS,
        "candidates": [],
        "answers": [{**USA, "probability": 0.8}],
        "paths": [path],
        "supported": supported,
    }


def demo_result() -> dict[str, Any]:
    """What `run_demo` returns."""
    scores = {
        "hits_at_1": 0.9,
        "hit": 0.9,
        "f1": 0.85,
        "path_exact_match": 0.8,
        "path_validity": 1.0,
        "faithfulness": 1.0,
        "questions": 240,
    }
    return {
        "names": dict.fromkeys(("graph", "questions", "teacher", "labels", "student"), "demo"),
        "teacher": scores,
        "student": scores,
        "student_free": {**scores, "path_validity": 0.97},
        "seconds": 100.0,
        "examples": [],
    }


def thinking(store, recipe: str, settings: Settings, timeout: float = 120) -> dict[str, Any]:
    """Stands in for `resident.call`."""
    if recipe == "explain_question":
        return trace(settings.question)
    if recipe == "suppose_otherwise":
        return supposed(settings)
    if recipe == "compare_labels":
        return comparison()
    return answer(settings.question)
