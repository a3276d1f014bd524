"""
Class imbalance: precision and recall
=====================================

One row in twenty is positive. A network that minimises the mean loss classifies most negatives correctly and misses
many positives. ``class_weight`` gives the positives more weight. This increases recall and reduces precision.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import make_classification
from sklearn.metrics import PrecisionRecallDisplay, precision_score, recall_score
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPClassifier

X, y = make_classification(6000, n_informative=6, weights=[0.95], class_sep=0.8, random_state=0)
X, X_test, y, y_test = train_test_split(X, y, stratify=y, test_size=0.5, random_state=0)

figure, ax = plt.subplots(figsize=(6, 6), layout="constrained")
for weight, style in [(None, "-"), ({1: 4}, "--"), ("balanced", ":")]:
    net = MLPClassifier((32,), class_weight=weight, max_iter=30, random_state=0).fit(X, y)
    predicted = net.predict(X_test)
    precision, recall = precision_score(y_test, predicted), recall_score(y_test, predicted)
    print(f"class_weight={weight}: precision {precision:.2f}, recall {recall:.2f}")
    PrecisionRecallDisplay.from_estimator(
        net, X_test, y_test, name=f"class_weight={weight}", curve_kwargs={"linestyle": style}, ax=ax
    )
    ax.plot(recall, precision, "o", color=ax.lines[-1].get_color(), markeredgecolor="black", markersize=9)
ax.legend(loc="lower left")
ax.set_title("Precision and recall of the test set; dots: those of predict")

# %%
# The curves are nearly identical: class weights do not improve the network, they move the operating point on the curve.
# (``TunedThresholdClassifierCV`` of scikit-learn moves it without training again.)

plt.show()
