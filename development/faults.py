"""Kills a batch at random moments, and looks at what is left: python -m development.faults --kills 50

Prints how many half files were seen, how many results were lost, and how many runs went on where another was
killed; ends with an error unless the folder can be finished after the last kill.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

from tests.cli import faults


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        told = faults.kills(Path(folder) / "w", asked.kills, rng, jobs=asked.jobs, photographs=12)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
