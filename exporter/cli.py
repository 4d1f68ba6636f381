"""The command line: serve, simulate, check-config, fault, run, dbt, check."""

import json
import os
import ssl
import sys
from math import isfinite
from pathlib import Path
from typing import Any

import click
import httpx
import msgspec

from exporter import logs
from exporter.alerting.receivers import render
from exporter.checks.command import check_command
from exporter.config import ConfigError, load_config
from exporter.config.addresses import parse_address
from exporter.config.durations import format_duration, parse_duration
from exporter.config.load import read_text
from exporter.config.model import FAULT_KINDS
from exporter.dbt.command import dbt_command
from exporter.score.catalog import scenario_path
from exporter.score.command import score_command
from exporter.server import ListenError, is_loopback, run
from exporter.service import TIME_SCALES, Options, Profile, Service
from exporter.storage import StoreError
from exporter.summary import summarize, text
from exporter.tokens import token_command
from exporter.web.security import Security
from exporter.wrapper import wrapper_command

CHUNK = 4096
DEFAULT_URL = "http://127.0.0.1:9888"
JSON_TYPE = {"Content-Type": "application/json"}
FILE = click.Path(dir_okay=False, path_type=Path)


class Failure(click.ClickException):
    """Something went wrong that is nobody's mistake in usage: exit code 1."""

    exit_code = 1


class Mistake(click.ClickException):
    """A bad configuration or request: exit code 2."""

    exit_code = 2


class DurationType(click.ParamType[int]):
    """90s, 10m, 24h; whole seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds."""
        try:
            seconds = parse_duration(value)
        except ValueError as error:
            self.fail(f"{error}, got {value!r}", param, ctx)
        if seconds < 1 or seconds != int(seconds):
            self.fail(f"expected whole seconds, at least 1, got {value!r}", param, ctx)
        return int(seconds)


class AddressType(click.ParamType[str]):
    """HOST:PORT."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address as it is."""
        try:
            parse_address(value)
        except ValueError as error:
            self.fail(f"{error}, got {value!r}", param, ctx)
        return value


class NumberType(click.FloatRange):
    """A range of finite numbers: click lets NaN into every range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        number: float = super().convert(value, param, ctx)
        return number if isfinite(number) else self.fail(f"{value!r} is not a number", param, ctx)


class ScenarioType(click.ParamType[Path]):
    """A scenario by name or file."""

    name = "scenario"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Its file."""
        try:
            return scenario_path(str(value))
        except ConfigError as error:
            self.fail(str(error), param, ctx)


config_option = click.option(
    "--config", type=FILE, help="Pipelines to run, YAML; without it the built-in one."
)
scenario_option = click.option(
    "--scenario",
    type=ScenarioType(),
    help="What to play in place of the configuration's: one of ours by its name, or a file.",
)
tokens_option = click.option("--tokens", type=FILE, help="Who may do what: hashed tokens, YAML.")
web_config_option = click.option(
    "--web-config", type=FILE, help="Certificates and users, YAML as all of Prometheus' exporters have it."
)
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), help="Another run of the same configuration."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="pipeline-health")
def main() -> None:
    """Health of data pipelines for Prometheus: simulated streams and real runs.

    \b
    Start with      pipeline-health serve            and open http://127.0.0.1:9888
    Break something pipeline-health fault enrich slowdown --factor 3 --for 90s
    A day in a jiffy pipeline-health simulate --for 24h

    Exit codes: 0 fine, 1 failed, 2 bad usage or configuration.
    """


@main.command("serve")
@config_option
@click.option(
    "--listen", type=AddressType(), metavar="HOST:PORT", help="Where to listen; default 127.0.0.1:9888."
)
@click.option("--speed", type=NumberType(min=0.01, max=3600), default=1.0, show_default=True,
              help="Pipeline seconds in a real second: 60 runs an hour in a minute.")  # fmt: skip
@click.option("--host", "hosts", multiple=True, metavar="NAME",
              help="A further name by which it may be asked, such as its name on a network.")  # fmt: skip
@click.option("--profile", type=click.Choice(list(TIME_SCALES)), default="prod", show_default=True,
              help="Which rules Prometheus has: those of production, or 60 times faster ones.")  # fmt: skip
@click.option("--data", type=click.Path(path_type=Path), default="data", show_default=True, metavar="DIR",
              help="Where runs and incidents are kept; created.")  # fmt: skip
@tokens_option
@web_config_option
@click.option("--allow-unauthenticated", is_flag=True,
              help="Let other machines in without asking who they are.")  # fmt: skip
@scenario_option
@seed_option
def serve_command(
    config: Path | None,
    listen: str | None,
    speed: float,
    hosts: tuple[str, ...],
    profile: Profile,
    data: Path,
    tokens: Path | None,
    web_config: Path | None,
    allow_unauthenticated: bool,
    scenario: Path | None,
    seed: int | None,
) -> None:
    """Run the exporter: the live page on /, metrics on /metrics.

    Ctrl-C stops it; SIGHUP or POST /-/reload reads the configuration, tokens and certificates again.
    """
    logs.configure()
    try:
        service = Service(Options(config, scenario, seed, speed, profile, data, tokens, web_config))
        address = listen or service.config.web.listen
        if not allow_unauthenticated and not is_loopback(address):
            service.security.expose(address)
        run(service, address, hosts)
    except ConfigError as error:
        raise Mistake(str(error)) from error
    except (ListenError, StoreError) as error:
        raise Failure(str(error)) from error


@main.command("simulate")
@click.option(
    "--for", "ticks", type=DurationType(), required=True, help="Pipeline time to simulate: 24h, 30m."
)
@config_option
@scenario_option
@seed_option
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON with stable keys.")
def simulate_command(
    ticks: int, config: Path | None, scenario: Path | None, seed: int | None, as_json: bool
) -> None:
    """Simulate in virtual time, as fast as it goes, and sum up.

    The same seed and configuration give the same run, to the last event, here and in `serve`.
    """
    try:
        service = Service(Options(config, scenario, seed), now=lambda: 0.0)
    except ConfigError as error:
        raise Mistake(str(error)) from error
    label = f"Simulating {format_duration(ticks)}"
    with click.progressbar(
        range(0, ticks, CHUNK), label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as chunks:
        for start in chunks:
            service.advance(min(CHUNK, ticks - start))
    summary = summarize(service.state)
    click.echo(json.dumps(summary, indent=2) if as_json else text(summary))


@main.command("check-config")
@click.argument("file", type=FILE)
@scenario_option
@tokens_option
@web_config_option
def check_config_command(
    file: Path, scenario: Path | None, tokens: Path | None, web_config: Path | None
) -> None:
    """Say whether a configuration is good, and if not, each mistake with its place."""
    try:
        config = load_config(file, scenario)
        plans = Options(file).plans(config)
        Security(tokens, web_config)
    except ConfigError as error:
        raise Mistake(str(error)) from error
    stages = sum(len(pipeline.stages) for pipeline in config.pipelines)
    checked = f", checks of {sum(len(plan.teams) for plan in plans)} datasets" if plans else ""
    click.echo(f"{file}: good: {len(config.pipelines)} pipelines, {stages} stages{checked}")
    for other in filter(None, (tokens, web_config)):
        click.echo(f"{other}: good")


@main.command("alertmanager-config")
@click.argument("file", type=FILE)
@click.option("--secrets", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Where the files below secrets/ are; default: beside FILE.")  # fmt: skip
def alertmanager_config_command(file: Path, secrets: Path | None) -> None:
    """Print Alertmanager's configuration without the integrations whose secrets are missing.

    Paths become absolute, so that the result may lie anywhere. Says on stderr what is on and what is off.
    """
    try:
        rendered = render(file, {} if secrets is None else {"secrets": secrets})
    except ConfigError as error:
        raise Mistake(str(error)) from error
    for integration in rendered.integrations:
        click.echo(str(integration), err=True)
    click.echo(rendered.text, nl=False)


@main.command("fault")
@click.argument("stage")
@click.argument("kind", type=click.Choice(FAULT_KINDS))
@click.option(
    "--factor", type=NumberType(min=1, min_open=True), help="slowdown, latency: how many times slower."
)
@click.option(
    "--share",
    type=NumberType(min=0, max=1, min_open=True),
    help="errors: the share of attempts that fail, 0 to 1.",
)
@click.option("--retries", type=int, help="errors: how often an event is tried again (default 2).")
@click.option(
    "--for",
    "seconds",
    type=DurationType(),
    default="90s",
    show_default=True,
    help="How long, in pipeline time.",
)
@click.option("--pipeline", help="Which pipeline; may be left out when there is one.")
@click.option("--url", default=DEFAULT_URL, show_default=True, help="The running exporter.")
@click.option("--token-file", type=FILE,
              help="An admin's token, where one is asked for; else PIPELINE_HEALTH_TOKEN.")  # fmt: skip
@click.option("--ca-file", type=FILE, help="What the exporter's certificate is to be checked with, PEM.")
def fault_command(
    stage: str,
    kind: str,
    factor: float | None,
    share: float | None,
    retries: int | None,
    seconds: int,
    pipeline: str | None,
    url: str,
    token_file: Path | None,
    ca_file: Path | None,
) -> None:
    """Break a stage of the running exporter for a while.

    \b
    pipeline-health fault enrich slowdown --factor 3 --for 90s
    pipeline-health fault store stall --for 30s
    pipeline-health fault normalize errors --share 0.3 --retries 2
    pipeline-health fault enrich latency --factor 5
    """
    strength = {"factor": factor, "share": share, "retries": retries, "pipeline": pipeline}
    wanted = {"stage": stage, "kind": kind, "for": seconds}
    wanted |= {key: value for key, value in strength.items() if value is not None}
    headers, tls = JSON_TYPE | authorization(token_file), trusting(ca_file)
    answer = post(f"{url.rstrip('/')}/api/v1/faults", wanted, headers, tls)
    place = f"{answer['pipeline']}/{answer['stage']}"
    click.echo(f"{answer['kind']} ({answer['strength']}) on {place} for {format_duration(seconds)}")


def authorization(token_file: Path | None) -> dict[str, str]:
    """The header with the token that is in the file or in the environment; no header without one."""
    try:
        token = read_text(token_file) if token_file else os.environ.get("PIPELINE_HEALTH_TOKEN", "")
    except ConfigError as error:
        raise Mistake(f"--token-file: {error}") from error
    return {"Authorization": f"Bearer {token.strip()}"} if token.strip() else {}


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Checks the exporter's certificate with those in the file, or with this machine's."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise Mistake(f"--ca-file: {ca_file} can't be read: {error.strerror or error}") from error


def post(url: str, content: object, headers: dict[str, str], tls: ssl.SSLContext) -> dict[str, str]:
    """POST JSON to the running exporter; its refusal is a mistake, its absence a failure."""
    try:
        response = httpx.post(
            url,
            content=msgspec.json.encode(content),
            headers=headers,
            verify=tls,
            timeout=10,
            trust_env=False,
        )
        answer: dict[str, str] = response.json()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Mistake(f"--url: {error}") from error
    except httpx.HTTPError as error:
        raise Failure(f"no exporter at {url}: {error}") from error
    except ValueError as error:
        raise Failure(f"no exporter at {url}: the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise Failure(f"no exporter at {url}: the answer is not a JSON object")
    if response.is_error:
        raise Mistake(answer.get("error", response.reason_phrase))
    return answer


main.add_command(score_command)
main.add_command(wrapper_command)
main.add_command(dbt_command)
main.add_command(check_command)
main.add_command(token_command)
