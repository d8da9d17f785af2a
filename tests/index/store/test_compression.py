"""Volumes of texts: what goes in comes out, in order; what was deleted is gone; small ones become large ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import IndexDamaged
from search.index.store import compression, store_writer
from search.index.store.compression import (
    BLOCK,
    Decompressor,
    TrainedDictionary,
    Volume,
    compress_volume,
    decompress_volume,
)
from search.index.store.store_writer import StoreWriter
from search.index.writing.executors import WriterPool

WORDS = ("whale", "ship", "captain", "sea", "harpoon", "\n", "é", "鯨", "\0", "")


def some(count: int, seed: int) -> list[bytes]:
    """Texts of words that come often."""
    drawn = np.random.default_rng(seed)
    return [" ".join(drawn.choice(WORDS, length)).encode() for length in drawn.integers(60, size=count)]


def packed(texts: Sequence[bytes], previous: TrainedDictionary | None = None) -> Volume:
    """Texts as a volume."""
    return compress_volume(texts, previous)[0]


def all_of(found: Sequence[Volume]) -> list[bytes]:
    """The texts of volumes."""
    return [text for volume in found for block in decompress_volume(volume) for text in block]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Volumes of a few blocks."""
    monkeypatch.setattr(compression, "VOLUME", 20_000)
    monkeypatch.setattr(store_writer, "VOLUME", 20_000)
    monkeypatch.setattr(compression, "BLOCK", 1_000)
    monkeypatch.setattr(compression, "DICTIONARY_FROM", 2_000)


@given(st.lists(st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")), min_size=1))
def test_any_texts_come_out_again(given_: list[bytes]) -> None:
    """A text may hold any character, be empty, or be all there is."""
    volume = packed(given_)
    assert all_of([volume]) == given_
    assert sum(volume.counts) == len(given_)


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK])
def test_texts_about_as_large_as_a_block(size: int) -> None:
    """Blocks end where they are full, and not before."""
    for given_ in ([b"x" * size], [b"x" * size, b"y"], [b"y", b"x" * size, b"", b"z" * size]):
        volume = packed(given_)
        assert all_of([volume]) == given_
        assert [count for count in volume.counts if count < 1] == []


def test_what_a_volume_shares_takes_less_room() -> None:
    """Blocks are small because a dictionary says what comes in all of them; one of a small volume is not worth it."""
    volume = packed(some(5_000, 1))
    assert 0 < len(volume.dictionary) < sum(map(len, some(5_000, 1))) // 50
    assert len(packed(some(100, 1)).dictionary) == 0
    assert packed([np.random.default_rng(1).bytes(300_000).replace(b"\xff", b"")]).counts == [1]


def test_a_damaged_block_is_an_error() -> None:
    """A wrong byte, or the dictionary of other texts, must not give another text."""
    volume = packed(some(5_000, 1))
    block = bytearray(volume.blocks[3])
    block[len(block) // 2] ^= 4
    with pytest.raises(IndexDamaged):
        Decompressor(volume.dictionary).decompress(bytes(block))
    with pytest.raises(IndexDamaged):
        Decompressor(packed(some(5_000, 2)).dictionary).decompress(volume.blocks[3])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("cores", [1, 2])
@pytest.mark.parametrize("share", [None, 0.0, 0.02, 0.5, 1.0])
def test_what_is_dead_is_left_out(cores: int, share: float | None) -> None:
    """Deleted paragraphs are neither in the blocks nor in what was chosen from them; the others keep their order."""
    pool, given_ = WriterPool(cores), some(1_200, 3)
    secret = [text + b" dublooned treasure" * 9 for text in given_]
    dead = None if share is None else np.random.default_rng(1).random(len(given_)) < share
    taken = given_ if dead is None else [s if d else g for g, s, d in zip(given_, secret, dead.tolist(), strict=True)]
    kept = StoreWriter(pool.texts)
    for low in range(0, len(taken), 7):
        kept.add(taken[low : low + 7])
    kept.finish(dead)
    found = kept.volumes()
    pool.close()
    assert all_of(found) == (
        given_ if dead is None else [g for g, d in zip(given_, dead.tolist(), strict=True) if not d]
    )
    assert not any(b"dublooned" in bytes(volume.dictionary) for volume in found)


@pytest.mark.usefixtures("small")
def test_small_volumes_become_large_ones_and_large_ones_stay() -> None:
    """A merge takes large volumes as they are; were small ones kept, an archive of many runs would be read by bits."""
    pool, given_ = WriterPool(1), some(2_000, 4)
    large, *little = [
        packed(given_[low:high]) for low, high in ((0, 400), *((at, at + 20) for at in range(400, 800, 20)))
    ]
    assert not large.is_small
    assert all(volume.is_small for volume in little)
    merged = StoreWriter(pool.texts)
    merged.add_volumes([large, *little])
    merged.finish()
    found = merged.volumes()
    assert found[0] is large
    assert len(found) == 1 + len(packed_as(given_[400:800]))
    assert all_of(found) == given_[:800]


def packed_as(given_: list[bytes]) -> list[Volume]:
    """The volumes of texts that come one after the other."""
    kept = StoreWriter(WriterPool(1).texts)
    for text in given_:
        kept.add([text])
    return kept.volumes()


def test_what_shares_a_dictionary_is_made_anew_together() -> None:
    """Were only one of two made anew, the other would keep pieces of its texts, and nobody knew whose they are."""
    pool, secret = WriterPool(1), [text + b" dublooned treasure" * 9 for text in some(500, 5)]
    first, trained = compress_volume(secret + some(5_000, 5))
    assert trained is not None
    sharing = packed(some(5_000, 6), trained._replace(saving=0.0))
    assert sharing.dictionary is first.dictionary
    assert b"dublooned" in bytes(sharing.dictionary)
    kept = StoreWriter(pool.texts)
    kept.add_volumes([packed(some(20, 7)), first, sharing])
    dead = np.zeros(20 + 5_500 + 5_000, bool)
    dead[20:520] = True
    kept.finish(dead)
    found = kept.volumes()
    pool.close()
    assert not any(b"dublooned" in bytes(volume.dictionary) for volume in found)
    assert all_of(found) == [*some(20, 7), *some(5_000, 5), *some(5_000, 6)]


def test_a_dictionary_is_shared_by_texts_that_are_alike() -> None:
    """What reads ten texts is twice as quick when all have one dictionary, and to train another takes time."""
    first, trained = compress_volume(some(5_000, 5))
    again, kept = compress_volume(some(5_000, 6), trained)
    assert again.dictionary is first.dictionary
    assert kept is trained


def test_other_texts_get_a_dictionary_of_their_own() -> None:
    """An archive in two languages would grow by a tenth if the second were compressed by the first one's words."""
    _, trained = compress_volume(some(5_000, 5))
    others = [text.translate(bytes.maketrans(b"aeioshlnprtw", b"uoaezkvmbgdj")) for text in some(5_000, 6)]
    volume = packed(others, trained)
    assert trained is not None
    assert volume.dictionary != trained.data
    assert sum(map(len, volume.blocks)) == sum(map(len, packed(others).blocks))
