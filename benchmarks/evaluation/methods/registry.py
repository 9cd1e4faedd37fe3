"""All methods by name, and the selection of those that are compared."""

from collections.abc import Sequence
from difflib import get_close_matches

from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from ....classifiers import (
    IBLR,
    BinaryRelevance,
    BRkNN,
    CalibratedLabelRanking,
    ClassifierChain,
    ClassifierChainEnsemble,
    ConditionalPrincipalLabelSpace,
    DependentBinaryRelevance,
    EnsemblePrunedSets,
    HeadClassifier,
    LinearSVMBinaryRelevance,
    LogisticBinaryRelevance,
    LogisticPowerset,
    MLkNN,
    MultiLabelBoosting,
    MultiLabelForest,
    MultiLabelMLP,
    ProbabilisticClassifierChain,
    PrunedSets,
    RAkEL,
    RegionMaxClassifier,
    RidgeBinaryRelevance,
    StackedBinaryRelevance,
)
from ...utils import InputError
from .method import (
    ALPHA_GRID,
    BOOSTED_TREES,
    C_GRID,
    CHAIN_GRID,
    COMPONENTS_GRID,
    CONSTANT,
    DEPENDENT_GRID,
    HEAD,
    INNER_C_GRID,
    LOGISTIC,
    N_ROUNDS,
    N_TREES,
    NEIGHBOURS,
    NEIGHBOURS_GRID,
    NETWORK,
    POWERSET_TOL,
    PROBABILISTIC_CHAIN_GRID,
    REGION_C_GRID,
    RIDGE,
    RIDGE_ALPHAS,
    STACKING_GRID,
    SVM,
    SVM_GRID,
    TREES,
    WEIGHT_DECAY_GRID,
    Method,
)


def _region_pipeline() -> Pipeline:
    return Pipeline([("scale", StandardScaler()), ("logistic", LogisticBinaryRelevance(tol=1e-5))])


_ALL = (
    Method(
        "logistic",
        "independent",
        lambda seed: LogisticBinaryRelevance(),
        "cat/no-cat, dog/no-dog ...: one logistic regression per label",
        LOGISTIC,
        C_GRID,
    ),
    Method(
        "one-vs-rest",
        "independent",
        lambda seed: BinaryRelevance(LogisticRegression(max_iter=1000)),
        "the same logistic regressions, fitted one by one by scikit-learn",
        LOGISTIC,
        INNER_C_GRID,
        same_model_as="logistic",
    ),
    Method(
        "ridge",
        "independent",
        lambda seed: RidgeBinaryRelevance(alphas=RIDGE_ALPHAS),
        "one ridge regression per label, each with its own penalty",
        RIDGE,
    ),
    Method(
        "linear-svm",
        "independent",
        lambda seed: LinearSVMBinaryRelevance(),
        "one linear support vector machine per label",
        SVM,
        SVM_GRID,
    ),
    Method(
        "chain",
        "joint",
        lambda seed: ClassifierChain(
            LogisticBinaryRelevance(),
            order="dependence",
            chain_method="predict_proba",
            random_state=seed,
        ),
        "classifier chain: each logistic regression also sees the previous labels",
        LOGISTIC,
        INNER_C_GRID,
        CHAIN_GRID,
        predicts="sets",
    ),
    Method(
        "chain-ensemble",
        "joint",
        lambda seed: ClassifierChainEnsemble(
            LogisticBinaryRelevance(), chain_method="predict_proba", random_state=seed
        ),
        "mean of ten classifier chains in random orders",
        LOGISTIC,
        INNER_C_GRID,
        CHAIN_GRID,
    ),
    Method(
        "probabilistic-chain",
        "joint",
        lambda seed: ProbabilisticClassifierChain(
            LogisticBinaryRelevance(), order="dependence", random_state=seed
        ),
        "classifier chain that searches for the most probable label set",
        LOGISTIC,
        INNER_C_GRID,
        PROBABILISTIC_CHAIN_GRID,
        predicts="sets",
    ),
    Method(
        "stacking",
        "joint",
        lambda seed: StackedBinaryRelevance(
            LogisticBinaryRelevance(), variant="BR+", cv=3, random_state=seed
        ),
        "second logistic regressions that also see the probabilities of the first ones",
        LOGISTIC,
        INNER_C_GRID,
        STACKING_GRID,
    ),
    Method(
        "dependent",
        "joint",
        lambda seed: DependentBinaryRelevance(LogisticBinaryRelevance()),
        "logistic regressions that see all other labels, in prediction their estimates",
        LOGISTIC,
        INNER_C_GRID,
        DEPENDENT_GRID,
    ),
    Method(
        "powerset",
        "joint",
        lambda seed: LogisticPowerset(tol=POWERSET_TOL),
        "one multinomial regression over the label sets of the training images",
        LOGISTIC,
        C_GRID,
        predicts="sets",
    ),
    Method(
        "pruned-sets",
        "joint",
        lambda seed: PrunedSets(LogisticPowerset(tol=POWERSET_TOL)),
        "powerset of the frequent label sets; rare ones are split into frequent ones",
        LOGISTIC,
        INNER_C_GRID,
        predicts="sets",
    ),
    Method(
        "pruned-sets-ensemble",
        "joint",
        lambda seed: EnsemblePrunedSets(LogisticPowerset(tol=POWERSET_TOL), random_state=seed),
        "votes of ten pruned powersets, each fitted to a sample of the images",
        LOGISTIC,
        INNER_C_GRID,
    ),
    Method(
        "rakel",
        "joint",
        lambda seed: RAkEL(LogisticPowerset(tol=POWERSET_TOL), random_state=seed),
        "mean of powersets of three random labels each",
        LOGISTIC,
        INNER_C_GRID,
    ),
    Method(
        "cplst",
        "joint",
        lambda seed: ConditionalPrincipalLabelSpace(),
        "ridge regressions of the principal directions of the label vectors",
        RIDGE,
        ALPHA_GRID,
        COMPONENTS_GRID,
    ),
    Method(
        "mlknn",
        "independent",
        lambda seed: MLkNN(),
        "Bayes' rule on the number of nearest neighbours that have the label",
        NEIGHBOURS,
        NEIGHBOURS_GRID,
    ),
    Method(
        "brknn",
        "independent",
        lambda seed: BRkNN(),
        "share of the nearest neighbours that have the label",
        NEIGHBOURS,
        NEIGHBOURS_GRID,
    ),
    Method(
        "iblr",
        "joint",
        lambda seed: IBLR(),
        "logistic regressions on the numbers of neighbours that have each of the labels",
        NEIGHBOURS,
        NEIGHBOURS_GRID,
    ),
    Method(
        "label-ranking",
        "joint",
        lambda seed: CalibratedLabelRanking(LogisticBinaryRelevance()),
        "a regression for every pair of labels, and one per label against a calibration label",
        LOGISTIC,
        INNER_C_GRID,
    ),
    Method(
        "forest",
        "joint",
        lambda seed: MultiLabelForest(N_TREES, random_state=seed),
        "a forest of random trees that predict all labels",
        TREES,
    ),
    Method(
        "forest-per-label",
        "independent",
        lambda seed: BinaryRelevance(
            ExtraTreesClassifier(N_TREES, max_features="sqrt", random_state=seed)
        ),
        "one forest of random trees per label",
        TREES,
    ),
    Method(
        "boosting",
        "joint",
        lambda seed: MultiLabelBoosting(N_ROUNDS, random_state=seed),
        "gradient boosting with trees that predict all labels",
        BOOSTED_TREES,
    ),
    Method(
        "mlp",
        "joint",
        lambda seed: MultiLabelMLP(random_state=seed),
        "a network with a hidden layer that all labels share",
        NETWORK,
    ),
    Method(
        "softmax",
        "joint",
        lambda seed: HeadClassifier("softmax", random_state=seed),
        "a network's last layer with softmax, in which labels compete",
        HEAD,
        WEIGHT_DECAY_GRID,
    ),
    Method(
        "sigmoid-bce",
        "independent",
        lambda seed: HeadClassifier("sigmoid-bce", random_state=seed),
        "a network's last layer with a sigmoid and cross-entropy per label",
        HEAD,
        WEIGHT_DECAY_GRID,
    ),
    Method(
        "sigmoid-mse",
        "independent",
        lambda seed: HeadClassifier("sigmoid-mse", random_state=seed),
        "a last layer with a sigmoid and the squared error per label",
        HEAD,
        WEIGHT_DECAY_GRID,
    ),
    Method(
        "tanh-mse",
        "independent",
        lambda seed: HeadClassifier("tanh-mse", random_state=seed),
        "a last layer with tanh and the squared error to -1 or +1 per label",
        HEAD,
        WEIGHT_DECAY_GRID,
    ),
    Method(
        "regions",
        "independent",
        lambda seed: RegionMaxClassifier(_region_pipeline(), rounds=2),
        "logistic regressions score each region of the image; the highest score counts",
        LOGISTIC,
        REGION_C_GRID,
        features="regions",
    ),
)

METHODS: dict[str, Method] = {method.name: method for method in _ALL}
"""All methods by name, in the order of the tables of `--methods all`."""

DEFAULT_METHODS = ("logistic", "chain", "powerset", "mlknn")


def independent_references(compared: Sequence[Method]) -> list[Method]:
    """Return the independent methods that can be references, in the order of the comparison.

    A method that fits the same model as another one of the comparison (`Method.same_model_as`) is
    replaced by it.

    Examples
    --------
    >>> names = ("one-vs-rest", "mlknn", "logistic")
    >>> [method.name for method in independent_references([METHODS[name] for name in names])]
    ['logistic', 'mlknn']
    """
    by_name = {method.name: method for method in compared}
    references = {}
    for method in compared:
        if method.kind == "independent" and not method.external:
            reference = by_name.get(method.same_model_as, method)
            references[reference.name] = reference
    return list(references.values())


def independent_reference(method: Method, compared: Sequence[Method]) -> Method | None:
    """Return the independent method with which a method is compared.

    Parameters
    ----------
    method : Method
    compared : sequence of Method
        All methods of the comparison.

    Returns
    -------
    Method or None
        The first independent method with the same base learner; if that is the method itself or
        there is none, the first independent method of all. None for that one, and for the constant
        baseline.

    Examples
    --------
    >>> methods = list(METHODS.values())
    >>> [independent_reference(METHODS[name], methods).name for name in ("chain", "iblr", "mlp")]
    ['logistic', 'mlknn', 'logistic']
    """
    if method.kind == "baseline":
        return None
    independent = independent_references(compared)
    same_base = [other for other in independent if other.base == method.base]
    for reference in (*same_base[:1], *independent[:1]):
        if reference is not method:
            return reference
    return None


def is_selectable(method: Method, compared: Sequence[Method]) -> bool:
    """Return whether a method can be the best of its kind and be recommended.

    The constant baseline and external methods cannot, nor can a method whose model another method
    of the comparison fits faster (`Method.same_model_as`).

    Examples
    --------
    >>> both = [METHODS["logistic"], METHODS["one-vs-rest"]]
    >>> [is_selectable(method, both) for method in both], is_selectable(both[1], both[1:])
    ([True, False], True)
    """
    names = {other.name for other in compared}
    return method.kind != "baseline" and not method.external and method.same_model_as not in names


def select_methods(names: Sequence[str] = ()) -> list[Method]:
    """Return methods by name.

    Parameters
    ----------
    names : sequence of str
        Empty: the default methods; ``("all",)``: all methods.

    Raises
    ------
    InputError
        If there is no method with a name, or a name is repeated.

    Examples
    --------
    >>> [method.name for method in select_methods(["chain", "mlknn"])]
    ['chain', 'mlknn']
    """
    selected = list(METHODS) if list(names) == ["all"] else list(names or DEFAULT_METHODS)
    for position, name in enumerate(selected):
        if name == CONSTANT.name:
            raise InputError(f"--methods: '{name}' is part of every comparison; leave it out.")
        if name not in METHODS:
            similar = get_close_matches(name, METHODS, n=1)
            hint = (
                f"did you mean '{similar[0]}'?" if similar else f"there are: {', '.join(METHODS)}."
            )
            raise InputError(f"--methods: no method is called '{name}'; {hint}")
        if name in selected[:position]:
            raise InputError(f"--methods: '{name}' is named twice; name it once.")
    return [METHODS[name] for name in selected]
