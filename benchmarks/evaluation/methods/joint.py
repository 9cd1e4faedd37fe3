"""Methods in which a label's answer depends on the other labels."""

from ....classifiers import (
    IBLR,
    CalibratedLabelRanking,
    ClassifierChain,
    ClassifierChainEnsemble,
    HeadClassifier,
    LogisticBinaryRelevance,
    LogisticPowerset,
    MultiLabelForest,
    MultiLabelMLP,
    ProbabilisticClassifierChain,
    PrunedSets,
    RAkEL,
    StackedBinaryRelevance,
)
from . import method as grids
from .method import Method

TOL = 1e-5  # of a powerset's objective: further digits cost most of the time and move no figure

JOINT = (
    Method(
        "chain",
        "joint",
        lambda seed: ClassifierChain(
            LogisticBinaryRelevance(),
            order="dependence",
            chain_method="predict_proba",
            random_state=seed,
        ),
        "each label's logistic regression also sees the labels before it",
        grids.LOGISTIC,
        grids.INNER_C,
        grids.CHAIN,
        decides="sets",
    ),
    Method(
        "chain-ensemble",
        "joint",
        lambda seed: ClassifierChainEnsemble(
            LogisticBinaryRelevance(), chain_method="predict_proba", random_state=seed
        ),
        "the mean of ten chains in random orders",
        grids.LOGISTIC,
        grids.INNER_C,
        grids.CHAIN,
    ),
    Method(
        "probabilistic-chain",
        "joint",
        lambda seed: ProbabilisticClassifierChain(
            LogisticBinaryRelevance(), order="dependence", random_state=seed
        ),
        "a chain that searches for the most probable label set",
        grids.LOGISTIC,
        grids.INNER_C,
        grids.PROBABILISTIC_CHAIN,
        decides="sets",
    ),
    Method(
        "stacking",
        "joint",
        lambda seed: StackedBinaryRelevance(
            LogisticBinaryRelevance(), variant="BR+", cv=3, random_state=seed
        ),
        "a second round of regressions that also sees the first round's probabilities",
        grids.LOGISTIC,
        grids.INNER_C,
        grids.STACKING,
    ),
    Method(
        "powerset",
        "joint",
        lambda seed: LogisticPowerset(tol=TOL),
        "one multinomial regression over the label sets that were seen",
        grids.LOGISTIC,
        grids.C,
        decides="sets",
    ),
    Method(
        "pruned-sets",
        "joint",
        lambda seed: PrunedSets(LogisticPowerset(tol=TOL)),
        "a powerset of the frequent label sets; rare ones are split into those",
        grids.LOGISTIC,
        grids.INNER_C,
        decides="sets",
    ),
    Method(
        "rakel",
        "joint",
        lambda seed: RAkEL(LogisticPowerset(tol=TOL), random_state=seed),
        "the mean of powersets of three random labels each",
        grids.LOGISTIC,
        grids.INNER_C,
    ),
    Method(
        "iblr",
        "joint",
        lambda seed: IBLR(),
        "logistic regressions on how many neighbours show each of the labels",
        grids.NEIGHBOURS,
        grids.N_NEIGHBOURS,
    ),
    Method(
        "label-ranking",
        "joint",
        lambda seed: CalibratedLabelRanking(LogisticBinaryRelevance()),
        "a regression for every two labels, and for each label against a line between yes and no",
        grids.LOGISTIC,
        grids.INNER_C,
    ),
    Method(
        "forest",
        "joint",
        lambda seed: MultiLabelForest(grids.N_TREES, random_state=seed),
        "a forest of random trees that predict all labels",
        grids.TREES,
    ),
    Method(
        "mlp",
        "joint",
        lambda seed: MultiLabelMLP(random_state=seed),
        "a network with a hidden layer that all labels share",
        grids.NETWORK,
    ),
    Method(
        "softmax",
        "joint",
        lambda seed: HeadClassifier("softmax", random_state=seed),
        "a network's last layer with softmax, in which labels compete",
        grids.HEAD,
        grids.WEIGHT_DECAY,
    ),
)
