"""A column is the cells of a table under one name: numbers where all of them can be read as such, else text."""

import re
import reprlib
import unicodedata
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .table import Table

MISSING = {"", "?", "na", "n/a", "#n/a", "nan", "none", "null"}
GAPS = MISSING | {"-", "--", "–", "—"}  # missing among numbers; among texts a dash may be a class
DATE = re.compile(r"\d{1,4}([-/.]|年)\d{1,2}([-/.]|月)\d{1,4}日?([T ]\d{1,2}:.*)?")
DATE_AS_NUMBER = re.compile(  # 202101, 20210115, 202101151030, 20210115103000
    r"(19|20)\d\d(0[1-9]|1[0-2])((0[1-9]|[12]\d|3[01])(([01]\d|2[0-3])[0-5]\d([0-5]\d)?)?)?"
)
MANY_ROWS = 10  # so many different whole numbers may be ids
LISTED = reprlib.Repr()
LISTED.maxlist, LISTED.maxstring = 10, 40

CURRENCIES = (
    "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NOK NZD PHP PLN RON SEK SGD THB TRY TWD "
    "USD ZAR kr Rs [$€£¥]"
)

WORD = r"[^\W\d_]+[23]?"

# A number that may have commas, blanks or apostrophes between thousands, a currency before it, and a unit behind it.
# Other words before it are no units: k1 and k2, or type 1 and type 2, are names. An abbreviation's point may have
# changed its place with a comma.
NUMBER = re.compile(
    rf"(?P<sign>[+-]?)((?P<before>{CURRENCIES.replace(' ', '|')})[.,]?)? ?"
    r"(?P<digits>[1-9]\d{0,2}(?P<mark>[,' ])\d{3}((?P=mark)\d{3})*(\.\d*)?|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)"
    rf" ?((?P<after>[%$€£¥]|°?{WORD}(/{WORD})?)[.,]?)?",
    re.IGNORECASE,
)
DIGITS = re.compile(r"[\d.,'+\- ]+")
TO_PYTHON = {".": {}, ",": str.maketrans(",.", ".,")}  # decimal point -> how commas and points change their places


@dataclass(frozen=True)
class Reading:
    """What the cells of a column mean with one decimal point: a number in the unit, or that it is `odd`."""

    point: str
    unit: str
    numbers: dict[str, float]
    odd: list[str]


@dataclass(frozen=True)
class Column:
    """The cells under one name, and what they mean.

    `numbers` are NaN where missing or infinite, and None for text; the cells that make it text are `odd`, the others
    are numbers in the unit. `doubt` says how cells with two meanings are read, or is empty. `n_infinite` cells are
    infinite numbers.
    """

    name: str
    cells: tuple[str, ...]
    numbers: npt.NDArray[np.float64] | None
    odd: list[str]
    unit: str
    doubt: str = ""
    n_infinite: int = 0

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Which cells have no content."""
        return np.array(list(map(self._is_missing, self.cells)), dtype=np.bool_)

    def _is_missing(self, cell: str) -> bool:
        return cell.lower() in (MISSING if self.numbers is None else GAPS)

    @property
    def is_nearly_numeric(self) -> bool:
        """Whether most cells of a text column are numbers, or a third where there are one or two words besides."""
        counts = Counter(self.cells)
        n_odd = sum(counts[cell] for cell in self.odd)
        n_filled = sum(count for cell, count in counts.items() if cell.lower() not in GAPS)
        few_words = len(_words(self.odd)) <= 2
        return 0 < 2 * n_odd < n_filled or (few_words and 0 < 3 * n_odd <= 2 * n_filled)

    @property
    def remedy(self) -> str:
        """What makes numbers of a column that is nearly numeric."""
        return f"make them numbers{f' in the unit of the others, {self.unit!r}' if self.unit else ''}"

    @property
    def word_beside_numbers(self) -> str:
        """What should be done about a text of the same word and a number in all cells; empty where it is none."""
        cells = [cell for cell in set(self.cells) if not self._is_missing(cell)]
        words = _words(cells)
        if self.numbers is not None or len(words) != 1 or not all(re.search(r"\d", cell) for cell in cells):
            return ""
        return f"has {words.pop()!r} beside each number: leave that out if the numbers are quantities."

    @property
    def advice(self) -> str:
        """What should be done about the column before a model learns from it; empty where nothing."""
        values = {cell for cell in set(self.cells) if not self._is_missing(cell)}
        if not values:
            return "has no values: drop it."
        if self.numbers is not None:
            return self._advice_about_numbers(self.numbers)
        if len(set(self.cells)) == 1:
            return f"has one value only, {values.pop()!r}: drop it."
        if self.is_nearly_numeric:
            return f"is text because of {listed(self.odd)}: empty these cells to be imputed, or {self.remedy}."
        if all(map(DATE.fullmatch, values)):
            return "has dates, which are taken as text: make numbers of them (year, month, weekday), or drop it."
        if self.word_beside_numbers:
            return f"{self.word_beside_numbers} Drop the column if they are ids."
        if 2 * len(values) > len(self.cells):
            return f"has {len(values)} different texts in {len(self.cells)} rows: make numbers of them, or drop it."
        return ""

    def _advice_about_numbers(self, numbers: npt.NDArray[np.float64]) -> str:
        there = numbers[~np.isnan(numbers)]
        different = np.unique(there)
        if len(different) <= 1:
            return f"has one value only, {different[0]:.15g}: drop it." if len(different) else ""
        if len(numbers) > 2 and (np.diff(numbers) == 1).all():
            return "numbers the rows: drop it, unless it is a measurement."
        if (there % 1 != 0).any() or self.unit:
            return ""
        if all(DATE_AS_NUMBER.fullmatch(f"{number:.0f}") for number in different):
            return f"has dates as numbers, such as {there[0]:.0f}: make year, month or weekday of them, or drop it."
        if len(different) == len(there) >= MANY_ROWS:
            return "has another whole number in each row: drop it if these are ids, not measurements."
        return ""


def read_columns(table: Table) -> list[Column]:
    """Return the columns of a table.

    A column is numeric where each of its cells is a number or missing (empty, ``?``, ``-``, ``NA``, ``NaN``, ``null``,
    ``none``). Its numbers may have commas, points, blanks or apostrophes between thousands, a decimal comma, a currency
    before and a unit behind them, which is the same in all of them and is dropped: ``5%`` and ``5 m`` are 5.

    ``1,234`` and ``1.234`` have two meanings. They have the one that fits the columns with one meaning only; where
    these do not help, a point is a decimal point, and so is a comma if semicolons separate the columns.
    """
    columns = list(zip(*table.rows, strict=True))
    readings = [_readings(list(dict.fromkeys(cells))) for cells in columns]
    settled = {group[0].point for group in readings if len(group) == 1 and not group[0].odd}
    usual = settled.pop() if len(settled) == 1 else None
    return [
        _column(name, cells, group, usual, table.delimiter)
        for name, cells, group in zip(table.header, columns, readings, strict=True)
    ]


def _readings(cells: list[str]) -> list[Reading]:
    """Return the reading of the cells, or both readings where a decimal point and a decimal comma fit."""
    point = _reading(cells, ".")
    if not point.odd and not all(_number(cell, ",") for cell in point.numbers):
        return [point]
    comma = _reading(cells, ",")
    if point.odd or comma.odd:
        return [min(point, comma, key=lambda reading: len(reading.odd))]
    return [point, comma]


def _reading(cells: list[str], point: str) -> Reading:
    filled = [cell for cell in cells if cell.lower() not in GAPS]
    found = {cell: number for cell in filled if (number := _number(cell, point))}
    [(usual, _)] = Counter(unit for _, unit in found.values()).most_common(1) or [("", 0)]
    numbers = {cell: number for cell, (number, unit) in found.items() if unit == usual}
    return Reading(point, usual, numbers, [cell for cell in filled if cell not in numbers])


def _number(cell: str, point: str) -> tuple[float, str] | None:
    """Return the number and the unit of a cell, or None."""
    text = cell if cell.isascii() else unicodedata.normalize("NFKC", cell).replace("−", "-").replace("’", "'")
    text = text.translate(TO_PYTHON[point])
    try:
        return float(text), ""
    except ValueError:
        match = NUMBER.fullmatch(text)
    if not match:
        return None
    unit = (match["before"] or "") + (match["after"] or "")
    return float(match["sign"] + re.sub("[,' ]", "", match["digits"])), unit


def _words(cells: list[str]) -> set[str]:
    """Return what is beside the digits of the cells."""
    return {word for cell in cells if (word := DIGITS.sub(" ", cell).strip())}


def _column(name: str, cells: tuple[str, ...], readings: list[Reading], usual: str | None, delimiter: str) -> Column:
    [reading, *others] = readings
    doubtful = [cell for other in others for cell in other.numbers if other.numbers[cell] != reading.numbers[cell]]
    doubt = ""
    if doubtful:
        point = usual or ("," if delimiter == ";" and any("," in cell for cell in doubtful) else ".")
        reading, other = sorted(readings, key=lambda reading: reading.point != point)
        if point == "," or (usual is None and delimiter != ","):
            cell = doubtful[0]
            read, not_read = reading.numbers[cell], other.numbers[cell]
            doubt = f"has {cell!r} read as {read:.15g}, not as {not_read:.15g}: write {not_read:.15g} if that is wrong."
    if reading.odd:
        return Column(name, cells, None, reading.odd, reading.unit)
    numbers = np.array([reading.numbers.get(cell, np.nan) for cell in cells], dtype=np.float64)
    infinite = np.isinf(numbers)
    numbers[infinite] = np.nan
    return Column(name, cells, numbers, [], reading.unit, doubt, int(np.count_nonzero(infinite)))


def listed(texts: list[str]) -> str:
    """Return the texts in quotation marks, or the first of many."""
    return LISTED.repr(texts)[1:-1]
