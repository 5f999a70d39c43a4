"""Copying artifacts from one side to the other."""

from __future__ import annotations

import pytest

from proxy.core.id_sites import TOKEN
from proxy.core.messages import Side
from proxy.core.records import IdEntry
from proxy.errors import OutcomeUnknownError, ServerFailedError, UpstreamError
from proxy.services.artifacts import ArtifactGoneError, ArtifactRefusedError
from tests.fakes.tracking_server import Fault

PUBLIC, LOCAL = "a" * 32, "b" * 32
FILE = f"0/{PUBLIC}/artifacts/dir/ä b.bin"
THERE = f"0/{LOCAL}/artifacts/dir/ä b.bin"
BLUE, GREEN = Side.BLUE, Side.GREEN


@pytest.fixture
async def copier(sides):
    await sides.identity.learn([IdEntry(TOKEN, PUBLIC, PUBLIC, LOCAL)])
    return sides.copier


@pytest.mark.parametrize("content", [b"", b"text", bytes(range(256)) * 20000], ids=["empty", "small", "large"])
async def test_a_copy(sides, copier, content):
    """Byte for byte under the other side's ids; the size is told."""
    sides.blue.artifacts[FILE] = content
    assert await copier.copy(FILE, BLUE) == len(content)
    assert sides.green.artifacts == {THERE: content}
    (put,) = sides.green.seen("/artifacts/", "PUT")
    assert put.header("Content-Length") == str(len(content))


async def test_one_that_is_gone(sides, copier):
    """What the source does not have (any more) is told from what it cannot send."""
    with pytest.raises(ArtifactGoneError):
        await copier.copy(FILE, BLUE)
    sides.blue.artifacts[FILE] = b"x"
    sides.blue.break_("/artifacts/0/", Fault.ANSWER, status=500)
    sides.blue.break_("/get-artifact", Fault.ANSWER, status=500)
    with pytest.raises(ServerFailedError):
        await copier.copy(FILE, BLUE)
    assert sides.green.artifacts == {}


async def test_the_way_of_the_page(sides, copier):
    """A file that the artifact API cannot send is fetched as the server's own page does it."""
    sides.blue.artifacts[FILE] = b"x"
    sides.blue.break_("/artifacts/0/", Fault.RESET_BEFORE)
    sides.blue.pages["/get-artifact"] = (200, {}, b"content")
    await copier.copy(FILE, BLUE)
    assert sides.green.artifacts == {THERE: b"content"}


async def test_a_source_that_breaks_off(sides, copier):
    """Half a file is never taken for the whole."""
    sides.blue.artifacts[FILE] = bytes(2_000_000)
    sides.blue.break_("/artifacts/0/", Fault.CUT)
    with pytest.raises(OutcomeUnknownError):
        await copier.copy(FILE, BLUE)
    assert sides.green.artifacts == {}


@pytest.mark.parametrize(
    ("status", "expected"), [(403, ArtifactRefusedError), (413, ArtifactRefusedError), (500, ServerFailedError)]
)
async def test_a_target_that_says_no(sides, copier, status, expected):
    """For good, or for now."""
    sides.blue.artifacts[FILE] = b"x"
    sides.green.break_("/artifacts/0/", Fault.ANSWER, status=status)
    with pytest.raises(expected):
        await copier.copy(FILE, BLUE)


async def test_a_target_that_serves_no_artifacts(sides, copier):
    """A server told not to serve artifacts says so with a 503, which is for good and is told to the operator."""
    sides.blue.artifacts[FILE] = b"x"
    said = b"Endpoint: /x disabled due to the mlflow server running without `--serve-artifacts`."
    sides.green.break_("/artifacts", Fault.ANSWER, status=503, body=said)
    with pytest.raises(ArtifactRefusedError, match="--serve-artifacts"):
        await copier.copy(FILE, BLUE)


async def test_a_deletion(sides, copier):
    """Gone is gone, twice too; while it is still there a failure is a failure."""
    sides.green.artifacts[THERE] = b"x"
    rule = sides.green.break_("/artifacts/0/", Fault.ANSWER, status=503)
    with pytest.raises(UpstreamError):
        await copier.delete(FILE, GREEN)
    rule.status = 403
    with pytest.raises(ArtifactRefusedError):
        await copier.delete(FILE, GREEN)
    sides.green.rules.clear()
    await copier.delete(FILE, GREEN)
    assert sides.green.artifacts == {}
    sides.green.break_("/artifacts/0/", Fault.ANSWER, status=500)  # as old servers say for what is not there
    await copier.delete(FILE, GREEN)


async def test_a_tree(sides, copier):
    """Only what the other side lacks or has in another size is copied; roots elsewhere are left alone."""
    root = f"0/{PUBLIC}/artifacts"
    sides.blue.artifacts = {f"{root}/a": b"1", f"{root}/d/b": b"22", f"{root}/d/e/c": b"333"}
    uri = f"mlflow-artifacts:/{root}"
    assert await copier.copy_tree(uri, BLUE) == 3
    assert await copier.copy_tree(uri, BLUE) == 0
    sides.blue.artifacts[f"{root}/d/b"] = b"longer"
    assert await copier.copy_tree(uri, BLUE) == 1
    assert await copier.copy_tree("s3://bucket/x", BLUE) == 0
    sides.blue.break_("/artifacts", Fault.ANSWER, status=503)
    with pytest.raises(UpstreamError):
        await copier.copy_tree(uri, BLUE)


async def test_a_file_of_our_own_making(sides, copier):
    """It goes where the public path leads on that side; a refusal is told."""
    await copier.write(FILE, b"made", GREEN)
    assert sides.green.artifacts == {THERE: b"made"}
    sides.green.break_("/artifacts/0/", Fault.ANSWER, status=403)
    with pytest.raises(ArtifactRefusedError):
        await copier.write(FILE, b"made", GREEN)
