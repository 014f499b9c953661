"""PathDistill: a knowledge graph becomes a small language model that shows its path.

    graph -> questions -> teacher -> labels -> distil -> student -> verify -> answer

Each folder is one noun of that line; each file in it is one idea. Arrows never turn back:
`records`, `settings`, `errors`, `workspace` and `report` know nothing of the rest; `graph`,
`questions`, `verify` and `evaluation` run without torch; `teacher` and `student` meet only in
`distill`; `recipes` put the parts together; `runs` run one by its name in its own process.

From Python, `from core import open_student` and what else `__all__` names; `core.api` says how.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.api import open_graph, open_student, open_teacher, run, submit
    from core.workspace import Workspace

__all__ = ["Workspace", "open_graph", "open_student", "open_teacher", "run", "submit"]


def __getattr__(name: str) -> Any:
    # Imported when asked for: the parts of this package import it themselves, and most want little.
    if name not in __all__:
        raise AttributeError(f"module 'core' has no attribute {name!r}")
    return getattr(import_module("core.workspace" if name == "Workspace" else "core.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
