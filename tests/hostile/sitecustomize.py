"""Found by the app of the test: the answers are made up, and no supervisor is started."""

from core.runs import resident
from core.runs.supervisor import presence
from hostile.records import resident_call

resident.call = resident_call
presence.ensure = lambda store: None
