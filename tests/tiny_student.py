"""A random student for exact sums: tiny, float64 throughout, relations spelled in many tokens."""

import pytest
import torch
from transformers.models.llama.modeling_llama import LlamaRMSNorm

from core.student import language_model
from core.student.prompts import Speller

RELATIONS = ("born", "born_in", "born_on", "spouse", "~spouse", "出生地", "a <hop> b")
"""Some begin alike, so that they share tokens."""


class SpellerOfBefore(Speller):
    """A speller of a student that knows neither `<missing>` nor `<none>`."""

    absent = None


def tiny_student(relations=RELATIONS, seed=0, vocabulary=275):
    """A student and its speller.

    The vocabulary leaves room for only a few merges, so relations that begin alike share tokens.
    Llama's norms compute in float32 whatever the model's type; here they are exact.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"WIDTH": 16, "LAYERS": 2, "HEADS": 2, "VOCABULARY": vocabulary}.items():
            patch.setattr(language_model, name, value)
        torch.manual_seed(seed)
        model, tokenizer = language_model.build_tiny(["Where was X born?", "谁?"], relations)
    model.config.attention_dropout = 0.0
    for module in model.modules():
        if hasattr(module, "attention_dropout"):
            module.attention_dropout = 0.0
    model.double().eval()
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if isinstance(child, LlamaRMSNorm):
                exact = torch.nn.RMSNorm(len(child.weight), child.variance_epsilon)
                setattr(parent, name, exact.double())
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.4)  # far from uniform
    return model, Speller(tokenizer)


def log_probability(model, prompt, path):
    """Log-probability of each token of a path after a prompt: `(tokens,)`."""
    logits = model(torch.tensor([prompt + path])).logits[0, len(prompt) - 1 : -1]
    return torch.log_softmax(logits, -1)[torch.arange(len(path)), torch.tensor(path)]
