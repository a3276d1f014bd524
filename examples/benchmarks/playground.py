"""The playground: is it fast enough to watch, and does it solve what TensorFlow's playground solves?

    OPENBLAS_NUM_THREADS=1 python examples/benchmarks/playground.py

It prints the time of a frame, the frames that a browser gets in a second, and in how many of eleven seeds the test
accuracy rises above 0.95: with the settings of TensorFlow's playground within 200 epochs (there, by its own code under
node, the circle is solved in 11 of 11 after 100 epochs, the exclusive or in 10), and for the spiral with the settings
that the page suggests, from x and y alone, within 300 (there in 0 of 11 after 1000 epochs with its defaults, and in 1
of 5 with two layers of 8 units).
"""

import http.client
import time
from urllib.parse import urlsplit

from sknn_scratch.playground import playground
from sknn_scratch.playground.frame import frame
from sknn_scratch.playground.session import Session

SPIRAL = {"dataset": "spiral", "networkShape": [16, 16], "activation": "silu", "solver": "adam", "learningRate": 0.01}


def milliseconds(function, n=50):
    """Return wall and processor time of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(n):
        function()
    return (time.perf_counter() - wall) / n * 1e3, (time.process_time() - cpu) / n * 1e3


def frames_a_second(seconds=5, **settings):
    """Return how many frames the server sends while a network is trained."""
    page = playground(speed=20, **settings)
    where = urlsplit(page.url)
    http.client.HTTPConnection(where.netloc).request("POST", f"/do?{where.query}&tab=a", '{"do": "play"}')
    stream = http.client.HTTPConnection(where.netloc)
    stream.request("GET", f"/frames?{where.query}&tab=a")
    answer, n, end = stream.getresponse(), 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        n += answer.readline().startswith(b"event: frame")
    answer.close()
    stream.close()
    page.close()
    return n / seconds


def solved(within, seeds=range(11), **settings):
    """Return after how many epochs each seed is solved; None for those that are not."""
    epochs = []
    for seed in seeds:
        session = Session(seed=seed, **settings)
        epochs.append(None)
        while session.n_epochs < within and epochs[-1] is None:
            for _ in range(10):
                session.train()
            if session.estimator.score(session.features(session.X_test), session.y_test) > 0.95:
                epochs[-1] = session.n_epochs
    return epochs


if __name__ == "__main__":
    for shape in ([4, 2], [8, 8, 8]):
        session = Session(networkShape=shape)
        session.train()
        for name, call in (("epoch", session.train), ("frame", lambda session=session: frame(session))):
            print(f"{shape}: {name} {'{:.1f} ms, processor {:.1f} ms'.format(*milliseconds(call))}")
        print(f"{shape}: {frames_a_second(networkShape=shape):.1f} frames a second", flush=True)
    for settings, within in (*(({"dataset": name}, 200) for name in ("circle", "xor", "gauss")), (SPIRAL, 300)):
        epochs = solved(within, **settings)
        print(f"{settings['dataset']}: {11 - epochs.count(None)} of 11 within {within} epochs: {epochs}", flush=True)
