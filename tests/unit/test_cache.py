"""The user's own folder: nobody else can write into it."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from driftcheck.core.cache import CacheError, cache_folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the folder is made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "driftcheck"


def test_only_the_user_can_enter_it(cache: Path) -> None:
    """It is made with mode 0700."""
    assert cache_folder() == cache
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert cache_folder() == cache


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o1777])
def test_a_folder_that_others_can_write_is_refused(cache: Path, mode: int) -> None:
    """Another user could put files there."""
    cache_folder()
    cache.chmod(mode)

    with pytest.raises(CacheError, match="can be written by other users"):
        cache_folder()


def test_a_folder_of_another_user_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user could have made it first."""
    cache_folder()
    monkeypatch.setattr(os, "geteuid", lambda: cache.stat().st_uid + 1)

    with pytest.raises(CacheError, match="belongs to another user"):
        cache_folder()


def test_a_file_in_its_place_is_refused(cache: Path) -> None:
    """The message says what to correct."""
    cache.parent.mkdir()
    cache.write_text("")

    with pytest.raises(CacheError, match="cannot be made: File exists; correct it"):
        cache_folder()


def test_a_relative_name_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable must hold an absolute path; otherwise the folder is under the home folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert cache_folder() == tmp_path / ".cache" / "driftcheck"


def test_a_relative_home_counts_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path is absolute, since compilers run in other folders."""
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "home")
    monkeypatch.chdir(tmp_path)

    assert cache_folder() == tmp_path / "home" / ".cache" / "driftcheck"


@pytest.mark.parametrize("usable", [True, False])
def test_hypothesis_keeps_its_tables_there(
    cache: Path, usable: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the folder it keeps none; the shared folder for temporary files is never used."""
    from driftcheck.cli import main

    if not usable:
        cache_folder().chmod(0o777)
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", "")  # so that it is as before after the test
    monkeypatch.delenv("HYPOTHESIS_STORAGE_DIRECTORY")
    monkeypatch.setattr(sys, "argv", ["driftcheck", "--version"])
    with pytest.raises(SystemExit):
        main()

    assert os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] == (
        str(cache / "hypothesis") if usable else "/dev/null/none"
    )
