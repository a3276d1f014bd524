"""
Which features matter, and how
==============================

Three answers for one network, which predicts the progression of diabetes from ten measurements: how much the score
falls without a feature, how the prediction changes with it, and the gradient for single patients.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_diabetes
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPRegressor
from sknn_scratch.inspection import SaliencyDisplay, input_gradient

diabetes = load_diabetes()
names = diabetes.feature_names
X, X_test, y, y_test = train_test_split(diabetes.data, diabetes.target, random_state=0)
reg = MLPRegressor((16,), random_state=0).fit(X, y)

# %%
# Permutation importance
# ----------------------
#
# Each column of the test set is shuffled in turn. The bars are the mean loss of R2 over ten shuffles, the lines its
# standard deviation. Of strongly correlated features, such as s1 and s2, one can stand in for the other, so both may
# seem unimportant.

importance = permutation_importance(reg, X_test, y_test, n_repeats=10, random_state=0)
order = importance.importances_mean.argsort()
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.barh(range(len(names)), importance.importances_mean[order], xerr=importance.importances_std[order])
ax.set_yticks(range(len(names)), [names[k] for k in order])
ax.set(title=f"R2 on the test set: {reg.score(X_test, y_test):.2f}", xlabel="R2 lost when the feature is shuffled")

# %%
# Partial dependence
# ------------------
#
# The mean prediction (dashed) when one feature is set to the same value in all rows, and the prediction for single
# rows.

figure, axes = plt.subplots(1, 2, figsize=(8, 3.5), layout="constrained")
PartialDependenceDisplay.from_estimator(
    reg, X_test, [names.index("bmi"), names.index("s5")], kind="both", subsample=30, feature_names=names, ax=axes
)

# %%
# Single patients
# ---------------
#
# The derivative of the prediction with respect to each feature, for three patients.

patients = X_test[:3]
labels = [f"predicted: {predicted:.0f}" for predicted in reg.predict(patients)]
SaliencyDisplay(patients, input_gradient(reg, patients), labels, feature_names=names).plot()
plt.show()
