"""Found by the app of the test: the answers are made up, and no supervisor is started."""

from core.runs import resident
from core.runs.supervisor import presence
from hostile.records import thinking

resident.call = thinking
presence.ensure = lambda store: None
