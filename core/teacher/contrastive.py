"""Fine-tuning a sentence encoder: questions come near the words of their path, and of no other.

In each step every question of a batch stands beside its right path and some others of its topic's
tree, each spoken in one of its ways and one language, drawn anew. The loss is the cross-entropy of
the right one among all that were spoken in the batch (InfoNCE, van den Oord et al. 2018,
arXiv:1807.03748), with a learned scale of the cosines. The paths of other questions are contrast
too, unless they are right here as well.

A question comes in any of its wordings, half of the time as it might have been typed
(`core.questions.rewording`). In the end
the weights are the mean of those before and after: learning from a few hundred questions must not
undo what the encoder knows of all others (Wortsman et al. 2022, arXiv:2109.01903).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.pretrained.embedders import Embedder
from core.questions.rewording import reworded
from core.teacher.prototypes import Codes
from core.teacher.spoken_paths import HeardQuestion, SpokenPaths

TOGETHER = 32
"""Questions in a step."""

OTHERS = 3
"""Other paths of its own tree that stand beside a question's right one."""

LEARNING_RATE = 3e-4
SCALE = 20.0  # of the cosines, before it is learned


def fine_tune(
    embedder: Embedder,
    spoken: SpokenPaths,
    questions: Sequence[HeardQuestion],
    *,
    epochs: int,
    seed: int = 0,
    watch: Callable[[int], None] = lambda epoch: None,
) -> list[float]:
    """Fine-tune an encoder in place.

    Args:
        embedder: The encoder; the parameters of its model learn.
        spoken: Says the paths; none of its vectors is used.
        questions: What to learn from.
        epochs: Passes over them.
        seed: Of all that is drawn.
        watch: Is told how many epochs are done; what it raises ends the learning.

    Returns:
        The mean loss of each epoch.
    """
    rng = random.Random(seed)
    before = {name: part.clone() for name, part in embedder.model.state_dict().items()}
    means = []
    scale = nn.Parameter(torch.tensor(SCALE).log())
    optimizer = torch.optim.AdamW([*embedder.model.parameters(), scale], LEARNING_RATE, fused=True)
    embedder.model.train()
    for _ in range(epochs):
        order, losses = rng.sample(questions, len(questions)), []
        for begin in range(0, len(order), TOGETHER):
            step = _Step(spoken, rng)
            for question in order[begin : begin + TOGETHER]:
                step.add(question)
            loss = step.loss(embedder.model, scale.exp())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        means.append(sum(losses) / len(losses))
        watch(len(means))
    after = embedder.model.state_dict()
    embedder.model.load_state_dict({name: (before[name] + after[name]) / 2 for name in before})
    embedder.model.eval()
    return means


class _Step:
    """The questions of one step and what is spoken beside them."""

    def __init__(self, spoken: SpokenPaths, rng: random.Random) -> None:
        self._spoken, self._rng = spoken, rng
        self._asked: list[str] = []
        self._right: list[frozenset[Codes]] = []
        self._said: dict[tuple[str, Codes], str] = {}
        self._answers: list[tuple[str, Codes]] = []

    def add(self, question: HeardQuestion) -> None:
        """Put a question beside its right path and some others."""
        rng = self._rng
        language = rng.choice(self._spoken.languages)
        text = rng.choice(question.texts)
        text = reworded(text, rng) if rng.random() < 0.5 else text
        self._asked.append(self._spoken.asked(text, language))
        self._right.append(frozenset(question.right))
        self._answers.append((language, rng.choice(question.right)))
        wrong = [path for path in question.others if path not in self._right[-1]]
        drawn = rng.sample(wrong, min(OTHERS, len(wrong)))
        for said in (self._answers[-1], *((language, path) for path in drawn)):
            if said not in self._said:
                self._said[said] = rng.choice(self._spoken.questions(said[1], language))

    def loss(self, model: Any, scale: Tensor) -> Tensor:
        """Cross-entropy of each question's right path among all that were said, the others' too."""
        texts = [*self._asked, *self._said.values()]
        vectors = model(model.preprocess(texts))["sentence_embedding"]
        asked, said = functional.normalize(vectors, dim=1).split(
            [len(self._asked), len(self._said)]
        )
        number = {key: place for place, key in enumerate(self._said)}
        answers = torch.tensor([number[key] for key in self._answers])
        right_too = torch.tensor(
            [[path in right for _, path in self._said] for right in self._right]
        ).scatter(1, answers[:, None], value=False)
        logits = (scale * asked @ said.T).masked_fill(right_too, -torch.inf)
        return functional.cross_entropy(logits, answers)
