"""Facts as numbers: names in a table of facts become codes, each name kept once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]


def numbered(triples: pa.Table) -> pa.Table:
    """Columns `head`, `relation`, `tail` of texts as dictionary columns.

    Those of `head` and `tail` share one dictionary, of all that occurs in either and nothing else.
    """
    with ThreadPoolExecutor(len(triples.columns)) as pool:  # Arrow works beside Python
        heads, relations, tails = pool.map(_encoded, triples.columns)
    names = heads.dictionary
    places = pc.index_in(tails.dictionary, value_set=names)
    new = pc.is_null(places)
    ends = pa.concat_arrays([names, tails.dictionary.filter(new)])
    at = np.asarray(places.fill_null(0)).copy()
    at[np.asarray(new)] = np.arange(len(names), len(ends))
    columns = [
        pa.DictionaryArray.from_arrays(heads.indices, ends),
        relations,
        pa.DictionaryArray.from_arrays(pa.array(at[np.asarray(tails.indices)]), ends),
    ]
    return pa.table(columns, triples.column_names)


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return column.dictionary_encode().combine_chunks()


def names_in(column: pa.ChunkedArray) -> pa.Array:
    """The dictionary that all chunks of a column share."""
    return column.chunk(0).dictionary


def names_used(column: pa.ChunkedArray) -> list[str]:
    """Those that occur in a dictionary column."""
    used = np.zeros(len(names_in(column)), bool)
    for chunk in column.chunks:
        used[np.asarray(chunk.indices)] = True
    return list(names_in(column).filter(pa.array(used)).to_pylist())


def codes_by(column: pa.ChunkedArray, places: Ints) -> Ints:
    """A dictionary column as the places of its names: `(rows,)` int32."""
    return np.concatenate([places[np.asarray(chunk.indices)] for chunk in column.chunks])


def renamed(column: pa.ChunkedArray, names: Mapping[str, str]) -> pa.ChunkedArray:
    """A dictionary column in which some names are replaced, each by one of its own."""
    others = pa.array([names.get(one, one) for one in names_in(column).to_pylist()], pa.string())
    chunks = [pa.DictionaryArray.from_arrays(one.indices, others) for one in column.chunks]
    return pa.chunked_array(chunks)


def sorted_rows(columns: Sequence[Ints], sizes: Sequence[int]) -> list[Ints]:
    """Rows of whole numbers in the order of their first column, then of the next: int32.

    Args:
        columns: Three of `(rows,)`, from 0.
        sizes: What the numbers of each column are below.
    """
    if prod(sizes) >= 1 << 63:
        order = np.lexsort(tuple(reversed(columns)))
        return [column[order].astype(np.int32) for column in columns]
    keys = columns[0].astype(np.int64)
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        keys *= size
        keys += column
    keys.sort()  # whole rows as one number each: many times as fast as three columns
    columns = []
    for size in (sizes[2], sizes[1]):
        above = keys // size
        columns.append((keys - above * size).astype(np.int32))
        keys = above
    return [keys.astype(np.int32), *reversed(columns)]
