"""What stands below the answer: sentences for who wants to know more, from the figures alone."""

from collections.abc import Iterator
from typing import Any

from .answer import LABELS, SETS, better_than_chance
from .recommendation import MATTERS
from .wording import shortly, thing_of

Entry = dict[str, Any]


def details(results: dict[str, Any]) -> list[str]:
    """Say what the answer leaves out.

    Parameters
    ----------
    results : dict
        The content of `results.json` so far.

    Returns
    -------
    list of str
        Sentences: whether looking at labels together helps the same kind of classifier, who names
        whole sets best, why the recommended method is recommended, and how many pictures it would
        take to tell more. Empty where nothing was compared.
    """
    fitted = {e["name"]: e for e in results["methods"] if "failed" not in e}
    if not results["best"][LABELS]["found"]:
        return []
    sentences = (
        _at_most(results),
        _same_kind(results, fitted),
        _whole_sets(results, fitted),
        *(_why(results, fitted) if better_than_chance(results["best"][LABELS], fitted) else ()),
        _how_many_more(results),
    )
    return [sentence for sentence in sentences if sentence]


def _at_most(results: dict[str, Any]) -> str:
    best = results["best"][LABELS]
    at_most = best["at_most"]
    if not at_most or best["found"]["verdict"] == "better":
        return ""
    if at_most["high"] <= 0:
        return (
            f"Every method that looks at all labels together is below {best['independent']}, by its"
            " whole 95 % interval."
        )
    return (
        "By the 95 % intervals no method that looks at all labels together is better than"
        f" {best['independent']} by more than {at_most['high']:.3f} (where {at_most['name']}'s"
        " ends)."
    )


def _same_kind(results: dict[str, Any], fitted: dict[str, Entry]) -> str:
    best = results["best"][LABELS]
    joint = fitted[best["joint"]]
    own = (joint["against_independent"] or {}).get(LABELS)
    if joint["reference"] == best["independent"] or not own or own["verdict"] != "better":
        return ""
    gain = f"{joint['name']} gains {own['difference']:.3f} of macro AP on {joint['reference']}"
    if best["found"]["verdict"] == "better":
        return f"{gain[0].upper()}{gain[1:]}, which it is akin to."
    return (
        f"Looking at labels together does help the same kind of classifier ({gain}), but another"
        " kind of classifier helps as much."
    )


def _whole_sets(results: dict[str, Any], fitted: dict[str, Entry]) -> str:
    best = results["best"][SETS]
    found = best["found"]
    if found is None or found["verdict"] is None or len(results["dataset"]["labels"]) < 2:
        return ""
    joint, independent = fitted[best["joint"]], fitted[best["independent"]]
    thing = thing_of(results)
    right = (
        f"wholly right ({joint['name']} {_share(joint, SETS)} of {thing}s, {independent['name']}"
        f" {_share(independent, SETS)})"
    )
    if found["verdict"] == "better":
        return (
            f"At naming all labels of a {thing}, looking at them together pays: it gets more of"
            f" them {right}."
        )
    if found["verdict"] == "worse":
        return (
            f"At naming all labels of a {thing}, looking at them together does worse, with fewer"
            f" {right}."
        )
    return f"At naming all labels of a {thing} neither kind is shown to get more of them {right}."


def _why(results: dict[str, Any], fitted: dict[str, Entry]) -> Iterator[str]:
    """Give the reasons for each method that is to be taken, in the order of the rule."""
    taken = results["recommended"]
    for name in dict.fromkeys(one["take"] for one in taken.values()):
        purposes = [key for key, one in taken.items() if one["take"] == name]
        one = taken[purposes[0]]
        others = [other for other in one["as_good"] if other != name]
        what = " and ".join(_PURPOSES[key].format(thing=thing_of(results)) for key in purposes)
        learns = fitted[name]["choose_seconds"] + fitted[name]["fit_seconds"]
        yield (
            f"{name} is recommended to {what}."
            + (
                f" By the rule {_named(others)} {'is' if len(others) == 1 else 'are'} as good; of"
                " those that take little time it has the highest figure."
                if others
                else " Nothing else comes near enough."
            )
            + f" From pictures to answers it took {shortly(one['seconds'][name])} s,"
            f" {shortly(learns / max(1, len(fitted[name]['chosen'])))} s of it to learn."
        )


_PURPOSES = {LABELS: "find the {thing}s of a label", SETS: "name all labels of a {thing}"}


def _named(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _how_many_more(results: dict[str, Any]) -> str:
    """Say how many judged pictures it would take to tell, where it cannot be told."""
    found, judged = results["best"][LABELS]["found"], results["protocol"]["images_judged"]
    if found["verdict"] is None or found["verdict"] == "better" or found["high"] < MATTERS:
        return ""
    # The interval narrows as the square root of the pictures.
    wide = (found["high"] - found["low"]) / 2
    wanted = judged * max(1.0, wide / MATTERS) ** 2
    if wanted <= 1.5 * judged:
        return ""
    return (
        f"To tell a difference of {MATTERS} from chance would take about"
        f" {float(f'{wanted:.1g}'):,.0f} judged {thing_of(results)}s."
    )


def _share(entry: Entry, key: str) -> str:
    return f"{100 * entry['metrics'][key]:.0f} %"
