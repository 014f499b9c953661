"""A teacher on disk: a card that says what it is, and its weights where it has any.

teachers/<name>/card.json             kind, graph and its hash, shape of the trees, settings, result
teachers/<name>/weights.safetensors   of a policy
teachers/<name>/encoder.safetensors   of the text encoder that it listens with, see `tuned_encoder`
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.errors import FormatError, Stale
from core.graph.history import keeps_relations
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape
from core.pretrained.models.language_models import content_of, load_language_model, moved
from core.teacher.language_model_teacher import LanguageModelScorer
from core.teacher.lexical_teacher import LexicalScorer
from core.teacher.log_linear import LogLinearPaths
from core.teacher.mixture_teacher import MixtureScorer
from core.teacher.path_policy import PathPolicy
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.prototypes import Prototypes
from core.teacher.question_encoder import RelationWords
from core.teacher.question_trees import TreeGrower
from core.teacher.reasoning import Scorer
from core.teacher.spoken_paths import SpokenPaths
from core.teacher.text_vectors import open_text_vectors
from core.teacher.tuned_encoder import ENCODER, tuned_vectors
from core.workspace import Workspace, read_json, write_json


@dataclass(frozen=True, eq=False)
class Teacher:
    """Something that scores question trees, with the graph it reasons over.

    Attributes:
        name: What a person calls it.
        graph: Its graph.
        scorer: What gives paths their probabilities.
        shape: The trees that it knows.
        card: What card.json holds.
        hash: SHA-256 of what makes its scores; labels remember it.
        spoken: Paths in words, where it compares them with what is asked.
    """

    name: str
    graph: KnowledgeGraph
    scorer: Scorer
    shape: TreeShape
    card: dict[str, Any]
    hash: str
    spoken: SpokenPaths | None = None

    def grower(self, linker: Linker | None = None) -> TreeGrower:
        """Something that grows question trees of the shape that this teacher knows."""
        words = RelationWords.of(self.graph)
        absence = bool(self.card.get("absence"))
        linker = linker or Linker(self.graph)
        return TreeGrower(self.graph, linker, self.shape, words, absence, self.spoken)


def save_teacher(
    folder: Path, shape: TreeShape, card: dict[str, Any], policy: PathPolicy | None = None
) -> None:
    """Write a teacher into a folder that exists."""
    if policy is not None:
        weights = {
            name: value.detach().cpu().contiguous() for name, value in policy.state_dict().items()
        }
        save_file(weights, folder / "weights.safetensors")
    write_json(folder / "card.json", {**card, "shape": asdict(shape)})


def open_teacher(workspace: Workspace, name: str, device: str = "cpu") -> Teacher:
    """Open a teacher with its graph.

    Raises:
        NotFound: If there is no such teacher, or its graph is gone.
        Stale: If its graph is another one since it was made, and no later version of it with the
            same relations, or a teacher that it was mixed of has changed its graph or trees.
        FormatError: If a file is missing or damaged.
    """
    folder = workspace.open("teachers", name)
    card = read_json(folder / "card.json")
    place = workspace.open("graphs", card["graph"])
    graph = KnowledgeGraph.open(place)
    kind = card.get("kind", "policy")  # cards older than the other kinds do not say
    if not keeps_relations(place, card["graph_hash"]):
        raise Stale(
            "Teacher {teacher!r} was trained on another version of graph {graph!r}; train it again."
            if kind == "policy"
            else "Teacher {teacher!r} was made for another version of graph {graph!r}; make it "
            "again.",
            teacher=name,
            graph=graph.name,
        )
    shape = TreeShape(**card["shape"])
    settings = card["settings"]
    scorer: Scorer
    spoken = None
    if kind == "policy":
        policy, weights, spoken = open_policy(workspace, folder, graph, card)
        scorer = PolicyScorer(policy.to(device), graph, shape)
        if mixed := card.get("lexical"):  # of a teacher that was taken from another graph
            plain = LexicalScorer(graph, mixed["own_temperature"])
            shares = 1 - mixed["share"], mixed["share"]
            scorer = MixtureScorer((scorer, plain), shares, mixed["temperature"])
            weights = hashlib.sha256(json.dumps([weights, mixed]).encode()).hexdigest()
        return Teacher(name, graph, scorer, shape, card, weights, spoken)
    says: list[Any] = [kind, asdict(shape), card["temperature"]]
    if kind == "lexical":
        scorer = LexicalScorer(graph, card["temperature"])
    elif kind == "language-model":
        model, tokenizer = load_language_model(settings["model"], workspace.root / "models")
        says.append(content_of(settings["model"]))
        scorer = LanguageModelScorer(graph, moved(model, device), tokenizer, card["temperature"])
    else:
        parts = [open_teacher(workspace, part, device) for part in settings["teachers"]]
        for part in parts:
            if (part.graph.hash, part.shape) != (graph.hash, shape):
                raise Stale(
                    "Teacher {teacher!r} was mixed of {part!r}, which has since changed its "
                    "graph or trees; mix it again.",
                    teacher=name,
                    part=part.name,
                )
        says += [settings["weights"], [part.hash for part in parts]]
        scorer = MixtureScorer([part.scorer for part in parts], settings["weights"])
        spoken = next((part.spoken for part in parts if part.spoken is not None), None)
    digest = hashlib.sha256(json.dumps(says).encode()).hexdigest()
    return Teacher(name, graph, scorer, shape, card, digest, spoken)


RENAMED = {"hear": "lin_update", "speak": "lin_source", "through": "lin_relation"}
"""Layers of message passing as 0.1.0 called them, with their names of today."""


def renamed_weights(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights that this version or an older one has stored, by the names of today."""
    return {
        ".".join(RENAMED.get(part, part) for part in name.split(".")): value
        for name, value in weights.items()
    }


def made_of(workspace: Workspace, name: str) -> set[str]:
    """A teacher and all those that it is mixed of, and they in turn.

    Raises:
        NotFound: If one of them does not exist.
    """
    card = workspace.read("teachers", name, "card.json")
    parts = card["settings"]["teachers"] if card.get("kind") == "mixture" else ()
    return {name}.union(*(made_of(workspace, part) for part in parts))


def open_policy(
    workspace: Workspace, folder: Path, graph: KnowledgeGraph, card: dict[str, Any]
) -> tuple[PathPolicy, str, SpokenPaths | None]:
    """The policy of a teacher's folder, to reason over a graph, and the hash of what it says.

    With it come the paths in words where it listens to them.

    Raises:
        FormatError: If its weights are missing or damaged.
        NotFound: If it reads words with a pretrained encoder that is not within reach.
    """
    path = folder / "weights.safetensors"
    settings = card["settings"]
    encoder = card.get("encoder", settings.get("encoder", ""))
    vectors = None
    if encoder:
        tuned = (folder / ENCODER).exists()
        vectors = (
            tuned_vectors(workspace, encoder, folder)
            if tuned
            else open_text_vectors(workspace, encoder)
        )
    # Policies of before know nothing of absence, and an encoder reads words to them, not paths.
    absence = bool(card.get("absence"))
    spoken = None
    if vectors is not None and absence:
        # How the paths of one graph were asked for says nothing of another's.
        place = workspace.folder("graphs", graph.name)
        own = keeps_relations(place, card["graph_hash"])
        asked = Prototypes.open(folder) if own else None
        told = LogLinearPaths.open(folder) if own else None
        spoken = SpokenPaths(graph, vectors, asked, told)
    policy = PathPolicy(
        graph,
        settings["width"],
        settings["message_passing"],
        None if absence else vectors,
        absence=absence,
        spoken=spoken is not None,
    )
    try:
        policy.load_state_dict(renamed_weights(load_file(path)))
        digest = hashlib.sha256(path.read_bytes())
    except (OSError, RuntimeError, SafetensorError) as error:
        raise FormatError(
            "{path} is missing or damaged; train the teacher again.", path=path
        ) from error
    digest.update(vectors.identity.encode() if vectors else b"")
    if spoken is not None and spoken.prototypes is not None:
        digest.update(spoken.prototypes.means.tobytes())
    if spoken is not None and spoken.log_linear is not None:
        digest.update(spoken.log_linear.weights.tobytes())
    return policy.eval(), digest.hexdigest(), spoken
