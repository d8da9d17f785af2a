"""A connection to an OpenSearch cluster: requests, and their failures as errors that say what to do.

The only importer of `opensearchpy`.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    NotFoundError,
    OpenSearchException,
    SSLError,
    TransportError,
)
from opensearchpy.exceptions import ConnectionError as Unreachable

from search.errors import ClusterUnavailable, OperatorError, RetryLater, StorageError

logging.getLogger("opensearch").addHandler(logging.NullHandler())  # its failures are raised, not logged
OLDEST = (2, 12)
"""The oldest version of OpenSearch, major and minor, that has all that is needed."""
TIMEOUT = 10
"""Seconds that a node may take to answer; then another one is asked."""
ALREADY = "resource_already_exists_exception"
RETRIES = 4
"""How many more times a request is sent, to the next node each time, when a node fails."""
RETRIED = (429, 502, 503, 504)
"""Statuses of answers after which the request is sent again: the node is busy, or cannot reach the other nodes."""
RIGHTS = "Its user needs all rights on the indexes of the archive, and to read the cluster's health."
ADVICE = "See that it runs, and that STEMMA_OPENSEARCH_URL names it."


class Connection:
    """A connection to the nodes at some URLs, for all threads; processes that are forked from this one get their own.

    `user` is empty for no authentication. `authority` is the file of the certificate authorities to trust, or None.
    """

    def __init__(self, urls: Iterable[str], user: str = "", password: str = "", authority: Path | None = None) -> None:
        self.urls = tuple(urls)
        self._credentials = (user, password) if user else None
        self._authority = authority
        self._lock = Lock()
        self._client: OpenSearch | None = None
        self._process = 0

    def call(  # noqa: PLR0913 - what a request consists of
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        timeout: float | None = None,
        missing: Any = None,  # noqa: ANN401 - as JSON
        accepted: tuple[int, ...] = (),
    ) -> Any:  # noqa: ANN401 - as JSON
        """Send a request and return the parsed JSON of the answer. `timeout` is in seconds, by default TIMEOUT.

        An answer whose status is among `accepted` is returned as well. Status 404, once all nodes were asked, gives
        `missing`, or IndexGone is raised if that is None. Raises ClusterUnavailable if no node can answer, Conflict for
        status 409, StorageError if the cluster blocks changes, and OperatorError for all other failures.
        """
        ignored = accepted if missing is None else (*accepted, 404)
        arguments: dict[str, Any] = {"request_timeout": timeout or TIMEOUT, "ignore": ignored}
        try:
            answer = self._answer(method, path, arguments, body)
            is_missing = missing is not None and (answer.get("status") == 404 or answer.get("found") is False)
            return missing if is_missing else answer  # noqa: TRY300 - an `else` would need both names once more
        except NotFoundError as error:
            raise IndexGone(self.where, _reason(error)) from None
        except AuthenticationException:
            message = f"OpenSearch at {self.where} refuses these credentials."
            raise OperatorError(message, "Set STEMMA_OPENSEARCH_USER and STEMMA_OPENSEARCH_PASSWORD.") from None
        except AuthorizationException as error:
            reason = _reason(error)
            if "blocked by" in reason:
                message = f"OpenSearch at {self.where} does not take changes: {reason}."
                raise StorageError(message, "Its disk may be full.") from None
            raise OperatorError(f"OpenSearch at {self.where} does not allow that: {reason}.", RIGHTS) from None
        except SSLError as error:
            message = f"There is no trusted connection to OpenSearch at {self.where}: {error.info}."
            raise OperatorError(message, "STEMMA_OPENSEARCH_CA can name the file of the authority to trust.") from None
        except Unreachable:
            raise ClusterUnavailable(self.where, "does not answer", ADVICE) from None
        except TransportError as error:
            raise self._refusal(error.status_code, _reason(error)) from None
        except OpenSearchException as error:
            raise OperatorError(f"OpenSearch at {self.where} gives no answer: {type(error).__name__}.") from None

    def _answer(self, method: str, path: str, arguments: dict[str, Any], body: object) -> Any:  # noqa: ANN401 - as JSON
        """Send a request, to further nodes if one does not know the index: it may be late in hearing of new ones."""
        transport = self._connected().transport
        for _ in self.urls[1:]:
            with suppress(NotFoundError):
                return transport.perform_request(method, path, params=arguments, body=body)
        return transport.perform_request(method, path, params=arguments, body=body)

    def create(self, path: str, body: object, timeout: float | None = None) -> None:
        """Create an index by PUT, with a timeout in seconds. No other process may create an index of this name.

        It is no error if the index exists: then the request was sent again, and has arrived twice. Raises what `call`
        does.
        """
        answer = self.call("PUT", path, body, timeout=timeout, accepted=(400,))
        if "error" in answer and answer["error"]["type"] != ALREADY:
            raise self._refusal(answer["status"], cause_of(answer["error"]))

    def search(self, index: str, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
        """Send the bodies of searches together and return their answers. Raises what `call` does.

        An answer covers all shards. Only that to a body with a `timeout` may be partial: then its `timed_out` is true.
        """
        answers = self._search(index, bodies, partial=True)
        if any(map(_is_partial, answers)):
            bodies = tuple({key: value for key, value in body.items() if key != "timeout"} for body in bodies)
            answers = self._search(index, bodies, partial=False)
            for answer in answers:
                if "error" in answer:
                    raise self._refusal(answer["status"], cause_of(answer["error"]))
        return answers

    def hits(self, index: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield all hits of a search, asked for in pages of its `size`. Raises what `search` does.

        It has to have a `sort` by which no two documents are equal, and the index must not change meanwhile.
        """
        while True:
            (answer,) = self.search(index, body)
            hits = answer["hits"]["hits"]
            yield from hits
            if len(hits) < body["size"]:
                return
            body = body | {"search_after": hits[-1]["sort"]}

    def sources(self, index: str, docs: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        """Return the `_source` of documents, given by `_id` and `routing`. Raises IndexGone, and what `call` does."""
        missing: list[dict[str, Any]] = []
        for _ in self.urls:  # a node that has not heard of the index answers, with an error for each document
            found = self.call("POST", f"/{index}/_mget", {"docs": docs})["docs"]
            missing = [one for one in found if "_source" not in one]
            if not missing:
                return [one["_source"] for one in found]
        raise IndexGone(self.where, f"document {missing[0]['_id']} of {index}")

    def _search(self, index: str, bodies: tuple[dict[str, Any], ...], *, partial: bool) -> list[dict[str, Any]]:
        """Send searches once. Unless `partial`, an answer is an error if a shard is missing from it."""
        if len(bodies) <= 1:
            path = f"/{index}/_search?allow_partial_search_results={str(partial).lower()}"
            return [self.call("POST", path, body) for body in bodies]
        header = json.dumps({"index": index, "allow_partial_search_results": partial})
        lines = "".join(f"{header}\n{json.dumps(body)}\n" for body in bodies)
        answers: list[dict[str, Any]] = self.call("POST", "/_msearch", lines)["responses"]
        return answers

    def _refusal(self, status: int | str, reason: str) -> Exception:
        """Return the error to raise for an answer of a status: Conflict, ClusterUnavailable or OperatorError."""
        if status == 409:
            return Conflict(reason)
        if status in {500, *RETRIED}:
            return ClusterUnavailable(self.where, f"cannot answer now: {reason}", ADVICE)
        return OperatorError(f"OpenSearch at {self.where} refuses a request: {reason}.")

    @property
    def where(self) -> str:
        """The URLs, for messages, without the credentials that one may contain."""
        return ", ".join(re.sub(r"//[^/@]*@", "//", url) for url in self.urls)

    def _connected(self) -> OpenSearch:
        """Return this process's client; the first call checks the version. Raises what `call` does."""
        if self._client is None or self._process != os.getpid():
            with self._lock:
                if self._client is None or self._process != os.getpid():
                    self._client, self._process = self._open(), os.getpid()
        return self._client

    def _open(self) -> OpenSearch:
        client = OpenSearch(
            list(self.urls),
            http_auth=self._credentials,
            ca_certs=str(self._authority) if self._authority else None,
            timeout=TIMEOUT,
            max_retries=RETRIES,
            retry_on_timeout=True,
            retry_on_status=RETRIED,
            pool_maxsize=16,
        )
        about = client.transport.perform_request("GET", "/")["version"]
        number = str(about.get("number"))
        if about.get("distribution") != "opensearch" or tuple(map(int, number.split(".")[:2])) < OLDEST:
            message = f"{self.where} is {about.get('distribution', 'another program')} {number}."
            raise OperatorError(message, f"Stemma needs OpenSearch {'.'.join(map(str, OLDEST))} or later.")
        return client

    def close(self) -> None:
        """Close this process's connections."""
        if self._client is not None and self._process == os.getpid():
            self._client.close()
        self._client = None


class IndexGone(RetryLater):
    """An index, or a document, is not there. It may have been removed since its name was asked for."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"What was asked of OpenSearch at {where} is not there: {reason}.", "Ask again.")


class Conflict(Exception):
    """A document was there already, or was changed by another process."""


def _is_partial(answer: dict[str, Any]) -> bool:
    """Tell whether shards are missing from an answer: one that no node has counts neither as successful nor failed."""
    return "error" in answer or answer["_shards"]["successful"] < answer["_shards"]["total"]


def _reason(error: TransportError) -> str:
    """Return what the cluster says of a failed request, in one line (see `cause_of`)."""
    info = error.info
    return cause_of(info.get("error", info) if isinstance(info, Mapping) else info)


def cause_of(cause: object) -> str:
    """Return the reason in the `error` object of an answer, or in other data, as one line of at most 500 characters."""
    if isinstance(cause, Mapping):
        roots = cause.get("root_cause") or [cause]
        deeper = cause.get("caused_by") or {}
        cause = "; ".join(filter(None, [str(roots[0].get("reason")), str(deeper.get("reason") or "")]))
    return " ".join(str(cause).split())[:500]
