"""The likely line: which statement made two executions differ, why, and what to do.

Layers, each on the one before: `cells` parses, `steps` reads statements, `program`
resolves names, `slices` finds what can have influenced a value, `kinds` and `order`
tell whether an arbitrary order shows, the ``rules_`` tables know what makes results
irreproducible, and `ranking` puts what they find in order.
"""

from toolkit.reproduce.diagnosis.hidden import stale_names
from toolkit.reproduce.diagnosis.lines import Suspect
from toolkit.reproduce.diagnosis.suspects import diagnose, static_suspicion

__all__ = ["Suspect", "diagnose", "stale_names", "static_suspicion"]
