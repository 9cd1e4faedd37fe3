import html
import io

import numpy as np
import pytest
from scipy.io.arff import loadarff

from catnocat.benchmarks.data.formats import read_dataset
from catnocat.benchmarks.data.formats.arff import read_arff

HEADER = (
    "% a comment",
    "@relation 'pets'",
    "",
    "@ATTRIBUTE size REAL",
    "@attribute 'fur colour' {red, 'dark brown', \"it\\'s\"}",
    "@attribute tame {no,yes}",
    "@attribute cat {0,1}",
    "@attribute dog{1,0}",
    "@data",
)
XML = (
    '<?xml version="1.0" encoding="utf-8"?>',
    '<labels xmlns="http://mulan.sourceforge.net/labels">',
    '<label name="cat"><label name="dog"/></label></labels>',
)
ROWS = ("1.5,red,no,1,0", "-2e1 , 'dark brown', yes, 0, 1", '{0 3, 1 "it\'s", 3 1}')


@pytest.fixture
def write(tmp_path, text):
    """Return a function that writes an ARFF file, and the XML with its labels."""

    def write_file(*rows, header=HEADER, xml=XML, name="pets.arff"):
        if xml:
            text(tmp_path / "pets.xml", *xml)
        return text(tmp_path / name, *header, *rows)

    return write_file


def test_dense_and_sparse_rows_with_quotes(write):
    table = read_dataset(write(*ROWS))
    assert table.labels == ("cat", "dog")
    assert table.Y.tolist() == [[1, 0], [0, 1], [1, 1]]
    assert table.known.all()
    # size, the three colours, tame
    assert table.X.tolist() == [[1.5, 1, 0, 0, 0], [-20, 0, 1, 0, 1], [3, 0, 0, 1, 0]]
    assert table.X.dtype == np.float32
    assert table.images == ("pets.arff:10", "pets.arff:11", "pets.arff:12")
    assert table.where(1).endswith("pets.arff row 11")
    assert set(table.paths) == {""}


def test_a_question_mark_in_a_label_is_unknown(write):
    table = read_dataset(write("1,red,?,?,1"))
    assert table.known.tolist() == [[False, True]]
    assert table.X.tolist() == [[1, 1, 0, 0, 0, 0]]  # and neither tame nor not


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"TAG_m\'usica", "TAG_m'usica"),
        (r"'TAG_m\'usica'", "TAG_m'usica"),
        (r'"TAG_m\'usica"', "TAG_m'usica"),
        (r"\"quoted\"", '"quoted"'),
        (r"'two\twords, 50 \% \\'", "two\twords, 50 % \\"),
        (r"'caf\u00e9'", "café"),
        (r"100\%", "100%"),
        ("'100% cat'", "100% cat"),
    ],
)
def test_escapes_in_names_of_labels(write, written, name):
    header = [line.replace("cat", written) for line in HEADER]
    for in_xml in (written[1:-1] if written[0] in "'\"" else written, name):
        xml = [line.replace("cat", html.escape(in_xml, quote=True)) for line in XML]
        if in_xml == name and ("\t" in name or "\\" in name):
            continue  # XML makes a space of a tab
        assert read_dataset(write(*ROWS, header=header, xml=xml)).labels == (name, "dog")
        assert read_arff(write(*ROWS, header=header)).attributes[3].name == name


@pytest.mark.parametrize(
    "row", [r"1,it\'s,no,1,0", r"1,'it\'s',no,1,0", '1,"it\'s",no,1,0', r"{0 1, 1 it\'s, 3 1}"]
)
def test_escapes_in_values(write, row):
    assert read_dataset(write(row)).X.tolist() == [[1, 0, 0, 1, 0]]


def test_quoted_commas_and_question_marks_are_values(write):
    header = [line.replace("{red, ", "{'red, or', '?', ") for line in HEADER]
    rows = ("1,'red, or',no,1,0", "1,'?',no,1,0", "1,?,no,1,0", "{0 1, 1 '?'}", "{0 1, 1 ?}")
    colours = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    table = read_dataset(write(*rows, header=header))
    assert table.X[:, 1:5].tolist() == colours


def test_a_missing_value_of_two_is_neither(write, tmp_path):
    rows = ("1,red,yes,1,0", "1,red,no,1,0", "1,red,?,1,0", "{0 1, 2 ?}")
    table = read_dataset(write(*rows))
    assert table.X[:, 4:].tolist() == [[0, 1], [1, 0], [0, 0], [0, 0]]
    write(*rows, name="pets-train.arff")
    write(*rows[:2], name="pets-test.arff")
    (tmp_path / "pets.arff").unlink()
    parts = read_dataset(tmp_path)  # the test file has no gap, but the same columns
    assert parts.X[:, 4:].tolist() == [[0, 1], [1, 0], [0, 0], [0, 0], [0, 1], [1, 0]]


def test_question_marks_in_sparse_labels_are_unknown(write):
    table = read_dataset(write("{0 1, 3 ?, 4 0}", "{0 1, 3 1}"))
    assert table.known.tolist() == [[False, True], [True, True]]
    assert table.Y.tolist() == [[0, 0], [1, 1]]


def test_comments_end_a_line(write):
    header = [*HEADER[:3], "% @attribute gone numeric", *HEADER[3:]]
    header[4] += " % in centimetres, it's said"
    table = read_dataset(write("% a comment", "1,red,no,1,0 % first", "  % last", header=header))
    assert table.X.tolist() == [[1, 1, 0, 0, 0]]
    assert table.images == ("pets.arff:12",)


@pytest.mark.parametrize(
    ("relation", "labels"), [("pets: -C -2", ("cat", "dog")), ("pets: -C 1", ("cat",))]
)
def test_labels_by_number(write, relation, labels):
    header = [line.replace("'pets'", f"'{relation}'") for line in HEADER]
    if "-C 1" in relation:  # the labels come first
        header = [*header[:3], header[6], *header[3:6], *header[7:]]
        rows = ["1,1.5,red,no,0"]
    else:
        rows = ROWS
    assert read_dataset(write(*rows, header=header, xml=())).labels == labels


def test_meka_splits_by_number(write):
    header = [line.replace("'pets'", "'pets: -C -2 -split-number 2'") for line in HEADER]
    table = read_dataset(write(*ROWS, header=header, xml=()))
    assert table.split.tolist() == ["train", "train", "test"]


def test_a_folder_with_both_parts(write, tmp_path):
    write(*ROWS, name="pets-train.arff")
    write(ROWS[0], name="pets-test.arff")
    table = read_dataset(tmp_path)
    assert table.name == "pets"
    assert table.split.tolist() == ["train"] * 3 + ["test"]
    assert table.images[-1] == "pets-test.arff:10"
    write(*ROWS)  # the joint file next to the parts changes nothing
    assert read_dataset(tmp_path).split is not None


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["1,red,no,1"], "pets.arff row 10: 4 cells for 5 attributes"),
        (["1,red,no,1,0", "x,red,no,1,0"], "row 11: attribute 'size' is 'x', not a number"),
        (["1,blue,no,1,0"], "attribute 'fur colour' is 'blue', not one of ['red', 'dark brown'"),
        (["?,red,no,1,0"], "row 10: no number for 'size'; fill it in"),
        (["1,'red,no,1,0"], "row 10: the quotes do not match in"),
        (["{0 1, 9 1}"], "row 10: attribute 9 of 5; they count from 0"),
        (["{0 1"], "row 10: '{0 1' is not a sparse row"),
        (["{0 1, 0 2}"], "row 10: '{0 1, 0 2}' names an attribute twice"),
        (["?,red,?,1,0"], "row 10: no number for 'size'; fill it in"),
        ([], "pets.arff: no row after @data"),
    ],
)
def test_broken_rows(write, refused, rows, told):
    assert told in refused(write(*rows))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("size REAL", "size string", "row 4: attribute 'size' is of type 'string'"),
        ("@ATTRIBUTE size REAL", "@attribute", "row 4: '@attribute' is not @attribute, a name"),
        ("@ATTRIBUTE size REAL", "size", "row 4: 'size' does not belong before @data"),
        ("{no,yes}", "{no,'no'}", "row 6: attribute 'tame' lists the value 'no' twice"),
        ("size REAL", "tame REAL", "two attributes are called 'tame'"),
        ("cat {0,1}", "cat {yes,no}", "label 'cat' has the values ['yes', 'no']; only 0 and 1"),
        ("@data", "% nothing", "not an ARFF file; it needs @attribute lines, then @data"),
        ("cat {0,1}", "lynx {0,1}", "pets.xml: label 'cat' is no attribute of pets.arff"),
    ],
)
def test_broken_headers(write, refused, old, new, told):
    header = [line.replace(old, new) for line in HEADER]
    rows = ["1,red,no,1,0"] if old != "cat {0,1}" or "lynx" in new else ["1,red,no,yes,0"]
    assert told in refused(write(*rows if old != "@data" else (), header=header))


def test_a_number_as_label(write, refused):
    header = [line.replace("cat {0,1}", "cat numeric") for line in HEADER]
    assert read_dataset(write(ROWS[0], header=header)).Y.tolist() == [[1, 0]]
    assert "row 10: label 'cat' is 2, neither 0 nor 1" in refused(
        write("1,red,no,2,0", header=header)
    )


def test_files_that_do_not_go_together(write, tmp_path, refused):
    assert "does not define which attributes are labels" in refused(write(*ROWS, xml=()))
    write(*ROWS, name="other.arff")
    assert "holds other.arff, pets.arff; name the one to read" in refused(tmp_path)


def test_scipy_reads_the_same_numbers(data):
    path = data / "tabular" / "flags" / "flags-train.arff"
    ours = read_arff(path)
    theirs, meta = loadarff(io.StringIO(path.read_text()))
    for j, (attribute, name) in enumerate(zip(ours.attributes, meta.names(), strict=True)):
        column = theirs[name]
        if attribute.values is not None:
            column = [attribute.values.index(value.decode().strip()) for value in column]
        assert np.array_equal(ours.cells[:, j], np.asarray(column, dtype=np.float32)), name


@pytest.mark.parametrize(
    ("name", "rows", "features", "labels"),
    [("scene", (1211, 1196), 294, 6), ("yeast", (1500, 917), 103, 14),
     ("emotions", (391, 202), 72, 6), ("flags", (129, 65), 43, 7)],
)  # fmt: skip
def test_the_classic_sets(data, name, rows, features, labels):
    table = read_dataset(data / "tabular" / name)
    assert table.X.shape == (sum(rows), features)
    assert table.n_labels == labels
    assert ((table.split == "train").sum(), (table.split == "test").sum()) == rows
