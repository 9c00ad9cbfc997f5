import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.collect import Collected, CollectError, collect, discover
from grader.collecting import choosing, folders
from grader.collecting.limits import LIMITS, Limits

TOPICS = ("attention", "mlp", "rnn")


def put(root: Path, *names: str, text: str = "x = 1\n") -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def one(path: Path) -> Collected:
    [collected] = collect(path, TOPICS)
    return collected


@pytest.fixture
def ann(tmp_path: Path) -> Path:
    (tmp_path / "class" / "ann").mkdir(parents=True)
    return tmp_path / "class" / "ann"


@pytest.fixture
def two_wide() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (choosing, folders):
            patch.setattr(module, "LIMITS", Limits(members=2))
        yield


def test_a_class_of_every_kind(tmp_path: Path) -> None:
    put(tmp_path, "ann/attention.py", "bob/exercises/mlp.py", "eve_rnn.py", "README.md", ".git/config", ".DS_Store")
    put(tmp_path, "cy.7z", "dan.docx", "fay.ipynb")
    with zipfile.ZipFile(tmp_path / "gil.zip", "w") as archive:
        archive.writestr("rnn.py", "zipped")
    found = {c.id: c for c in collect(tmp_path, TOPICS)}
    assert list(found) == ["ann", "bob", "cy", "dan.docx", "eve_rnn", "fay", "gil"]
    assert found["ann"].sources == {"attention": b"x = 1\n"}
    assert found["bob"].sources == {"mlp": b"x = 1\n"}
    assert found["eve_rnn"].sources == {"rnn": b"x = 1\n"}
    assert found["gil"].sources == {"rnn": b"zipped"}
    assert "no topic can be told from the name fay.ipynb" in (found["fay"].message or "")
    for unknown in ("cy", "dan.docx"):
        assert "of a type that is not read; hand in a folder, a zip" in (found[unknown].message or "")


@pytest.mark.parametrize("layout", ["attention.py", "exercises/attention.py"])
@pytest.mark.parametrize("through_link", [False, True])
def test_the_path_itself_is_one_submission(ann: Path, layout: str, through_link: bool) -> None:
    put(ann, layout)
    path = ann
    if through_link:  # the instructor's own path may be a link
        path = ann.parent.parent / "link"
        path.symlink_to(ann)
    assert one(path).sources == {"attention": b"x = 1\n"}
    assert one(path).id == path.name


def test_one_file_or_the_current_folder_is_a_submission(ann: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(ann, "attention.py", "mlp.py")
    assert one(ann / "mlp.py").id == "mlp"
    monkeypatch.chdir(ann)
    assert one(Path()).id == "ann"


def test_one_students_lone_module_does_not_swallow_the_class(tmp_path: Path) -> None:
    put(tmp_path, "attention.py", "ann/mlp.py", "bob/exercises/mlp.py")
    assert [c.id for c in collect(tmp_path, TOPICS)] == ["ann", "attention", "bob"]


def test_a_students_own_older_copies_do_not_make_a_class(ann: Path) -> None:
    put(ann, "attention.py", "attention_old.py", "data/words.txt")
    assert one(ann).id == "ann"


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("rnn", "rnn"),
        ("ann_rnn", "rnn"),
        ("rnn_ann", "rnn"),
        ("ann.rnn", "rnn"),
        ("Ann Lee-rnn", "rnn"),
        ("lee_123_456_rnn-1", "rnn"),
        ("rnn (2)", "rnn"),
    ],
)
def test_a_single_file_names_its_topic(tmp_path: Path, name: str, topic: str) -> None:
    put(tmp_path, f"{name}.py", "other/rnn.py", "more/rnn.py")
    assert {c.id: list(c.sources) for c in collect(tmp_path, TOPICS)}[name] == [topic]


@pytest.mark.parametrize("name", ["homework", "rnn_mlp", "myrnn", "rnnmlp", "conftest"])
def test_a_single_file_without_one_topic_says_so(tmp_path: Path, name: str) -> None:
    message = one(put(tmp_path, f"{name}.py")).message or ""
    assert f"no topic can be told from the name {name}.py" in message
    assert "attention, mlp, rnn" in message


def test_the_longest_topic_is_meant() -> None:
    assert choosing.topic_of("ann_masked_rnn", ["rnn", "masked_rnn"]) == "masked_rnn"


@pytest.mark.parametrize("folder", ["w", "w/exercises", "a/b/c", "a/b/c/exercises"])
def test_a_wrapping_folder_is_looked_through(ann: Path, folder: str) -> None:
    put(ann, f"{folder}/rnn.py")
    assert list(one(ann.parent).sources) == ["rnn"]


@pytest.mark.parametrize("folder", ["a/b/c/d", ".git", "__pycache__", "__MACOSX", "w/.venv/w"])
def test_too_deep_and_hidden_folders_are_not(ann: Path, folder: str) -> None:
    put(ann, f"{folder}/rnn.py", "notes.txt")
    assert "no topic module was found among notes.txt; expected one or more of attention.py" in str(
        one(ann.parent).message
    )


@pytest.mark.parametrize("swallowing", [("exercises/rnn.py",), ("rnn.py", "mlp.py")])
def test_one_students_name_does_not_swallow_a_class(tmp_path: Path, swallowing: tuple[str, ...]) -> None:
    put(tmp_path, *swallowing, "ann/rnn.py", "bob/exercises/mlp.py", "license.dan/rnn.py", "README.eve.py")
    ids = [found.id for found in discover(tmp_path, TOPICS)]
    assert {"ann", "bob", "license.dan", "README.eve"} < {*ids}


def test_exercises_come_before_the_root_before_deeper_folders(ann: Path) -> None:
    put(ann, "rnn.py", "w/rnn.py", "w/mlp.py", "w/exercises/mlp.py", text="wrong")
    put(ann, "exercises/rnn.py", text="right")
    put(ann, "w/exercises/mlp.py", text="right")
    found = one(ann)
    assert found.sources == {"rnn": b"right", "mlp": b"right"}
    assert "exercises/rnn.py was graded; not rnn.py, w/rnn.py" in found.notes
    assert "w/exercises/mlp.py was graded; not w/mlp.py" in found.notes


def test_two_folders_side_by_side_are_a_question_to_the_student(ann: Path) -> None:
    put(ann, "old/rnn.py", "new/rnn.py", "new/mlp.py")
    found = one(ann.parent)
    assert list(found.sources) == ["mlp"]
    assert found.problems == {"rnn": "rnn.py is in several folders: new/rnn.py, old/rnn.py; hand in one of them"}


def test_a_class_as_nbgrader_collects_it(tmp_path: Path) -> None:
    for assignment in ("rnn", "mlp"):
        put(tmp_path, f"ann/{assignment}/{assignment}.py", f"ann/{assignment}/timestamp.txt", text="# right\n")
    put(tmp_path, "ann/mlp/rnn.py", "ann/mlp/submission_secret.txt", "bob/rnn/rnn.py", text="# left over\n")
    ann, bob = collect(tmp_path, TOPICS)
    assert (ann.id, bob.id) == ("ann", "bob")
    assert ann.sources == {"mlp": b"# right\n", "rnn": b"# right\n"}
    assert ann.notes == ("rnn/rnn.py was graded; not mlp/rnn.py",)
    assert ann.problems == {}


def test_two_folders_with_the_topics_name_are_a_question_too(ann: Path) -> None:
    put(ann, "rnn/rnn.py", "old/rnn/rnn.py")
    assert "rnn.py is in several folders: rnn/rnn.py, old/rnn/rnn.py" in one(ann.parent).problems["rnn"]


def test_one_students_folder_of_nbgrader_is_one_submission(ann: Path) -> None:
    put(ann, "rnn/rnn.py")
    assert (one(ann).id, list(one(ann).sources)) == ("ann", ["rnn"])
    put(ann, "mlp/mlp.py", "README.md", ".gitignore")
    assert (one(ann).id, sorted(one(ann).sources)) == ("ann", ["mlp", "rnn"])
    put(ann, "bob/mlp.py")
    assert [c.id for c in collect(ann, TOPICS)] == ["bob", "mlp", "rnn"], "a class, of whatever names"


def test_a_whole_course_of_nbgrader_is_no_class(tmp_path: Path) -> None:
    put(tmp_path, "nbgrader_config.py", "source/rnn/rnn.py", "submitted/ann/rnn/rnn.py")
    with pytest.raises(CollectError, match=r"is a course folder of nbgrader: name .*/submitted"):
        collect(tmp_path, TOPICS)
    assert one(tmp_path / "submitted").id == "ann"


def test_only_topic_modules_are_taken_and_the_rest_is_noted(ann: Path) -> None:
    takeovers = ("conftest.py", "pytest.ini", "sitecustomize.py", "torch.py")
    put(ann, "rnn.py", "test_rnn.py", "zebra.pth", "__pycache__/rnn.pyc", "._rnn.py", ".hidden.py", *takeovers)
    put(ann, *(f"data/{i}.txt" for i in range(20)))
    found = one(ann)
    assert list(found.sources) == ["rnn"]
    assert found.notes == (
        "ignored: conftest.py, pytest.ini, sitecustomize.py, torch.py, zebra.pth, "
        "data/0.txt, data/1.txt, data/10.txt and 17 more",
    )


@pytest.mark.parametrize(
    "name",
    ["rnn (1).py", "rnn_final.py", "My RNN.py", "rnns.py", "r-n-n.py", "rnn.py.txt", "RNN.PY", "Kopie von rnn.py"],
)
def test_a_name_near_a_topics_is_told(ann: Path, name: str) -> None:
    found = one(put(ann, "mlp.py", name))
    assert list(found.sources) == ["mlp"]
    assert found.problems == {"rnn": f"{name} must be named rnn.py"}


def test_of_several_names_near_a_topics_all_are_told(ann: Path) -> None:
    put(ann, "mlp.py", "rnn_old.py", "w/rnn_new.py", "rnn2.ipynb", "rnn-2.ipynb")
    assert one(ann.parent).problems == {
        "rnn": "rnn_old.py, rnn-2.ipynb, w/rnn_new.py: one of them must be named rnn.py"
    }


@pytest.mark.parametrize("name", ["test_rnn.py", "rnn.txt", "rnn.csv", "rnnlib.py", "attention.py", "rnn.pyc", "rnn"])
def test_other_names_are_no_missing_module(ann: Path, name: str) -> None:
    assert one(put(ann, "mlp.py", name)).problems == {}


def test_a_name_in_the_wrong_case_is_told(ann: Path) -> None:
    assert one(put(ann, "RNN.py").parent).problems == {"rnn": "RNN.py must be named rnn.py"}


def test_empty_folders(ann: Path) -> None:
    assert "the folder is empty" in (one(ann.parent).message or "")
    (ann / ".DS_Store").touch()
    assert "the folder is empty" in (one(ann.parent).message or "")


def test_a_module_of_200_megabytes_costs_its_topic_alone(ann: Path) -> None:
    put(ann, "rnn.py", "mlp.py")
    os.truncate(ann / "mlp.py", 200 * 1024 * 1024)
    found = one(ann)
    assert list(found.sources) == ["rnn"]
    assert found.problems["mlp"].startswith("mlp.py is larger than 1.0 MiB (200.0 MiB); hand in code alone")


def test_a_module_may_have_exactly_the_limit(ann: Path) -> None:
    put(ann, "rnn.py", text="#" * LIMITS.module)
    put(ann, "mlp.py", text="#" * (LIMITS.module + 1))
    assert list(one(ann).sources) == ["rnn"]
    assert list(one(ann).problems) == ["mlp"]


def test_all_modules_together_have_a_limit(ann: Path) -> None:
    topics = [f"t{i}" for i in range(10)]
    put(ann, *(f"{topic}.py" for topic in topics), text="#" * LIMITS.module)
    [found] = collect(ann, topics)
    assert len(found.sources) == 8
    assert "t9.py was left out: the modules together are larger than 8.0 MiB" in found.problems.values()


def test_links_fifos_sockets_and_folders_are_not_modules(ann: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(ann.parent.parent, "secret.py", text="secret")
    (ann / "attention.py").symlink_to(ann.parent.parent / "secret.py")
    os.mkfifo(ann / "mlp.py")
    (ann / "rnn.py").mkdir()
    monkeypatch.chdir(ann)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.py")
        [found] = collect(ann.parent, (*TOPICS, "s"))
    assert found.sources == {}
    assert found.problems["attention"] == "attention.py is a link; hand in the file itself"
    for topic in ("mlp", "rnn", "s"):
        assert f"{topic}.py is not a regular file" in found.problems[topic]


def test_a_linked_folder_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "secret", "rnn.py", "exercises/mlp.py")
    students = put(tmp_path / "class", "ann/mlp.py", "bob/mlp.py")
    (students / "ann" / "exercises").symlink_to(tmp_path / "secret")
    (students / "ann" / "w").symlink_to(tmp_path / "secret", target_is_directory=True)
    (students / "eve").symlink_to(tmp_path / "secret")
    (students / "exercises").symlink_to(tmp_path / "secret")
    ann, _, eve, exercises = collect(students, TOPICS)
    assert list(ann.sources) == ["mlp"]
    for found in (eve, exercises):
        assert found.sources == {}
        assert "is a symbolic link, which is not followed" in (found.message or "")


def test_other_things_in_the_class_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling.zip").symlink_to("nowhere")
    dangling, pipe = collect(tmp_path, TOPICS)
    assert "symbolic link" in (dangling.message or "")
    assert "not a regular file or folder" in (pipe.message or "")
    assert "not a regular file or folder" in (one(tmp_path / "pipe").message or "")


def test_a_file_that_changes_into_a_link_is_not_followed(ann: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(ann.parent, "secret.py", text="secret")
    (ann / "rnn.py").symlink_to(ann.parent / "secret.py")
    regular = os.stat(ann.parent / "secret.py")
    monkeypatch.setattr(os, "stat", lambda *_, **__: regular)
    with folders.opened(str(ann), folders.FOLDER) as folder, pytest.raises(OSError, match="symbolic links"):
        folders.read_regular("rnn.py", 100, folder)


def test_a_million_files_end_soon_and_hide_no_module(ann: Path, two_wide: None) -> None:
    put(ann, *(f"{i}.txt" for i in range(20)), "rnn.py", "exercises/mlp.py")
    found = one(ann)
    assert sorted(found.sources) == ["mlp", "rnn"]
    assert "the folder holds too many entries; only the first 2 were looked at" in found.notes


def test_a_submission_that_vanishes_is_unreadable(ann: Path) -> None:
    [found] = discover(put(ann, "notes.txt").parent, TOPICS)
    (ann / "notes.txt").unlink()
    ann.rmdir()
    assert "ann can't be read: No such file" in (found.read().message or "")


def test_the_command_line_can_be_wrong(tmp_path: Path) -> None:
    with pytest.raises(CollectError, match="does not exist"):
        collect(tmp_path / "nowhere", TOPICS)
    (tmp_path / ".DS_Store").touch()
    (tmp_path / "README.md").touch()
    with pytest.raises(CollectError, match="holds no submissions; expected a folder, an archive"):
        collect(tmp_path, TOPICS)


def test_no_module_of_these_imports_torch() -> None:
    code = "import sys, grader.collect, grader.progress, grader.reports.feedback_md; sys.exit('torch' in sys.modules)"
    root = str(Path(__file__).parents[2])
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
