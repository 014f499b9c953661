"""Run in an exported folder by a Python that has transformers and nothing of ours.

It is given the question of the README's script, and on standard input the questions to ask instead.
"""

import json
import re
import sys
from pathlib import Path

import transformers


def confined(model, question, choices):
    """The tokens of a path, each one of its choices; who leaves the path is not led on."""
    begin, last = question["input_ids"].shape[1], len(choices) - 1

    def allowed(_, said):
        return choices[min(len(said) - begin, last)]

    said = model.generate(**question, max_new_tokens=96, prefix_allowed_tokens_fn=allowed)
    return said[0, begin:].tolist()


script = re.search(r"^```python\n(.*?)^```", Path("README.md").read_text("utf-8"), re.S | re.M)[1]
example = sys.argv[1]
if repr(example) not in script:
    sys.exit("The script in README.md does not ask the example of the export.")

found = {"transformers": transformers.__version__, "read": [], "free": [], "constrained": []}
for asked in json.load(sys.stdin):
    names = {}
    exec(script.replace(repr(example), repr(asked["prompt"])), names)
    question = names["question"]
    found["read"].append(question["input_ids"][0].tolist())
    found["free"].append(names["said"].tolist())
    found["constrained"].append(confined(names["model"], question, asked["choices"]))
print(json.dumps(found))
