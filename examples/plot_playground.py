"""
Watching a network learn the spiral
===================================

A recording of the playground: two hidden layers separate the arms of the spiral from x and y alone. Each square shows
the output of a unit over the plane; lines are weights, orange where negative and blue where positive. The live page is
``python -m sknn_scratch.playground`` (lecture row 34).
"""

from pathlib import Path
from tempfile import mkdtemp

from sknn_scratch.playground import record

recording = record(
    Path(mkdtemp(), "spiral.html"),
    dataset="spiral",
    networkShape=[16, 16],
    activation="silu",
    solver="adam",
    learningRate=0.01,
    n_epochs=150,
    n_frames=30,
)

# sphinx_gallery_thumbnail_path = "_static/playground.jpg"

# %%
# Press play, or move the slider:
recording
