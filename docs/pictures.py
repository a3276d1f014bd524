"""Draw the pictures of README and of these pages anew: `python docs/pictures.py`.

Each is the first one of an example; that of the playground is photographed in chromium, by playwright.
"""

import os
import runpy
import shutil
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before numpy: the same pictures everywhere
os.environ["MPLBACKEND"] = "agg"

import matplotlib.pyplot as plt
from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
EXAMPLES = ["solver_paths", "hidden_features", "prediction_intervals"]

if __name__ == "__main__":
    for name in EXAMPLES:
        runpy.run_path(str(DOCS.parent / "examples" / f"plot_{name}.py"))
        figure = plt.figure(1)
        figure.set_size_inches(8, 4)  # all alike: those of README stand in a row
        figure.savefig(DOCS / "_static" / f"{name}.png", dpi=100)
        plt.close("all")
    recording = runpy.run_path(str(DOCS.parent / "examples" / "plot_playground.py"))["recording"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1250, "height": 1010}, locale="en-GB")
        page.goto(recording.path.as_uri())
        page.wait_for_function("drawn.epoch === 150")
        page.locator("main").screenshot(path=DOCS / "_static" / "playground.jpg", type="jpeg", quality=85)
        browser.close()
