"""The HTML of an estimator in a notebook: scikit-learn's own, and a table of the layers once there are some."""

import re

import pytest
import sklearn
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr
from sklearn.utils.fixes import parse_version

from sknn_scratch import MLPClassifier
from sknn_scratch.estimators.report import Report
from sknn_scratch.estimators.tables import html_table
from tests.inspection.models import IRIS, SPECIES
from tests.learned import summary

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.skipif(parse_version(sklearn.__version__) < parse_version("1.9"), reason="shows no fitted attributes"),
]


def html_of(estimator):
    return re.sub(r"sk-(container|estimator)-id-\d+", "id", estimator_html_repr(estimator))


def model():
    return MLPClassifier((5,), max_iter=2, random_state=0)


def test_layers_are_added_and_nothing_else_is_changed(monkeypatch, capsys):
    fitted = model().fit(IRIS, SPECIES)
    table = html_table(summary(fitted, capsys))
    ours = html_of(fitted)
    assert ours.count(table) == 1
    assert ours.index(">Parameters</summary>") < ours.index(">Layers</summary>") < ours.index(">Fitted attributes<")
    monkeypatch.delattr(Report, "_get_fitted_attr_html")
    assert ours.replace(table, "") == html_of(fitted)


def test_table():
    rows = re.findall(r"<t[dh].*?>(.*?)</t[dh]>", html_table([("A<b>", (2, 3), 0), ("C", (4,), 12345)]))
    assert rows[:3] == ["Layer", "Output shape", "Parameters"]
    assert rows[3:] == ["A&lt;b&gt;", "(2, 3)", "0", "C", "(4,)", "12,345", "Total", "", "12,345"]


def test_only_what_is_fitted_has_layers():
    assert "Layers</summary>" not in html_of(model())
    pipeline = make_pipeline(StandardScaler(), model())
    assert "Layers</summary>" not in html_of(pipeline)
    assert html_of(pipeline.fit(IRIS, SPECIES)).count("Layers</summary>") == 1
    by_hand = MLPClassifier(()).set_weights([[[1.0]]], [[0.0]])
    assert "Dense(units=1" in html_of(by_hand)
