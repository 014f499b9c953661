"""The header of a GGUF file: read as it is, and refused wherever it says what cannot be."""

import os
import random
import struct

import gguf as library
import numpy as np
import pytest

from core.errors import FormatError
from core.pretrained.gguf_header import Array, read_gguf_header
from tests.gguf_bytes import ARRAY, DATA, array, gguf, number, tensor, words

HUGE = 2**64 - 1


def read(tmp_path, data):
    path = tmp_path / "x.gguf"
    path.write_bytes(data)
    return read_gguf_header(path)


def test_a_header_is_read_as_the_library_of_the_format_reads_it(tmp_path):
    path = tmp_path / "x.gguf"
    writer = library.GGUFWriter(path, "llama")
    writer.add_block_count(3)
    writer.add_float32("x.float", 0.5)
    writer.add_bool("x.bool", True)
    writer.add_token_list(["a", "谁"])
    writer.add_array("x.numbers", [1, 2, 3])
    quantised = library.quants.quantize(
        np.ones((4, 64), np.float32), library.GGMLQuantizationType.Q8_0
    )
    writer.add_tensor("plain", np.zeros((2, 8), np.float32))
    writer.add_tensor("blocks", quantised, raw_dtype=library.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    found, reader = read_gguf_header(path), library.GGUFReader(path)
    assert found.shapes == {t.name: tuple(t.shape.tolist()) for t in reader.tensors}
    for key, value in found.values.items():
        told = reader.fields[key].contents()
        assert value == (Array(len(told)) if isinstance(value, Array) else told)


LIES = {
    "it speaks of 18,446,744,073,709,551,615 values": gguf(counts=(2, HUGE)),
    "it speaks of 18,446,744,073,709,551,615 tensors": gguf(counts=(HUGE, 4)),
    "18,446,744,073,709,551,615 bytes of a text": gguf({"x": struct.pack("<IQ", 8, HUGE)}),
    "4,294,967,295 texts more": gguf({"x": array([], claimed=2**32 - 1)}),
    "40,000,000 numbers more": gguf({"x": array([], kind=0, claimed=40_000_000)}),
    "a value of the type 9": gguf({"x": array([struct.pack("<IQ", 0, 9)], kind=ARRAY)}),
    "a value of the type 77": gguf({"x": struct.pack("<I", 77)}),
    "a text that is not UTF-8": gguf({"x": words(b"\xff\xfe")}),
    "its alignment is 3": gguf({"general.alignment": number(3)}),
    "its alignment is 0": gguf({"general.alignment": number(0)}),
    "of version 99": gguf(version=99),
    "has 4,000,000,000 dimensions": gguf(tensors=[tensor("t", (), dimensions=4_000_000_000)]),
    "has 0 dimensions": gguf(tensors=[tensor("t", ())]),
    r"has the dimensions \(0,\)": gguf(tensors=[tensor("t", (0,))]),
    r"has the dimensions \(33,\)": gguf(tensors=[tensor("t", (33,), kind=8)]),
    "is of the type 1000": gguf(tensors=[tensor("t", (8,), kind=1000)]),
    "ends at byte 18,446,": gguf(tensors=[tensor("t", (2**62,))]),
    "ends at byte 85,070,": gguf(tensors=[tensor("t", (2**31, 2**31, 2**31, 2**31))]),
    "ends at byte 128 of the data, which has 96": gguf(tensors=[tensor("t", (8,), offset=96)]),
    "begins at an odd place": gguf(tensors=[tensor("t", (8,), offset=7)]),
    "'b' lies in another": gguf(tensors=[tensor("a", (16,)), tensor("b", (8,), offset=32)]),
    "has the tensor 't' twice": gguf(tensors=[tensor("t", (8,)), tensor("t", (8,), offset=32)]),
    "ends at byte 64 of the data, which has 0": gguf(data=b""),
}


@pytest.mark.parametrize("said", LIES)
def test_what_cannot_be_is_said(tmp_path, said):
    with pytest.raises(FormatError, match=f"x.gguf is no GGUF file of a language model: .*{said}"):
        read(tmp_path, LIES[said])


def test_a_value_is_said_once(tmp_path):
    data = gguf({"llama.embedding_lengti": number(8)}).replace(b"lengti", b"length")
    with pytest.raises(FormatError, match="says 'llama.embedding_length' twice"):
        read(tmp_path, data)


def test_what_is_cut_or_flipped_is_read_or_refused_and_never_more(tmp_path):
    whole = gguf({"x": array(["one", "two"]), "y": array([bytes(4)] * 9, kind=4)})
    assert read(tmp_path, whole).shapes == {"token_embd.weight": (8, 2), "blk.0.x": (8, 1)}
    for length in range(len(whole)):
        with pytest.raises(FormatError):
            read(tmp_path, whole[:length])
    dice = random.Random(0)
    for _ in range(2000):
        spoilt = bytearray(whole)
        for _ in range(dice.choice((1, 1, 2, 8))):
            spoilt[dice.randrange(len(whole) - len(DATA))] = dice.choice((0, 1, 127, 128, 255))
        try:
            read(tmp_path, bytes(spoilt))
        except FormatError:
            continue


def test_only_ordinary_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "x.gguf")
    with pytest.raises(FormatError, match="is a pipe, socket or device"):
        read_gguf_header(tmp_path / "x.gguf")
