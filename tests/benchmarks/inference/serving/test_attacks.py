"""The service refuses hostile requests and predicts afterwards; short forms of the attacks."""

import pytest

from catnocat.benchmarks.experiments.attacks import ATTACKS, post, restart
from catnocat.benchmarks.inference.serving import Limits, server


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_service_survives(serving, colours, make_image, monkeypatch, attack):
    monkeypatch.setattr(server, "_HEADER_SECONDS", 0.5)
    with serving(colours, limits=Limits(megabytes=8, seconds=2)) as (_, address):
        statuses = attack(address, 4)
        assert statuses.total()
        assert set(statuses) <= ATTACKS[attack], statuses
        assert post(address, make_image()) == 200


@pytest.mark.slow
def test_service_restarts_on_its_port_while_busy(model_files):
    assert set(restart(model_files["ridge"], 20)) == {200}
