"""A trained teacher on disk: a card that says what it is, and its weights.

teachers/<name>/card.json             graph and its hash, shape of the trees, settings, results
teachers/<name>/weights.safetensors
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from core.errors import FormatError, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape
from core.teacher.path_policy import PathPolicy
from core.teacher.question_trees import TreeGrower
from core.workspace import Workspace, read_json, write_json


@dataclass(frozen=True, eq=False)
class Teacher:
    """A policy with the graph it reasons over.

    Attributes:
        name: What a person calls it.
        graph: Its graph.
        policy: Its network, ready to score.
        shape: The trees that it was trained on.
        card: What card.json holds.
        hash: SHA-256 of its weights; labels remember it.
    """

    name: str
    graph: KnowledgeGraph
    policy: PathPolicy
    shape: TreeShape
    card: dict[str, Any]
    hash: str

    def grower(self) -> TreeGrower:
        """Something that grows question trees of the shape that this teacher knows."""
        return TreeGrower(self.graph, Linker(self.graph), self.shape)


def save_teacher(folder: Path, policy: PathPolicy, shape: TreeShape, card: dict[str, Any]) -> None:
    """Write a teacher into a folder that exists."""
    weights = {
        name: value.detach().cpu().contiguous() for name, value in policy.state_dict().items()
    }
    save_file(weights, folder / "weights.safetensors")
    write_json(folder / "card.json", {**card, "shape": asdict(shape)})


def open_teacher(workspace: Workspace, name: str) -> Teacher:
    """Open a teacher with its graph.

    Raises:
        NotFound: If there is no such teacher, or its graph is gone.
        Stale: If its graph has changed since it was trained.
        FormatError: If a file is missing or damaged.
    """
    folder = workspace.folder("teachers", name)
    card = read_json(folder / "card.json")
    graph = KnowledgeGraph.open(workspace.folder("graphs", card["graph"]))
    if graph.hash != card["graph_hash"]:
        raise Stale(
            f"Teacher {name!r} was trained on another version of graph {graph.name!r}; "
            "train it again."
        )
    path = folder / "weights.safetensors"
    settings = card["settings"]
    policy = PathPolicy(graph, settings["width"], settings["message_passing"])
    try:
        policy.load_state_dict(load_file(path))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, RuntimeError, SafetensorError) as error:
        raise FormatError(f"{path} is missing or damaged; train the teacher again.") from error
    policy.eval()
    return Teacher(name, graph, policy, TreeShape(**card["shape"]), card, digest)
