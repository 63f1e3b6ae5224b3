"""Versions of the model: whole or absent, one active, the way back kept, one training at a time."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from nlu.taught import Taught, TaughtWrong
from nlu.training import TrainingFailed, fingerprint, make_version, model_path, train, up_to_date
from nlu.versions import About, Measured, Version, Versions, VersionUnusable

ROOT = Path(__file__).parent.parent.parent
START = dt.datetime(2026, 11, 22, 18, 0, tzinfo=dt.timezone.utc)
NAMES = Taught(names={"1.001193": ("giấy chào đời",)})


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "models")


def publish(versions: Versions, hours: int = 0, taught: Taught = NAMES) -> Version:
    work = versions.folder / f".training-{hours}"
    work.mkdir(parents=True)
    (work / "made").write_bytes(b"a model")
    version = versions.publish(work / "made", taught, About(START + dt.timedelta(hours=hours), "sources"))
    work.rmdir()
    return version


def test_a_version_is_named_by_the_day_in_vietnam_and_a_number(versions: Versions) -> None:
    names = [publish(versions, hours).name for hours in (0, 1, 24)]
    assert names == ["2026-11-23.1", "2026-11-23.2", "2026-11-24.1"]
    assert [version.name for version in versions.all()] == names
    assert versions.get("2026-11-23.2").taught == NAMES


def test_activate_and_back_and_forth(versions: Versions) -> None:
    assert (versions.active(), versions.before()) == (None, None)
    first, second = publish(versions, 0), publish(versions, 1)
    versions.activate(first)
    assert versions.before() is None
    versions.activate(second)
    versions.activate(second)
    assert (versions.active(), versions.before()) == (second, first)
    versions.activate(first)
    assert (versions.active(), versions.before()) == (first, second)


def test_figures_are_remembered(versions: Versions) -> None:
    measured = Measured("questions", "code", {"right": 0.9})
    assert publish(versions).remember(measured).about.measured == measured
    assert versions.all()[0].about.measured == measured


def test_the_active_version_and_the_way_back_are_never_forgotten(versions: Versions) -> None:
    made = [publish(versions, hours) for hours in range(7)]
    versions.activate(made[1])
    versions.activate(made[0])
    (versions.folder / ".training-killed").mkdir()
    versions.forget_old()
    assert versions.all() == [made[0], made[1], *made[4:]]
    assert sorted(path.name for path in versions.folder.iterdir()) == [
        *(version.name for version in (made[0], made[1], *made[4:])),
        "active.json",
    ]
    assert publish(versions, 7).name == "2026-11-23.8"


@pytest.mark.parametrize("name", ["2026-01-01.1", "..", ".", "", "a/b"])
def test_no_such_version(versions: Versions, name: str) -> None:
    publish(versions)
    with pytest.raises(VersionUnusable, match="There is no version"):
        versions.get(name)


def test_a_damaged_file_is_named(versions: Versions) -> None:
    version = publish(versions)
    versions.activate(version)
    (versions.folder / "active.json").write_text("{", encoding="utf-8")
    with pytest.raises(VersionUnusable, match=r"active\.json"):
        versions.active()
    (version.folder / "about.json").write_text("{}", encoding="utf-8")
    with pytest.raises(VersionUnusable, match=r"about\.json"):
        versions.all()


def test_one_training_at_a_time(versions: Versions) -> None:
    waits, entered = threading.Event(), threading.Event()

    def second() -> None:
        with versions.locked(waits.set):
            entered.set()

    with versions.locked():
        other = threading.Thread(target=second)
        other.start()
        assert waits.wait(10)
        assert not entered.is_set()
    assert entered.wait(10)
    other.join()


def test_a_killed_training_leaves_no_half_version(versions: Versions, model: Path) -> None:
    code = "import sys; from nlu.training import Path, train; train(Path(), Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(versions.folder)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    while process.poll() is None and not list(versions.folder.glob(".training-*")):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    assert (versions.all(), versions.active()) == ([], None)
    assert not model_path(ROOT, versions.folder).exists()
    assert list(versions.folder.glob(".training-*"))
    shutil.copytree(model.parent, versions.folder / model.parent.name)
    with versions.locked():  # the kernel took the lock from the dead
        versions.forget_old()
    assert not list(versions.folder.glob(".training-*"))
    assert [version.name for version in versions.all()] == [model.parent.name]


def test_what_was_taught_stays_taught_when_the_sources_change(versions: Versions, model: Path) -> None:
    taught = Taught({"ask_papers": ("bộ hồ sơ kẹp những gì vô trỏng",)}, NAMES.names)
    shutil.copytree(model.parent, versions.folder / model.parent.name)
    with versions.locked():
        older = About(START, "other sources")
        work = versions.folder / ".training-x"
        work.mkdir()
        shutil.copy(model, work / "made")
        old = versions.publish(work / "made", taught, older)
    versions.activate(old)
    assert up_to_date(ROOT, versions.folder) is None
    path = train(ROOT, versions.folder)
    new = versions.active()
    assert new is not None
    assert (new.model, new.taught, new.about.sources) == (path, taught, fingerprint(ROOT))
    assert versions.before() == old
    assert path == model_path(ROOT, versions.folder) == train(ROOT, versions.folder)
    os.unlink(path)  # `make clean`: what was taught stays, the model is made again
    again = train(ROOT, versions.folder)
    assert again != path
    assert Version.of(again).taught == taught


def test_a_name_alone_needs_no_training(versions: Versions, model: Path) -> None:
    shutil.copytree(model.parent, versions.folder / model.parent.name)
    versions.activate(versions.get(model.parent.name))
    made = make_version(ROOT, versions, Version.of(model).taught.plus(NAMES))
    assert made.model.read_bytes() == model.read_bytes()
    assert made.about.added == NAMES
    assert made.about.before == model.parent.name
    assert versions.active() == versions.get(model.parent.name)


def test_an_unknown_intent_is_refused(versions: Versions, model: Path) -> None:
    with pytest.raises(TaughtWrong, match="ask_moon"):
        make_version(ROOT, versions, Taught({"ask_moon": ("trăng ở đâu",)}))
    versions.activate(publish(versions, taught=Taught({"nlu_fallback": ("hả",)})))
    with pytest.raises(TrainingFailed, match="nlu_fallback"):
        train(ROOT, versions.folder)
    assert len(versions.all()) == 1
