"""The comparison in one paragraph, written from its figures alone."""

from typing import Any


def answer(results: dict[str, Any]) -> str:
    """Say in words what the table says.

    Parameters
    ----------
    results : dict
        The content of `results.json` so far.

    Returns
    -------
    str
        One paragraph; it claims no more certainty than was measured.
    """
    fitted = [entry for entry in results["methods"] if "failed" not in entry]
    scored = [entry for entry in fitted if entry["metrics"]["macro_ap"] is not None]
    if not scored:
        return "No method could be judged, so there is nothing to answer."
    dataset, protocol = results["dataset"], results["protocol"]
    best = max(scored, key=lambda entry: entry["metrics"]["macro_ap"])
    start = (
        f"On {dataset['name']} ({dataset['images']} pictures, {len(dataset['labels'])} labels,"
        f" {dataset['cardinality']:.2f} labels per picture), judged on"
        f" {protocol['images_judged']} pictures,"
    )
    independent = [entry for entry in scored if entry["kind"] == "independent"]
    joint = [entry for entry in scored if entry["kind"] == "joint"]
    if not independent or not joint:
        return f"{start} the best macro AP is {_ap(best)}, reached by {best['name']}."
    apart = max(independent, key=lambda entry: entry["metrics"]["macro_ap"])
    together = max(joint, key=lambda entry: entry["metrics"]["macro_ap"])
    gap = together["metrics"]["macro_ap"] - apart["metrics"]["macro_ap"]
    verdict = "ahead of" if gap > 0 else "behind"
    return (
        f"{start} repeated cat/no-cat ({apart['name']}) reaches a macro AP of {_ap(apart)}; the"
        f" best method that looks at the labels together ({together['name']}) reaches"
        f" {_ap(together)}, {abs(gap):.3f} {verdict} it. Whether such a gap is more than chance"
        " is not tested here."
    )


def _ap(entry: dict[str, Any]) -> str:
    return f"{entry['metrics']['macro_ap']:.3f}"
