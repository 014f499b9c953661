"""The workspace of an enemy: his graph, imported, with his questions, models, scores and runs."""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import update
from stand_ins import results
from stand_ins.screens import add_run

from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.question_sets import QuestionSet
from core.recipes import import_graph
from core.records import Question
from core.report import Silent
from core.results.evaluation import PartScore
from core.results.graph import Finding
from core.results.questions import ReadReport
from core.results.student import PromptExample
from core.runs.run import RunState
from core.runs.store.store import Store
from core.runs.store.tables import jobs
from core.settings import (
    DemoSettings,
    DistillSettings,
    EvaluateSettings,
    ExportSettings,
    GraphImportSettings,
    TeacherSettings,
)
from core.workspace import Workspace, write_json
from hostile.texts import FORMULA, LONG, SHORT, STARTS, TOWER, hostile

HUB = "joe_biden"  # the example that the tour draws
ENTITIES = [HUB, hostile("id"), FORMULA, *STARTS, TOWER[:200], LONG[:900]]
RELATION = hostile("relation")


def make(folder: Path) -> None:
    """Fill the workspace.

    Args:
        folder: Where the files lie that are imported.
    """
    make_graph(folder)
    graph = KnowledgeGraph.open(Workspace().folder("graphs", "demo"))
    make_questions(graph)
    make_models(graph)
    make_runs()


def make_graph(folder: Path) -> None:
    """A graph by its import, from files with names and rows that are no better."""
    labels = [hostile("en"), hostile("en"), FORMULA, *STARTS, TOWER, LONG]
    described = [
        [one, label, hostile("zh"), hostile("alias")]
        for one, label in zip(ENTITIES, labels, strict=True)
    ]
    relation = [RELATION, hostile("en"), hostile("zh")]
    tables = {
        "triples": [[HUB, RELATION, one] for one in ENTITIES[1:]] + [[hostile("row"), "two"]],
        "entities": [["entity", "label:en", "label:zh", "aliases"], *described],
        "relations": [["relation", "label:en", "label:zh"], relation],
    }
    files = []
    for name, rows in tables.items():
        files.append(folder / f"{SHORT} {name}.tsv")
        text = "".join("\t".join(row) + "\n" for row in rows)
        files[-1].write_text(text, encoding="utf-8")
    settings = GraphImportSettings(name="demo", files=tuple(map(str, files)))
    import_graph.run(settings, Silent(), Workspace())


def make_questions(graph: KnowledgeGraph) -> None:
    texts = [hostile("question"), FORMULA, TOWER, LONG[:1900], *STARTS]
    questions = tuple(
        Question(
            id=f"q{n}",
            text=f"{text} {split}",
            language="en",
            topics=(HUB,),
            answers=tuple(ENTITIES[1:6]),
            paths=((RELATION,),) if n % 2 == 0 else (),
            split=split,
        )
        for n, (text, split) in enumerate((t, s) for t in texts for s in ("train", "dev", "test"))
    )
    row = Finding(hostile("file"), 3, hostile("found"), hostile("why"))
    with Workspace().publish("questions", "demo") as folder:
        about = ReadReport(read=1, kept=0, skipped=1, paths_dropped=0, findings=(row,))
        made = QuestionSet("demo", "demo", graph.hash, "grouped", questions)
        made.save(folder, about.as_record())


def make_models(graph: KnowledgeGraph) -> None:
    common = {"name": "demo", "graph": "demo", "graph_hash": graph.hash, "questions": "demo"}
    taught = TeacherSettings(name="demo", graph="demo", questions="demo")
    teacher = {
        **common,
        "kind": "policy",
        "hops": 2,
        "directions": "forward",
        "settings": {**taught.model_dump(mode="json"), hostile("setting"): hostile("value")},
        "result": results.trained_teacher().as_record(),
    }
    learnt = DistillSettings(name="demo", teacher="demo").model_dump(mode="json")
    student = {
        **common,
        "teacher": hostile("teacher"),
        "parameters": 529_024,
        "settings": {**learnt, "student": hostile("student")},
    }
    astray = {**student, "name": "astray", "graph": hostile("graph"), "questions": SHORT}
    said = {part: hostile(part) for part in ("question_set", "split", "split_kind", "decoding")}
    scored = results.evaluation(**said).as_record()
    held = results.evaluation(
        question_set="demo",
        decoding=hostile("decoding"),
        search=hostile("search"),
        languages=(PartScore(hostile("language"), 3, 0.5),),
        hops=(PartScore(hostile("hops"), 3, 0.5),),
    ).as_record()
    made = [
        ("evaluations", "compared", "evaluation.json", held),
        ("teachers", "demo", "card.json", teacher),
        ("students", "demo", "card.json", student),
        ("students", "astray", "card.json", astray),
        ("evaluations", "of-teacher", "evaluation.json", scored),
        ("evaluations", "of-student", "evaluation.json", {**scored, "kind": "student"}),
    ]
    for kind, name, file, value in made:
        with Workspace().publish(kind, name) as folder:
            write_json(folder / file, value)


def make_runs() -> None:
    """A run in every state in which a page says something of its own."""
    distil = DistillSettings(name="demo", teacher="demo")
    states = {
        "queued": RunState.QUEUED,
        "running": RunState.RUNNING,
        "paused": RunState.PAUSED,
        "stopped": RunState.STOPPED,
        "failed": RunState.FAILED,
        "lost": RunState.LOST,
    }
    for name, state in states.items():
        run("distill_student", distil, state, name)
    run("evaluate", EvaluateSettings(model="demo"), RunState.QUEUED, "waiting", after=["running"])
    result = results.student_report(name=hostile("name")).as_record()
    run("distill_student", distil, RunState.SUCCEEDED, "distilled", result=result)
    run("evaluate", EvaluateSettings(model="demo"), RunState.FAILED, "evaluated")
    graph = GraphImportSettings(name="demo", files=("place-of-triples.tsv",))
    run("import_graph", graph, RunState.FAILED, "imported")
    example = PromptExample(prompt=hostile("prompt"), topic="x", path=(hostile("path"),))
    made = results.export_report(export=SHORT, files={hostile("file"): 5}, example=example)
    run(
        "export_student",
        ExportSettings(student="demo"),
        RunState.SUCCEEDED,
        "exported",
        result=made.as_record(),
    )
    run(
        "run_demo",
        DemoSettings(),
        RunState.SUCCEEDED,
        "toured",
        result=results.demo_report().as_record(),
    )
    run("run_demo", DemoSettings(), RunState.FAILED, "untoured")


def run(recipe: str, settings: Any, state: RunState, name: str, **more: Any) -> None:
    """A run of which the enemy has written every word: from its title to its log."""
    over = state not in (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED)
    if over and state is not RunState.SUCCEEDED:
        more["error"] = hostile("error")
    add_run(recipe, settings, state, run_id=name, stage=hostile("stage"), **more)
    store, now = Store(Workspace()), time.time()
    payload = {part: hostile(part) for part in ("message", "key", "old", "new", "step", "what")}
    payload |= {part: hostile(part) for part in ("who", "cause", "attempt", "name")}
    kinds = (
        "stage",
        "warning",
        "log",
        "control",
        "lost",
        "asked",
        "attempt",
        "resumed",
        "branched",
    )
    events = [{"at": now, "kind": kind, "payload": payload} for kind in (*kinds, "own")]
    metrics = [
        {"at": now, "step": step, "name": curve, "value": 1 / (1 + step)}
        for curve in (hostile("curve"), "distil/loss", "teacher/loss")
        for step in range(3)
    ]
    written = {**settings.model_dump(mode="json"), "name": hostile("name")}
    values = {"settings": written, "title": hostile("title"), "note": hostile("note")}
    with store.database.writing() as connection:
        connection.execute(update(jobs).where(jobs.c.id == name).values(**values, cause=SHORT))
    store.write(name, {}, events, metrics)
    log = store.workspace.root / "runs" / name / "log.txt"
    log.write_text(f"{hostile('log')}\n\x1b[31m{TOWER}\n", encoding="utf-8")
