"""The defaults of a project, and the numbers with units in them."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from driftcheck.cli.options import DURATION, SIZE
from driftcheck.core.config import Config, ConfigError, load
from driftcheck.core.units import duration_s, size_bytes


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("300ms", 0.3),
        ("90s", 90.0),
        ("90", 90.0),
        ("1.5s", 1.5),
        ("2h", 7200.0),
        ("1h30m", 5400.0),
        ("1d", 86400.0),
    ],
)
def test_durations_are_read_with_their_units(text: str, seconds: float) -> None:
    """A duration is one or more numbers with their units, or a plain number of seconds."""
    assert duration_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "s", "-1s", "0s", "1 h", "1e3s", "٣s", "9" * 400 + "s", "1h "])
def test_what_is_no_duration_is_refused_with_its_text(text: str) -> None:
    """A text that is not a duration is refused in one sentence, which shows its beginning."""
    with pytest.raises(ValueError, match=r"is not a (duration|possible time limit)") as told:
        duration_s(text)

    assert repr(text)[:50] in str(told.value)
    assert len(str(told.value)) < 200


@pytest.mark.parametrize(
    ("text", "size"), [("1B", 1), ("4KiB", 4096), ("512MiB", 512 << 20), ("2GiB", 2 << 30)]
)
def test_sizes_are_read_with_their_units(text: str, size: int) -> None:
    """A size is a whole number and its binary unit."""
    assert size_bytes(text) == size


@pytest.mark.parametrize(
    "text", ["", "512", "512MB", "0B", "1.5GiB", "-1MiB", "9" * 5000 + "B", "1048577GiB"]
)
def test_what_is_no_size_is_refused_with_its_text(text: str) -> None:
    """A text that is not a size is refused in one sentence."""
    with pytest.raises(ValueError, match=r"is not a (size|possible memory limit)"):
        size_bytes(text)


def test_a_folder_without_a_project_has_the_usual_defaults(tmp_path: Path) -> None:
    """Where no pyproject.toml is in sight, or it has no table, the defaults are the built-in ones."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')

    assert load(tmp_path) == Config(deadline_s=1.0, memory_bytes=512 << 20, env={})


def test_the_nearest_project_above_the_folder_counts(tmp_path: Path) -> None:
    """A project's defaults hold in the folders below it."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.driftcheck]\ndeadline = "250ms"\nmemory = "1GiB"\nenv = { GOGC = "off" }\n'
    )
    below = tmp_path / "tests" / "unit"
    below.mkdir(parents=True)

    assert load(below) == Config(deadline_s=0.25, memory_bytes=1 << 30, env={"GOGC": "off"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.driftcheck", "pyproject.toml, line 1: is not TOML"),
        ("[tool]\ndriftcheck = 3", "tool.driftcheck is 3; write a table"),
        ("[tool.driftcheck]\nmem = '1GiB'", "has the key 'mem'; did you mean 'memory'?"),
        ("[tool.driftcheck]\nzoom = 1", "has the key 'zoom'; known names: deadline, memory, env"),
        ("[tool.driftcheck]\ndeadline = 2", "tool.driftcheck.deadline is 2; give it with its unit, as '90s'"),
        ("[tool.driftcheck]\ndeadline = 'two'", "tool.driftcheck.deadline: 'two' is not a duration"),
        ("[tool.driftcheck]\nmemory = '512MB'", "tool.driftcheck.memory: '512MB' is not a size"),
        (
            "[tool.driftcheck]\nenv = { 'A=B' = 'x' }",
            "tool.driftcheck.env names a variable 'A=B'; give a name",
        ),
        ("[tool.driftcheck]\nenv = { A = 1 }", "tool.driftcheck.env is {'A': 1}; give a table of strings"),
    ],
)
def test_a_mistake_in_the_defaults_names_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    """Every mistake in the table is one sentence that names the file and the key."""
    path = tmp_path / "pyproject.toml"
    path.write_text(text)

    with pytest.raises(ConfigError) as told:
        load(tmp_path)

    assert str(told.value).startswith(str(path))
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_the_command_line_reads_the_same_words() -> None:
    """An option takes the same durations and sizes, and tells a wrong one with the option's name."""

    @click.command()
    @click.option("--time", type=DURATION)
    @click.option("--memory", type=SIZE)
    def command(time: float | None, memory: int | None) -> None:
        click.echo(f"{time} {memory}")

    run = CliRunner().invoke

    assert run(command, ["--time", "2h", "--memory", "1MiB"]).output == "7200.0 1048576\n"
    assert run(command, []).output == "None None\n"
    refused = run(command, ["--time", "soon"])
    assert refused.exit_code == 2
    assert "'--time': 'soon' is not a duration; give a number of seconds" in refused.output
