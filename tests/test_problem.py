"""A problem from a CSV file: what its bytes, its columns and its target mean, and one line for what is wrong."""

import gzip
import re

import numpy as np
import pytest

from sknn_scratch.comparison.problem import read_csv

PLAIN = "x,y\n1,a\n2,b\n4,a\n"


@pytest.fixture
def read(tmp_path):
    """Read the problem of a file with this content."""

    def read(content, target="y", task=None, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_csv(path, target, task)

    return read


@pytest.fixture
def column(read):
    """Read a column of cells, and return what a model gets and what is said about it."""

    def column(cells, delimiter=";", besides=""):
        cells = [f'"{cell}"' for cell in cells]
        lines = [delimiter.join((cell, besides, str(row % 2))) for row, cell in enumerate(cells)]
        problem = read("\n".join((delimiter.join(("x", "besides", "y")), *lines)))
        [said] = [remark for remark in problem.remarks if remark.startswith("Column 'x'")] or [""]
        return problem.X[:, 0].tolist(), said

    return column


# Encodings and other ways to write a table


JAPANESE = "価格,種類,y\n100,りんご,甘い\n230,蜜柑,酸っぱい\n"


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        (JAPANESE, "utf-8", ""),
        (JAPANESE, "utf-8-sig", ""),
        (JAPANESE, "utf-16", ""),
        (JAPANESE, "cp932", "read as Shift-JIS"),
        ("Größe,Straße,y\n1,Föhr,é\n2,Würz,à\n", "cp1252", "read as Windows-1252"),
    ],
)
def test_encodings(read, text, encoding, said):
    utf8, problem = read(text), read(text.encode(encoding))
    np.testing.assert_array_equal(problem.X, utf8.X)
    assert any(said in remark for remark in problem.remarks) if said else problem.remarks == utf8.remarks
    assert read(gzip.compress(text.encode(encoding))).remarks == problem.remarks


@pytest.mark.parametrize("name", ["表 🎉.csv", f"{'ü' * 100}.CSV", "no ending"])
def test_names_of_files(read, name):
    assert read(PLAIN, name=name).name == name


@pytest.mark.parametrize("delimiter", ",;\t|")
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_ends_of_lines(read, delimiter, newline):
    problem = read(PLAIN.replace(",", delimiter).replace("\n", newline))
    assert problem.X.tolist() == [[1], [2], [4]]
    assert problem.y.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.replace("\n", ",\n"),  # an empty column behind the last one
        PLAIN.replace("\n", ",,\n").replace("y,,", "y"),  # in the rows only
        PLAIN.replace("1,", " 1 , "),
        f"\n{PLAIN}\n,\n",  # rows with nothing in them
        PLAIN.replace("x", '"x"'),
    ],
)
def test_what_is_empty_is_dropped(read, content):
    problem = read(content)
    assert problem.X.tolist() == [[1], [2], [4]]
    assert not problem.remarks


@pytest.mark.parametrize(
    "start",
    [
        "sep=;\n",
        '"sep=;"\r\n',
        "SEP=;\n\n",
        "# one comment\n",
        "#one\n#;;two\n\n",
        "sep=;\n# a, b; c\n",
        "# x and y\r\n",
    ],
)
def test_lines_before_the_header(read, start):
    problem = read(f"{start}x;y\n1,5;a\n2;b\n4;a\n")
    assert problem.X.tolist() == [[1.5], [2], [4]]
    with pytest.raises(ValueError, match=f"Line {len(start.splitlines()) + 3} of .* has 1 cells, but the header has 2"):
        read(f"{start}x;y\n1,5;a\n2\n")


@pytest.mark.parametrize(
    ("content", "X"),
    [
        ("# x,y\n1,2\n3,4\n", [[1], [3]]),  # as numpy.savetxt writes it
        ("# of 2024, 2025\n#x,y\n1,2\n3,4\n", [[1], [3]]),
        ("#x,z,y\n1,a,2\n3,a,4\n", [["1.0", "a"], ["3.0", "a"]]),
    ],
)
def test_header_that_looks_like_a_comment(read, content, X):
    problem = read(content)
    assert problem.X.astype(type(X[0][0])).tolist() == X
    assert problem.y.tolist() == [0, 1]
    assert read(content, target="x").y.tolist() == [0, 1]


def test_comment_with_as_many_cells_as_the_header(read):
    assert read("# of a, and b\n2019 in kg,y\n1,2\n3,4\n").X.tolist() == [[1], [3]]


@pytest.mark.parametrize("delimiter", [":", "^", "\t", ","])
def test_delimiter_that_the_file_names(read, delimiter):
    problem = read(f"sep={delimiter}\nx{delimiter}y\n1{delimiter}a\n2{delimiter}b\n4{delimiter}a\n")
    assert problem.X.tolist() == [[1], [2], [4]]
    named = {"\t": "tab", ",": "comma"}.get(delimiter, delimiter)
    with pytest.raises(ValueError, match=f"cells with a {re.escape(named)} in them"):
        read(f"sep={delimiter}\nx{delimiter}y\n1\n")


def test_delimiter_and_newline_inside_quotation_marks(read):
    problem = read('"a,b,c";y\n"one\ntwo";1\n"one;two";0\n')
    assert problem.X.tolist() == [["one\ntwo"], ["one;two"]]
    assert "Text, one-hot encoded: 'a,b,c'." in problem.remarks


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: pass a CSV file with a header"),
        (b"\n \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"# a comment\n\n# more\n", "has comments, but no table: add a header and rows"),
        (b"sep=;\n", "has comments, but no table"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (gzip.compress(PLAIN.encode(), mtime=0)[:-9], "is a damaged gzip file"),
        (b"PAR1\x15\x04", "is a Parquet file: save its table as a CSV file"),
        (b"PK\x03\x04\x14", "is an Excel workbook or a zip archive: save"),
        (PLAIN.encode("utf-16-le"), "is not a text file: pass a CSV file"),
        (bytes(range(256)), "is not a text file"),
        (b"x,y\n", "has a header, but no rows"),
        (b"x,y", "has a header, but no rows"),
        (b"y\n1\n2\n", "has one name at most, 'y': name two columns or more, separated by one of comma"),
        (b"x z y\n1 2 3\n", "has one name at most, 'x z y'"),
        (b",,\n1,2,3\n", "Line 2 of .* has 3 cells, but the header has 0: name all columns"),
        (b"x,y\n1,2\n1,2,3\n", "Line 3 of .* has 3 cells, but the header has 2: .* cells with a comma in them"),
        (b"x;y\n1\n", "Line 2 of .* has 1 cells, but the header has 2"),
        (b'x,y\n"1,2\n', "is not a CSV file .*: look for quotation marks without a partner"),
        (b'x,y\n"1"2,2\n', "is not a CSV file"),
        (b"y,y\n1,2\n", "has 2 columns named 'y': rename all but one"),
        (b"x,z\n1,2\n", "no column named 'y'. Its first line has 'x', 'z'"),
        (b"x,Yy\n1,2\n", "no column named 'y'. Did you mean 'Yy'"),
        (b"x,y\n1,\n2,NA\n", "Column 'y' of .* is empty: choose another --target"),
        (b"x,y\n1,inf\n2,3\n", "Column 'y' has infinite numbers"),
        (b"x,y\n1,7.0\n2,7\n", "Column 'y' has one value only, '7.0': choose another --target"),
    ],
)
def test_file_that_is_no_table_is_refused(read, content, message):
    with pytest.raises(ValueError, match=message) as error:
        read(content)
    assert "\n" not in str(error.value)


# Columns


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1.5", "-2", "3e2", ".5"], [1.5, -2, 300, 0.5]),
        (["1,500.5", "12,310", "7"], [1500.5, 12310, 7]),
        (["1.317,5", "1.000.000", "-7"], [1317.5, 1e6, -7]),
        (["0,123", "12,5", "3"], [0.123, 12.5, 3]),
        (["12 310", "1\u00a0000,5", "7"], [12310, 1000.5, 7]),
        (["12'310.5", "1’000", "7"], [12310.5, 1000, 7]),
        (["-0.8%", "12 %", "100％"], [-0.8, 12, 100]),
        (["$5", "-$1,000", "$0.50"], [5, -1000, 0.5]),
        (["5 €", "1.000,50 €", "0,5€"], [5, 1000.5, 0.5]),
        (["1,000,000円", "250円", "0円"], [1e6, 250, 0]),
        (["￥１２００", "¥250", "￥0"], [1200, 250, 0]),
        (["EUR 103,046", "EUR 7.5", "EUR 0"], [103046, 7.5, 0]),
        (["1.000,50 kr", "25,5 kr.", "-3 kr"], [1000.5, 25.5, -3]),
        (["Rs. 5", "Rs 7", "Rs. 1,000.5"], [5, 7, 1000.5]),
        (["-3 °C", "5.5℃", "0 °C"], [-3, 5.5, 0]),
        (["12 m²", "7 m²", "1,000.5 m2"], [12, 7, 1000.5]),
        (["12 km/h", "7km/h", "3e2 km/h"], [12, 7, 300]),
        (["−5", "5", "+6"], [-5, 5, 6]),
        (["1.5", "2.5", "n/a", "-", "NULL", "", "?", "—", "#N/A"], [1.5, 2.5] + 7 * [np.nan]),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_numbers(column, cells, numbers, delimiter):
    read, said = column(cells, delimiter)
    np.testing.assert_array_equal(read, numbers)
    assert not said


@pytest.mark.parametrize(
    ("delimiter", "besides", "cell", "number", "said"),
    [
        (",", "", "1,234", 1234, ""),
        (",", "", "1.234", 1.234, ""),
        (",", "0,5", "1,234", 1.234, "has '1,234' read as 1.234, not as 1234: write 1234 if that is wrong."),
        (";", "", "1,234", 1.234, "has '1,234' read as 1.234, not as 1234"),
        (";", "", "1.234", 1.234, "has '1.234' read as 1.234, not as 1234"),
        (";", "0,5", "1.234", 1234, "has '1.234' read as 1234, not as 1.234"),
        (";", "0.5", "1.234", 1.234, ""),
        (";", "0.5", "1,234", 1234, ""),
        ("\t", "", "1,234", 1234, "has '1,234' read as 1234, not as 1.234"),
        ("\t", "0.5", "1,234", 1234, ""),
    ],
)
def test_number_with_two_meanings_goes_with_the_other_columns(column, delimiter, besides, cell, number, said):
    read, remark = column([cell, "7"], delimiter, f'"{besides}"')
    assert read == [number, 7]
    assert said in remark if said else not remark


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1990", "1991", "unknown", "1992", "n.d."], "is text because of 'unknown', 'n.d.': empty these cells"),
        (["1.5%", "2%", "3%", "0.5"], "is text because of '0.5'"),
        (["EUR 1", "USD 2", "EUR 5", "USD 9"], "or make them numbers in the unit of the others, 'EUR'."),
        (
            ["5", "on request", "unknown", "9", "on request", "1", "unknown"],
            "because of 'on request', 'unknown': empty",
        ),
        (["approx 5", "approx 7.5", ""], "has 'approx' beside each number: leave that out if the numbers are quant"),
        (["K-001", "K-002", "K-003"], "are quantities. Drop the column if they are ids."),
        (["k1", "k2", "k9", "m1"], "has 4 different texts"),
        (["1,5", "2,5", "3,5", "0.5"], "is text because of '0.5'"),
        (["1.5", "2.5", "3.5", "(0.5)"], "is text because of '(0.5)'"),
        (["1", "2", "3", "4" * 200 + "?"], "is text because of '4444444"),
        (["2024-01-05", "2024-01-05", "2024-02-05"], "has dates, which are taken as text: make numbers of them (year"),
        (["05.01.2024", "06.01.2024", ""], "has dates"),
        (["1/5/24 10:30", "1/6/24 11:30"], "has dates"),
        (["2024年1月5日", "2024年1月6日"], "has dates"),
        (["Ann", "Bob", "Cid", "Dee"], "has 4 different texts in 4 rows: make numbers of them, or drop it."),
        (["red", "blue", "red", "blue"], ""),
        (["TRUE", "FALSE", "TRUE", "FALSE"], ""),
        (["7", "8", "9", "10"], "numbers the rows: drop it, unless it is a measurement."),
        (["7", "8", "10", "9"], ""),
        (["", "NA", "-"], "has no values: drop it."),
        (["7", "7.0", "", "7"], "has one value only, 7: drop it."),
        (["a", "a", "a"], "has one value only, 'a': drop it."),
        (["a", "", "a"], ""),
        (["20210115", "20201231", "20210115"], "has dates as numbers, such as 20210115: make year, month or weekday"),
        (["202101", "202112", ""], "has dates as numbers, such as 202101"),
        (["20210115093000.0", "20210115093001.0"], "has dates as numbers, such as 20210115093000"),
        (["20210115", "20211315"], ""),
        ([str(7919 * k % 1000) for k in range(20)], "has another whole number in each row: drop it if these are ids"),
        ([str(7919 * k % 1000) for k in range(20)] + ["NA"], "has another whole number in each row"),
        ([str(7919 * k % 1000) for k in range(20)] + ["0"], ""),
        ([f"{k * k} km" for k in range(20)], ""),
        ([f"{k * k}.5" for k in range(20)], ""),
    ],
)
def test_advice(column, cells, said):
    _, remark = column(cells)
    assert said in remark if said else not remark
    assert len(remark) < 250


def test_every_text_column_is_named(read):
    names = [f"column {number}" for number in range(20)]
    rows = [",".join((*20 * cell, answer)) for cell, answer in ("a0", "b1", "a0", "b1")]
    problem = read("\n".join((",".join((*names, "y")), *rows)))
    assert problem.remarks == (f"Text, one-hot encoded: {', '.join(map(repr, names))}.",)


def test_columns_of_one_name_are_all_read_and_counted(read):
    problem = read("x,z,x,x,y\n1,0,3,4,a\n2,9,5,8,b\n")
    assert problem.X.tolist() == [[1, 0, 3, 4], [2, 9, 5, 8]]
    assert problem.remarks == ("3 columns are named 'x', and each is read: rename them if that is wrong.",)


@pytest.mark.parametrize(("cells", "count"), [("1,inf,-Infinity,2", 2), ("1,2,1e999,2", 1), ("inf,inf,inf,inf", 4)])
def test_infinite_cells_are_counted(read, cells, count):
    problem = read("\n".join(("x,y", *(f"{cell},{row % 2}" for row, cell in enumerate(cells.split(","))))))
    assert f"Column 'x' has {count} infinite cells, which are taken as missing." in problem.remarks
    assert np.isnan(problem.X[:, 0]).sum() == count


# Targets


@pytest.mark.parametrize("words", [["on request"], ["on request", "unknown"]])
@pytest.mark.parametrize("every", [2, 3])
def test_target_of_numbers_and_few_words_is_refused(read, words, every):
    cells = [f"{row**2}" if row % every == 0 else words[row % len(words)] for row in range(60)]
    content = "\n".join(("x,y", *(f"3,{cell}" for cell in cells)))
    with pytest.raises(ValueError, match=f"no numbers, .*{words[-1]}.* empty them to leave their rows out, or pass"):
        read(content)
    assert read(content, task="classification").task == "classification"


def test_target_of_two_currencies_is_refused(read):
    content = "\n".join(("x,y", *(f"3,{('EUR', 'USD')[row % 2]} {row**2}" for row in range(40))))
    with pytest.raises(ValueError, match="make them numbers in the unit of the others, 'EUR', empty them"):
        read(content)


def test_word_beside_the_numbers_of_a_target_is_said(read):
    problem = read("x,y\n3,k1\n5,k2\n9,k1\n")
    assert problem.task == "classification"
    assert "Column 'y' has 'k' beside each number: leave that out if the numbers are quantities." in problem.remarks


@pytest.mark.parametrize(
    ("cells", "task", "y"),
    [
        (["12,310", "7,000", "8.5"], "regression", [12310, 7000, 8.5]),
        (["0.8%", "1.5%", "-2%"], "regression", [0.8, 1.5, -2]),
        (["yes", "no", "yes"], "classification", [1, 0, 1]),
        (["+", "-", "+"], "classification", [0, 1, 0]),
        (["0", "1", "2", "3+"], "classification", [0, 1, 2, 3]),
        (["01", "1", "2"], "classification", [0, 0, 1]),
    ],
)
def test_target(read, cells, task, y):
    problem = read("\n".join(("x,y", *(f'3,"{cell}"' for cell in cells))))
    assert (problem.task, problem.y.tolist()) == (task, y)


def test_target_that_is_numbers_but_for_a_few_cells_is_refused_unless_told(read):
    content = "\n".join(("x,y", *(f"3,{1990 + row}" for row in range(20)), "3,unknown"))
    for task in (None, "regression"):
        with pytest.raises(ValueError, match=r"no numbers, 'unknown': make them numbers, empty them .* or pass --task"):
            read(content, task=task)
    assert read(content, task="classification").task == "classification"
    assert read(content.replace("unknown", "")).task == "regression"


@pytest.mark.parametrize(
    ("cells", "left_out", "empty"),
    [("a,,b,NA,a", 2, "'', 'NA'"), ("1.5,-,2.5,3.5", 1, "'-'"), ("a,b,a", 0, "")],
)
def test_rows_without_a_target_are_counted(read, cells, left_out, empty):
    cells = cells.split(",")
    problem = read("\n".join(("x,y", *(f"{row**2},{cell}" for row, cell in enumerate(cells)))))
    assert len(problem.X) == len(problem.y) == len(cells) - left_out
    said = f"{left_out} of {len(cells)} rows have no target and are left out: 'y' is {empty} there."
    assert problem.remarks == ((said,) if left_out else ())


def test_doubt_about_the_target_is_said(read):
    problem = read("x;y\n1;1,250\n2;2,125\n4;3,375\n")
    assert problem.y.tolist() == [1.25, 2.125, 3.375]
    assert problem.remarks == ("Column 'y' has '1,250' read as 1.25, not as 1250: write 1250 if that is wrong.",)
