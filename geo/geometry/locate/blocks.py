"""The blocks of the busy squares: what is read where an edge passes.

A block is a header (see ``kernels.HEADER``), its candidates in ascending order, and its edges. The candidates
of a square are the cells that own an edge in it and those that cover its reference point; a bit of a mask is
one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.geometry.locate.edges import Edges, Runs, ranges, starts
from geo.geometry.locate.kernels import EDGE, HEADER, Floats, Ints
from geo.geometry.locate.squares import Entries

CELLS_PER_BLOCK = 63
"""Bits of a mask that are no sign; the candidates beyond go into another block of the same square."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates of all busy squares, by square and then by cell.

    Attributes
    ----------
    key : ndarray of int64
        ``square * cells + cell``, where ``square`` counts the busy squares alone.
    square, cell : ndarray of int64
        What the key is made of.
    place : ndarray of int64
        Place in the block.
    block : ndarray of int64
        The block that names the candidate.
    """

    key: Ints
    square: Ints
    cell: Ints
    place: Ints
    block: Ints

    @classmethod
    def from_keys(cls, keys: Ints, cells: int) -> Candidates:
        """Return the candidates with these keys, each once, dealt to blocks."""
        keys = np.sort(keys)
        keys = keys[starts(keys)]
        square, cell = np.divmod(keys, cells)
        place = (np.arange(keys.size) - starts(square)[square]) % CELLS_PER_BLOCK
        return cls(keys, square, cell, place, np.cumsum(place == 0) - 1)

    def positions_of(self, keys: Ints) -> Ints:
        """Return where the candidates with these keys stand."""
        return np.searchsorted(self.key, keys)

    def bits_at(self, positions: Ints) -> Ints:
        """Return the bits that name the candidates at these positions in the masks of their blocks."""
        return np.left_shift(1, self.place[positions])


@dataclass(frozen=True, slots=True)
class Records:
    """The edges of all blocks, by block: which entry each is, and the mask of its owners."""

    block: Ints
    entry: Ints
    mask: Ints


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of all busy squares.

    Attributes
    ----------
    square : ndarray of int64
        The busy squares.
    offset : ndarray of int64
        Where the first block of each busy square starts in ``words``.
    words : ndarray of float64
        All blocks; their integers are read through a view of the same buffer.
    """

    square: Ints
    offset: Ints
    words: Floats


def pack_blocks(edges: Edges, entries: Entries, runs: Runs) -> Blocks:
    """Return the blocks of all squares that have an entry."""
    first = starts(entries.square)
    busy = entries.square[first]
    cells = int(edges.owner.max()) + 1
    run, square = ranges(np.searchsorted(busy, runs.start), np.searchsorted(busy, runs.stop))
    covering = square * cells + runs.cell[run]
    entry, owner = edges.owners_of(entries.edge)
    owning = np.searchsorted(busy, entries.square)[entry] * cells + owner

    candidates = Candidates.from_keys(np.concatenate([covering, owning]), cells)
    records = _records_of(candidates, entry, owning)
    first_candidate = np.flatnonzero(candidates.place == 0)
    square_of_block = candidates.square[first_candidate]
    candidates_in = np.bincount(candidates.block)
    edges_in = np.bincount(records.block, minlength=candidates_in.size)
    size = HEADER + candidates_in + EDGE * edges_in
    offset = np.cumsum(size) - size

    words = np.empty(int(size.sum()))
    marks = words.view(np.int64)
    marks[offset] = candidates_in
    marks[offset + 1] = edges_in
    marks[offset + 2] = np.append(square_of_block[1:] == square_of_block[:-1], values=False)
    words[offset + 3] = entries.x[first[square_of_block]]
    words[offset + 4] = entries.y[first[square_of_block]]
    marks[offset + 5] = _inside_masks(candidates, covering, first_candidate)
    marks[(offset + HEADER)[candidates.block] + candidates.place] = candidates.cell

    first_record = np.searchsorted(records.block, np.arange(size.size))
    nth = np.arange(records.block.size) - first_record[records.block]
    at = (offset + HEADER + candidates_in)[records.block] + EDGE * nth
    words[at[:, None] + np.arange(4)] = _ends_left_of_reference(edges, entries, records.entry)
    marks[at + 4] = records.mask
    return Blocks(busy, offset[starts(square_of_block)], words)


def _inside_masks(candidates: Candidates, covering: Ints, first_candidate: Ints) -> Ints:
    """Return for each block the mask of its candidates that cover the reference point."""
    bits = np.zeros(candidates.key.size, np.int64)
    inside = candidates.positions_of(covering)
    bits[inside] = candidates.bits_at(inside)
    return np.bitwise_or.reduceat(bits, first_candidate)


def _records_of(candidates: Candidates, entry: Ints, owning: Ints) -> Records:
    """Return the records of all entries, given the key of each of their owners."""
    position = candidates.positions_of(owning)
    entries = int(entry[-1]) + 1
    key = candidates.block[position] * entries + entry
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = starts(key)
    mask = np.bitwise_xor.reduceat(candidates.bits_at(position[order]), first)
    block, entry = np.divmod(key[first], entries)
    return Records(block, entry, mask)


def _ends_left_of_reference(edges: Edges, entries: Entries, entry: Ints) -> Floats:
    """Return the ends of the edges, in the order that has the reference point on the left."""
    ends = edges.ends[entries.edge[entry]]
    return np.where((entries.side[entry] < 0)[:, None], ends[:, [2, 3, 0, 1]], ends)
