"""The errors that Stemma raises on purpose, in branches by the person who can correct them. Independent of HTTP.

The message tells what is wrong, `hint` what to do about it.
"""

from __future__ import annotations


class StemmaError(Exception):
    """The base class of all errors that a person can act on. Any other exception is a bug."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UserError(StemmaError):
    """An error that the user can correct by changing the request."""

    parameter = ""
    """Name of the parameter of the request that is wrong, if it is one."""


class QueryError(UserError):
    """The query cannot be parsed. `position` is that of the error, in code points from 0."""

    parameter = "q"

    def __init__(self, message: str, hint: str, position: int) -> None:
        super().__init__(message, hint)
        self.position = position


class RequestError(UserError):
    """A parameter of the request is unknown or has a value that is not allowed."""

    def __init__(self, parameter: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.parameter = parameter


class NoSuchArticle(UserError):
    """The index has no article of this id."""

    def __init__(self, article_id: str) -> None:
        super().__init__(f"There is no article {article_id!r}.", "It may have been removed or renamed; search for it.")


class GenerationGone(UserError):
    """The generation of the index that a cursor belongs to was replaced too long ago, or is none of this index."""

    parameter = "cursor"

    def __init__(self) -> None:
        super().__init__("The index has changed since this cursor was made.", "Search anew, without it.")


class OperatorError(StemmaError):
    """An error that the operator of the service can correct."""


class SettingsError(OperatorError):
    """A setting has an invalid value."""


class SourceError(OperatorError):
    """A source folder is missing, or has lost so many files that it must not be indexed as it is."""


class CollectionError(OperatorError):
    """A test collection, or a saved run of one, cannot be read or does not fit together."""


class IndexMissing(OperatorError):
    """There is no index yet, or no backup where one was said to be."""

    def __init__(self, where: str, what: str = "index", hint: str = "Run `stemma reindex` first.") -> None:
        super().__init__(f"There is no {what} in {where}.", hint)


class IndexOutdated(OperatorError):
    """The index has another version of the format."""

    def __init__(self, where: str, found: object, wanted: object) -> None:
        super().__init__(
            f"The index in {where} has format {found}; this version reads format {wanted}.",
            "Run `stemma reindex --full` to build it anew.",
        )


class IndexDamaged(OperatorError):
    """A file of the index is missing, truncated or changed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The index is damaged: {what}.", "Run `stemma reindex --full` to build it anew.")


class StorageError(OperatorError):
    """A write to the disk failed: it is full, read-only or gone. It says whether the index was changed."""


class RetryLater(StemmaError):
    """An error that goes away by itself after a while."""


class IndexLocked(RetryLater):
    """Another process is writing to the index."""


class ClusterUnavailable(RetryLater):
    """The cluster that holds the index cannot be reached, or cannot answer at the moment."""

    def __init__(self, where: str, what: str, hint: str) -> None:
        super().__init__(f"OpenSearch at {where} {what}.", hint)


class AuthorError(StemmaError):
    """An error that the author or supplier of a file can correct."""


class UnreadableArticle(AuthorError):
    """A file cannot be read as articles. It is quarantined, and the other files are indexed."""


class LoopsCompiling(RetryLater):
    """The compiled loops that a search needs are not ready: another process compiles them, once for each machine."""

    def __init__(self) -> None:
        super().__init__("Stemma is getting ready: it compiles its search loops for this machine, once.", "Try again.")
