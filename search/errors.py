"""Every error that Stemma raises on purpose: one root, one branch for each who can mend it. Knows no HTTP.

The message says what is wrong, `hint` what to do about it.
"""

from __future__ import annotations


class StemmaError(Exception):
    """Something that a person can act on. Anything else that is raised is a bug."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UserError(StemmaError):
    """The person who asked can mend it by asking differently."""

    parameter = ""


class QueryError(UserError):
    """The query text cannot be read. `position` is the code point where it went wrong, from 0."""

    parameter = "q"

    def __init__(self, message: str, hint: str, position: int) -> None:
        super().__init__(message, hint)
        self.position = position


class RequestError(UserError):
    """A parameter is unknown, or its value is not among those allowed."""

    def __init__(self, parameter: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.parameter = parameter


class NoSuchArticle(UserError):
    """No article of this id is in the index."""

    def __init__(self, article_id: str) -> None:
        super().__init__(f"There is no article {article_id!r}.", "It may have been removed or renamed; search for it.")


class OperatorError(StemmaError):
    """Whoever runs the service can mend it."""


class SettingsError(OperatorError):
    """A setting has a value that cannot be used."""


class SourceError(OperatorError):
    """A source folder is missing, or looks so wrong that it must not be taken at its word."""


class IndexMissing(OperatorError):
    """There is no index yet."""

    def __init__(self, where: str) -> None:
        super().__init__(f"There is no index in {where}.", "Run `stemma reindex` first.")


class IndexOutdated(OperatorError):
    """The index was written by another version of the format."""

    def __init__(self, where: str, found: object, wanted: object) -> None:
        super().__init__(
            f"The index in {where} has format {found}; this version reads format {wanted}.",
            "Run `stemma reindex --full` to build it anew.",
        )


class IndexDamaged(OperatorError):
    """A file of the index is missing, cut short or changed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The index is damaged: {what}.", "Run `stemma reindex --full` to build it anew.")


class StorageError(OperatorError):
    """The disk refused a write: it is full, read-only or gone. Nothing of the index was changed."""


class RetryLater(StemmaError):
    """Waiting mends it."""


class IndexLocked(RetryLater):
    """Another process is writing the index."""


class AuthorError(StemmaError):
    """Whoever wrote or supplied the file can mend it."""


class UnreadableArticle(AuthorError):
    """A file cannot be read as an article; it is quarantined and the others go on."""


class LoopsCompiling(RetryLater):
    """The loops that search are being compiled by another process, which happens once a machine."""

    def __init__(self) -> None:
        super().__init__("Stemma is getting ready: it compiles its search loops for this machine, once.", "Try again.")
