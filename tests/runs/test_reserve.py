"""The space kept back for a full disk."""

from core.runs.store import disk_reserve


def free(monkeypatch, size):
    usage = disk_reserve.shutil.disk_usage("/")._replace(free=size)
    monkeypatch.setattr(disk_reserve.shutil, "disk_usage", lambda root: usage)


def test_it_is_kept_where_there_is_plenty_and_let_go(tmp_path, monkeypatch):
    free(monkeypatch, disk_reserve.PLENTY - 1)
    disk_reserve.keep(tmp_path)
    assert list(tmp_path.iterdir()) == []
    free(monkeypatch, disk_reserve.PLENTY)
    disk_reserve.keep(tmp_path)
    disk_reserve.keep(tmp_path)
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [disk_reserve.BYTES]
    disk_reserve.release(tmp_path)
    disk_reserve.release(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_is_needed_when_the_disk_is_full(tmp_path, monkeypatch):
    free(monkeypatch, disk_reserve.BYTES)
    assert not disk_reserve.is_needed(tmp_path)
    free(monkeypatch, disk_reserve.BYTES - 1)
    assert disk_reserve.is_needed(tmp_path)


def test_a_place_that_cannot_be_written_is_left_alone(tmp_path, monkeypatch):
    free(monkeypatch, disk_reserve.PLENTY)
    place = tmp_path / "no-folder"
    disk_reserve.keep(place)
    disk_reserve.release(place)
    assert not place.exists()
