"""A small universal sentence encoder of random weights, in the two files that it comes in."""

import struct

import numpy as np
from transformers.utils.sentencepiece_model_pb2_new import ModelProto

from core.pretrained.universal_encoder import TOKENS, WEIGHTS

WIDE, NARROW, INNER, PARTS = 32, 16, 24, 3


def write_sentence_encoder(folder, pieces, seed=0):
    """Write one whose tokens are some pieces of text, and whose normal form changes nothing."""
    weights = _weights(np.random.default_rng(seed), -(-len(pieces) // PARTS))
    np.savez_compressed(folder / WEIGHTS, **weights)
    model = ModelProto()
    for rank, piece in enumerate(pieces):
        model.pieces.add(piece=piece, score=-float(rank))
    nothing = bytes(4 * 256)  # a table in which no letter is found
    model.normalizer_spec.precompiled_charsmap = struct.pack("<I", len(nothing)) + nothing + b"\0"
    (folder / TOKENS).write_bytes(model.SerializeToString())


def _weights(rng, rows):
    sizes = {f"q{part + 1}": (rows, WIDE) for part in range(PARTS)}
    sizes |= {"lo": (PARTS,), "scale": (PARTS,)}
    for width in (2, 3, 5):
        sizes |= {f"proj{width}": (WIDE, NARROW), f"w1_{width}": (width * NARROW, NARROW)}
        sizes |= {f"w2_{width}": (width * NARROW, NARROW)}
        sizes |= {f"{name}{width}": (NARROW,) for name in ("proj_b", "ln_g", "ln_b", "b1_", "b2_")}
    every = WIDE + 3 * NARROW
    sizes |= {"ln_g": (every,), "ln_b": (every,), "cnn_W": (every, WIDE), "cnn_b": (WIDE,)}
    sizes |= {"d0": (WIDE, INNER), "d1": (INNER, INNER), "p1": (WIDE, INNER)}
    sizes |= {"d2": (INNER, WIDE), "p3": (INNER, WIDE), "d3": (WIDE, WIDE)}
    return {
        name: rng.integers(0, 64, size).astype(np.uint8)
        if name[0] == "q"
        else (rng.normal(size=size) / np.sqrt(size[0])).astype(np.float32)
        for name, size in sizes.items()
    }
