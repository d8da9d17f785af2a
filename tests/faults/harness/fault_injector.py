"""Fault injection: counts the operations of a process on the files of one folder, and makes one of them fail.

It sees Python's own files (`open`, `os.fdopen`), and what changes files in `os`. What a library writes past these (with
`ndarray.tofile`, or through a map) it does not see: then it dies before or after that, not within.
"""

from __future__ import annotations

import builtins
import errno
import inspect
import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

How = Literal["count", "kill", "tear", "power", "reorder", "full", "once"]
"""What happens at the operation of the given number: nothing; death before it; death in the middle of it, for a write;
a power failure, which takes along whatever was not synced; the same, but renames had come to the disk before the rest;
the disk is full from there on; the disk fails, once."""

DEADLY = {"kill", "tear", "power", "reorder"}
BY_PATH = ("unlink", "remove", "rmdir", "mkdir", "truncate", "rename", "replace", "link", "symlink")
BY_HANDLE = ("write", "pwrite", "writev", "sendfile", "ftruncate", "posix_fallocate", "fsync", "fdatasync")
GIVES_BACK = {"unlink", "remove", "rmdir"}
"""What a full disk does not refuse."""
CHANGES = {"create", "truncate", *BY_HANDLE}
"""What leaves a file unsynced."""
BLOCK = 256
"""Bytes that go to the disk at once: small, so that even a small index takes many writes to tear apart."""
OPEN = inspect.signature(io.open)


class FaultInjector:
    """Counts the operations below a folder, and injects a fault at the one with the given number."""

    def __init__(self, folder: Path, how: How, at: int, last_words: Callable[[list[str]], object]) -> None:
        self.folder = os.path.realpath(folder)
        self.how, self.at, self.last_words = how, at, last_words
        self.done: list[str] = []
        """What was done so far, each as `operation file`; the last words are what was done before a death."""
        self.handles: dict[int, str] = {}
        self.unsynced: dict[str, int] = {}
        """The files that a power failure would cut short, and to which size."""
        self.unnamed: dict[str, str] = {}
        """The files whose names it would take back, and what they were called before."""
        self.open = io.open
        self.originals = {name: getattr(os, name) for name in (*BY_PATH, *BY_HANDLE, "open")}

    def install(self) -> None:
        """Come between; there is no way back, so this is for processes that end soon."""
        for module, name, function in (
            (builtins, "open", self.opened),
            (io, "open", self.opened),
            (os, "open", self.handle),
        ):
            setattr(module, name, function)
        for name in (*BY_PATH, *BY_HANDLE):
            setattr(os, name, self.counted(name))

    def path_of(self, file: Any, folder: int | None = None) -> str:
        """The full path of a file; empty when it is not below the folder."""
        if isinstance(file, int):
            return self.handles.get(file, "")
        path = os.path.abspath(os.path.join(self.handles.get(folder or -1, ""), os.fsdecode(file)))
        return path if path == self.folder or path.startswith(self.folder + os.sep) else ""

    def step(self, name: str, path: str, target: str = "", tear: Callable[[], object] = lambda: None) -> None:
        """Count one operation, and let it go wrong if it is the one."""
        if not (path or target):
            return
        self.done.append(f"{name} {os.path.relpath(target or path, self.folder)}")
        now = len(self.done)
        if now == self.at and self.how in DEADLY:
            if self.how == "tear":
                tear()
            if self.how in {"power", "reorder"}:
                self.lose()
            self.last_words(self.done[:-1])
            os.kill(os.getpid(), signal.SIGKILL)
        refused = (self.how == "full" and now >= self.at) or (self.how == "once" and now == self.at)
        if refused and name not in GIVES_BACK:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        self.note(name, path, target)

    def end(self) -> None:
        """The end of the run: it may be where the process dies; if not, nothing goes wrong any more."""
        if self.how in DEADLY:
            self.step("end", self.folder)
        self.how = "count"

    def note(self, name: str, path: str, target: str) -> None:
        """Keep track of what is on disk for good: a file's bytes once it is synced, its name once its folder is."""
        if name in {"fsync", "fdatasync"}:
            self.unsynced.pop(path, None)
            self.unnamed = {file: old for file, old in self.unnamed.items() if os.path.dirname(file) != path}
        elif name in {"rename", "replace"}:
            self.unnamed[target] = path
            self.unsynced.pop(target, None)
            if path in self.unsynced:
                self.unsynced[target] = self.unsynced.pop(path)
        elif name in CHANGES:
            exists = os.path.exists(path)
            if not exists:
                self.unnamed[path] = ""
            self.unsynced.setdefault(path, os.path.getsize(path) if exists and name != "create" else 0)

    def lose(self) -> None:
        """Cut every file to what was synced of it, and take back the names that were not."""
        for path, size in self.unsynced.items():
            if os.path.exists(path):
                self.originals["truncate"](path, min(size, os.path.getsize(path)))
        for path, old in reversed(self.unnamed.items()):
            if os.path.exists(path) and not old:
                self.originals["unlink"](path)
            elif os.path.exists(path) and self.how == "power":
                self.originals["rename"](path, old)

    def counted(self, name: str) -> Callable[..., Any]:
        """A function of `os`, counted."""
        original = self.originals[name]

        def function(file: Any, *rest: Any, **options: Any) -> Any:
            path = self.path_of(file, options.get("dir_fd", options.get("src_dir_fd")))
            target = self.path_of(rest[0]) if name in {"rename", "replace", "link"} else ""
            self.step(name, path, target)
            return original(file, *rest, **options)

        return function

    def handle(self, file: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        """`os.open`, counted where it makes or empties a file."""
        path = self.path_of(file, dir_fd)
        if path and (flags & os.O_TRUNC or (flags & os.O_CREAT and not os.path.exists(path))):
            self.step("create", path)
        handle: int = self.originals["open"](file, flags, mode, dir_fd=dir_fd)
        self.handles[handle] = path
        return handle

    def opened(self, *arguments: Any, **options: Any) -> Any:
        """`open`, with files that count where they can be written."""
        given = OPEN.bind(*arguments, **options)
        given.apply_defaults()
        file, mode, buffering, encoding, errors, newline, closefd, opener = given.arguments.values()
        path = self.path_of(file)
        if not path or not set(mode) & set("wax+"):
            return self.open(*arguments, **options)
        raw = CountedFile(self, path, file, mode.replace("b", "").replace("t", ""), closefd, opener)
        if buffering == 0:
            return raw
        size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
        buffered = (io.BufferedRandom if "+" in mode else io.BufferedWriter)(raw, size)
        if "b" in mode:
            return buffered
        return io.TextIOWrapper(buffered, encoding, errors, newline, line_buffering=buffering == 1)


class CountedFile(io.FileIO):
    """A file whose writes are counted."""

    def __init__(self, injector: FaultInjector, path: str, file: Any, mode: str, *options: Any) -> None:
        self.injector, self.path = injector, path
        made = not isinstance(file, int) and not os.path.exists(path) and "r" not in mode
        if made or (not isinstance(file, int) and "w" in mode):
            injector.step("create", path)
        super().__init__(file, mode, *options)
        injector.handles[self.fileno()] = path

    def write(self, data: Any) -> int:
        """Write one block at most, as files may; who writes more comes again with the rest."""
        block = memoryview(data).cast("B")[:BLOCK]
        half = block[: len(block) // 2]
        self.injector.step("write", self.path, tear=lambda: io.FileIO.write(self, half))
        return super().write(block)

    def truncate(self, size: int | None = None) -> int:
        self.injector.step("truncate", self.path)
        return super().truncate(size)
