"""Which methods know other photographs than the one that they are given."""

from typing import Final

from benchmarks.methods.usrnet import USRNET
from benchmarks.rivals.pretrained import DAT_LIGHT

SECOND_STAGES: Final = ("+srmd", f"+{USRNET}")


def is_trained(method: str) -> bool:
    """Whether a method of this name rests on weights that were trained on many photographs.

    Args:
        method: as the rows name it; ``weights:NAME=FILE`` has the name that its user gave it, and counts as
            untrained unless that begins with a known one.

    Returns:
        True for SRMD and USRNet under any kernel and for DAT-light.
    """
    return method.endswith(SECOND_STAGES) or method.startswith(DAT_LIGHT)
