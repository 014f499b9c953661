"""A student's weights as a browser gets them: a byte a number, each row with a scale of its own.

    w[i, j]  ~  scale[i] * q[i, j]        q from -127 to 127;  scale[i] = max_j |w[i, j]| / 127

so no weight is off by more than half of its row's scale. Vectors (the norms) stay as they are.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedModel

from core.errors import FormatError

MOST = 127
"""Largest whole number of a weight."""


@dataclass(frozen=True, eq=False)
class Quantised:
    """A matrix in whole numbers.

    Attributes:
        rows: `(rows, columns)` int8.
        scales: `(rows,)` float32; 0 for a row of zeros.
    """

    rows: NDArray[np.int8]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, matrix: NDArray[np.float32]) -> Quantised:
        """The nearest to a matrix `(rows, columns)`."""
        scales = (np.abs(matrix).max(1) / MOST).astype(np.float32)
        steps = np.where(scales > 0, scales, 1)
        return cls(np.rint(matrix / steps[:, None]).astype(np.int8), scales)

    def matrix(self) -> NDArray[np.float32]:
        """What a browser computes with: `(rows, columns)`."""
        return self.rows.astype(np.float32) * self.scales[:, None]


def language_model(name: str, model: PreTrainedModel) -> dict[str, Any]:
    """A Llama for `model.js`: its shape, its matrices in whole numbers and its norms, by name.

    Raises:
        FormatError: If it is none, or one that computes otherwise.
    """
    config = model.config
    _check(name, config)
    matrices, norms = {}, {}
    for key, tensor in model.state_dict().items():
        numbers = tensor.detach().float().cpu().numpy()
        if key == "lm_head.weight" and config.tie_word_embeddings:
            continue
        if numbers.ndim == 1:
            norms[key.removesuffix(".weight")] = _base64(numbers)
        else:
            made = Quantised.of(numbers)
            packed = {"rows": _base64(made.rows), "scales": _base64(made.scales)}
            matrices[key.removesuffix(".weight")] = packed
    heads = config.num_attention_heads
    shape = {
        "width": config.hidden_size,
        "inner": config.intermediate_size,
        "layers": config.num_hidden_layers,
        "heads": heads,
        "keyHeads": config.num_key_value_heads,
        "headWidth": getattr(config, "head_dim", None) or config.hidden_size // heads,
        "vocabulary": len(model.get_input_embeddings().get_parameter("weight")),
        "epsilon": config.rms_norm_eps,
        "theta": config.rope_parameters["rope_theta"],
    }
    return {"config": shape, "matrices": matrices, "norms": norms}


def _check(name: str, config: Any) -> None:
    """Refuse what the browser would compute otherwise than it is meant."""
    computes = {
        "model_type": (config.model_type, "llama"),
        "hidden_act": (getattr(config, "hidden_act", None), "silu"),
        "attention_bias": (getattr(config, "attention_bias", None), False),
        "mlp_bias": (getattr(config, "mlp_bias", None), False),
        "rope_type": (
            (getattr(config, "rope_parameters", None) or {}).get("rope_type", "default"),
            "default",
        ),
    }
    for what, (is_so, should) in computes.items():
        if is_so != should:
            raise FormatError(
                "The student {name!r} is no Llama as `tiny` and `tiny-bilingual` are ({what} "
                "{is_so}): only such ones run within an HTML file; export it as a Hugging Face "
                "folder instead.",
                name=name,
                what=what,
                is_so=is_so,
            )


def _base64(numbers: NDArray[Any]) -> str:
    little = numbers.astype(numbers.dtype.newbyteorder("<"))
    return b64encode(little.tobytes()).decode("ascii")
