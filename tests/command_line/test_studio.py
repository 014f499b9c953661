"""The studio is opened with what a checkout says of it, wherever it is installed."""

import os
import sys
import tomllib
from pathlib import Path

import pytest
from streamlit import config

from core.command_line.main import main
from core.command_line.studio import ROOT, flags

SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))


def test_streamlit_knows_every_setting_and_lists_are_json():
    said = dict(flag.removeprefix("--").split("=", 1) for flag in flags(SETTINGS))
    assert said.keys() <= config._config_options_template.keys()
    assert said["server.fileWatcherType"] == "none" and said["server.enableStaticServing"] == "true"
    assert said["theme.headingFontWeights"] == "[700, 650, 600, 600, 600, 600]"


def test_the_command_becomes_the_server_of_its_own_app(monkeypatch, capsys):
    begun = []
    monkeypatch.setattr(os, "execv", lambda program, words: begun.append((program, words)))
    with pytest.raises(SystemExit):
        main(["studio", "--host", "127.0.0.1", "--port", "8600", "--json"])
    ((program, words),) = begun
    assert program == sys.executable and words[1:4] == ["-m", "streamlit", "run"]
    assert Path(words[4]) == ROOT / "app.py" and (ROOT / "app.py").is_file()
    assert {"--server.address=127.0.0.1", "--server.port=8600"} <= {*words[5:]}
    assert '"url": "http://127.0.0.1:8600"' in capsys.readouterr().out
