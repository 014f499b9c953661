"""Import the real question sets as the figures in the documentation have them.

    python -m tests.benchmarks.real_sets DATA WORKSPACE [--seeds 3]

`DATA` holds `pathquestion`, `nlpcc_mh` and `metaqa`; a folder that is missing is left out. Sets are
called `<set>_grouped_<seed>` (paraphrases of one path from one topic on one side) and
`<set>_random_<seed>`, except that PathQuestion's grouped split is the one of its file. MetaQA comes
without its training file, so its dev questions are cut 8:1:1 within every question type.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from core.recipes import import_graph, import_questions
from core.report import Silent
from core.settings import GraphImportSettings, QuestionImportSettings
from core.workspace import Workspace


def main() -> None:
    """Import what there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    workspace = Workspace(given.workspace)
    for name, bring in READERS.items():
        if (folder := given.data / name).is_dir():
            bring(folder, workspace, range(given.seeds))


def pathquestion(folder: Path, workspace: Workspace, seeds: range) -> None:
    """PQ-2H and PQ-3H, each with a graph of its own."""
    for hops in (2, 3):
        graph, file = f"pq{hops}", folder / f"PQ-{hops}H.txt"
        bring_graph(workspace, graph, folder / f"{hops}H-kb.txt")
        split = folder / f"PQ-{hops}H.groupsplit.json"
        bring_questions(workspace, graph, graph, file, "pathquestion", "grouped", 0, split)
        for seed in seeds:
            bring_questions(workspace, graph, graph, file, "pathquestion", "random", seed)


def nlpcc(folder: Path, workspace: Workspace, seeds: range) -> None:
    """NLPCC-MH's questions in Chinese, of which only the training file has answers."""
    bring_graph(workspace, "nlpcc", folder / "kg.tsv")
    file = folder / "nlpcc-mh.train.json"
    for seed in seeds:
        for split in ("random", "grouped"):
            bring_questions(workspace, "nlpcc", "nlpcc", file, "nlpcc-mh", split, seed)


def metaqa(folder: Path, workspace: Workspace, seeds: range) -> None:
    """MetaQA at 1, 2 and 3 hops."""
    bring_graph(workspace, "metaqa", folder / "kb.txt")
    for hops in (1, 2, 3):
        name, file = f"meta{hops}", folder / f"{hops}-hop" / "dev.jsonl"
        for seed in seeds:
            split = workspace.root / f"{name}_{seed}.json"
            split.write_text(json.dumps(by_type(file, seed)), encoding="utf-8")
            bring_questions(workspace, name, "metaqa", file, "metaqa", "random", seed, split)
            bring_questions(workspace, name, "metaqa", file, "metaqa", "grouped", seed)


def by_type(file: Path, seed: int) -> dict[str, str]:
    """Split of a MetaQA file, 8:1:1 within every question type; ids as the import makes them."""
    types = defaultdict(list)
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
        types[json.loads(line)["qtype"]].append(f"{file.stem}@{number}")
    split = {}
    for name in sorted(types):
        random.Random(seed).shuffle(types[name])
        tenth = round(len(types[name]) / 10)
        for place, question in enumerate(types[name]):
            split[question] = "test" if place < tenth else "dev" if place < 2 * tenth else "train"
    return split


def bring_graph(workspace: Workspace, name: str, file: Path) -> None:
    """Import a graph, once."""
    if not workspace.exists("graphs", name):
        import_graph.run(GraphImportSettings(name=name, files=(str(file),)), Silent(), workspace)


def bring_questions(
    workspace: Workspace,
    name: str,
    graph: str,
    file: Path,
    form: str,
    split: str,
    seed: int,
    split_file: Path | None = None,
) -> None:
    """Import a question set and say what became of its questions."""
    settings = QuestionImportSettings(
        name=f"{name}_{split}_{seed}",
        graph=graph,
        files=(str(file),),
        format=form,
        split="given" if split_file else split,
        split_file=str(split_file) if split_file else None,
        seed=seed,
        replace=True,
    )
    report = import_questions.run(settings, Silent(), workspace)
    print(settings.name, json.dumps(report.as_record(), ensure_ascii=False)[:300], flush=True)


READERS: Mapping[str, Callable[[Path, Workspace, range], None]] = {
    "pathquestion": pathquestion,
    "nlpcc_mh": nlpcc,
    "metaqa": metaqa,
}


if __name__ == "__main__":
    main()
