import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.collect import collect, feedback_name, feedback_names
from grader.collecting.names import RESERVED, clean_name, short_name, shown, unique_ids

TOPICS = ("rnn",)
ANY = st.text(st.characters(), max_size=150)  # lone surrogates included
SAFE = st.from_regex(r"[A-Za-z0-9大é][A-Za-z0-9大é ._-]{0,30}[A-Za-z0-9大é]", fullmatch=True)


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("ann lee", "ann lee"),
        ("大海", "大海"),
        ("e\u0301va", "éva"),
        ("a\u202eb\u200f", "a\ufffdb\ufffd"),
        ("a\x1b[31m\n", "a\ufffd[31m\ufffd"),
        ("a\udcff", "a\ufffd"),
        ("=cmd()", "=cmd()"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_a_folders_name_becomes_its_id(tmp_path: Path, name: str, id: str) -> None:
    (tmp_path / name).mkdir()
    [found] = collect(tmp_path, TOPICS)
    assert found.id == id


@pytest.mark.parametrize("name", ["ann.zip", "ann.tar", "ann.tar.gz", "ann.TGZ", "ann.tar.xz", "ann.py", "ann.ipynb"])
def test_suffixes_are_left_out_of_files_only(name: str) -> None:
    assert short_name(name, is_folder=False) == "ann"
    assert short_name(name, is_folder=True) == name


@pytest.mark.parametrize("name", [".zip", "v1.2", "ann", "essay.docx"])
def test_other_names_stay(name: str) -> None:
    assert short_name(name, is_folder=False) == name


def test_two_submissions_with_one_id_are_both_named(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    (tmp_path / "bob").mkdir()
    for name in ("ann.zip", "ann.tar.gz"):
        (tmp_path / name).touch()
    found = {c.id: c.notes for c in collect(tmp_path, TOPICS)}
    assert list(found) == ["ann", "ann.tar.gz", "ann.zip", "bob"]
    assert found["ann"] == ("another submission has the same name: ann.tar.gz, ann.zip",)
    assert found["ann.zip"] == ("another submission has the same name: ann, ann.tar.gz",)
    assert found["bob"] == ()


def test_names_that_differ_in_what_cannot_be_shown_get_numbers(tmp_path: Path) -> None:
    for name in (b"ann\xfe", b"ann\xff"):
        os.mkdir(os.fsencode(tmp_path) + b"/" + name)
    found = collect(tmp_path, TOPICS)
    assert [c.id for c in found] == ["ann\ufffd", "ann\ufffd (2)"]
    assert all(len(c.notes) == 1 for c in found)


def test_a_number_is_never_another_submissions_name() -> None:
    assert unique_ids(["a\x00", "a\x01", "a\ufffd (2)"], ["a\x00", "a\x01", "a\ufffd (2)"]) == [
        "a\ufffd",
        "a\ufffd (3)",
        "a\ufffd (2)",
    ]


@given(st.lists(st.sampled_from(["ann", "ann.zip", "ann.zip.zip", "ann\x00", "ann\x01", "ann (2)"]) | ANY, max_size=12))
def test_ids_are_different_and_can_be_written(names: list[str]) -> None:
    ids = unique_ids([short_name(name, is_folder=False) for name in names], names)
    assert len(set(ids)) == len(names)
    for id in ids:
        id.encode()
        assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in id)


@given(ANY)
def test_cleaning_is_done_once(name: str) -> None:
    assert clean_name(clean_name(name)) == clean_name(name)
    assert len(shown(name)) <= 80


def is_safe(name: str) -> bool:
    stem = name.partition(".")[0].strip().upper()
    return (
        name[0] not in ". "
        and name[-1] not in ". "
        and all(c in " ._-" or unicodedata.category(c)[0] in "LNM" for c in name)
        and len(name) <= 100
        and len(name.encode()) <= 200
        and stem not in RESERVED
    )


@settings(max_examples=300)
@given(ANY | st.sampled_from(["", ".", "..", "CON", "nul.txt", "com1", "LPT¹.x", "con .a", "a/b", "../x", "大" * 120]))
def test_feedback_names_are_safe_and_settled(id: str) -> None:
    assert is_safe(feedback_name(id))
    assert feedback_name(feedback_name(id)) == feedback_name(id)


@given(SAFE)
def test_a_safe_id_is_its_own_file_name(id: str) -> None:
    if is_safe(id):
        assert feedback_name(id) == id


@settings(max_examples=200)
@given(st.lists(ANY | st.sampled_from(["Ann", "ann", "a/b", "a_b", "a:b", "x" * 120, "x" * 121, "ß", "SS"])))
def test_feedback_files_never_meet(ids: list[str]) -> None:
    names = feedback_names(ids)
    assert set(names) == set(ids)
    assert all(map(is_safe, names.values()))
    assert len({unicodedata.normalize("NFKC", name).casefold() for name in names.values()}) == len(names)


def test_the_safe_id_keeps_its_name_and_the_other_gets_a_hash() -> None:
    names = feedback_names(["a/b", "a_b", "a:b"])
    assert names["a_b"] == "a_b"
    assert names["a/b"].startswith("a_b-")
    assert len(names["a/b"]) == len("a_b-") + 8
    assert names == feedback_names(["a:b", "a_b", "a/b"])
