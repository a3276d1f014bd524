"""
Watching a network learn the spiral
===================================

A recording of the playground: a network with two hidden layers learns to separate the arms of the spiral from the
features x and y. Each square shows the output of a unit over the plane; lines are weights, orange if negative and blue
if positive. To open the live page, run ``python -m sknn_scratch.playground`` (lecture row 34).
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
