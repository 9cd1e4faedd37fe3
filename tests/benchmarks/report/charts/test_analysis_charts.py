"""What is said of costs: the recommended method beside the reference, of as many labels."""

from catnocat.benchmarks.report.charts.analysis_charts import cost_sentence


def method(name, *seconds, measured=True):
    points = [
        {
            "labels": labels,
            "fit_seconds": value,
            "predict_ms_per_image": 0.01,
            "predict_ms_alone": 0.4,
            "measured": measured,
        }
        for labels, value in zip((20, 300), seconds, strict=True)
    ]
    return {"name": name, "points": points}


def cost(*methods, features=None):
    return {"methods": list(methods), "train_images": 500, "features": features}


def test_the_network_s_share_of_the_time_is_told():
    features = {"ms_per_image": 5.0, "ms_alone": 32.0}
    slow = method("one-vs-rest", 4.0, 60.0, measured=False)
    assert cost_sentence(cost(method("ridge", 0.1, 0.5), slow, features=features)) == (
        "A new picture has its labels after 32 ms, or 5 ms among many: the network takes 32 ms of"
        " them (5), 300 labels by ridge 0.4 ms (0.01). Ridge learns 300 labels from 500 vectors in"
        " 0.5 s; one-vs-rest learns 300 labels from 500 vectors in ≈60 s."
    )


def test_two_methods_are_told_of_as_many_labels():
    told = cost_sentence(cost(method("rakel", 0.4, None), method("ridge", 0.1, 0.5)))
    assert told == (
        "Rakel learns 20 labels from 500 vectors in 0.4 s; ridge learns 20 labels from 500 vectors"
        " in 0.1 s."
    )


def test_what_was_not_timed_is_not_told():
    assert cost_sentence(cost()) == ""
    assert cost_sentence(cost(method("rakel", None, None))) == ""
    alone = cost_sentence(cost(method("rakel", None, None), method("ridge", 0.1, 0.5)))
    assert alone == "Ridge learns 300 labels from 500 vectors in 0.5 s."
