"""Pictures whose names are no UTF-8, as old archives hold them, are written about like others."""

import json
import os
import sys

import pytest
from PIL import Image

from catnocat.benchmarks.cli import main

ODD = os.fsdecode(b"caf\xe9.png")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_look_at_a_folder_of_such_names(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for label, colour in (("cat", "red"), ("dog", "blue")):
        folder = tmp_path / "pets" / label
        folder.mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (9 + number, 9), colour).save(folder / f"{number}{ODD}")
        (folder / ODD).write_bytes(b"no picture")
    with pytest.raises(SystemExit) as end:
        main(["data", "pets", "--out", "told", "--store", "store"])
    assert end.value.code == 0, capsys.readouterr().err
    told = json.loads((tmp_path / "told" / "data.json").read_text("utf-8"))
    assert f"cat/{ODD}" in json.dumps(told, ensure_ascii=False)
    assert r"caf\udce9.png" in (tmp_path / "told" / "data.html").read_text("utf-8")
