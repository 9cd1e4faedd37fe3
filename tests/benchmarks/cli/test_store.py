import csv
import json

import numpy as np
import pytest


@pytest.fixture
def store(run_main, table, tmp_path):
    """Return a store with the images of the table."""
    run_main("extract", table, "--store", tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def damaged(store):
    """Return the shard in which one byte was changed."""
    path = next(store.rglob("*.npy"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    return path


def test_recipes_are_listed(run_main, store):
    code, out, err = run_main("store", "ls", "--store", store)
    assert (code, err) == (0, "")
    heads, line = out.splitlines()
    assert heads.split() == ["recipe", "images", "failed", "shards", "MB", "details"]
    assert line.split()[1:6] == ["4", "1", "1", "0", "efficientnet_lite0"]
    (entry,) = json.loads(run_main("store", "ls", "--store", store, "--json")[1])
    assert entry["digest"] == line.split()[0]
    assert (entry["images"], entry["failed"], entry["trouble"]) == (4, 1, "")
    assert entry["recipe"]["backbone"] == "efficientnet_lite0"


def test_empty_store_is_reported(run_main, tmp_path):
    assert run_main("store", "ls", "--store", tmp_path)[1] == f"{tmp_path} contains no features\n"


def test_valid_store_is_verified(run_main, store):
    code, out, _ = run_main("store", "verify", "--store", store)
    assert (code, out) == (0, "4 rows in 1 shards of 1 recipes are valid\n")


def test_damage_is_reported_deleted_and_extracted_again(run_main, table, store, damaged):
    code, out, _ = run_main("store", "verify", "--store", store)
    assert code == 1
    assert f"{damaged}: its rows do not match their checksum\n" in out
    code, out, _ = run_main("store", "verify", "--store", store, "--json")
    assert code == 1
    assert [damage["path"] for damage in json.loads(out)["damages"]] == [str(damaged)]

    gc = ("store", "gc", "--store", store, "--older-than", 0)
    assert f"{damaged.with_suffix('.idx')}: damaged, kept" in run_main(*gc)[1]
    code, out, _ = run_main(*gc, "--drop-damaged")
    assert code == 0
    assert f"{damaged.with_suffix('.idx')}: damaged, deleted" in out
    assert run_main("store", "verify", "--store", store)[0] == 0
    assert "4 new in" in run_main("extract", table, "--store", store)[1]


def test_old_leftovers_are_deleted(run_main, store):
    left = next(store.rglob("*.npy")).with_name("dead.npy")
    left.write_bytes(b"half")
    assert json.loads(run_main("store", "gc", "--store", store, "--json")[1])["leftovers"] == 0
    gc = ("store", "gc", "--store", store, "--older-than", 0, "--json")
    assert json.loads(run_main(*gc)[1])["leftovers"] == 1
    assert not left.exists()


@pytest.mark.parametrize("suffix", [".npy", ".safetensors"])
def test_exported_vectors_can_be_imported(run_main, table, store, tmp_path, suffix):
    out_file = tmp_path / f"F{suffix}"
    code, out, err = run_main("store", "export", table, "--store", store, "--out", out_file)
    assert (code, err) == (0, "")
    assert out.startswith(f"4 x 1,280 array: {out_file}; table of images: {tmp_path / 'F.csv'}\n")
    assert "  missing.png: no such file\n" in out
    rows = csv.DictReader((tmp_path / "F.csv").read_text().splitlines())
    assert [row["image"] for row in rows] == ["0.png", "1.png", "2.png", "3.png"]

    code, out, err = run_main("store", "import", out_file, "--name", "copy", "--store", store)
    assert (code, err) == (0, "")
    assert out == ("4 vectors of 1,280 features, 4 new; use them with --backbone imported:copy\n")
    again = ("--store", store, "--backbone", "imported:copy", "--out", tmp_path / "G.npy")
    done = json.loads(run_main("store", "export", table, *again, "--json")[1])
    assert done["shape"] == [4, 1280]
    assert [entry["image"] for entry in done["skipped_images"]] == ["broken.png", "missing.png"]
    if suffix == ".npy":
        assert np.array_equal(np.load(out_file), np.load(tmp_path / "G.npy"))


def test_one_of_several_recipes_must_be_selected(run_main, table, store, tmp_path):
    run_main("extract", table, "--store", store, "--views", "center")
    export = ("store", "export", table, "--store", store, "--out", tmp_path / "F.npy")
    code, out, err = run_main(*export)
    assert (code, out) == (2, "")
    assert "several recipes, choose one with --recipe" in err
    assert err.count("\n") == 1
    assert run_main(*export, "--views", "center@224:avg", "--precision", "float32")[0] == 0
    digest = json.loads(run_main("store", "ls", "--store", store, "--json")[1])[0]["digest"]
    assert run_main(*export, "--recipe", digest[:6], "--engine", "auto")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ls",), "cannot read the feature store"),
        (("verify",), "cannot read the feature store"),
        (("gc",), "cannot read the feature store"),
        (("gc", "--older-than", "-1"), "--older-than"),
        (("import", "nowhere.npy", "--name", "x"), "cannot import nowhere.npy"),
        (("burn",), "burn"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(run_main, tmp_path, arguments, message):
    store = () if arguments == ("burn",) else ("--store", tmp_path / "nowhere")
    code, out, err = run_main("store", *arguments, *store)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
