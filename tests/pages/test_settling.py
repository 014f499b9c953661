import gc

from pages.parts import settling


def test_a_page_settles_once(monkeypatch):
    monkeypatch.setattr(settling, "_settled", set())
    gc.unfreeze()
    try:
        settling.settle("ask")
        kept = gc.get_freeze_count()
        assert kept > 10_000
        made = [[] for _ in range(1000)]
        settling.settle("ask")
        assert gc.get_freeze_count() < kept + len(made) / 2, "it is left alone from then on"
        settling.settle("runs")
        assert gc.get_freeze_count() > kept + len(made) / 2, "another page brings more"
    finally:
        gc.unfreeze()
