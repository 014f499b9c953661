"""Packed files are read as what is in them, and never as more than they may become."""

import gzip
import io
import zipfile

import pyarrow as pa
import pytest

from core.errors import FormatError
from core.graph.readers import packed, read_graph

FACTS = b"a,r,b\nb,r,c\n"


def zipped(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def zstd(content):
    return pa.compress(content, codec="zstd", asbytes=True)


BESIDE = ("__MACOSX/._facts.csv", b"\0\0")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("facts.csv.gz", gzip.compress(FACTS)),
        ("facts.csv.zst", zstd(FACTS)),
        ("two_frames.zst", zstd(FACTS[:6]) + zstd(FACTS[6:])),
        ("facts.zip", zipped(("../../facts.csv", FACTS))),
        ("mac.zip", zipped(("folder/", b""), ("folder/facts.csv", FACTS), BESIDE)),
        ("facts.jsonl.zst", zstd(b'["a","r","b"]\n["b","r","c"]\n')),
        ("facts.nt.zip", zipped(("x", b"<urn:a> <urn:r> <urn:b> .\n<urn:b> <urn:r> <urn:c> .\n"))),
    ],
)
def test_packed_facts_are_read(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert read_graph("g", [tmp_path / name])[0].triple_count == 2
    assert not (tmp_path.parent / "facts.csv").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zstd(FACTS * 100)[:-4], "damaged or cut short"),
        (zstd(FACTS)[:4] + b"\xff" * 40, "damaged or cut short"),
        (zipped(("a.csv", FACTS))[:-10], "damaged or cut short"),
        (b"PK\x03\x04" + b"\0" * 60, "damaged or cut short"),
        (zipped(("a.csv", FACTS), ("b.csv", FACTS)), "a zip of 2 files"),
        (zipped(), "no columns|not text"),
        (zipped(*((f"{n}.csv", FACTS) for n in range(101))), "a zip of 101 files"),
    ],
)
def test_what_cannot_be_unpacked_is_a_sentence(tmp_path, content, says):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(FormatError, match=says):
        read_graph("g", [tmp_path / "x.zip"])


@pytest.mark.parametrize("pack", [zstd, lambda content: zipped(("a.csv", content))])
def test_a_bomb_is_refused_before_it_goes_off(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(packed, "FREE", 1 << 16)
    (tmp_path / "bomb").write_bytes(pack(b"a,r,b\n" * 200_000))
    with pytest.raises(FormatError, match="becomes more than"):
        read_graph("g", [tmp_path / "bomb"])
