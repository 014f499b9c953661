"""An exported folder in other versions of transformers: what it says there, and what ours says.

    python -m venv older && older/bin/pip install "transformers==4.57.*" torch==2.13.0
    export PATHDISTILL_HOME=...
    python -m tests.benchmarks.exported_folder demo-student older/bin/python

Each of 200 test questions is asked by the script in the folder's own README, word for word but for
the question, and again confined to paths that exist. There and here the likeliest token is said.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from core.answers import model_cache
from core.answers.predictions import predict_paths
from core.questions.question_sets import QuestionSet
from core.recipes import export_student
from core.records import TOPIC_MARK
from core.report import Silent
from core.settings import ExportSettings
from core.student.prompts import PATH, TOPIC
from core.workspace import Workspace

ASKED = 200
THERE = Path(__file__).with_name("exported_folder_there.py")


def masked_questions(space, student, linker):
    """The first test questions about one topic: each masked, with the topic."""
    asked = QuestionSet.open(space.open("questions", student.card["questions"])).questions
    found = {}
    for one in asked:
        if one.split == "test" and len(one.topics) == 1:
            topic = student.graph.entity(one.topics[0])
            masked = linker.read(one.text).masked(topic, TOPIC_MARK)
            if TOPIC_MARK in masked:
                found.setdefault(masked, topic)
    return list(found.items())[:ASKED]


def choices(trie, tokens):
    """What may be said in place of each token of a path."""
    node, allowed = 0, []
    for token in tokens:
        following = trie.following(node)
        allowed.append(sorted(following))
        node = following[token]
    return allowed


def main(name, python):
    space = Workspace()
    student = model_cache.student(space, name, None)
    scorer, speller = model_cache.scorer(student, None), student.speller
    requests = masked_questions(space, student, scorer.linker)
    ours = {
        decoding: [
            [] if not found else speller.spell(found[0].relations)
            for found in predict_paths(scorer, requests, decoding, 1, "beam")
        ]
        for decoding in ("free", "constrained")
    }
    asked = [
        {
            "prompt": masked.replace(TOPIC_MARK, TOPIC) + PATH,
            "choices": choices(scorer.trie(topic), path),
        }
        for (masked, topic), path in zip(requests, ours["constrained"], strict=True)
    ]
    with tempfile.TemporaryDirectory() as place:
        settings = ExportSettings(student=name, to=f"{place}/out")
        made = export_student.run(settings, Silent(), space)
        began = time.perf_counter()
        there = subprocess.run(
            [Path(python).absolute(), THERE, made.example.prompt],
            input=json.dumps(asked),
            cwd=f"{place}/out",
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - began
    if there.returncode:
        sys.exit(there.stderr)
    said = json.loads(there.stdout.splitlines()[-1])
    print(f"transformers {said['transformers']}, {len(asked)} questions in {took:.0f} s")
    read = [speller.prompt(masked) for masked, _ in requests]
    print("read in the same tokens:", sum(map(list.__eq__, read, said["read"])))
    for decoding, paths in ours.items():
        print(f"the same path, {decoding}:", sum(map(list.__eq__, paths, said[decoding])))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
