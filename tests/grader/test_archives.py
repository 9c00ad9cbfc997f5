import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import time
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.collect import Collected, collect
from grader.collecting import archives, tars
from grader.collecting.limits import Limits, UnreadableError

TOPICS = ("attention", "mlp", "rnn")
MIB = 1024 * 1024
PLAIN = {"w/exercises/rnn.py": b"r = 1\n", "w/mlp.py": b"m = 1\n", "w/README.md": b"", "__MACOSX/w/._rnn.py": b"\0"}


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, members: dict[str, bytes], mode: str = "w", **options: Any) -> Path:
    with tarfile.open(path, mode, **options) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def special(path: Path, name: str, kind: bytes, target: str = "", **more: bytes) -> Path:
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        archive.addfile(info)
        for other, data in more.items():
            plain = tarfile.TarInfo(f"{other}.py")
            plain.size = len(data)
            archive.addfile(plain, io.BytesIO(data))
    return path


def one(path: Path) -> Collected:
    [collected] = collect(path, TOPICS)
    return collected


def refused(path: Path) -> str:
    found = one(path)
    assert found.sources == {}
    assert found.message is not None
    return found.message


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_is_read(tmp_path: Path, method: int) -> None:
    found = one(zipped(tmp_path / "ann.ZIP", PLAIN, method))
    assert (found.id, found.sources) == ("ann", {"rnn": b"r = 1\n", "mlp": b"m = 1\n"})
    assert found.notes == ("ignored: w/README.md",)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize(
    ("suffix", "mode"), [("tar", "w"), ("tar.gz", "w:gz"), ("tgz", "w:gz"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")]
)
def test_a_tar_of_every_kind_is_read(tmp_path: Path, suffix: str, mode: str, form: int) -> None:
    found = one(tarred(tmp_path / f"ann.{suffix}", PLAIN, mode, format=form))
    assert (found.id, found.sources) == ("ann", {"rnn": b"r = 1\n", "mlp": b"m = 1\n"})


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("folder", ["y" * 130, "大海" * 40, "a" * 99 + "/" + "b" * 99])
def test_long_and_foreign_names_in_tars(tmp_path: Path, form: int, folder: str) -> None:
    assert one(tarred(tmp_path / "a.tar", {f"{folder}/rnn.py": b"1"}, format=form)).sources == {"rnn": b"1"}


def test_names_that_start_with_a_dot_folder_or_hold_backslashes(tmp_path: Path) -> None:
    assert one(tarred(tmp_path / "a.tar", {"./exercises/rnn.py": b"1"})).sources == {"rnn": b"1"}
    assert one(zipped(tmp_path / "a.zip", {"exercises\\rnn.py": b"1"})).sources == {"rnn": b"1"}


def test_the_content_tells_the_format(tmp_path: Path) -> None:
    assert one(tarred(tmp_path / "a.zip", PLAIN, "w:gz")).message is None
    assert one(zipped(tmp_path / "a.tar.gz", PLAIN)).message is None
    assert one(tarred(tmp_path / "b.tar.gz", PLAIN)).message is None


def test_streams_on_end_as_parallel_compressors_write_them(tmp_path: Path) -> None:
    data = tarred(tmp_path / "plain", PLAIN).read_bytes()
    for suffix, compress in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)):
        path = tmp_path / f"ann.tar.{suffix}"
        path.write_bytes(compress(data[:700]) + compress(data[700:]) + (b"\0" * 8 if suffix != "bz2" else b""))
        assert len(one(path).sources) == 2, suffix


@pytest.mark.parametrize("name", ["../rnn.py", "/rnn.py", "w/../../rnn.py", "..\\rnn.py", "C:\\rnn.py", "w/.."])
def test_an_archive_that_climbs_out_is_refused_as_a_whole(tmp_path: Path, name: str) -> None:
    members = {"mlp.py": b"1", name: b"2"}
    for path in (zipped(tmp_path / "a.zip", members), tarred(tmp_path / "a.tar", members)):
        assert "climbs out of the archive's folder" in refused(path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_in_a_tar_is_not_followed(tmp_path: Path, kind: bytes) -> None:
    found = one(special(tmp_path / "a.tar", "rnn.py", kind, "/etc/passwd", mlp=b"m"))
    assert found.sources == {"mlp": b"m"}
    assert found.problems == {"rnn": "rnn.py is a link; hand in the file itself"}


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, b"Z"])
def test_a_device_in_a_tar_is_no_module(tmp_path: Path, kind: bytes) -> None:
    found = one(special(tmp_path / "a.tar", "rnn.py", kind, mlp=b"m"))
    assert found.sources == {"mlp": b"m"}
    assert "rnn.py is not a regular file" in found.problems["rnn"]


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        info = zipfile.ZipInfo("rnn.py")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert one(tmp_path / "a.zip").problems == {"rnn": "rnn.py is a link; hand in the file itself"}


def test_of_two_members_with_one_name_the_last_counts(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("rnn.py", "first")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("rnn.py", "last")
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for data in (b"first", b"last"):
            info = tarfile.TarInfo("rnn.py")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    assert one(tmp_path / "a.zip").sources == {"rnn": b"last"}
    assert one(tmp_path / "a.tar").sources == {"rnn": b"last"}


def test_an_encrypted_zip(tmp_path: Path) -> None:
    data = bytearray(zipped(tmp_path / "a.zip", {"rnn.py": b"1"}).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    assert "encrypted; pack it again without a password" in refused(tmp_path / "a.zip")


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz", "tar.xz"])
@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no", b"\x1f\x8b\x08", b"\xfd7zXZ\0\0", b"BZh9", b"hello" * 300])
def test_what_is_no_archive_says_so(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(data)
    message = refused(path)
    assert "damaged or of another format" in message or "the archive is empty" in message


def test_a_damaged_member_costs_its_topic_alone(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"rnn.py": b"raw bytes", "mlp.py": b"1"}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"raw", b"RAW"))
    found = one(path)
    assert found.sources == {"mlp": b"1"}
    assert "rnn.py is damaged in the archive" in found.problems["rnn"]


def test_a_zip_bomb_ends_at_the_limit(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"rnn.py": b"\0" * (64 * MIB), "mlp.py": b"1"})
    assert path.stat().st_size < MIB
    found = one(path)
    assert found.sources == {"mlp": b"1"}
    assert "rnn.py is larger than 1.0 MiB" in found.problems["rnn"]


def test_a_zip_that_lies_about_sizes_gives_nothing(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"rnn.py": b"\0" * (8 * MIB), "mlp.py": b"1"})
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 8 * MIB), struct.pack("<I", 10)))
    found = one(path)
    assert found.sources == {"mlp": b"1"}
    assert "rnn" in found.problems


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_in_a_zip_may_not_choose_our_memory(tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "a.zip", {"rnn.py": b"1"}, method)
    assert "packed with a method that is not read" in one(path).problems["rnn"]


@pytest.mark.parametrize(("suffix", "compress"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_a_tar_bomb_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, compress: Any) -> None:
    monkeypatch.setattr(tars, "LIMITS", Limits(stream=4 * MIB))
    plain = tarred(tmp_path / "plain", {"data.bin": b"\0" * (16 * MIB), "rnn.py": b"1"})
    (tmp_path / f"a.tar.{suffix}").write_bytes(compress(plain.read_bytes()))
    assert "unpacks to more than 4.0 MiB" in refused(tmp_path / f"a.tar.{suffix}")


def test_xz_may_not_choose_our_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tarred(tmp_path / "a.tar.xz", PLAIN, "w:xz")
    data = bytearray(path.read_bytes())
    end = 12 + data[12] * 4  # of the block's header, before its checksum
    data[data.index(b"\x21\x01") + 2] = 30  # LZMA2's property: a dictionary of 128 MiB
    data[end : end + 4] = struct.pack("<I", zlib.crc32(data[12:end]))
    path.write_bytes(data)
    assert "(LZMAError)" in refused(path)
    monkeypatch.setattr(tars, "LIMITS", Limits(memory=512 * MIB))
    assert one(path).message is None


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
def test_a_long_header_is_not_read_into_memory(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("header")
    info.type, info.size = kind, 100 * MIB
    (tmp_path / "a.tar").write_bytes(info.tobuf(tarfile.USTAR_FORMAT) + b"1" * MIB)
    assert "damaged" in refused(tmp_path / "a.tar")


def test_a_header_of_digits_takes_linear_time(tmp_path: Path) -> None:
    info = tarfile.TarInfo("header")
    info.type, info.size = b"x", MIB
    (tmp_path / "a.tar").write_bytes(info.tobuf(tarfile.USTAR_FORMAT) + b"1" * MIB)
    start = time.process_time()
    assert "damaged" in refused(tmp_path / "a.tar")
    assert time.process_time() - start < 1


def test_a_negative_size_does_not_loop(tmp_path: Path) -> None:
    header = bytearray(tarfile.TarInfo("rnn.py").tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = b"\xff" * 12
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "a.tar").write_bytes(header)
    assert "damaged" in refused(tmp_path / "a.tar")


def test_a_module_larger_than_the_limit_in_a_tar(tmp_path: Path) -> None:
    found = one(tarred(tmp_path / "a.tar", {"rnn.py": b"#" * (MIB + 1), "mlp.py": b"#" * MIB}))
    assert list(found.sources) == ["mlp"]
    assert "rnn.py is larger than 1.0 MiB" in found.problems["rnn"]


def test_many_copies_of_a_module_do_not_fill_memory(tmp_path: Path) -> None:
    copies = {f"{'w/' * depth}{folder}/rnn.py": b"#" * MIB for depth in range(3) for folder in "abcdefgh"}
    assert "the archive's modules are larger than 8.0 MiB" in refused(tarred(tmp_path / "a.tar.gz", copies, "w:gz"))


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    members = {f"{i}.txt": b"" for i in range(60)}
    few = Limits(members=50)
    monkeypatch.setattr(archives, "LIMITS", few)
    for path in (zipped(tmp_path / "a.zip", members), tarred(tmp_path / "a.tar", members)):
        assert "holds more than 50 members; pack the topic modules alone" in refused(path)


def test_a_table_of_contents_that_is_too_long_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LIMITS", Limits(directory=70_000))
    path = zipped(tmp_path / "a.zip", {f"{i:0100}": b"" for i in range(1000)})
    assert "holds more than" in refused(path)


def test_an_archive_larger_than_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", PLAIN)
    os.truncate(path, 65 * MIB)
    assert refused(path) == "a.zip is larger than 64.0 MiB (65.0 MiB); hand in code alone, without data or weights"


def test_an_archive_of_nothing(tmp_path: Path) -> None:
    for path in (
        zipped(tmp_path / "a.zip", {}),
        tarred(tmp_path / "a.tar", {}),
        tarred(tmp_path / "b.tgz", {}, "w:gz"),
    ):
        assert "the archive is empty" in refused(path)


def test_nothing_is_written_to_disk(tmp_path: Path) -> None:
    tarred(tmp_path / "a.tar", PLAIN)
    zipped(tmp_path / "a.zip", PLAIN)
    collect(tmp_path, TOPICS)
    assert sorted(os.listdir(tmp_path)) == ["a.tar", "a.zip"]


def sparse(tmp_path: Path, form: str) -> Path:
    (tmp_path / "rnn.py").write_bytes(b"a" + b"\0" * 500_000 + b"b")
    (tmp_path / "mlp.py").write_bytes(b"m")
    os.truncate(tmp_path / "rnn.py", 5 * MIB)
    arguments = [f"--format={form}", "-S", "-C", str(tmp_path), "-cf", str(tmp_path / "a.tar"), "rnn.py", "mlp.py"]
    assert os.spawnlp(os.P_WAIT, "tar", "tar", *arguments) == 0
    return tmp_path / "a.tar"


@pytest.mark.parametrize("form", ["gnu", "posix"])
def test_members_after_a_sparse_one_are_read(tmp_path: Path, form: str) -> None:
    found = one(sparse(tmp_path, form))
    assert found.sources == {"mlp": b"m"}
    assert "rnn.py is not a regular file" in found.problems["rnn"]


BASE = io.BytesIO()
with tarfile.open(fileobj=BASE, mode="w", format=tarfile.PAX_FORMAT) as _tar:
    for _name in ("大海" * 30 + "/rnn.py", "mlp.py"):
        _info = tarfile.TarInfo(_name)
        _info.size = 3
        _tar.addfile(_info, io.BytesIO(b"a=1"))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=5), st.integers(0, 10240), st.booleans())
def test_no_damage_raises_anything_else(changes: list[tuple[int, int]], end: int, squeeze: bool) -> None:
    data = bytearray(BASE.getvalue()[:end])
    for position, value in changes:
        data[position % len(data or b"0") : position % len(data or b"0") + 1] = bytes([value])
    raw = gzip.compress(data) if squeeze else bytes(data)
    with suppress(UnreadableError):
        for entry in archives.open_archive("a.tar", io.BytesIO(raw), lambda parts: True).entries():
            assert ".." not in entry.parts
