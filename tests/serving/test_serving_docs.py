"""docs/serving.md: its blocks of Python run against a server as it says."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from stand_ins import results

PAGE = Path(__file__).parents[2] / "docs" / "serving.md"


def test_the_blocks_run(url):
    blocks = re.findall(r"^```python\n(.*?)^```\n", PAGE.read_text("utf-8"), re.M | re.S)
    assert len(blocks) >= 2
    printed = []
    for block in blocks:
        code = block.replace("http://127.0.0.1:8600", url)
        assert code != block
        with redirect_stdout(StringIO()) as out:
            exec(compile(code, PAGE.name, "exec"), {})
        printed.append(out.getvalue())
    (answer,) = results.answer().answers
    assert printed[0].startswith(f"{answer.label}  {answer.probability:.2f}\n")
    assert "scranton city_of usa in_graph" in printed[0]
    assert printed[1] == f"take {results.answer().decision} ['{answer.label}']\n"
    assert printed[2] == "False ['entity_missing', 'dead_end']\n"
