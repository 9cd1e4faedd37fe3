"""Label names that may not be labels: read right with a notice, or refused with the option."""

import json
import logging

import numpy as np
import pytest

from catnocat.benchmarks import load_dataset
from catnocat.benchmarks.data.tables import LabelTable, TableOptions, check_label_names
from catnocat.benchmarks.utils.errors import InputError, UnclearInputError

NAMES = "abcdefghijkl"


@pytest.fixture
def load(tmp_path):
    """Return a function that writes a labels column next to its images and loads the table."""

    def write_and_load(*cells, name="pets.csv", **options):
        lines = ["image;labels"]
        for image, cell in zip(NAMES, cells, strict=False):
            (tmp_path / f"{image}.jpg").touch()
            lines.append(f"{image}.jpg;" + '"' + cell.replace('"', '""') + '"')
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load_dataset(tmp_path / name, **options)

    return write_and_load


def sets_of(table):
    return [{table.labels[j] for j in np.flatnonzero(row)} for row in table.Y]


def unclear(load, *cells, **options):
    with pytest.raises(UnclearInputError) as caught:
        load(*cells, **options)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("joiner", [" ", ", ", ",", "; ", "#", "/", " / ", "+"])
def test_names_that_join_names_which_occur_alone_are_split(load, joiner):
    table = load(f"scab{joiner}complex", "scab", "complex", "")
    assert table.labels == ("complex", "scab")
    assert sets_of(table) == [{"scab", "complex"}, {"scab"}, {"complex"}, set()]
    assert len(table.notes) == 1
    assert "--separator '|' prevents it" in table.notes[0]


@pytest.mark.parametrize("joiner", [" ", ",", "#", "/"])
def test_whole_names_on_request(load, joiner):
    joined = f"scab{joiner}complex"
    table = load(joined, "scab", "complex", separator="|")
    assert table.labels == tuple(sorted(["complex", "scab", joined]))
    assert table.notes == ()


@pytest.mark.parametrize(
    "cells",
    [
        ("traffic light", "hot dog", "dog", "salt & pepper", "R&B", "T-shirt"),
        ("traffic light|dog", "hot dog", "dog", "salt & pepper", "R&B", "T-shirt"),
        ("salt & pepper", "salt", "pepper"),
        ("R&B", "R", "B"),
        ("C#", "C++", "C"),
        ("red car", "blue car", "red bus", "blue bus"),
        ("light bulb", "traffic light", "bulb holder"),
        ("交通 信号", "犬"),
    ],
)
def test_whole_names_stay_whole(load, cells):
    table = load(*cells)
    assert sets_of(table) == [set(cell.split("|")) for cell in cells]


def test_a_notice_says_that_spaces_are_read_as_part_of_names(load):
    (note,) = load("traffic light", "hot dog", "dog").notes
    assert "'hot dog', 'traffic light'" in note
    assert "--separator ' ' splits" in note
    assert load("traffic light|dog", "hot dog").notes == ()  # cells with | show what joins


@pytest.mark.parametrize(
    ("cells", "joiners"),
    [
        (("sea, sunset", "sea"), [","]),
        (("sea, sunset", "trees;sea", "Sea"), [",", ";"]),
        (("sea,", "sky"), [","]),
        (("sea;sky", "sky;sun"), [";"]),
        (("sea|sky", "sea;sky"), [";"]),
        (("sea+sky", "sun"), ["+"]),
        (("a#b", "c"), ["#"]),
        (("haze primary", "clear primary", "clear road primary", "cloudy"), [" "]),
        (("sea sky", "sky sea", "sun"), [" "]),
        (("traffic light hot dog", "traffic light", "hot dog"), [" "]),
        (("a b", "b c", "a c", "a b c"), [" "]),
        (("cat_dog", "cat", "dog"), ["_"]),
        (("cat-dog", "cat", "dog", "T-shirt"), ["-"]),
    ],
)
def test_doubtful_names_are_refused_with_what_to_type(load, tmp_path, cells, joiners):
    error = unclear(load, *cells)
    options = " ".join(f"--separator '{joiner}'" for joiner in joiners)
    assert [choice for choice, _ in error.choices] == [options, "--separator '|'"]
    assert str(error).startswith(f"{tmp_path / 'pets.csv'} row ")
    whole_names = {name for cell in cells for name in cell.split("|")}
    assert set(load(*cells, separator="|", similar_labels="keep").labels) == whole_names


def test_what_a_refusal_offers_reads_the_table(load):
    cells = ("sea, sunset", "trees;sea", "sea")
    error = unclear(load, *cells)
    assert "to read 3 labels" in str(error)
    table = load(*cells, separator=[",", ";"])
    assert sets_of(table) == [{"sea", "sunset"}, {"trees", "sea"}, {"sea"}]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("['sea', 'sunset']", "[]", "['sea']"), [{"sea", "sunset"}, set(), {"sea"}]),
        (('["sea", "sunset"]', "", '["it\'s"]'), [{"sea", "sunset"}, set(), {"it's"}]),
        (("['sea' 'sunset']", "['sea']"), [{"sea", "sunset"}, {"sea"}]),
        (("('sea', 'sunset')", "('sea',)"), [{"sea", "sunset"}, {"sea"}]),
        (('{"choices": ["sea","sunset"]}', "sea"), [{"sea", "sunset"}, {"sea"}]),
        (('["traffic light", "salt & pepper"]', '["dog"]'), None),
    ],
)
def test_cells_that_are_lists(load, cells, expected):
    table = load(*cells)
    expected = expected or [set(json.loads(cell)) for cell in cells]
    assert sets_of(table) == expected
    assert "read as lists" in table.notes[0]


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        (("['sea']", "sky"), 3),
        (("[sea, sky]", "sky"), 2),
        (("sky", "{'sea': 1}"), 3),
        (("sky", '["sea", 3]'), 3),
    ],
)
def test_mixtures_of_lists_and_texts_are_refused(load, tmp_path, cells, row):
    with pytest.raises(InputError) as caught:
        load(*cells)
    assert str(caught.value).startswith(f"{tmp_path / 'pets.csv'} row {row}: ")


@pytest.mark.parametrize(
    "spellings", [("Sea", "sea"), ("traffic light", "trafficlight"), ("ＣＡＴ", "cat")]
)
def test_names_that_differ_in_case_or_spaces_are_refused_or_merged(load, spellings):
    cells = (f"{spellings[0]}|x", spellings[1], spellings[1])
    error = unclear(load, *cells)
    assert [choice for choice, _ in error.choices] == [
        "--similar-labels merge",
        "--similar-labels keep",
    ]
    assert set(load(*cells, similar_labels="keep").labels) == {*spellings, "x"}
    merged = load(*cells, similar_labels="merge")
    assert sets_of(merged) == [{spellings[1], "x"}, {spellings[1]}, {spellings[1]}]


@pytest.mark.parametrize("other", ["cafe\u0301", "caf\u00e9"])
def test_unicode_forms_of_one_name_are_one_label(load, other):
    table = load("caf\u00e9|x", other, "cafe\u0301")
    assert table.labels == ("caf\u00e9", "x")
    assert table.Y[:, 0].tolist() == [1, 1, 1]


def test_runs_of_spaces_are_one(load):
    table = load("hot  dog|x", "hot\u00a0dog", "hot dog")
    assert table.labels == ("hot dog", "x")
    assert "merged" in table.notes[0]


def whole(labels, Y, **parts):
    names = [f"{i}.jpg" for i in range(len(Y))]
    known = parts.pop("known", np.ones_like(Y, dtype=bool))
    return LabelTable("t", "t", names, names, labels, Y, known, **parts)


def test_a_class_list_is_questioned_where_names_join_its_names():
    Y = np.eye(4, dtype=np.uint8)
    with pytest.raises(UnclearInputError, match="'sea, sky' may be several labels"):
        check_label_names(whole(["sea", "sky", "sea, sky", "x"], Y))
    noted = check_label_names(whole(["fire", "truck", "fire truck", "x"], Y))
    assert noted.labels == ("fire", "truck", "fire truck", "x")
    assert len(noted.notes) == 1
    plain = check_label_names(whole(["dog", "hot dog", "traffic light", "A/C"], Y))
    assert plain.notes == ()
    with pytest.raises(InputError, match="looks like a list of labels"):
        check_label_names(whole(["sea", "['sky']"], np.eye(2)))


def test_splitting_keeps_what_is_unknown_and_adds_objects():
    Y = np.array([[1, 0], [0, 1], [0, 0]])
    known = np.array([[1, 1], [1, 1], [1, 0]], dtype=bool)
    counts = np.array([[2, 0], [0, 3], [0, 0]])
    table = check_label_names(
        whole(["sea", "sea+sky"], Y, known=known, counts=counts), TableOptions(separator="+")
    )
    assert table.labels == ("sea", "sky")
    assert table.Y.tolist() == [[1, 0], [1, 1], [0, 0]]
    assert table.known.tolist() == [[True, True], [True, True], [False, False]]
    assert table.counts.tolist() == [[2, 0], [3, 3], [0, 0]]


def test_notes_are_logged(load, caplog):
    with caplog.at_level(logging.WARNING, logger="catnocat"):
        table = load("scab complex", "scab", "complex")
    assert tuple(record.getMessage() for record in caplog.records) == table.notes
