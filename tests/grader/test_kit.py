"""The kit for students: what is in it, what is not, how it is updated, and that it needs nothing of Unix."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

from grader.kit import KitError, contents, leaks, update, write_kit
from grader.kit.folder import NOTES
from grader.kit.packing import CI, HOUSE, PLUGIN, modules
from grader.paths import EXERCISES, HIDDEN, PROBES, ROOT, SOLUTIONS, topics
from grader.release import main

UNIX = ("fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "syslog", "readline", "spwd", "curses")
UNIX_OF_OS = re.compile(
    "(fork|forkpty|gete?[ug]id|[gs]etpgid|setsid|killpg|f?chown|fchmod|mkfifo|mknod|nice|uname|wait.*|W[A-Z]+|pipe2"
    "|sched_.*|getloadavg|f?statvfs|chroot|posix_.*|O_NOFOLLOW|O_CLOEXEC|O_DIRECTORY|sysconf|pread|pwrite)"
)
ODD = "a \\ b 大海"


@pytest.fixture(scope="module")
def files():
    return contents()


@pytest.fixture
def kit(tmp_path):
    folder = tmp_path / ODD
    assert main(["student", str(folder)]) == 0
    return folder


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def source_lines(folder):
    return {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}


def test_the_kit_holds_exercises_their_tests_and_what_these_import_and_no_more(kit):
    package = {path.relative_to(HOUSE).as_posix() for path in modules(PLUGIN)}
    own = {f"exercises/{name}.py" for topic in topics() for name in (topic, f"test_{topic}")} | {
        "exercises/conftest.py"
    }
    assert names(kit) == own | package | {*CI, "README.md", "pyproject.toml", "LICENSE", NOTES}
    rooms = {Path(name).parts[1] for name in package}
    assert rooms == {"__init__.py", "accelerator", "devices.py", "public.py"}


def test_every_import_of_the_grader_is_in_the_kit(files):
    for name, data in files.items():
        if not name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(data)):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            if module and module.split(".")[0] == "grader":
                path = module.replace(".", "/")
                assert f"{path}.py" in files or f"{path}/__init__.py" in files, (name, module)


def test_no_file_of_the_kit_gives_an_answer_away(files):
    assert leaks(files) == []


@pytest.mark.parametrize("topic", topics())
def test_every_solution_would_be_found_in_any_file(files, topic):
    solution = (SOLUTIONS / f"{topic}.py").read_bytes()
    assert {leak.name for leak in leaks(files | {"README.md": solution})} == {"README.md"}
    assert {leak.name for leak in leaks({"a.ipynb": json.dumps({"source": solution.decode()}).encode()})} == {"a.ipynb"}


@pytest.mark.parametrize("folder", [HIDDEN, PROBES], ids=["hidden", "probes"])
def test_every_hidden_test_and_probe_would_be_found(files, folder):
    for path, text in source_lines(folder).items():
        assert leaks({"notes.txt": text.encode()}), path


def test_one_line_of_an_answer_is_enough_and_the_kit_is_then_not_written(tmp_path, monkeypatch, files):
    body = ast.parse((SOLUTIONS / "strides.py").read_bytes()).body
    function = next(n for n in body if isinstance(n, ast.FunctionDef) and n.name == "windows")
    secret = ast.unparse(function.body[-1])
    leaky = files | {"exercises/modes.py": files["exercises/modes.py"] + f"\n        # so: {secret}\n".encode()}
    monkeypatch.setattr("grader.kit.contents", lambda: leaky)
    with pytest.raises(KitError, match=r"give answers away: exercises/modes\.py holds a line of solutions/strides\.py"):
        write_kit(tmp_path / "kit")
    assert not (tmp_path / "kit").exists()


def test_a_docstring_or_a_signature_is_no_leak(files):
    stub = files["exercises/strides.py"]
    assert b"Work out the strides of a fresh contiguous tensor" in stub
    assert leaks({"exercises/strides.py": stub}) == []


def test_a_folder_with_other_things_is_refused(tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("ten years", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main(["student", str(tmp_path)])
    assert stopped.value.code == 2
    assert "is not empty and not a kit" in capsys.readouterr().err
    assert names(tmp_path) == {"thesis.tex"}


def test_an_update_keeps_what_was_edited_and_says_so(kit, capsys):
    mine = kit / "exercises" / "strides.py"
    mine.write_text("def row_major_strides(shape): ...\n", encoding="utf-8")
    (kit / "exercises" / "own_notes.txt").write_text("mine", encoding="utf-8")
    (kit / "README.md").unlink()
    capsys.readouterr()
    assert main(["student", str(kit)]) == 0
    told = capsys.readouterr()
    assert "strides.py: edited, so it stays as it is" in told.err
    assert told.out.splitlines() == [str(kit / "README.md")]
    assert mine.read_text(encoding="utf-8") == "def row_major_strides(shape): ...\n"
    assert (kit / "exercises" / "own_notes.txt").exists()
    main(["student", str(kit)])
    assert "edited" in capsys.readouterr().err, "it is known as edited the next time, too"


def test_an_update_brings_new_versions_and_takes_back_what_is_no_longer_handed_out(tmp_path):
    update(tmp_path, {"a.py": b"1", "b.py": b"1", "c/d.py": b"1", "e.py": b"1"})
    (tmp_path / "b.py").write_bytes(b"mine")
    (tmp_path / "e.py").write_bytes(b"mine")
    changes = update(tmp_path, {"a.py": b"2", "b.py": b"2"})
    assert (changes.written, changes.removed, changes.kept) == (["a.py"], ["c/d.py"], ["b.py", "e.py"])
    assert (tmp_path / "a.py").read_bytes() == b"2"
    assert (tmp_path / "b.py").read_bytes() == (tmp_path / "e.py").read_bytes() == b"mine"
    assert not (tmp_path / "c" / "d.py").exists()
    assert update(tmp_path, {"a.py": b"3", "b.py": b"3"}).kept == ["b.py", "e.py"]


def test_line_ends_of_windows_are_no_edit(tmp_path):
    update(tmp_path, {"a.py": b"one\ntwo\n"})
    (tmp_path / "a.py").write_bytes(b"one\r\ntwo\r\n")
    assert update(tmp_path, {"a.py": b"three\n"}).written == ["a.py"]


def test_no_list_leads_an_update_out_of_the_kit(tmp_path):
    kit, outside = tmp_path / "kit", tmp_path / "outside.py"
    update(kit, {"a.py": b"1"})
    outside.write_bytes(b"1")
    notes = json.loads((kit / NOTES).read_text(encoding="utf-8"))
    for name in ("../outside.py", str(outside)):
        (kit / NOTES).write_text(json.dumps(notes | {name: notes["a.py"]}), encoding="utf-8")
        with pytest.raises(KitError, match="leads out of the kit"):
            update(kit, {"a.py": b"1"})
    (kit / NOTES).write_text("{", encoding="utf-8")
    with pytest.raises(KitError, match="can't be read"):
        update(kit, {"a.py": b"1"})
    assert outside.read_bytes() == b"1"


def test_the_kit_needs_no_more_than_the_course_does(files):
    kit, course = (tomllib.loads(text) for text in (files["pyproject.toml"].decode(), course_pyproject()))
    assert {d.split(">")[0] for d in kit["project"]["dependencies"]} == {"torch", "numpy", "pytest"}
    assert set(kit["project"]["dependencies"]) <= set(course["project"]["dependencies"])
    assert kit["project"]["requires-python"] == course["project"]["requires-python"]


def course_pyproject():
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_readme_names_every_module_to_hand_in(files):
    text = files["README.md"].decode()
    assert all(f"`exercises/{topic}.py`" in text for topic in topics())
    assert all(word in text for word in ("Linux", "macOS", "Windows", "Not started", "Hand in"))


def test_the_kit_calls_nothing_that_only_unix_has(files):
    for name, data in files.items():
        if name.endswith(".py") and not name.startswith("exercises/test_"):
            for node in ast.walk(ast.parse(data)):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
                    assert not UNIX_OF_OS.fullmatch(node.attr), name


def in_kit(kit, *arguments, blocked=()):
    """pytest in the kit, where the kit's own grader is the only one; returns (exit code, output)."""
    code = f"import sys; sys.modules.update(dict.fromkeys({list(blocked)!r})); import pytest; sys.exit(pytest.main())"
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "GRADKIT", "PYTEST"))
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "exercises/", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=kit, env=environment | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_the_kit_runs_alone_from_an_odd_path_and_without_the_modules_of_unix(kit):
    seen = textwrap.dedent(
        f"""
        import sys
        import grader
        def pytest_collection_finish(session):
            print("GRADER", grader.__file__)
            print("OTHERS", sorted(m for m in sys.modules if m.startswith("grader.") and m not in {modules_of(kit)!r}))
        """
    )
    with (kit / "exercises" / "conftest.py").open("a", encoding="utf-8") as file:
        file.write(seen)
    code, output = in_kit(kit, "--collect-only", "-s", blocked=UNIX)
    assert code == 0, output
    assert f"GRADER {kit / 'grader' / '__init__.py'}" in output
    assert "OTHERS []" in output


def modules_of(kit):
    paths = (kit / "grader").rglob("*.py")
    return {".".join(p.relative_to(kit).with_suffix("").parts).removesuffix(".__init__") for p in paths}


def test_the_release_command_itself_needs_no_unix(tmp_path):
    code = f"import sys; sys.modules.update(dict.fromkeys({list(UNIX)!r})); from grader.release import main; main()"
    command = [sys.executable, "-c", code, "student", str(tmp_path / "kit")]
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | {"PYTHONPATH": str(HOUSE)})
    assert (tmp_path / "kit" / NOTES).exists()


@pytest.mark.slow
def test_in_the_kit_nothing_is_started_and_with_the_solutions_everything_passes(kit):
    code, output = in_kit(kit)
    assert code == 1, output
    assert "not started" in output.splitlines()[-1]
    assert not any(word in output.splitlines()[-1] for word in ("passed", "failed", "error"))
    for topic in topics():
        shutil.copy(SOLUTIONS / f"{topic}.py", kit / "exercises")
    code, output = in_kit(kit)
    assert code == 0, output
    assert "not started" not in output.splitlines()[-1]


def test_the_stubs_of_the_kit_are_those_of_the_course(files):
    for topic in topics():
        assert files[f"exercises/{topic}.py"].decode() == (EXERCISES / f"{topic}.py").read_text(encoding="utf-8")
