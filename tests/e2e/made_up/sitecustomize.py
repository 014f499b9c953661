"""Found by the app of the test: the answers are made up, and no supervisor is started."""

from stand_ins import results

from core.runs import resident
from core.runs.supervisor import presence

resident.call = results.resident_call
resident.is_warm = lambda store: True
presence.ensure = lambda store: None
