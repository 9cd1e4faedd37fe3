"""The base learners and what is tried of them: the same for all methods of one base learner."""

from .method import Grid

LOGISTIC = "logistic regression"
RIDGE = "ridge regression"
SVM = "linear SVM"
NEIGHBOURS = "nearest neighbours"
TREES = "extra trees"
NETWORK = "network with a hidden layer"
HEAD = "linear head"

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
C: Grid = {"C": PENALTIES}
INNER_C: Grid = {"estimator__C": PENALTIES}
REGION_C: Grid = {"estimator__logistic__C": PENALTIES}
SVM_C: Grid = {"C": (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)}
N_NEIGHBOURS: Grid = {"n_neighbors": (5, 10, 20, 40)}
WEIGHT_DECAY: Grid = {"weight_decay": (3.0, 0.3, 0.03, 0.003)}

# Of joint methods alone: six combinations for each of them. The first one is where they start.
LABEL_SCALES = (1.0, 10.0, 30.0)
CHAIN: Grid = {"label_scale": LABEL_SCALES, "chain_method": ("predict_proba", "predict")}
PROBABILISTIC_CHAIN: Grid = {"label_scale": LABEL_SCALES, "order": ("dependence", "frequency")}
STACKING: Grid = {"label_scale": LABEL_SCALES, "variant": ("BR+", "2BR")}

ALPHAS = (1.0, 10.0, 1e2, 1e3, 1e4, 1e5)  # of a ridge, which weighs them itself, exactly
N_TREES = 60
