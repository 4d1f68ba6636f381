"""Why runs fail: what is really said, by class, and that no class takes another's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.runs.reasons import CLASSES, MOST_CHARACTERS, UNKNOWN, reason

SAID = {
    "timeout": [
        "requests.exceptions.ReadTimeout: HTTPConnectionPool(host='api', port=80): Read timed out.",
        "canceling statement due to statement timeout",
        "airflow.exceptions.AirflowTaskTimeout: Timeout, PID: 42",
        "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
        "504 Gateway Time-out",
        "TimeoutExpired: Command '['sleep', '9']' timed out after 1 seconds",
        "The step took too long and was stopped",
    ],
    "resources": [
        "java.lang.OutOfMemoryError: Java heap space",
        "Container terminated with reason OOMKilled",
        "OOM command not allowed when used memory > 'maxmemory'.",
        "MemoryError: Unable to allocate 7.45 GiB for an array",
        "OSError: [Errno 28] No space left on device",
        "403 Quota exceeded: Your project exceeded quota for free query bytes scanned.",
        "Container killed by YARN for exceeding memory limits. 5.5 GB of 5.5 GB physical memory used",
        "CUDA out of memory. Tried to allocate 20.00 MiB",
    ],
    "access": [
        'psycopg.errors.InsufficientPrivilege: permission denied for table "orders"',
        "botocore.exceptions.NoCredentialsError: Unable to locate credentials",
        "401 Client Error: Unauthorized for url: https://api.example.com",
        "Access Denied (Service: Amazon S3; Status Code: 403)",
        'FATAL: password authentication failed for user "etl"',
        "server replied HTTP 401",
    ],
    "connection": [
        "could not connect to server: Connection refused",
        "requests.exceptions.ConnectionError: ('Connection aborted.', RemoteDisconnected())",
        "BrokenPipeError: [Errno 32] Broken pipe",
        "503 Server Error: Service Unavailable for url: https://api.example.com",
        "server closed the connection unexpectedly",
        "502 Bad Gateway",
        "Temporary failure in name resolution",
        "HTTP/1.1 503",
    ],
    "missing": [
        'relation "shop.orders" does not exist',
        "FileNotFoundError: [Errno 2] No such file or directory: '/srv/raw.csv'",
        "[TABLE_OR_VIEW_NOT_FOUND] The table or view `orders` cannot be found",
        "An error occurred (404) when calling the HeadObject operation: Not Found",
        "Catalog Error: Table with name orders doesn't exist!",
        "request failed with status code 404",
    ],
    "data": [
        "Got 1 result, configured to fail if != 0",
        "Got 404 results, configured to fail if != 0",
        "Got 503 results, configured to fail if != 0",
        "Got 401 results, configured to fail if != 0",
        'duplicate key value violates unique constraint "orders_pkey"',
        'invalid input syntax for type integer: "n/a"',
        'null value in column "id" of relation "orders" violates not-null constraint',
        "cannot cast type jsonb to integer",
    ],
    "killed": [
        "Task exited with return code -9",
        "Task received SIGTERM signal",
        "Process exited with Negsignal.SIGKILL",
        "The command was interrupted with signal 15",
        "KeyboardInterrupt",
        "The pod was evicted",
        "container exit code 137",
        "Job was cancelled by the user",
    ],
    "code": [
        'syntax error at or near "FORM"',
        "TypeError: unsupported operand type(s) for +: 'int' and 'str'",
        "Compilation Error in model orders (models/orders.sql)",
        "java.lang.NullPointerException",
        "Traceback (most recent call last):",
        "ZeroDivisionError: division by zero",
    ],
    UNKNOWN: [
        "",
        "task_failure",
        "Command `dbt build` failed at 00:32:56.031195 after 2.41 seconds",
        "it went wrong",
    ],
}


@pytest.mark.parametrize(("expected", "message"), [(kind, one) for kind in SAID for one in SAID[kind]])
def test_what_is_really_said_has_the_class_of_who_can_help(expected: str, message: str) -> None:
    assert reason(message) == expected
    assert reason(message.upper()) == expected


@pytest.mark.parametrize(
    "message",
    [
        "no room for it",
        "a mushroom was found in row 12",
        "it took 404 seconds for 503 rows",
        "sometimes output is odd",
        "the runtime output was odd",
        "skilled workers were at work",
        "the woodnstuff table was odd",
    ],
)
def test_a_part_of_another_word_or_any_number_is_no_reason(message: str) -> None:
    assert reason(message) == UNKNOWN


@given(st.text())
def test_every_message_has_one_of_the_classes(message: str) -> None:
    assert reason(message) in CLASSES


def test_every_class_has_an_example_here() -> None:
    assert SAID.keys() == set(CLASSES)


def test_of_a_very_long_message_the_beginning_counts() -> None:
    assert reason("x" * MOST_CHARACTERS + " permission denied") == UNKNOWN
