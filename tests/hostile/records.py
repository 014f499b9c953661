"""The answers of the short recipes, every label in them replaced."""

from typing import Any

from stand_ins import screens

from hostile.texts import FORMULA, LONG, TOWER, hostile

KEPT = {"id", "match", "kind", "decoding", "verdict", "language", "relations", "path", "question"}
"""Fields of a record that a program reads, not a person; a question is compared with another."""

ODD = (FORMULA, LONG, TOWER)


def thinking(store, recipe: str, settings, timeout: float = 120) -> dict[str, Any]:
    """Stands in for `resident.call`: what a graph, a teacher and a student of an enemy say."""
    record = screens.thinking(store, recipe, settings)
    record["candidates"] = [screens.named(f"other_{n}", text) for n, text in enumerate(ODD)]
    if recipe == "explain_question":
        record["answers"] += [{**one, "probability": 0.01} for one in record["candidates"]]
    if recipe == "answer_question":
        further = [{**one, "probability": 0.01} for one in record["candidates"]]
        record["answers"] = [*record["answers"], *further]
        record["paths"] = [*record["paths"], *other_paths(record["paths"][0])]
        record["supported"] = False
    return spoilt(record)


def other_paths(path: dict[str, Any]) -> list[dict[str, Any]]:
    """One that is wrong and has a nearest fact, one that reaches many."""
    hop = path["hops"][0]
    near = {part: screens.named("x") for part in ("head", "relation", "tail")}
    wrong = {**hop, "verdict": "wrong_relation", "nearest": near}
    return [
        {**path, "probability": 0.2, "supported": False, "hops": [wrong]},
        {**path, "probability": 0.005, "reached": 40},
    ]


def spoilt(value: Any, field: str = "record") -> Any:
    """A record with every text in it replaced that a person would read."""
    if isinstance(value, dict):
        return {key: one if key in KEPT else spoilt(one, key) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [spoilt(one, field) for one in value]
    return hostile(field) if isinstance(value, str) and value not in ODD else value
