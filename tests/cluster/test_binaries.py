"""The programs of a cluster are found, or built once, or their absence is said aloud."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.cluster import binaries
from tests.cluster.building import Builder, NotBuiltError
from tests.cluster.environment import Environment, from_environment
from tests.cluster.toolchain import KUBERNETES, Toolchain

ROOT = Path(__file__).parents[2]
HELLO = 'package main\n\nfunc main() { println(word) }\n\nvar word = "hello"\n'

needs_go = pytest.mark.skipif(shutil.which("go") is None, reason="there is no Go")


def silent(_words: str) -> None:
    return None


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    """A program that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def a_tool(root: Path, source: str = HELLO, **more: object) -> Toolchain:
    """A tool chain of one small program of our own."""
    folder = root / "tool"
    folder.mkdir(exist_ok=True)
    (folder / "go.mod").write_text("module crossfade.test/tool\n\ngo 1.26\n")
    (folder / "go.sum").touch()
    (folder / "main.go").write_text(source)
    return Toolchain("tool", programs={"hello": "."}, root=root, **more)  # type: ignore[arg-type]


def said_by(path: Path) -> str:
    """What a program says; Go's `println` speaks on standard error."""
    return subprocess.run([path], check=True, capture_output=True, text=True).stderr.strip()


def test_a_folder_that_is_named_comes_first(tmp_path: Path) -> None:
    etcd, api_server = program(tmp_path / "server"), program(tmp_path / "kube-apiserver")
    environment = Environment(assets=tmp_path, variables={"PATH": "/nowhere"})

    found = binaries.found(KUBERNETES, environment, silent)

    assert found == {"etcd": etcd, "kube-apiserver": api_server}


def test_what_was_built_before_needs_no_go(tmp_path: Path) -> None:
    for name in KUBERNETES.names:
        program(tmp_path / KUBERNETES.key / name)
    environment = Environment(cache=tmp_path, variables={"PATH": "/nowhere"})

    found = binaries.found(KUBERNETES, environment, silent)

    assert found["etcd"] == tmp_path / KUBERNETES.key / "etcd"


def test_a_folder_may_hold_some_and_the_cache_the_others(tmp_path: Path) -> None:
    etcd = program(tmp_path / "assets" / "etcd")
    api_server = program(tmp_path / KUBERNETES.key / "kube-apiserver")
    environment = Environment(cache=tmp_path, assets=tmp_path / "assets", variables={})

    found = binaries.found(KUBERNETES, environment, silent)

    assert found == {"etcd": etcd, "kube-apiserver": api_server}


def test_without_go_it_is_said_that_go_is_missing(tmp_path: Path) -> None:
    builder = Builder(tmp_path, {"PATH": "/nowhere"}, silent)

    with pytest.raises(NotBuiltError, match="no Go on the PATH"):
        builder.built(KUBERNETES)


def test_a_go_that_is_too_old_is_named(tmp_path: Path) -> None:
    program(tmp_path / "go", "#!/bin/sh\necho go1.19.8\n")
    builder = Builder(tmp_path / "cache", {"PATH": str(tmp_path)}, silent)

    with pytest.raises(NotBuiltError, match=r"1\.26 or newer is needed, and .*go1\.19\.8"):
        builder.built(KUBERNETES)


@needs_go
def test_two_runs_at_once_build_it_once(tmp_path: Path) -> None:
    words: list[str] = []
    chain = a_tool(tmp_path, link_flags="-X main.word=linked")
    builder = Builder(tmp_path / "cache", from_environment().variables, words.append)

    with ThreadPoolExecutor() as runs:
        folders = list(runs.map(builder.built, [chain, chain]))

    assert folders[0] == folders[1]
    assert said_by(folders[0] / "hello") == "linked"
    assert len([word for word in words if "building hello" in word]) == 1


@needs_go
def test_what_cannot_be_built_is_not_kept_and_the_reason_is_gos(tmp_path: Path) -> None:
    chain = a_tool(tmp_path, source="package main\n\nfunc main() { nonsense() }\n")
    builder = Builder(tmp_path / "cache", from_environment().variables, silent)

    with pytest.raises(NotBuiltError, match="undefined: nonsense"):
        builder.built(chain)

    assert [one.name for one in (tmp_path / "cache").iterdir()] == ["tool.lock"]


@pytest.mark.parametrize("change", ["go.mod", "go.sum", "flags"])
def test_another_pin_or_flag_is_another_program(tmp_path: Path, change: str) -> None:
    before = a_tool(tmp_path).key
    if change == "flags":
        assert a_tool(tmp_path, link_flags="").key != before
        return
    chain = a_tool(tmp_path)
    with (chain.folder / change).open("a") as file:
        file.write("// more\n")

    assert chain.key != before


def run_of_the_tests(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """How a run of a cluster test ends where there is neither Go nor cache."""
    environment: Mapping[str, str] = {
        "PATH": str(tmp_path),
        "HOME": str(tmp_path),
        "PYTEST_DEBUG_TEMPROOT": str(tmp_path),
        **variables,
    }
    words = [sys.executable, "-m", "pytest", "tests/cluster/test_rig.py"]
    return subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.integration
def test_what_cannot_run_is_skipped_in_one_loud_line(tmp_path: Path) -> None:
    ended = run_of_the_tests(tmp_path)

    loud = [line for line in ended.stdout.splitlines() if "CLUSTER TESTS SKIPPED" in line]
    assert len(loud) == 1
    assert "There is no Go on the PATH." in loud[0]
    assert ended.returncode == 0


@pytest.mark.integration
def test_where_it_is_required_skipping_is_an_error(tmp_path: Path) -> None:
    ended = run_of_the_tests(tmp_path, CROSSFADE_CLUSTER_REQUIRED="1")

    assert ended.returncode == 1
    assert "The cluster tests cannot run, and must: There is no Go on the PATH." in ended.stdout
