"""Request bodies: bounded, unpacked, and when they are wrong the answer says where."""

import gzip
import json
import tracemalloc
import zlib

import pytest

from tests.unit.web.pipelines import JSON_TYPE, Web, error_of

MIB = 1 << 20
FAULT = b'{"stage": "enrich", "kind": "stall", "for": "30s"}'
PACKED = {**JSON_TYPE, "Content-Encoding": "gzip"}


def send(web: Web, body: bytes, encoding: str = "") -> tuple[int, str]:
    """Status and error of a fault sent with these bytes."""
    headers = {**JSON_TYPE, "Content-Encoding": encoding} if encoding else JSON_TYPE
    answer = web.request("POST", "/api/v1/faults", content=body, headers=headers)
    return answer.status_code, answer.json().get("error", "")


def padded(size: int) -> bytes:
    """The fault, filled up to ``size`` with white space."""
    return FAULT + b" " * (size - len(FAULT))


@pytest.mark.parametrize("path", ["/api/v1/faults", "/api/v1/lineage", "/api/v1/review/x"])
def test_a_body_beyond_the_limit_is_413_and_counted(web: Web, path: str) -> None:
    answer = web.request("POST", path, content=padded(MIB + 1), headers=JSON_TYPE)
    assert error_of(answer, 413) == f"body: expected at most {MIB} bytes after decompression"
    assert web.refusals("too_large") == 1


def test_a_body_at_the_limit_is_taken(web: Web) -> None:
    assert send(web, padded(MIB)) == (201, "")
    assert send(web, gzip.compress(padded(MIB)), "gzip") == (201, "")


def test_a_packed_body_is_unpacked(web: Web) -> None:
    assert send(web, gzip.compress(FAULT), "gzip") == (201, "")
    assert send(web, gzip.compress(FAULT), "GZIP") == (201, "")


def test_a_body_that_is_small_only_while_it_is_packed_is_413_and_never_unpacked_as_a_whole(web: Web) -> None:
    bomb = gzip.compress(b" " * (64 * MIB), 9)
    assert len(bomb) < MIB
    tracemalloc.start()
    assert send(web, bomb, "gzip")[0] == 413
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 16 * MIB


@pytest.mark.parametrize("kept", [0, 1, 9, 20, -9, -1])
def test_a_packed_body_that_is_cut_off_is_400(web: Web, kept: int) -> None:
    status, message = send(web, gzip.compress(FAULT)[:kept], "gzip")
    assert (status, message) == (400, "body: not gzip: it ends too early")
    assert web.refusals("invalid") == 1


@pytest.mark.parametrize(
    "body",
    [FAULT, b"\x1f\x8b" + bytes(30), zlib.compress(FAULT), gzip.compress(FAULT)[:-8] + bytes(8)],
    ids=["plain", "another method", "zlib", "another checksum"],
)
def test_what_is_not_gzip_is_400(web: Web, body: bytes) -> None:
    status, message = send(web, body, "gzip")
    assert status == 400
    assert message.startswith("body: not gzip: ")


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(FAULT) + b"garbage",
        gzip.compress(FAULT) + gzip.compress(FAULT),
        gzip.compress(FAULT[:10]) + gzip.compress(FAULT[10:]),
        gzip.compress(FAULT) + gzip.compress(b" " * MIB) * 8,
    ],
    ids=["garbage", "twice", "in two parts", "bomb behind"],
)
def test_what_follows_a_packed_body_is_not_ignored(web: Web, body: bytes) -> None:
    status, message = send(web, body, "gzip")
    assert status == 400
    assert message.startswith("body: not gzip: ")


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip", "compress"])
def test_another_encoding_is_415(web: Web, encoding: str) -> None:
    status, message = send(web, FAULT, encoding)
    assert (status, message) == (415, f"Content-Encoding: expected gzip or none, got {encoding!r}")


def test_an_encoding_that_changes_nothing_is_taken(web: Web) -> None:
    assert send(web, FAULT, "identity") == (201, "")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "truncated"),
        (b'{"stage": "enrich"', "truncated"),
        (b"stage=enrich", "byte 0"),
        (b'{"stage": "enrich",}', "byte 19"),
        (b'{"stage": NaN}', "byte 10"),
        (FAULT + b"x", "trailing characters"),
    ],
)
def test_what_is_not_json_is_400_saying_where(web: Web, body: bytes, problem: str) -> None:
    status, message = send(web, body)
    assert status == 400
    assert message.startswith("body: not JSON: ")
    assert problem in message


@pytest.mark.parametrize("body", [b'{"stage": "\xff"}', b'"\xc3"', b"[" * 100_000, b'{"a":' * 100_000])
def test_json_that_no_parser_survives_is_the_senders_mistake(web: Web, body: bytes) -> None:
    status, message = send(web, body)
    assert status == 400
    assert message.startswith("body: ")


@pytest.mark.parametrize("content", [[], "enrich", 3, None, True])
def test_json_that_is_no_object_is_400(web: Web, content: object) -> None:
    status, message = send(web, json.dumps(content).encode())
    assert (status, message.partition(", got ")[0]) == (400, "body: expected a mapping of keys")
