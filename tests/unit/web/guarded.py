"""Exporters with two teams, for which tokens and passwords are in force."""

import json
from base64 import b64encode
from copy import deepcopy
from hashlib import sha256
from pathlib import Path

from exporter.service import Options, Service
from tests.unit.web.pipelines import Clock, Json, Web, calm
from tests.unit.web.pipelines import written as written_config

OURS, THEIRS = "commercial-analytics", "field-operations"
MINE, FOREIGN = "business-signals", "field-signals"
TOKENS = {name: f"phtk_{name}" for name in ("admin", "reader", "alertmanager", "ours", "theirs")}
USER, PASSWORD = "grace", "a long and winding password"
# Of the password above, at the lowest cost.
BCRYPT = "$2b$04$QCt2J5GC5FEwuxAHZyaC8.r5AkHVcBj1pB44Fvd.scZygHS06vKqe"


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def tokens(protect_reads: bool = True) -> Json:
    """A token of each kind, and of two teams."""
    owners: list[Json] = [{"admin": True}, {"reader": True}, {"alertmanager": True}]
    owners += [{"team": OURS}, {"team": THEIRS}]
    lines = [{**owner, "sha256": hashed(token)} for owner, token in zip(owners, TOKENS.values(), strict=True)]
    return {"tokens": lines, "protect_reads": protect_reads}


def two_teams() -> Json:
    """The calm pipeline twice, for a team each, with many events sampled for review."""
    config = calm()
    [mine] = config["pipelines"]
    mine |= {"name": MINE, "team": OURS, "review": {"probability": 0.02, "keep": 50}}
    config["pipelines"].append({**deepcopy(mine), "name": FOREIGN, "team": THEIRS})
    return config


def write(content: Json, path: Path) -> Path:
    """A file: JSON is YAML."""
    path.write_text(json.dumps(content))
    return path


def guarded(
    folder: Path, token_file: Json | None = None, web_file: Json | None = None, config: Json | None = None
) -> Web:
    """Two teams' exporter with these files; they are `tokens.yml` and `web.yml` in the folder."""
    clock = Clock()
    options = Options(
        written_config(config or two_teams(), folder),
        tokens=write(token_file, folder / "tokens.yml") if token_file else None,
        web_config=write(web_file, folder / "web.yml") if web_file else None,
    )
    return Web(Service(options, clock, lambda: 0.0), clock)


def bearer(name: str) -> str:
    """The header's value with the token of that name."""
    return f"Bearer {TOKENS[name]}"


def basic(user: str = USER, password: str = PASSWORD) -> str:
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
