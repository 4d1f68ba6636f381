"""Which Compose is taken, and that stand-ins leave no trace; Docker is a script with a list of images."""

from pathlib import Path

import pytest

from tools import compose, standins

# A line of the list is an image's name and, where it has one, the stand-in's label.
DOCKER = """\
#!/bin/sh
list=$(dirname "$0")/images
for last; do :; done
case "$1 $2" in
  "image inspect") grep -q "^$last " "$list" && sed -n "s|^$last ||p" "$list" ;;
  "image tag") echo "$last true" >> "$list" ;;
  "image rm") sed -i "\\|^$last |d" "$list" ;;
  *) exit 1 ;;
esac
"""
PYTHON = standins.pinned()["python"]
PROMETHEUS = standins.pinned()["prometheus"]
ALERTMANAGER = standins.pinned()["alertmanager"]
EXPORTER = standins.pinned()["exporter"]


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


class Images:
    """What the script says is there."""

    def __init__(self, folder: Path) -> None:
        program(folder / "docker", DOCKER)
        self.list = folder / "images"
        # Made already: nothing has to be built here.
        self.made = {f"{standins.LABEL}/{image} true" for image in (PYTHON, PROMETHEUS, ALERTMANAGER)}
        self.are()

    def are(self, *lines: str) -> None:
        self.list.write_text("\n".join([*self.made, *lines, ""]))

    @property
    def names(self) -> set[str]:
        return {line.split()[0] for line in set(self.list.read_text().splitlines()) - self.made}


@pytest.fixture
def images(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Images:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return Images(tmp_path)


def test_stand_ins_bear_the_pinned_names_only_while_they_are_needed(images: Images) -> None:
    with standins.images() as named:
        assert named == [PYTHON, PROMETHEUS, ALERTMANAGER]
        assert images.names == set(named)
    assert images.names == set()


def test_what_was_built_on_a_stand_in_goes_with_it_whatever_happens(images: Images) -> None:
    def fail() -> None:
        with standins.images() as named:
            images.are(*(f"{image} true" for image in named), f"{EXPORTER} true")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert images.names == set()


def test_real_images_are_taken_and_left_alone(images: Images) -> None:
    real = {PYTHON, PROMETHEUS, ALERTMANAGER, EXPORTER}
    images.are(*(f"{image} " for image in real))
    with standins.images() as named:
        assert named == []
    assert images.names == real


def test_a_stand_in_that_was_left_behind_is_not_taken_for_the_real_image(images: Images) -> None:
    images.are(f"{PYTHON} ", f"{PROMETHEUS} true", f"{ALERTMANAGER} ")
    with standins.images() as named:
        assert named == [PROMETHEUS]
    assert images.names == {PYTHON, ALERTMANAGER}


def test_a_container_gets_to_the_package_index_as_this_machine_does() -> None:
    settings = {"index-url": "https://index.test/simple", "cert": "/here/only.pem", "find-links": "/here"}
    assert standins.pip_conf(settings) == (
        "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\nindex-url = https://index.test/simple\n"
    )
    assert standins.certificates(settings) == Path("/here/only.pem")


def test_what_pip_is_told_by_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://more.test/simple")
    assert standins.pip_settings()["extra-index-url"] == "https://more.test/simple"


def said(version: str) -> str:
    return f"#!/bin/sh\necho 'Docker Compose version {version}'\n"


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the unpacked Compose would be; PATH leads to ``tmp_path/path`` alone."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(compose, "CACHE", tmp_path / "cache")
    return tmp_path / "cache" / compose.PLUGIN


def test_dockers_own_plugin_comes_before_all_others(unpacked: Path, tmp_path: Path) -> None:
    assert compose.find() is None
    program(unpacked, said("2.40.3-3"))
    assert compose.find() == [str(unpacked)]
    alone = program(tmp_path / "path/docker-compose", said("v2.30.1"))
    assert compose.find() == [str(alone)]
    plugin = program(tmp_path / "path/docker", said("v5.0.0"))
    assert compose.find() == [str(plugin), "compose"]


@pytest.mark.parametrize(
    "answer", [said("v1.29.2"), "#!/bin/sh\necho 'unknown command: docker compose' >&2; exit 1\n"]
)
def test_an_old_or_missing_compose_is_passed_over(unpacked: Path, tmp_path: Path, answer: str) -> None:
    program(tmp_path / "path/docker", answer)
    assert compose.find() is None
    program(unpacked, said("2.40.3-3"))
    assert compose.find() == [str(unpacked)]


@pytest.mark.usefixtures("unpacked")
def test_without_compose_the_reason_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"ID": "arch", "NAME": "Arch Linux"})
    assert compose.main() == 1
    assert capsys.readouterr().err == (
        "No Docker Compose: this is Arch Linux, not Debian; install Docker's Compose plugin\n"
    )
