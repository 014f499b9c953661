"""The normal form of text (`core.plain_text`) within a student's tokenizer.

The tokenizer carries it, so a student reads a question the same way here, in an exported folder and
in any other program that opens its `tokenizer.json` as it stands. (`AutoTokenizer` makes that of a
Qwen2 anew and forgets it; `PreTrainedTokenizerFast` does not.)

Every word of a spaced script has a blank before it, also the first, so that a word is the same
tokens wherever it stands; characters of other scripts stand side by side.

A tokenizer that was saved before there was a normal form has none, and reads a text as it is.
"""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, normalizers
from tokenizers.normalizers import Normalizer
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from core.plain_text import ALIKE, SILENT, SYMBOLS, UNSPACED

_STEPS: tuple[Normalizer, ...] = (
    normalizers.NFKD(),
    normalizers.Replace(Regex(f"[{SILENT}]"), ""),
    normalizers.NFKC(),
    normalizers.Lowercase(),
    *(normalizers.Replace(letter, other) for letter, other in ALIKE.items()),
    # What is no word becomes a blank, every word gets one before it, and the others go.
    normalizers.Prepend(" "),
    normalizers.Replace(Regex(rf"[^\p{{L}}\p{{N}}{UNSPACED}{SYMBOLS}]+"), " "),
    normalizers.Replace(
        Regex(rf"(?<=[{UNSPACED}{SYMBOLS}])(?=[^ {UNSPACED}])|(?<=[^ ])(?=[{SYMBOLS}])"), " "
    ),
    normalizers.Replace(Regex(rf" +(?=[{UNSPACED}]|$)"), ""),
)

NORMAL_FORM = normalizers.Sequence(list(_STEPS))


def reads_normal_form(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether a tokenizer carries the normal form."""
    return _own(tokenizer.backend_tokenizer) is not None


def with_normal_form(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """A tokenizer that puts a text into the normal form before whatever it did to it already.

    It is of the class that takes a `tokenizer.json` as it stands.
    """
    backend = tokenizer.backend_tokenizer
    if _own(backend) is None:
        backend.normalizer = normalizers.Sequence([*_STEPS, *_steps(backend.normalizer)])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        padding_side="left",
        extra_special_tokens=tokenizer.extra_special_tokens,
        **tokenizer.special_tokens_map,
    )


def tokens_as_written(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Tokens of a name that is to be read back letter by letter."""
    backend = tokenizer.backend_tokenizer
    own = _own(backend)
    if own is None:
        return list(tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True))
    for step in own:
        text = step.normalize_str(text)
    cut = backend.pre_tokenizer
    pieces = [piece for piece, _ in cut.pre_tokenize_str(text)] if cut else [text]
    return [token.id for piece in pieces for token in backend.model.tokenize(piece)]


def _own(backend: Tokenizer) -> list[Normalizer] | None:
    """What a tokenizer does to a text after it is in the normal form; None if it never is."""
    steps = _steps(backend.normalizer)
    known = [step.__getstate__() for step in _STEPS]
    if [step.__getstate__() for step in steps[: len(known)]] != known:
        return None
    return steps[len(known) :]


def _steps(normalizer: Normalizer | None) -> list[Normalizer]:
    if isinstance(normalizer, normalizers.Sequence):
        return [normalizer[nth] for nth in range(len(normalizer))]
    return [] if normalizer is None else [normalizer]
