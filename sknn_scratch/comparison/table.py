"""A table is the header and the rows of a CSV file, every cell a text."""

import codecs
import csv
import gzip
import io
import re
import zlib
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
NUMERIC = re.compile(r"[\s+-]*\d[\d.,e+-]*\s*")
SEPARATOR = re.compile(r'"?sep=([^\w\s"]|\t)"?\s*', re.IGNORECASE)  # a first line for spreadsheet programs
OTHER_FORMATS = {
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"\x93NUMPY": "a NumPy file",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3": "an SQLite database",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"%PDF": "a PDF file",
}


@dataclass(frozen=True)
class Table:
    """The names of the columns, the rows with as many cells each, and how they were written."""

    header: list[str]
    rows: list[list[str]]
    delimiter: str
    encoding: str


def read_table(path: str | PathLike[str]) -> Table:
    """Read a CSV file, gzipped or not.

    Columns are separated by commas, semicolons, tabs or vertical bars, whichever gives the header the most names, or by
    what a first line ``sep=;`` names. Blanks around cells, rows without any content and empty cells behind the last
    named column are dropped. First lines that begin with ``#`` are comments; the last of them is the header where it
    has as many cells as the line below and numbers are below.

    Parameters
    ----------
    path : str or path-like
        The file, in UTF-8, UTF-16 with a byte order mark, Shift-JIS (cp932) or Windows-1252.

    Returns
    -------
    Table

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        The file is no such table.
    """
    if Path(path).is_dir():
        raise ValueError(f"{path} is a folder: name a CSV file in it.")
    text, encoding = _text(path)
    lines = list(io.StringIO(text, newline=""))
    separator = SEPARATOR.fullmatch(lines[0])
    delimiters = [separator[1]] if separator else list(DELIMITERS)
    start = _place_of_header(lines, 1 if separator else 0, delimiters)
    if start == len(lines):
        raise ValueError(f"{path} has comments, but no table: add a header and rows.")

    def n_names(delimiter: str) -> int:
        return len(next(filter(None, csv.reader(lines[start:], delimiter=delimiter))))

    try:
        delimiter = max(delimiters, key=n_names)
        reader = csv.reader(lines[start:], delimiter=delimiter, strict=True)
        header = _stripped(next(filter(None, reader)))
        header[0] = header[0].lstrip("# ")
        while header and not header[-1]:
            header.pop()
        rows = []
        for row in filter(any, map(_stripped, reader)):
            if len(row) < len(header) or any(row[len(header) :]):
                raise ValueError(
                    f"Line {start + reader.line_num} of {path} has {len(row)} cells, but the header has "
                    f"{len(header)}: name all columns, and put quotation marks around cells with a "
                    f"{DELIMITERS.get(delimiter, delimiter)} in them."
                )
            rows.append(row[: len(header)])
    except csv.Error as error:
        raise ValueError(f"{path} is not a CSV file ({error}): look for quotation marks without a partner.") from error
    return Table(header, rows, delimiter, encoding)


def _place_of_header(lines: list[str], start: int, delimiters: list[str]) -> int:
    """Return the place of the first line that is neither empty nor a comment, or of a header that looks like one."""
    place = start
    while place < len(lines) and (not lines[place].strip() or lines[place].startswith("#")):
        place += 1
    is_header = start < place < len(lines) and any(
        _names_numbers(lines[place - 1], lines[place], delimiter) for delimiter in delimiters
    )
    return place - 1 if is_header else place


def _names_numbers(comment: str, line: str, delimiter: str) -> bool:
    """Return whether a comment has two cells or more, and the line below as many, some of them numbers."""
    names, cells = next(csv.reader([comment], delimiter=delimiter)), next(csv.reader([line], delimiter=delimiter))
    return len(cells) == len(names) > 1 and any(map(NUMERIC.fullmatch, cells))


def _stripped(row: list[str]) -> list[str]:
    return [cell.strip() for cell in row]


def _text(path: str | PathLike[str]) -> tuple[str, str]:
    """Return the text of a file, and its encoding."""
    content = Path(path).read_bytes()
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            raise ValueError(f"{path} is a damaged gzip file ({error}): get it anew.") from error
    for start, what in OTHER_FORMATS.items():
        if content.startswith(start):
            raise ValueError(f"{path} is {what}: save its table as a CSV file, and pass that.")
    text, encoding = _decoded(content)
    if "\0" in text:
        raise ValueError(f"{path} is not a text file: pass a CSV file.")
    if not text.strip():
        raise ValueError(f"{path} is empty: pass a CSV file with a header and rows.")
    return text, encoding


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace"), "UTF-16"
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig":
            return text, "UTF-8"
        if _is_japanese(text):
            return text, "Shift-JIS"
    return content.decode("cp1252", errors="replace"), "Windows-1252"


def _is_japanese(text: str) -> bool:
    """Say whether most characters are kana or common kanji, which start with other bytes than accented letters."""
    first_bytes = [character.encode("cp932")[0] for character in set(text) if not character.isascii()]
    return 2 * sum(0x81 <= byte <= 0x9F for byte in first_bytes) > len(first_bytes)
