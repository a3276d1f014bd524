"""Recurrent layers in the networks of one's own."""

import pickle

import numpy as np
import pytest

from sknn_scratch import NetworkClassifier, NetworkRegressor
from sknn_scratch.nn.layers import GRU, LSTM, Bidirectional, Dense, Dropout, Flatten, MeanSteps, SimpleRNN, Tanh

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 10, 2))
Y = (X[:, 0, 0] > 0).astype(int)
LAYERS = [
    [LSTM(6)],
    [GRU(6, reverse=True)],
    [SimpleRNN(6, "relu", return_sequences=True), LSTM(4, recurrent_dropout=0.1)],
    [Bidirectional(GRU(3, return_sequences=True, dropout=0.1)), Dropout(0.1), Dense(3), Tanh(), MeanSteps()],
    [LSTM(2, return_sequences=True), Flatten()],
]


@pytest.mark.parametrize("layers", LAYERS, ids=str)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_fit_predict_weights_and_pickle(layers):
    clf = NetworkClassifier(layers, max_iter=5, random_state=0).fit(X, Y)
    proba = clf.predict_proba(X)
    assert proba.shape == (120, 2)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(clf)).predict_proba(X), proba)
    again = NetworkClassifier(layers, max_iter=5, random_state=0).fit(X, Y)
    np.testing.assert_array_equal(again.predict_proba(X), proba)
    with_weights = NetworkClassifier(layers, max_iter=1, random_state=1).fit(X, Y)
    with_weights.set_weights(clf.coefs_, clf.intercepts_)
    np.testing.assert_allclose(with_weights.predict_proba(X), proba, rtol=1e-12)


@pytest.mark.parametrize("layer", [LSTM(8), GRU(8)], ids=str)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_first_symbol_is_remembered(layer):
    """Of 15, each -1 or 1, at random: guessing has an accuracy of 0.5."""
    symbols = RNG.choice([-1.0, 1.0], size=(700, 15, 1))
    first = symbols[:, 0, 0]
    clf = NetworkClassifier(
        [layer],
        batch_size=20,
        max_iter=30,
        n_iter_no_change=30,
        learning_rate_init=0.01,
        gradient_clip=1,
        random_state=0,
    )
    assert clf.fit(symbols[:600], first[:600]).score(symbols[600:], first[600:]) > 0.9


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_summary_shows_settings_that_are_not_the_default(capsys):
    layers = [LSTM(8, return_sequences=True), Bidirectional(SimpleRNN(4, "relu")), Tanh()]
    NetworkRegressor(layers, max_iter=1, random_state=0).fit(X[:20], X[:20, 0, 0]).summary()
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "LSTM(units=8, return_sequences=True) (10, 8) 352" in lines  # (2 + 1 + 8) 4 * 8
    assert "Bidirectional(layer=SimpleRNN(units=4, activation='relu')) (8,) 104" in lines  # 2 (8 + 1 + 4) 4
