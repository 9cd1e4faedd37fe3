import io
import tarfile
import zipfile

import pytest

from catnocat.benchmarks.data.download.install import unpack
from catnocat.benchmarks.utils.errors import InputError


@pytest.fixture
def zipped(tmp_path):
    def write(*members):
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as file:
            for member in members:
                file.writestr(member, "x")
        return path

    return write


def test_zip_is_unpacked(zipped, tmp_path):
    unpack(zipped("a/b/c.txt", "a/empty/", "d.txt"), tmp_path / "out")
    files = sorted(
        p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.*")
    )
    assert files == ["a/b/c.txt", "d.txt"]


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "a/../../evil.txt", "C:/evil.txt"])
def test_zip_member_outside_the_folder_is_refused(zipped, tmp_path, name):
    with pytest.raises(InputError, match="is outside"):
        unpack(zipped("good.txt", name), tmp_path / "out")
    assert not (tmp_path / "evil.txt").exists()


def test_link_in_a_zip_is_refused(zipped, tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with pytest.raises(InputError, match="'link' is a link"):
        unpack(zipped(link), tmp_path / "out")


@pytest.mark.parametrize("kind", ["path", "link"])
def test_tar_member_outside_the_folder_is_refused(tmp_path, kind):
    member = tarfile.TarInfo("../evil.txt" if kind == "path" else "link")
    if kind == "link":
        member.type, member.linkname = tarfile.SYMTYPE, "../.."
    with tarfile.open(tmp_path / "a.tar", "w") as file:
        file.addfile(member, io.BytesIO())
    with pytest.raises(InputError, match=r"a\.tar: refused, because"):
        unpack(tmp_path / "a.tar", tmp_path / "out")
    assert not (tmp_path / "evil.txt").exists()


@pytest.mark.parametrize("name", ["a.tar", "a.zip"])
def test_corrupt_archive_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(bytes(range(256)) * 40)
    with pytest.raises(InputError, match="a corrupt archive"):
        unpack(tmp_path / name, tmp_path / "out")
