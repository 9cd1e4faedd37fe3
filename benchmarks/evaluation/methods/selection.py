"""All methods by name, and which of them are compared."""

from collections.abc import Sequence
from difflib import get_close_matches

from ...utils import InputError
from .baseline import CONSTANT
from .independent import INDEPENDENT
from .joint import JOINT
from .method import Method

ORDER = (
    *("one-vs-rest", "logistic", "ridge", "linear-svm"),
    *("chain", "chain-ensemble", "probabilistic-chain", "stacking"),
    *("powerset", "pruned-sets", "rakel", "mlknn", "brknn", "iblr", "label-ranking"),
    *("forest", "forest-per-label", "mlp", "softmax"),
    *("sigmoid-bce", "sigmoid-mse", "tanh-mse", "regions"),
)
METHODS: dict[str, Method] = {
    method.name: method
    for method in sorted((*INDEPENDENT, *JOINT), key=lambda method: ORDER.index(method.name))
}
DEFAULT_METHODS = ("one-vs-rest", "chain", "powerset", "mlknn")


def independent_reference(method: Method, among: Sequence[Method]) -> Method | None:
    """Find the independent method that one is compared with.

    Parameters
    ----------
    method : Method
    among : sequence of Method
        Those that were run.

    Returns
    -------
    Method or None
        The first independent one of the same base learner; if that is the method itself or there is
        none, the first independent one of all. None for that one, and for the constant baseline.

    Examples
    --------
    >>> every = list(METHODS.values())
    >>> [independent_reference(METHODS[name], every).name for name in ("chain", "iblr", "mlp")]
    ['one-vs-rest', 'mlknn', 'one-vs-rest']
    """
    if method.kind == "baseline":
        return None
    independent = [other for other in among if other.kind == "independent" and not other.external]
    same = [other for other in independent if other.base == method.base]
    for reference in (*same[:1], *independent[:1]):
        if reference is not method:
            return reference
    return None


def select_methods(names: Sequence[str] = ()) -> list[Method]:
    """Look methods up by name.

    Parameters
    ----------
    names : sequence of str
        None at all means the main ones, ``("all",)`` every one.

    Raises
    ------
    InputError
        If there is no method of such a name, or one is named twice.

    Examples
    --------
    >>> [method.name for method in select_methods(["chain", "mlknn"])]
    ['chain', 'mlknn']
    """
    wanted = list(METHODS) if list(names) == ["all"] else list(names or DEFAULT_METHODS)
    for position, name in enumerate(wanted):
        if name == CONSTANT.name:
            raise InputError(f"--methods: '{name}' is part of every comparison; leave it out.")
        if name not in METHODS:
            near = get_close_matches(name, METHODS, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(METHODS)}."
            raise InputError(f"--methods: no method is called '{name}'; {hint}")
        if name in wanted[:position]:
            raise InputError(f"--methods: '{name}' is named twice; name it once.")
    return [METHODS[name] for name in wanted]
