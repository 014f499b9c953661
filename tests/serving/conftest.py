import pytest

from core.workspace import Workspace
from tests.serving.served import SaidAtOnce, student_served, with_student


@pytest.fixture(scope="session")
def student(tmp_path_factory, graph):
    """A workspace with a student that is asked for its card alone."""
    return with_student(Workspace(tmp_path_factory.mktemp("student") / "home"), graph)


@pytest.fixture(scope="session")
def standing(student):
    """A student served to whoever reaches it, and what stands in for its processes."""
    answerers = SaidAtOnce()
    with pytest.MonkeyPatch.context() as patch:
        with student_served(patch, student, answerers) as url:
            yield url, answerers


@pytest.fixture
def answerers(standing):
    """What stands in for the processes, as it is at first."""
    _, made = standing
    made.say, made.ready = None, 1
    made.asked.clear()
    made.dropped.clear()
    return made


@pytest.fixture
def url(standing, answerers):
    """Where the student is served."""
    return standing[0]
