"""The space kept back for a full disk."""

from core.jobs import reserve


def free(monkeypatch, size):
    usage = reserve.shutil.disk_usage("/")._replace(free=size)
    monkeypatch.setattr(reserve.shutil, "disk_usage", lambda root: usage)


def test_it_is_kept_where_there_is_plenty_and_let_go(tmp_path, monkeypatch):
    free(monkeypatch, reserve.PLENTY - 1)
    reserve.keep(tmp_path)
    assert list(tmp_path.iterdir()) == []
    free(monkeypatch, reserve.PLENTY)
    reserve.keep(tmp_path)
    reserve.keep(tmp_path)
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [reserve.BYTES]
    reserve.release(tmp_path)
    reserve.release(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_is_needed_when_the_disk_is_full(tmp_path, monkeypatch):
    free(monkeypatch, reserve.BYTES)
    assert not reserve.is_needed(tmp_path)
    free(monkeypatch, reserve.BYTES - 1)
    assert reserve.is_needed(tmp_path)


def test_a_place_that_cannot_be_written_is_left_alone(tmp_path, monkeypatch):
    free(monkeypatch, reserve.PLENTY)
    place = tmp_path / "no-folder"
    reserve.keep(place)
    reserve.release(place)
    assert not place.exists()
