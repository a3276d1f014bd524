"""The playground's page in a browser, as people use it."""

import shutil
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

from sknn_scratch.playground import record
from sknn_scratch.playground.server import PlaygroundServer
from sknn_scratch.playground.session import Session

CHROMIUM = shutil.which("chromium")
try:
    from playwright.sync_api import expect, sync_playwright
except ImportError:
    sync_playwright = None

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        sync_playwright is None or CHROMIUM is None,
        reason="needs playwright (pip install playwright) and Debian's chromium (apt-get install chromium)",
    ),
]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SURFACE = """([x, y]) => {
    const canvas = document.getElementById("surface"), at = v => (v + 6) / 12 * (canvas.width - 1);
    return [...canvas.getContext("2d").getImageData(at(x), at(-y), 1, 1).data.slice(0, 3)];
}"""
LECTURE = (
    "#activation=relu&batchSize=10&dataset=xor&regDataset=reg-plane&learningRate=0.1&regularizationRate=0&noise=5"
    "&networkShape=5,3&seed=0.59064&showTestData=true&discretize=false&percTrainData=60&x=true&y=true&xTimesY=true"
    "&xSquared=false&ySquared=false&cosX=false&sinX=false&cosY=false&sinY=false&collectStats=false"
    "&problem=classification&initZero=false&hideText=false"
)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Served:
    """A server of which the tests see the session."""

    def __init__(self, port=0, token=None):
        self.server = PlaygroundServer(lambda: Session(speed=60), port)
        if token is not None:
            self.server.token = token
        self.url = self.server.url
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def session(self):
        (tab,) = self.server.tabs.values()
        return tab.session

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def served():
    served = Served()
    yield served
    served.close()


@pytest.fixture
def page(browser, served):
    with opened(browser, served.url) as page:
        yield page


@contextmanager
def opened(browser, url, **settings):
    context = browser.new_context(**{"viewport": {"width": 1400, "height": 820}, "locale": "en-GB"} | settings)
    context.set_default_timeout(20_000)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(url)
    until(page, "state !== null && drawn !== null")
    try:
        yield page
    finally:
        context.close()
    assert not errors


def wait_for(true, seconds=20):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def until(page, test):
    """Wait until it is true in the page. (Playwright's own way needs an eval, which the page forbids.)"""
    wait_for(lambda: page.evaluate(test), 40)


def is_blue(page, x, y):
    red, _, blue = page.evaluate(SURFACE, [x, y])
    return blue > red + 60


def is_orange(page, x, y):
    red, _, blue = page.evaluate(SURFACE, [x, y])
    return red > blue + 60


def test_play_learns_the_circle_and_pause_stops(page, served):
    page.get_by_role("button", name="Play").click()
    until(page, "drawn.train && drawn.test.loss < 0.1")
    page.get_by_role("button", name="Pause").click()
    until(page, "!drawn.playing")
    assert float(page.inner_text("#test-loss")) <= 0.1
    assert is_blue(page, 0, 0)
    assert is_blue(page, 1, -1)
    assert all(is_orange(page, *corner) for corner in ([-4, 4], [4, 4], [-4, -4], [4, -4]))
    expect(page.locator("#rate")).to_have_text("Learning rate now: 0.03")
    epoch = served.session.n_epochs
    page.get_by_role("button", name="Step: one epoch").click()
    until(page, f"drawn.epoch === {epoch + 1}")
    page.get_by_role("button", name="Reset").click()
    until(page, "drawn.epoch === 0")
    expect(page.locator("#count b")).to_have_text("000,000")


def test_points_are_drawn(page, served):
    page.get_by_role("button", name="Clear points").click()
    until(page, "state.points.train.length === 0")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#note")).to_contain_text("no points")
    plane = page.locator("#plane")
    box = plane.bounding_box()
    for label, places in ((0, [(0.2, 0.2), (0.3, 0.1)]), (1, [(0.8, 0.8), (0.7, 0.9)])):
        page.locator("#labels button").nth(label).click()
        for x, y in places:
            plane.click(position={"x": x * box["width"], "y": y * box["height"]})
    until(page, "state.points.train.length === 4")
    np.testing.assert_allclose(served.session.X[0], [-3.6, 3.6], atol=0.1)
    assert served.session.y.tolist() == [0, 0, 1, 1]
    page.get_by_role("button", name="Play").click()
    until(page, "drawn.train && drawn.train.loss < 0.2")
    assert is_orange(page, -4, 4)
    assert is_blue(page, 4, -4)


def test_layers_units_features_and_weights_are_changed(page, served):
    page.get_by_role("button", name="Add a layer").click()
    until(page, "state.settings.networkShape.length === 3")
    page.get_by_role("button", name="Add a unit to layer 1").click()
    until(page, "state.settings.networkShape[0] === 5")
    page.get_by_role("button", name="Remove a unit of layer 2").click()
    page.get_by_role("button", name="input x₁x₂").click()
    until(page, "state.settings.xTimesY")
    assert served.session.settings["networkShape"] == [5, 1, 2]
    page.get_by_role("button", name="Step").click()
    until(page, "drawn.weights")
    page.get_by_role("button", name="unit 2 of layer 1").click()
    page.get_by_label("Weight: input x₁x₂").fill("2.5")
    page.get_by_label("Weight: input x₁x₂").press("Tab")
    until(page, "drawn.weights[0][2][1] === 2.5")
    assert served.session.estimator.coefs_[0][2, 1] == 2.5
    page.get_by_role("button", name="Close").click()
    link = page.locator("path.grab").first
    link.dispatch_event("pointermove", {"clientX": 300, "clientY": 300})
    expect(page.locator("#tip")).to_contain_text("Weight")


def test_three_classes_and_the_code_of_the_network(page, served):
    page.get_by_role("button", name="Three classes").click()
    page.get_by_label("Solver").select_option("adam")
    page.get_by_role("button", name="Play").click()
    until(page, "drawn.train && drawn.test.accuracy > 0.95")
    page.get_by_role("button", name="Pause").click()
    until(page, "!drawn.playing")
    page.get_by_role("button", name="As Python").click()
    ran = {}
    exec(page.locator("#text").inner_text(), ran)
    for W, shown in zip(ran["model"].coefs_, page.evaluate("drawn.weights"), strict=True):
        np.testing.assert_allclose(W, shown, atol=1e-4)


def test_link_of_the_original_and_back(browser, served):
    with opened(browser, served.url + LECTURE) as page:
        until(page, "state.settings.dataset === 'xor'")
        expected = {"activation": "relu", "networkShape": [5, 3], "learningRate": 0.1, "noise": 5, "seed": 0.59064}
        expected |= {"percTrainData": 60, "xTimesY": True, "xSquared": False, "batchSize": 10}
        assert expected.items() <= served.session.settings.items()
        expect(page.get_by_label("Show test points")).to_be_checked()
        assert len(served.session.X) == 300
        page.get_by_label("Activation").select_option("sigmoid")
        page.wait_for_url(lambda url: "activation=sigmoid" in url and "networkShape=5,3" in url)
        page.reload()
        until(page, "state?.settings.activation === 'sigmoid'")
        page.evaluate("location.hash = '#dataset=spiral&activation=nonsense'")
        expect(page.locator("#note")).to_contain_text("activation should be one of")
        page.evaluate("location.hash = '#noise=10&noise_hide=true&playButton_hide=true'")
        expect(page.get_by_label("Noise")).to_be_hidden()
        expect(page.get_by_role("button", name="Play")).to_be_hidden()
        page.wait_for_url(lambda url: "noise=10" in url and "noise_hide=true" in url)


def test_japanese(browser, served):
    with opened(browser, served.url, locale="ja-JP") as page:
        expect(page.locator("h1")).to_contain_text("プレイグラウンド")
        page.get_by_role("button", name="再生").click()
        until(page, "drawn.train")
        expect(page.get_by_role("button", name="一時停止")).to_be_visible()
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        assert page.evaluate("Object.keys(WORDS.ja).sort().join() === Object.keys(WORDS.en).sort().join()")


def test_phone(browser, served):
    with opened(browser, served.url, viewport={"width": 360, "height": 740}, has_touch=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_role("button", name="Play").tap()
        until(page, "drawn.train && drawn.epoch > 3")
        page.locator("#plane").tap(position={"x": 60, "y": 60})
        until(page, "state.points.train.length === 251")


def test_keyboard(page, served):
    page.keyboard.press("Space")
    until(page, "drawn.playing")
    page.keyboard.press("Space")
    until(page, "!drawn.playing")
    page.keyboard.press("r")
    until(page, "drawn.epoch === 0")
    page.keyboard.press("s")
    until(page, "drawn.epoch === 1")
    page.get_by_label("Noise").focus()
    for noise in (5, 10):  # the focus stays where it was
        page.keyboard.press("ArrowRight")
        until(page, f"state.settings.noise === {noise}")
    page.get_by_label("Model").select_option("perceptron")
    until(page, "state.settings.model === 'perceptron'")
    page.get_by_label("Problem").select_option("regression")
    expect(page.locator("#note")).to_contain_text("A perceptron learns classes")
    expect(page.get_by_label("Problem")).to_have_value("classification")
    page.locator("#plane").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    until(page, "state.points.train.length === 251")
    assert served.session.X[-1].tolist() == [0.5, 0.25]


def test_digit_is_drawn_and_read(page):
    page.get_by_role("button", name="Digits").click()
    page.get_by_role("button", name="Play").click()
    until(page, "drawn.train && state.isDigits && drawn.test.accuracy > 0.9")
    page.get_by_role("button", name="Pause").click()
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 128, box["y"] + 30)
    page.mouse.down()
    for angle in np.linspace(0, 2 * np.pi, 25):
        page.mouse.move(box["x"] + 128 + 60 * np.sin(angle), box["y"] + 128 - 95 * np.cos(angle))
    page.mouse.up()
    expect(page.locator("#says .best")).to_have_text("0")
    assert page.locator("#maps canvas").count() > 16


def test_connection_is_cut_and_mended(page, served):
    page.get_by_label("Activation").select_option("relu")
    until(page, "state.settings.activation === 'relu'")
    port, token = served.server.server_port, served.server.token
    served.close()
    expect(page.locator("#note")).to_contain_text("connection to the server is lost")
    mended = Served(port, token)
    try:
        wait_for(lambda: mended.server.tabs)
        wait_for(lambda: mended.session.settings["activation"] == "relu")  # a new session, as the page had it
        page.get_by_role("button", name="Step").click()
        until(page, "drawn.epoch === 1")
        expect(page.locator("#note")).to_be_hidden()
    finally:
        mended.close()


def test_closing_the_tab_frees_its_session(page, served):
    assert len(served.server.tabs) == 1
    page.goto("about:blank")
    wait_for(lambda: not served.server.tabs)


def test_recording_plays_without_a_server(browser, tmp_path):
    path = record(tmp_path / "xor.html", dataset="xor", n_epochs=10, n_frames=6).path
    with opened(browser, path.as_uri()) as page:
        until(page, "drawn.epoch === 10 && !drawn.playing")
        assert page.locator(".node canvas").count() == 13
        page.locator("#replay input").fill("0")
        until(page, "drawn.epoch === 0")
