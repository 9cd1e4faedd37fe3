from catnocat.benchmarks.report.text import cost_sentence, dependence_sentence


def method(name, *seconds, measured=True):
    points = [
        {
            "labels": labels,
            "fit_seconds": value,
            "predict_ms_per_image": 0.01,
            "predict_ms_single_image": 0.4,
            "measured": measured,
        }
        for labels, value in zip((20, 300), seconds, strict=True)
    ]
    return {"name": name, "points": points}


def cost(*methods, features=None):
    return {"methods": list(methods), "train_images": 500, "features": features}


def test_share_of_the_network_is_stated():
    features = {"ms_per_image": 5.0, "ms_single_image": 32.0}
    slow = method("one-vs-rest", 4.0, 60.0, measured=False)
    assert cost_sentence(cost(method("ridge", 0.1, 0.5), slow, features=features)) == (
        "Labelling one new image takes 32 ms, or 5 ms per image in a batch: 32 ms (5) for the"
        " network and 0.4 ms (0.01) for 300 labels by ridge. With 300 labels and 500 training"
        " images, fitting ridge takes 0.5 s; fitting one-vs-rest takes ≈60 s."
    )


def test_methods_are_compared_with_the_same_number_of_labels():
    text = cost_sentence(cost(method("rakel", 0.4, None), method("ridge", 0.1, 0.5)))
    assert text == (
        "With 20 labels and 500 training images, fitting rakel takes 0.4 s; fitting ridge takes"
        " 0.1 s."
    )


def test_methods_that_were_not_timed_are_left_out():
    assert cost_sentence(cost()) == ""
    assert cost_sentence(cost(method("rakel", None, None))) == ""
    text = cost_sentence(cost(method("rakel", None, None), method("ridge", 0.1, 0.5)))
    assert "ridge takes 0.5 s" in text
    assert "rakel" not in text


def dependence(low, dependent):
    gain = {"value": 0.01, "low": low, "high": 0.02, "p": 0.5}
    return {
        "marginal": {"dependent": 3, "tested": 6},
        "given_features": {"gain": gain, "share": 0.02, "dependent": dependent, "tested": 6},
    }


def test_dependence_says_whether_a_joint_model_can_gain():
    assert dependence_sentence(dependence(0.005, 1)).endswith("a joint model can gain from this.")
    assert "but hardly on average" in dependence_sentence(dependence(-0.005, 1))
    assert "no possible gain of a joint model" in dependence_sentence(dependence(-0.005, 0))
    unknown = dependence(0, 0) | {"given_features": None}
    assert "was not measured" in dependence_sentence(unknown)
