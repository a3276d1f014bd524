"""Draw the pictures of README and of these pages anew, each the first one of an example: `python docs/pictures.py`."""

import os
import runpy
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before numpy: the same pictures everywhere
os.environ["MPLBACKEND"] = "agg"

import matplotlib.pyplot as plt

DOCS = Path(__file__).parent
EXAMPLES = ["solver_paths", "hidden_features", "prediction_intervals", "vanishing_gradients"]

if __name__ == "__main__":
    for name in EXAMPLES:
        runpy.run_path(str(DOCS.parent / "examples" / f"plot_{name}.py"))
        figure = plt.figure(1)
        figure.set_size_inches(8, 4)  # all alike: those of README stand in a row
        figure.savefig(DOCS / "_static" / f"{name}.png", dpi=100)
        plt.close("all")
