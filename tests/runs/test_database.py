"""Opening the store: new, older, newer, damaged, out of reach; and its migrations."""

import json
import os
import random
import sqlite3
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgres_server import new_database
from sqlalchemy import event, text, update

from core import roots
from core.errors import SettingsError, Stale, WorkspaceError
from core.runs.run import RunState
from core.runs.store import devices, migrations
from core.runs.store.database import Database
from core.runs.store.store import Store
from core.runs.store.tables import HEAD, metadata, revision
from core.workspace import Workspace

FIRST_VERSION = """
CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO schema_version VALUES (1);
CREATE TABLE job (id VARCHAR NOT NULL PRIMARY KEY, recipe VARCHAR NOT NULL, title TEXT NOT NULL,
  settings JSON NOT NULL, state VARCHAR NOT NULL, slot VARCHAR UNIQUE, stage TEXT NOT NULL,
  done FLOAT NOT NULL, total FLOAT NOT NULL, note TEXT NOT NULL, created FLOAT NOT NULL,
  started FLOAT, ended FLOAT, result JSON, error TEXT, error_kind VARCHAR, pid INTEGER,
  process_started FLOAT, heartbeat FLOAT, stage_started FLOAT, progressed FLOAT);
CREATE INDEX ix_job_state ON job (state);
CREATE INDEX ix_job_created ON job (created);
CREATE TABLE event (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, run VARCHAR NOT NULL,
  at FLOAT NOT NULL, kind VARCHAR NOT NULL, payload JSON NOT NULL);
CREATE INDEX event_by_run ON event (run, id);
CREATE TABLE metric (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, run VARCHAR NOT NULL,
  at FLOAT NOT NULL, step INTEGER NOT NULL, name VARCHAR NOT NULL, value FLOAT);
CREATE INDEX metric_by_run ON metric (run, id);
CREATE TABLE control (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, run VARCHAR NOT NULL,
  at FLOAT NOT NULL, key VARCHAR NOT NULL, value FLOAT NOT NULL, taken FLOAT);
CREATE INDEX control_by_run ON control (run, id);
CREATE TABLE request (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at FLOAT NOT NULL,
  recipe VARCHAR NOT NULL, settings JSON NOT NULL, state VARCHAR NOT NULL, worker INTEGER,
  result JSON, error TEXT, error_kind VARCHAR);
CREATE INDEX ix_request_state ON request (state);
"""


def differences(database):
    """What the tables that are there have otherwise than `tables.py`; types of keys left out."""
    with database.reading() as connection:
        return compare_metadata(MigrationContext.configure(connection), metadata)


@pytest.fixture
def old_store(tmp_path):
    """A store as the first version left it, with a finished run in it."""
    path = tmp_path / "workspace" / "store.sqlite"
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript(FIRST_VERSION)
    job = {"id": "old", "recipe": "run_demo", "title": "Demo", "settings": json.dumps({"a": 1})}
    job |= {"state": "succeeded", "stage": "ask", "done": 1, "total": 1, "note": "", "created": 1.0}
    names = ", ".join(job)
    connection.execute(
        f"INSERT INTO job ({names}) VALUES ({', '.join('?' * len(job))})", [*job.values()]
    )
    connection.execute("INSERT INTO metric VALUES (1, 'old', 1.0, 7, 'distil/loss', 0.5)")
    connection.commit()
    connection.close()
    return path


def test_the_steps_lead_to_the_tables():
    assert migrations.scripts().get_current_head() == HEAD


def test_an_older_store_is_migrated_and_keeps_its_runs(old_store):
    store = Store(Workspace(old_store.parent))
    run = store.run("old")
    assert (run.state, run.settings, run.attempt) == (RunState.SUCCEEDED, {"a": 1}, 1)
    assert [point.step for point in store.metrics("old")] == [7]
    assert differences(store.database) == []
    store.close()


FOURTH_VERSION = """
ALTER TABLE job DROP COLUMN message;
ALTER TABLE request DROP COLUMN message;
UPDATE alembic_version SET version_num = '0004';
"""
LOOSE = {
    "event": "id {id}, run VARCHAR NOT NULL, at FLOAT NOT NULL, kind VARCHAR NOT NULL, "
    "payload JSON NOT NULL",
    "metric": "id {id}, run VARCHAR NOT NULL, at FLOAT NOT NULL, step INTEGER NOT NULL, "
    "name VARCHAR NOT NULL, value FLOAT",
    "control": "id {id}, run VARCHAR NOT NULL, at FLOAT NOT NULL, key VARCHAR NOT NULL, "
    "value FLOAT NOT NULL, taken FLOAT, who VARCHAR DEFAULT '' NOT NULL, token VARCHAR, old FLOAT, "
    "step INTEGER, applied FLOAT",
    "need": 'run VARCHAR NOT NULL, "on" VARCHAR NOT NULL, PRIMARY KEY (run, "on")',
    "lease": "run VARCHAR NOT NULL, device VARCHAR NOT NULL, at FLOAT NOT NULL, "
    "PRIMARY KEY (run, device)",
    "artefact": "run VARCHAR NOT NULL, kind VARCHAR NOT NULL, name VARCHAR NOT NULL, "
    "at FLOAT NOT NULL, PRIMARY KEY (run, kind, name)",
}
"""The tables of the fourth version that had no foreign key; SQLite cannot take one away."""


def as_the_fourth_version_left_it(store):
    """The tables of 0004 in a store, with all that a run may have, and rows of one long gone."""
    postgres = store.database.engine.dialect.name == "postgresql"
    key = "BIGSERIAL PRIMARY KEY" if postgres else "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT"
    with store.database.writing() as connection:
        for statement in filter(str.strip, FOURTH_VERSION.split(";")):
            connection.execute(text(statement))
        for table, columns in LOOSE.items():
            connection.execute(text(f"DROP TABLE {table}"))
            connection.execute(text(f"CREATE TABLE {table} ({columns.format(id=key)})"))
            for index in metadata.tables[table].indexes:
                index.create(connection)
        for run in ("kept", "gone"):
            for statement in (
                "INSERT INTO event (run, at, kind, payload) VALUES (:run, 1, 'stage', '{}')",
                "INSERT INTO metric (run, at, step, name, value) VALUES (:run, 1, 7, 'loss', 0.5)",
                "INSERT INTO control (run, at, key, value) VALUES (:run, 1, 'alpha', 0.5)",
                "INSERT INTO need VALUES (:run, 'other')",
                "INSERT INTO lease VALUES (:run, 'cpu', 1)",
                "INSERT INTO artefact VALUES (:run, 'students', 's', 1)",
            ):
                connection.execute(text(statement), {"run": run})


@pytest.mark.parametrize("kind", ["file", "postgres"])
def test_rows_are_bound_to_their_runs_and_go_with_them(kind, tmp_path, request, monkeypatch):
    if kind == "postgres":
        address = new_database(request.getfixturevalue("postgres"))
        monkeypatch.setenv("PATHDISTILL_STORE", address)
    before = Store(Workspace(tmp_path))
    before.add("kept", "run_demo", {}, "", None)
    as_the_fourth_version_left_it(before)
    before.close()
    store = Store(Workspace(tmp_path))
    assert differences(store.database) == []
    with store.database.reading() as connection:
        for table in LOOSE:
            rows = connection.execute(text(f"SELECT run FROM {table}")).scalars().all()
            assert rows == ["kept"], table
    store.note("kept", "warning")
    assert [event.kind for event in store.events("kept")] == ["stage", "warning"]
    with store.database.writing() as connection:
        connection.execute(text("DELETE FROM job"))
    with store.database.reading() as connection:
        for table in LOOSE:
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0, table
    store.close()


def test_a_store_with_one_device_for_a_run_keeps_what_is_held(store):
    store.add("a", "run_demo", {}, "", None)
    as_the_fourth_version_left_it(store)
    with store.database.writing() as connection:
        for statement in (
            "DROP TABLE lease",
            "CREATE TABLE lease (run VARCHAR NOT NULL PRIMARY KEY, device VARCHAR NOT NULL, "
            "at FLOAT NOT NULL)",
            "CREATE INDEX ix_lease_device ON lease (device)",
            "INSERT INTO lease VALUES ('a', 'gpu:0', 1.0)",
            "ALTER TABLE job DROP COLUMN beat",
            "ALTER TABLE job DROP COLUMN quiet",
            "UPDATE alembic_version SET version_num = '0002'",
        ):
            connection.execute(text(statement))
    again = Store(store.workspace)
    assert differences(again.database) == []
    assert devices.held_by(again.database, "a") == ["gpu:0"]
    with again.database.writing() as connection:
        connection.execute(text("INSERT INTO lease VALUES ('a', 'gpu:1', 1.0)"))
    assert devices.held_by(again.database, "a") == ["gpu:0", "gpu:1"]
    again.close()


def test_migrating_is_whole_or_not_at_all(old_store, monkeypatch):
    def interrupted(connection, found):
        migrate(connection, found)
        raise KeyboardInterrupt

    migrate = migrations.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "upgrade", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Store(Workspace(old_store.parent))
    store = Store(Workspace(old_store.parent))
    assert differences(store.database) == []
    store.close()


def test_a_new_store_is_made_whole(store):
    assert differences(store.database) == []


def test_a_new_postgres_store_is_made_whole(postgres):
    database = Database(new_database(postgres))
    assert differences(database) == []
    database.engine.dispose()


@pytest.mark.parametrize("unknown", ["0999", "0000", "?"])
def test_a_store_of_a_newer_version_is_refused_with_advice(store, unknown):
    with store.database.writing() as connection:
        connection.execute(update(revision).values(version_num=unknown))
    with pytest.raises(Stale, match=r"newer version of PathDistill .* use that version"):
        Store(store.workspace)


@pytest.mark.parametrize("kind", ["file", "postgres"])
def test_stores_made_at_the_same_moment(kind, tmp_path, request, monkeypatch):
    if kind == "postgres":
        address = new_database(request.getfixturevalue("postgres"))
        monkeypatch.setenv("PATHDISTILL_STORE", address)
    made, barrier = [], threading.Barrier(6)

    def make():
        barrier.wait()
        made.append(Store(Workspace(tmp_path / "fresh")))

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [store.runs() for store in made] == [[]] * 6
    for store in made:
        store.close()


def test_a_full_disk_is_said_in_a_sentence(store):
    store.add("distill-1", "distill_student", {}, "", None)

    @event.listens_for(store.database.engine, "connect")
    def no_more_pages(connection, _):
        connection.execute("PRAGMA max_page_count = 1")

    store.close()
    many = [{"at": 0.0, "step": n, "name": "distil/loss", "value": 1.0} for n in range(20_000)]
    with pytest.raises(WorkspaceError, match="The disk is full at"):
        store.write("distill-1", {}, [], many)
    assert store.metrics("distill-1") == []


def test_a_damaged_store_is_said_in_a_sentence(tmp_path):
    (tmp_path / "store.sqlite").write_text("not a database " * 100)
    with pytest.raises(
        WorkspaceError, match="is damaged .file is not a database.: bring back a copy, or"
    ):
        Store(Workspace(tmp_path))


def test_a_workspace_that_is_no_folder_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot be used"):
        Store(Workspace(tmp_path / "file"))


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("nonsense", "PATHDISTILL_STORE is no address of a database"),
        ("", "PATHDISTILL_STORE is no address of a database"),
        ("://", "PATHDISTILL_STORE is no address of a database"),
        ("\ud83d", "PATHDISTILL_STORE is no address of a database"),
        ("postgresql://h:x/y", "PATHDISTILL_STORE is no address of a database"),
        ("sqlite:///a\0b", "PATHDISTILL_STORE is no address of a database"),
        ("mysql://here/x", "PATHDISTILL_STORE names a mysql database"),
        ("sqlite+aiosqlite:///x", "PATHDISTILL_STORE names a sqlite.aiosqlite database"),
        ("x" * 9999 + "://", "PATHDISTILL_STORE (names a x{40} database|is no address)"),
        ("sqlite://", "PATHDISTILL_STORE names no file"),
        ("sqlite:///:memory:", "PATHDISTILL_STORE names no file"),
        ("sqlite://host/x", "PATHDISTILL_STORE names no file"),
        ("sqlite:///x?mode=memory", "PATHDISTILL_STORE names no file"),
    ],
)
def test_an_address_that_is_none_is_said_in_a_sentence(address, sentence):
    with pytest.raises(SettingsError, match=sentence):
        Database(address)


def test_a_database_out_of_reach_is_said_without_its_password(tmp_path):
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with pytest.raises(WorkspaceError, match="cannot be reached") as refused:
        Database(f"postgresql://me:secret@/runs?host={tmp_path}")
    assert "secret" not in str(refused.value)


def test_a_pipe_in_the_place_of_the_store_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "store.sqlite")
    with pytest.raises(WorkspaceError, match="store.sqlite is no file"):
        Store(Workspace(tmp_path))


@pytest.mark.parametrize(
    "rest",
    [
        "me:secret@localhost:99999999/x",
        "me:secret@localhost:0/x",
        f"me:secret@{'h' * 300}/x",
        "me:secret@/x?host=/nowhere&port=abc",
        "me:secret@/x?host=/nowhere&nonsense=secret",
        "/x?host=/nowhere&user=me&password=secret",
        "me:secret@/x%00?host=/nowhere",
    ],
)
def test_addresses_that_only_the_driver_refuses_are_said_without_a_secret(rest):
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with pytest.raises((SettingsError, WorkspaceError)) as refused:
        Database(f"postgresql://{rest}")
    assert "secret" not in str(refused.value)


def a_store_at_work(workspace):
    """Its file, with everything in it."""
    store = Store(workspace)
    for number in range(5):
        store.add(f"run-{number}", "distill_student", {"name": "s"}, "A student", None)
        store.write(f"run-{number}", {}, [], [{"at": 1.0, "step": 1, "name": "a", "value": 1.0}])
    store.close()
    file = workspace.root / "store.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file


def use(workspace):
    store = Store(workspace)
    try:
        for run in store.runs():
            store.metrics(run.id)
        store.add("new", "distill_student", {}, "", None)
    finally:
        store.close()


def test_a_flipped_bit_in_the_store_is_one_sentence_or_nothing(tmp_path):
    workspace = Workspace(tmp_path)
    file = a_store_at_work(workspace)
    written, draw, said = file.read_bytes(), random.Random(0), []
    # SQLite keeps no hashes, so most flips are silent; those in the first pages rarely are.
    bits = [draw.randrange(8 * 2 * 4096) for _ in range(100)]
    begin = 8 * written.index(b'{"name"')
    for bit in [*bits, *range(begin, begin + 16)]:
        content = bytearray(written)
        content[bit // 8] ^= 1 << bit % 8
        for path in tmp_path.glob("store.sqlite*"):
            path.unlink()
        file.write_bytes(content)
        roots._used.clear()
        try:
            use(workspace)
        except WorkspaceError as error:
            said.append(str(error))
    damaged = [one for one in said if f"The store {file} is damaged (" in one]
    assert len(damaged) > 10
    assert all("\n" not in one and one.endswith("and stay.") for one in damaged)
