"""Forms: what is done to a student before it learns, and after. A new one is one file here."""

from core.pretrained.presets import BUILT
from core.settings import DistillSettings
from core.student.forms.adapter import Adapter
from core.student.forms.bits import Bits
from core.student.forms.form import Form
from core.student.forms.whole import Whole

__all__ = ["Adapter", "Bits", "Form", "Whole", "form_of"]


def form_of(settings: DistillSettings) -> Form:
    """The form that settings ask for; a student built here learns fast and takes no adapter."""
    if settings.rounding == "q8_0":
        return Bits()
    adapts = settings.lora_rank > 0 and settings.student not in BUILT
    return Adapter(settings.lora_rank) if adapts else Whole()
