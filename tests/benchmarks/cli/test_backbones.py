import json

import pytest


def test_search_by_a_part_of_the_name(run_main):
    code, out, err = run_main("backbones", "efficientnet_lite0")
    assert (code, err) == (0, "")
    first, *others = out.splitlines()
    assert first.split() == ["efficientnet_lite0", "1,280", "features", "local"]
    assert any(line.startswith("timm:tf_efficientnet_lite0.in1k") for line in others)


@pytest.mark.slow
def test_default_lists_local_backbones(run_main):
    code, out, _ = run_main("backbones")
    assert code == 0
    assert out.startswith("efficientnet_lite0 ")
    assert "of torchvision and" in out
    everything = json.loads(run_main("backbones", "--all", "--json")[1])
    assert len(everything) > 1000
    assert everything[0] == {"name": "efficientnet_lite0", "local": True, "dimension": 1280}


def test_unknown_name_is_one_line_and_exit_2(run_main):
    code, out, err = run_main("backbones", "no such network")
    assert (code, out) == (2, "")
    assert err == "catnocat: no backbone has 'no such network' in its name; list all with --all\n"
