"""Found by the app of the test: the answers are made up, and no supervisor is started."""

from core.jobs import resident, supervision
from hostile.records import thinking

resident.call = thinking
supervision.ensure = lambda store: None
