"""Copying artifacts from one side to the other, byte for byte, without ever holding one in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote, unquote

from proxy.core.messages import Request, Side, header
from proxy.core.outcomes import parsed
from proxy.core.versions.change import Call
from proxy.errors import (
    OutcomeUnknownError,
    RequestError,
    ServerFailedError,
    TightropeError,
    UpstreamTimeoutError,
)
from proxy.services.ports import UpstreamAnswer
from proxy.services.side_client import SideClient
from proxy.services.spool import spooled

_ROOT = "/api/2.0/mlflow-artifacts/artifacts"
_PAGE_ROOT = "/get-artifact"
_NOT_SERVED = b"--serve-artifacts"
SCHEME = "mlflow-artifacts:/"
"""What URIs of the proxied store begin with."""


class ArtifactGoneError(RequestError):
    """The artifact is no longer on the side it was to be copied from."""


class ArtifactRefusedError(RequestError):
    """A side refused the copy for good (4xx), for instance because it does not serve artifacts."""


class ArtifactCopier:
    """Copies between the proxied artifact stores of both sides; paths are in public ids."""

    def __init__(self, clients: Mapping[Side, SideClient]) -> None:
        self._clients = clients

    async def copy(self, path: str, source: Side) -> int:
        """Copy one file; returns its size in bytes.

        Args:
            path: ``EXPERIMENT/RUN/artifacts/…``, decoded.
            source: where it is read; it is written to the other side.

        Raises:
            ArtifactGoneError: it is not there (any more).
            ArtifactRefusedError: a side says no.
            ServerFailedError: a side answered 5xx.
            UpstreamError: a side gave no answer, or broke off.
        """
        answer = await self._open_source(source, path)
        try:
            body, length = await _sized(answer)
            counted = _Counted(body)
            put = await self._open(source.other, "PUT", path, counted.chunks(), length)
            try:
                text = await put.read()
            finally:
                await put.close()
            if put.status >= 400:
                raise _failure(source.other, "copy", put.status, text)
            if counted.bytes != length:
                raise OutcomeUnknownError(f"the artifact broke off after {counted.bytes} of {length} bytes")
            return length
        finally:
            await answer.close()

    async def write(self, path: str, content: bytes, target: Side) -> None:
        """Put a small file of our own making.

        Raises: as ``copy``.
        """

        async def whole() -> AsyncIterator[bytes]:
            yield content

        put = await self._open(target, "PUT", path, whole(), len(content))
        try:
            text = await put.read()
        finally:
            await put.close()
        if put.status >= 400:
            raise _failure(target, "upload", put.status, text)

    async def delete(self, path: str, target: Side) -> None:
        """Delete a file or folder; one that is not there is fine.

        Raises: as ``copy``, while it is still there.
        """
        answer = await self._open(target, "DELETE", path)
        try:
            text = await answer.read()
        finally:
            await answer.close()
        folder, _, name = path.rpartition("/")
        # Servers up to 2.14 answer with an error when there is nothing to delete, so only a listing tells.
        if answer.status < 400 or name not in {found for found, _, _ in await self._list(target, folder)}:
            return
        raise _failure(target, "deletion", answer.status, text)

    async def copy_tree(self, artifact_uri: str, source: Side) -> int:
        """Copy every file under a ``mlflow-artifacts:/`` root that the other side lacks or has in another size.

        Roots elsewhere (a bucket, a shared folder) are written by the clients themselves and reached by both sides
        under the same address, so there is nothing to copy. Returns the number of files copied.
        """
        if not artifact_uri.startswith(SCHEME):
            return 0
        return await self._copy_folder(artifact_uri.removeprefix(SCHEME).strip("/"), source)

    async def _copy_folder(self, folder: str, source: Side) -> int:
        there = {name: size for name, size, is_folder in await self._list(source.other, folder) if not is_folder}
        copied = 0
        for name, size, is_folder in await self._list(source, folder):
            if is_folder:
                copied += await self._copy_folder(f"{folder}/{name}", source)
            elif name not in there or there[name] != size:
                await self.copy(f"{folder}/{name}", source)
                copied += 1
        return copied

    async def _list(self, side: Side, folder: str) -> list[tuple[str, int, bool]]:
        answer = await self._clients[side].ask(Call("ListProxiedArtifacts", {"path": folder}))
        if answer.status == 404:
            return []
        if not answer.ok:
            raise _failure(side, "listing", answer.status, answer.body)
        files = (parsed(answer.body) or {}).get("files") or []
        return [
            (file["path"].rpartition("/")[2], int(file.get("file_size") or 0), bool(file.get("is_dir")))
            for file in files
        ]

    async def _open(
        self,
        side: Side,
        method: str,
        path: str,
        body: AsyncIterator[bytes] | None = None,
        length: int | None = None,
    ) -> UpstreamAnswer:
        client = self._clients[side]
        request = await client.artifact(Request(method, f"{_ROOT}/{quote(path)}"))
        if request is None:
            raise ArtifactGoneError(f"{side.value} has no logged model for the artifact {path!r}")
        return await client.backend.open_own(await client.localised(request), body=body, length=length)

    async def _open_source(self, side: Side, path: str) -> UpstreamAnswer:
        """The artifact's content, or why there is none.

        Servers before 3.14 answer 500 to a missing artifact, so a failure is told from an absence by listing; and
        they cannot send a file whose name has letters outside latin-1 (they put it into a header as it is, and answer
        500 or break off), except the way their own web page fetches it.
        """
        status, said = 0, b"(broke off)"
        try:
            answer = await self._open(side, "GET", path)
        except UpstreamTimeoutError:
            raise
        except OutcomeUnknownError as error:
            said = error.message.encode()
        else:
            if answer.status < 400:
                return answer
            status, said = answer.status, await answer.read()
            await answer.close()
        folder, _, name = path.rpartition("/")
        if name not in {found for found, _, _ in await self._list(side, folder)}:
            raise ArtifactGoneError(f"{side.value} has no artifact {path!r} any more")
        if 400 <= status < 500:
            raise ArtifactRefusedError(f"{side.value} answered {status}: {said[:200]!r}")
        as_page = await self._open_as_page(side, path)
        if as_page is not None:
            return as_page
        raise ServerFailedError(f"{side.value} lists the artifact {path!r} and cannot send it: {status} {said[:200]!r}")

    async def _open_as_page(self, side: Side, path: str) -> UpstreamAnswer | None:
        """The content as the server's own web page fetches it; None when that does not work either."""
        client = self._clients[side]
        there = await client.artifact(Request("GET", f"{_ROOT}/{quote(path)}"))  # files of models may lie under a run
        where = unquote(there.path.removeprefix(f"{_ROOT}/")) if there is not None else path
        run, _, rest = where.partition("/")[2].partition("/artifacts/")
        query = f"run_uuid={quote(run, safe='')}&path={quote(rest, safe='')}"
        try:
            answer = await client.backend.open_own(await client.localised(Request("GET", _PAGE_ROOT, query)))
        except UpstreamTimeoutError:
            raise
        except OutcomeUnknownError:
            return None
        if answer.status < 400:
            return answer
        await answer.close()
        return None


def _failure(side: Side, what: str, status: int, text: bytes) -> TightropeError:
    """What an error of an artifact endpoint means; MLflow answers 503 where it was told not to serve artifacts."""
    if _NOT_SERVED in text:
        return ArtifactRefusedError(f"{side.value} does not serve artifacts; start it with --serve-artifacts")
    if status >= 500:
        return ServerFailedError(f"{side.value} answered the {what} of an artifact with {status}")
    return ArtifactRefusedError(f"{side.value} answered the {what} of an artifact with {status}: {text[:200]!r}")


class _Counted:
    """A stream that knows how much of it has passed."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self.bytes = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        async for piece in self._chunks:
            self.bytes += len(piece)
            yield piece


async def _sized(answer: UpstreamAnswer) -> tuple[AsyncIterator[bytes], int]:
    """Servers before 3.14 send artifacts chunked, and the other side wants a length."""
    length = header(answer.headers, "content-length")
    if length is not None and length.isdecimal() and header(answer.headers, "content-encoding") is None:
        return answer.chunks(), int(length)
    return await spooled(answer.chunks())
