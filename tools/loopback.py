"""Talking to servers on this machine: which port is taken, what a page answers."""

import http.client
import socket

HOST = "127.0.0.1"


def is_taken(port: int) -> bool:
    """Whether something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body of a GET; raises OSError or http.client.HTTPException where nobody answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def is_ready(port: int) -> bool:
    """Whether ``/-/ready`` says yes: the exporter, Prometheus and Alertmanager all have that page."""
    try:
        return get(port, "/-/ready")[0] == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
