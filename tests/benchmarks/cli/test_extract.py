import json

import pytest


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


def test_features_are_computed_once_and_skipped_images_are_listed(run_main, table, store):
    code, out, err = run_main("extract", table, "--store", store)
    assert (code, err) == (0, "")
    assert "4 of 6 images have a vector of 1,280 features: efficientnet_lite0 whole@224:avg" in out
    assert "4 new in" in out
    assert "2 skipped:\n" in out
    assert "  broken.png: not an image in a known format\n" in out
    assert "  missing.png: no such file\n" in out
    assert "0 new in" in run_main("extract", table, "--store", store)[1]


def test_json_has_all_figures(run_main, table, store):
    options = ("--engine", "torch", "--views", "center@96:max, whole", "--batch-size", 2)
    code, out, err = run_main(
        "extract", table, "--store", store, "--jobs", 1, *options, "--retry-failed", "--json"
    )
    assert (code, err) == (0, "")
    summary = json.loads(out)
    assert [summary[name] for name in ("images", "vectors", "dimension", "computed")] == [
        6,
        4,
        2560,
        4,
    ]
    assert summary["recipe"]["views"] == ["center@96:max", "whole@224:avg"]
    assert summary["recipe"]["engine"] == "torch"
    assert summary["skipped_images"] == [
        {"image": "broken.png", "reason": "not an image in a known format"},
        {"image": "missing.png", "reason": "no such file"},
    ]


def test_many_skipped_images_are_counted_by_reason(run_main, table, store):
    many = "".join(f"missing{number}.png,\n" for number in range(30))
    table.write_text(table.read_text() + many)
    out = run_main("extract", table, "--store", store)[1]
    assert "32 skipped:\n  31 x no such file\n  1 x not an image in a known format\n" in out
    assert "--json lists them all" in out
    assert out.count("\n") < 20


def test_exit_code_is_1_if_no_image_is_readable(run_main, table, store):
    table.write_text("image,labels\nbroken.png,cat\n")
    code, out, _ = run_main("extract", table, "--store", store)
    assert code == 1
    assert "0 of 1 images" in out


@pytest.mark.parametrize("has_instructions", [True, False])
def test_bfloat16_without_instructions_gives_a_warning(
    run_main, table, store, monkeypatch, has_instructions
):
    monkeypatch.setattr("catnocat.features.has_bfloat16", lambda engine: has_instructions)
    code, _, err = run_main("extract", table, "--store", store, "--precision", "bfloat16")
    assert code == 0
    assert ("no instructions for bfloat16" in err) is not has_instructions
    assert err.count("\n") == (0 if has_instructions else 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--backbone", "nothing"), "unknown backbone 'nothing'"),
        (("--backbone", "imported:nothing"), "cannot read the feature store"),
        (("--views", "sideways"), "view"),
        (("--precision", "float8"), "float8"),
        (("--engine", "steam"), "steam"),
        (("--batch-size", "0"), "--batch-size"),
        (("--weights", "nowhere.pth"), "nowhere.pth: no such file"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(run_main, table, store, options, message):
    code, out, err = run_main("extract", table, "--store", store, *options)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert not store.exists()
