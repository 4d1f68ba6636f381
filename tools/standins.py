"""Stand-ins for images that can't be pulled, for ``make test-compose`` only: ``python -m tools.standins``.

They bear the names that the Dockerfile and the Compose file pin, and are made of Debian's packages: a Python,
and the Prometheus and Alertmanager that the tests use. Nobody else should use them.
"""

import platform
import shutil
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

from tools.apt import KEYRING, repository, run
from tools.servers import CACHE, servers

ROOT = Path(__file__).resolve().parents[1]
SUITE = "trixie"
INCLUDED = "python3,python3-venv,ca-certificates,wget"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
PIP_CONF = Path("/etc/pip.conf")

# Debian's Alertmanager looks for its templates below the folder that it starts in.
SERVER = """\
FROM {base}
COPY files/ /
RUN install --directory --owner nobody --group nogroup /{name}
USER nobody
WORKDIR /
ENTRYPOINT ["/bin/{name}"]
"""


def main() -> int:
    """Make what neither is here nor can be pulled; Grafana has no stand-in."""
    images = pinned()
    base = images["exporter"]
    if not is_had(base):
        print(f"{base}: can't be pulled, made from Debian's packages ...", flush=True)
        make_base(base)
    found = servers()
    unpacked = CACHE / "usr/bin/prometheus-alertmanager"
    programs = {
        "prometheus": {"prometheus": found.prometheus, "promtool": found.promtool},
        "alertmanager": {"alertmanager": unpacked if unpacked.exists() else found.alertmanager},
    }
    for name, binaries in programs.items():
        if not is_had(images[name]):
            print(f"{images[name]}: can't be pulled, made from Debian's packages ...", flush=True)
            make_server(name, images[name], base, binaries)
    return 0


def pinned() -> dict[str, str]:
    """The image of each service, and for the exporter the one it is built from."""
    content = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    images = {name: service["image"] for name, service in content["services"].items()}
    first = (ROOT / "Dockerfile").read_text(encoding="utf-8").partition("\nFROM ")[2]
    return {**images, "exporter": first.split()[0]}


def is_had(image: str) -> bool:
    """Whether the image is here, or can be pulled."""
    for command in ("inspect", "pull"):
        if (
            subprocess.run(["docker", "image", command, image], capture_output=True, check=False).returncode
            == 0
        ):
            return True
    return False


def make_base(image: str) -> None:
    """A minimal Debian with Python, and this machine's certificates and way to a package index."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")
        uri = repository(run("apt-get", "update", "--print-uris"), codename)
        options = ("--variant=minbase", f"--include={INCLUDED}", f"--keyring={KEYRING}")
        run("debootstrap", *options, SUITE, str(root), uri)
        if (own := ssl.get_default_verify_paths().cafile) is not None:
            shutil.copy(own, root / CERTIFICATES)
        if PIP_CONF.exists():
            shutil.copy(PIP_CONF, root / "etc/pip.conf")
        archive = Path(folder) / "root.tar"
        run("tar", "--create", f"--file={archive}", f"--directory={root}", "--exclude=./dev/*", ".")
        run("docker", "import", str(archive), image)


def make_server(name: str, image: str, base: str, binaries: dict[str, Path]) -> None:
    """A server as its official image has it: in /bin, run by nobody, its data in a folder of its name."""
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        (files / "usr/bin").mkdir(parents=True)
        for program, binary in binaries.items():
            shutil.copy(binary, files / "usr/bin" / program)
        shared = CACHE / "usr/share/prometheus"
        if shared.exists():
            shutil.copytree(shared, files / "usr/share/prometheus", symlinks=True)
        (Path(folder) / "Dockerfile").write_text(SERVER.format(base=base, name=name))
        run("docker", "build", "--quiet", f"--tag={image}", folder)


if __name__ == "__main__":
    sys.exit(main())
