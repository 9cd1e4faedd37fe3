import csv

import numpy as np


def arrays(tmp_path, rng):
    """Write ready features with two flipped labels; return the file and the flips."""
    Y = (rng.random((200, 2)) < 0.4).astype(np.uint8)
    X = np.hstack([4.0 * Y, rng.normal(size=(200, 3))]) + rng.normal(size=(200, 5)) / 2
    flips = [(10, 0), (20, 1)]
    for row, column in flips:
        Y[row, column] ^= 1
    np.savez(tmp_path / "a.npz", X=X, Y=Y, labels=["cat", "dog"])
    return tmp_path / "a.npz", flips


def test_data_lists_and_writes_label_errors(run_main, tmp_path, rng):
    path, flips = arrays(tmp_path, rng)
    out = tmp_path / "out" / "suspects.csv"
    code, printed, _ = run_main("data", path, "--label-errors", "--out", out)
    assert code == 0
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["image"], row["label"]) for row in rows[:2]}) == len(flips)
    assert {row["label"] for row in rows[:2]} == {"cat", "dog"}
    assert f"{len(rows)} of 400 labels are probably wrong" in printed
    assert str(out) in printed


def test_data_writes_suspects_into_a_folder(run_main, tmp_path, rng):
    path, _ = arrays(tmp_path, rng)
    code, _, _ = run_main("data", path, "--label-errors", "--out", tmp_path / "out")
    assert code == 0
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["suspects.csv"]


def test_apply_writes_a_corrected_copy(run_main, table, tmp_path):
    corrections = tmp_path / "corrections.csv"
    corrections.write_text("image,label,suggested,decision\n2.png,cat,present,change\n")
    out = table.parent / "fixed.csv"
    code, printed, _ = run_main("apply", corrections, table, "--out", out)
    assert code == 0
    assert printed == f"1 label changed: {out}\n"
    assert out.read_text() == table.read_text().replace("2.png,", "2.png,cat")
    code, _, error = run_main("apply", corrections, table, "--out", out)
    assert code == 2
    assert "exists already" in error


def test_apply_needs_a_decision(run_main, table, tmp_path):
    corrections = tmp_path / "corrections.csv"
    corrections.write_text("image,label,suggested,decision\n2.png,cat,present,\n")
    out = table.parent / "fixed.csv"
    code, _, error = run_main("apply", corrections, table, "--out", out)
    assert code == 2
    assert "no row has the decision 'change'" in error
    code, _, _ = run_main("apply", corrections, table, "--out", out, "--all")
    assert code == 0
    assert out.is_file()


def test_data_prints_the_learning_curve(run_main, tmp_path, rng):
    path, _ = arrays(tmp_path, rng)
    code, printed, _ = run_main("data", path, "--learning-curve")
    assert code == 0
    sizes = [line.split()[0] for line in printed.splitlines()[1:6]]
    assert sizes == ["16", "32", "64", "112", "160"]
    assert "Doubling your 160 images should add" in printed
    assert not (tmp_path / "catnocat-data").exists()


def test_images_are_read_and_too_few_are_refused(run_main, table, tmp_path):
    code, _, error = run_main(
        *("data", table, "--label-errors", "--out", tmp_path / "out"),
        *("--store", tmp_path / "store"),
    )
    assert code == 2
    assert "4 images are too few for 5 folds; label errors need at least 10" in error
