"""The form of the code: small files, small functions, honest names."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import files, lines, syntax, text, under

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
LONGEST_TEST = 60
LONGEST_TYPESCRIPT_FILE = 250
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "shared", "base"}
PYTHON_ROOMS = ("src", "services", "scripts", "bench", "tests")
MARKS_OF_UNFINISHED_WORK = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
MOCKS = ("unittest" + ".mock", "monkeypatch" + ".setattr", "mocker" + ".", "@" + "patch")
# A package that is installed can be hidden in no other way.
MAY_PATCH = {"tests/integration/test_postgres_server.py"}
GENERATED = {"frontend/lib/api/schema.gen.ts"}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_python_file_is_longer_than_a_person_can_hold() -> None:
    long = {str(p): lines(p) for p in under(*PYTHON_ROOMS, suffix=".py")}
    assert {name: count for name, count in long.items() if count > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path}:{function.name}": length
        for path in under(*PYTHON_ROOMS, suffix=".py")
        for function in functions(path)
        if (length := (function.end_lineno or 0) - function.lineno + 1)
        > (LONGEST_TEST if path.parts[0] == "tests" else LONGEST_FUNCTION)
    }
    assert long == {}


def test_no_typescript_file_is_too_long() -> None:
    typescript = [*under("frontend", suffix=".ts"), *under("frontend", suffix=".tsx")]
    long = {
        str(path): lines(path)
        for path in typescript
        if str(path) not in GENERATED and lines(path) > LONGEST_TYPESCRIPT_FILE
    }
    assert typescript
    assert long == {}


def test_modules_are_named_for_what_they_hold() -> None:
    code = [path for path in files() if path.suffix in {".py", ".ts", ".tsx", ".sh"}]
    vague = [str(path) for path in code if VAGUE & {part.lower() for part in names(path)}]
    assert vague == []


def names(path: Path) -> set[str]:
    return {*path.parent.parts, path.stem}


def test_nothing_is_left_for_later() -> None:
    unfinished = [
        str(path)
        for path in files()
        if path.suffix in {".py", ".ts", ".tsx", ".sh", ".yml", ".toml"} or path.name == "Makefile"
        if any(mark in text(path) for mark in MARKS_OF_UNFINISHED_WORK)
    ]
    assert unfinished == []


def test_tests_meet_real_things_or_fakes_and_never_mocks() -> None:
    mocking = [
        str(path)
        for path in under("tests", suffix=".py")
        if any(mock in text(path) for mock in MOCKS)
    ]
    assert set(mocking) == MAY_PATCH


def test_tests_wait_for_conditions_and_not_for_time() -> None:
    sleeping = [
        f"{path}:{call.lineno}"
        for path in under("tests", suffix=".py")
        for call in calls_outside_loops(syntax(path))
        if sleeps(call)
    ]
    assert sleeping == []


def calls_outside_loops(node: ast.AST) -> Iterator[ast.Call]:
    """A pause between two looks at a condition stands in a loop, and is honest there."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.While | ast.For | ast.AsyncFor):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from calls_outside_loops(child)


def sleeps(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr="sleep") | ast.Name(id="sleep"):
            only_yields = [ast.unparse(argument) for argument in call.args] == ["0"]
            return not only_yields
        case ast.Attribute(attr="wait_for_timeout"):
            return True
    return False
