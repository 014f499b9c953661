"""GGUF files written by hand, so that they can lie."""

import struct

NUMBER, TEXT, ARRAY = 4, 8, 9
MAGIC = b"GGUF"


def text(words):
    data = words if isinstance(words, bytes) else words.encode()
    return struct.pack("<Q", len(data)) + data


def number(value):
    return struct.pack("<II", NUMBER, value)


def words(value):
    return struct.pack("<I", TEXT) + text(value)


def array(items, *, kind=TEXT, claimed=None):
    """An array of texts, or of what is packed already; it may claim to have more of them."""
    count = len(items) if claimed is None else claimed
    packed = [text(item) for item in items] if kind == TEXT else items
    return struct.pack("<IIQ", ARRAY, kind, count) + b"".join(packed)


def tensor(name, shape, *, kind=0, offset=0, dimensions=None):
    """A tensor's entry; `kind` 0 is float32."""
    count = len(shape) if dimensions is None else dimensions
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", count, *shape, kind, offset)


VALUES = {
    "general.architecture": words("llama"),
    "llama.block_count": number(1),
    "llama.embedding_length": number(8),
    "tokenizer.ggml.tokens": array(["a", "b"]),
}
TENSORS = (tensor("token_embd.weight", (8, 2)), tensor("blk.0.x", (8, 1), offset=64))
DATA = bytes(96)


def gguf(values=(), tensors=TENSORS, data=DATA, *, version=3, counts=None):
    """A file with `VALUES` and others; `counts` are those that it claims to have."""
    told = VALUES | dict(values)
    entries = [text(key) + value for key, value in told.items() if value is not None]
    claimed = counts or (len(tensors), len(entries))
    header = MAGIC + struct.pack("<IQQ", version, *claimed) + b"".join((*entries, *tensors))
    return header + bytes(-len(header) % 32) + data
