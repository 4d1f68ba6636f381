"""Stand-ins for images that can't be pulled, for ``make test-compose`` only.

They are made of Debian's packages: a Python, and the Prometheus and Alertmanager that the tests use. They
bear the names that the Dockerfile and the Compose file pin only while a test runs, so that nobody takes them
for the real ones later. Under names of their own they stay: the next run has them at once.
"""

import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ruamel.yaml import YAML

from tools.apt import KEYRING, UnavailableError, repository, run
from tools.servers import CACHE, servers

ROOT = Path(__file__).resolve().parents[1]
LABEL = "pipeline-health-stand-in"
BASE = "python"
SERVERS = ("prometheus", "alertmanager")

SUITE = "trixie"
INCLUDED = "python3,python3-pip,python3-venv,ca-certificates,busybox"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
# What pip must know to get to a package index from here.
PIP_KEYS = ("index-url", "extra-index-url", "trusted-host", "proxy", "default-timeout")

# Busybox is what the real ones have. Debian's Alertmanager looks for its templates below where it starts.
SERVER = """\
FROM {base}
COPY files/ /
RUN ln -s busybox /bin/wget && install --directory --owner nobody --group nogroup /{name}
USER nobody
WORKDIR /
ENTRYPOINT ["/bin/{name}"]
"""


@contextmanager
def images() -> Iterator[list[str]]:
    """The pinned images are here for as long as the block lasts; the names of those that are stand-ins.

    Grafana has none. Raises UnavailableError with what was missing to make one.
    """
    wanted = pinned()
    named: list[str] = []
    try:
        for name in (BASE, *SERVERS):
            if not is_had(wanted[name]):
                print(f"{wanted[name]} can't be pulled: a stand-in takes its place", flush=True)
                run("docker", "image", "tag", stand_in(name, wanted), wanted[name])
                named.append(wanted[name])
        yield named
    finally:
        # What was built on a stand-in isn't the real thing either.
        built = [wanted["exporter"]] if wanted[BASE] in named and is_here(wanted["exporter"]) else []
        for image in (*built, *named):
            run("docker", "image", "rm", image)


def pinned() -> dict[str, str]:
    """The image of each service, and of the Python that the exporter's is built from."""
    content = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    services = {name: service["image"] for name, service in content["services"].items()}
    first = (ROOT / "Dockerfile").read_text(encoding="utf-8").partition("\nFROM ")[2]
    return {**services, BASE: first.split()[0]}


def is_had(image: str) -> bool:
    """Whether the image itself is here, or can be pulled."""
    format_label = f'{{{{index .Config.Labels "{LABEL}"}}}}'
    found = docker("image", "inspect", "--format", format_label, image)
    if found is not None and not found.strip():
        return True
    return docker("image", "pull", "--quiet", image) is not None


def is_here(image: str) -> bool:
    """Whether something of this name is here."""
    return docker("image", "inspect", image) is not None


def docker(*arguments: str) -> str | None:
    """What Docker answers; None where it says no."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def stand_in(name: str, wanted: dict[str, str]) -> str:
    """The name of the stand-in for an image, made where it isn't here yet."""
    own, base = f"{LABEL}/{wanted[name]}", f"{LABEL}/{wanted[BASE]}"
    if not is_here(base):
        make_base(base)
    if not is_here(own):
        make_server(name, own, base)
    return own


def make_base(image: str) -> None:
    """A minimal Debian with Python, and this machine's certificates and way to a package index."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise UnavailableError("a stand-in needs root and debootstrap: apt-get install debootstrap")
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")
    uri = repository(run("apt-get", "update", "--print-uris"), codename)
    with tempfile.TemporaryDirectory() as folder:
        root, archive = Path(folder) / "root", Path(folder) / "root.tar"
        options = ("--variant=minbase", f"--include={INCLUDED}", f"--keyring={KEYRING}")
        run("debootstrap", *options, SUITE, str(root), uri)
        settings = pip_settings()
        shutil.copy(certificates(settings), root / CERTIFICATES)
        (root / "etc/pip.conf").write_text(pip_conf(settings), encoding="utf-8")
        run("tar", "--create", f"--file={archive}", f"--directory={root}", "--exclude=./dev/*", ".")
        run("docker", "import", "--change", f"LABEL {LABEL}=true", str(archive), image)


def pip_settings() -> dict[str, str]:
    """What pip is told on this machine, by files and by the environment."""
    listed = run(sys.executable, "-m", "pip", "config", "list")
    return dict(re.findall(r"^[\w:]+\.([\w-]+)='(.*)'$", listed, re.MULTILINE))


def pip_conf(settings: dict[str, str]) -> str:
    """The same for a container, which has its certificates elsewhere and none of this machine's folders."""
    kept = [f"{key} = {settings[key]}" for key in PIP_KEYS if key in settings]
    return "\n".join(["[global]", f"cert = /{CERTIFICATES}", *kept, ""])


def certificates(settings: dict[str, str]) -> Path:
    """The bundle of certificates that this machine trusts: pip's own, or else everybody's."""
    found = settings.get("cert") or ssl.get_default_verify_paths().cafile
    if found is None:
        raise UnavailableError("this machine has no bundle of certificates: apt-get install ca-certificates")
    return Path(found)


def make_server(name: str, image: str, base: str) -> None:
    """A server as its official image has it: in /bin, run by nobody, its data in a folder of its name."""
    found = servers()
    unpacked = CACHE / "usr/bin/prometheus-alertmanager"
    binaries = {
        "prometheus": {"prometheus": found.prometheus, "promtool": found.promtool},
        "alertmanager": {"alertmanager": unpacked if unpacked.exists() else found.alertmanager},
    }
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        (files / "usr/bin").mkdir(parents=True)
        for program, binary in binaries[name].items():
            shutil.copy(binary, files / "usr/bin" / program)
        if (templates := CACHE / "usr/share/prometheus").exists():
            shutil.copytree(templates, files / "usr/share/prometheus", symlinks=True)
        (Path(folder) / "Dockerfile").write_text(SERVER.format(base=base, name=name))
        run("docker", "build", "--quiet", f"--tag={image}", folder)
