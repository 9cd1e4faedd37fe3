"""Types of the results of a comparison: the content of `results.json`.

`Results` is built once, by `analyse` (figures and codes) and `summarise` (text). The comments of
the fields are the reference in docs/results.md and docs/results.schema.json, which
`python .ci/document_results.py` writes.
"""

from typing import Any, Literal, NotRequired, TypedDict

Kind = Literal["independent", "joint", "baseline", "external"]


class Bounds(TypedDict):
    """Confidence interval of a figure."""

    low: float | None
    """Lower end of the 95 % confidence interval; null if there are too few images."""
    high: float | None
    """Upper end."""
    reason: NotRequired[str]
    """Why there is no interval."""


class Estimate(TypedDict):
    """Figure with its confidence interval."""

    value: float | None
    """The figure; null if undefined."""
    low: float | None
    """Lower end of the 95 % confidence interval."""
    high: float | None
    """Upper end."""


class EstimateWithP(Estimate):
    """Figure with its confidence interval and the p-value of being zero."""

    p: float | None
    """p-value."""


class Difference(TypedDict):
    """Difference between two methods in one metric."""

    difference: float | None
    """Value of the method minus that of its reference."""
    low: float | None
    """Lower end of the 95 % confidence interval, for this difference alone."""
    high: float | None
    """Upper end."""
    p: float | None
    """p-value, adjusted for all comparisons of the table (Holm)."""
    verdict: str | None
    """`better`, `worse` or `no difference` at a family-wise error rate of 5 %; null without an
    interval."""
    reason: NotRequired[str]
    """Why there is no interval."""


class BestDifference(Difference):
    """Difference between the best joint and the best independent method."""

    apparent_difference: float
    """Difference of the two figures in the table, before correction for choosing the best."""


class LabelCounts(TypedDict):
    """Test images of one label."""

    images: int
    """Test images whose truth is known."""
    positives: int
    """Test images with the label."""
    prevalence: float | None
    """Share of positives; the chance level of average precision."""


class DatasetInfo(TypedDict):
    """The data set."""

    name: str
    """Name."""
    source: str
    """File or folder."""
    images: int
    """Readable images."""
    labels: list[str]
    """Names of the labels."""
    cardinality: float
    """Mean number of labels per image."""
    credit: str
    """Attribution that the creators of the images require."""
    notes: list[str]
    """Remarks on how the labels were read."""
    files_left_out: dict[str, int]
    """Files of the folder that are no images, counted by suffix."""
    label_sets: int
    """Number of different label sets."""
    prevalence: dict[str, float]
    """Share of images with each label."""
    test_labels: dict[str, LabelCounts]
    """Test images of each label."""


class Extraction(TypedDict):
    """Extraction of the features in this run."""

    dimension: int
    """Length of a feature vector."""
    computed_now: int
    """Images whose features were computed in this run; the others come from the store."""
    seconds: float
    """Time."""


class ProtocolInfo(TypedDict):
    """Evaluation protocol."""

    split: str
    """How images are divided into training and test images."""
    folds: int
    """Number of folds; 1 for a fixed split."""
    repeats: int
    """Number of repeats of the cross-validation."""
    inner_folds: int
    """Folds of the model selection within the training images."""
    seed: int
    """Random seed."""
    features: str
    """How features are scaled."""
    chosen_by: str
    """How parameters are selected."""
    thresholds: str
    """How thresholds are selected."""
    label_sets: str
    """How label sets are decided."""
    train_images: int
    """Mean number of training images per fold."""
    test_images: int
    """Number of different test images."""
    labels_not_learned: list[str]
    """Labels without positive or without negative training images in some fold."""
    labels_not_averaged: list[str]
    """Labels that are too rare for macro averages."""


class PerLabel(TypedDict):
    """Figures of each label, in the order of the data set's labels."""

    ap: list[float | None]
    """Average precision."""
    auroc: NotRequired[list[float | None]]
    """Area under the ROC curve."""
    f1: NotRequired[list[float | None]]
    """F1 score."""
    precision: NotRequired[list[float | None]]
    """Precision."""
    recall: NotRequired[list[float | None]]
    """Recall."""


class MethodEntry(TypedDict):
    """One method. A failed method has the fields up to `failed` only."""

    name: str
    """Name on the command line."""
    kind: Kind
    """`independent`, `joint`, `baseline` or `external`."""
    base: str
    """Base learner."""
    about: str
    """Description in one line."""
    failed: NotRequired[str]
    """Why the method failed."""
    metrics: NotRequired[dict[str, float | int | None]]
    """Figure of each metric, and `labels_averaged`, the number of labels in macro averages."""
    intervals: NotRequired[dict[str, Bounds]]
    """Confidence interval of each metric."""
    per_label: NotRequired[PerLabel]
    """Figures of each label."""
    reference: NotRequired[str | None]
    """Independent method that it is compared with: of the same base learner, if there is one."""
    same_base: NotRequired[bool]
    """Whether the reference has the same base learner."""
    against_independent: NotRequired[dict[str, Difference] | None]
    """Difference to the reference in each metric."""
    fit_seconds: NotRequired[float | None]
    """Time of the final fits, summed over folds; null if it was not measured here."""
    fit_cpu_seconds: NotRequired[float | None]
    """Processor time of the final fits, summed over folds."""
    choose_seconds: NotRequired[float | None]
    """Time of model selection, summed over folds."""
    choose_cpu_seconds: NotRequired[float | None]
    """Processor time of model selection, summed over folds."""
    predict_ms_per_image: NotRequired[float | None]
    """Time of prediction per test image, in one batch."""
    predict_cpu_ms_per_image: NotRequired[float | None]
    """Processor time of prediction per test image, in one batch."""
    chosen: NotRequired[list[dict[str, Any]]]
    """Selected parameters of each fold."""
    set_rules: NotRequired[list[dict[str, Any]]]
    """How label sets are decided in each fold."""
    warnings: NotRequired[list[str]]
    """Warnings of the final fits."""
    features: NotRequired[dict[str, Any]]
    """Features of this method, if they differ from those of the others."""


class UpperBound(TypedDict):
    """Largest upper end of the joint methods' intervals."""

    name: str
    """Joint method."""
    high: float
    """Upper end of the 95 % confidence interval of its difference to the best independent one."""


class Shortfall(TypedDict):
    """Distance of an eligible method to the best one."""

    value: float
    """Figure of the best eligible method minus its own."""
    standard_error: float
    """Standard error of this difference."""


class BestMethods(TypedDict):
    """Best methods for one purpose."""

    method: str | None
    """Best method of all; no detector, no baseline."""
    independent: str | None
    """Best independent method."""
    joint: str | None
    """Best joint method."""
    comparison: BestDifference | None
    """Joint minus independent, corrected for choosing the best of several."""
    upper_bound: UpperBound | None
    """Upper bound on the gain of every joint method."""
    shortfall: dict[str, Shortfall]
    """Methods that are eligible for the recommendation. Joint methods are eligible only if the best
    one is significantly better."""


class BaselineFigure(TypedDict):
    """The constant baseline at one purpose."""

    value: float | None
    """Its figure: the chance level."""
    beaten_by: list[str] | None
    """Best methods that are significantly better; null if that cannot be tested."""
    differences: NotRequired[dict[str, Difference]]
    """Differences of the best methods to it."""


class BaselineInfo(TypedDict):
    """The constant baseline."""

    name: str
    """Its name among the methods."""
    label_set: list[str]
    """Label set that it predicts; of several folds the most frequent one."""
    macro_ap: BaselineFigure
    """Finding the images of a label."""
    subset_accuracy: BaselineFigure
    """Predicting exact label sets."""


class HeadlineVerdict(TypedDict):
    """Verdict on both purposes together."""

    code: str
    """See docs/protocol.md."""


class PurposeVerdict(TypedDict):
    """Verdict on one purpose."""

    code: str
    """See docs/protocol.md."""
    significance: str | None
    """`better`, `worse`, `no_difference`, `not_after_correction` or `no_interval`."""


class Caution(TypedDict):
    """Reason to distrust the figures."""

    code: str
    """`few_test_images` or `few_test_positives`."""
    remedy: str
    """`folds`: cross-validation tests more images; `more_images`: nothing else helps."""
    images: int
    """Images of the data set."""
    test_images: NotRequired[int]
    """Test images."""
    labels: NotRequired[dict[str, int]]
    """Labels with few positive test images, and their number."""


class Verdicts(TypedDict):
    """Verdict codes."""

    headline: HeadlineVerdict
    """Both purposes together."""
    macro_ap: PurposeVerdict
    """Finding the images of a label."""
    subset_accuracy: PurposeVerdict
    """Predicting exact label sets."""
    cautions: list[Caution]
    """Reasons to distrust the figures."""


class Recommendation(TypedDict):
    """Recommended method for one purpose."""

    method: str
    """Name."""
    equivalent: list[str]
    """Eligible methods that are as good by the rule, the recommended one included."""
    seconds: dict[str, float]
    """Processor time of each from images to predictions."""


class LabelCountBand(TypedDict):
    """Test images with a number of labels."""

    labels: str
    """Number of labels, such as `3 or more`."""
    images: int
    """Test images."""


class LabelCountAccuracy(TypedDict):
    """Subset accuracy by the true number of labels."""

    bands: list[LabelCountBand]
    """Groups of test images."""
    methods: dict[str, list[Estimate]]
    """Subset accuracy of each method in each group."""


class ConfidentError(TypedDict):
    """Wrong decision of the reference method."""

    image: str
    """Name of the image."""
    file: str
    """Its path."""
    label: str
    """Label."""
    kind: Literal["false positive", "false negative"]
    """Kind of error."""
    overall: bool
    """Whether it is among the most confident errors of its kind over all labels."""
    truth: list[str]
    """True labels of the image."""
    probabilities: dict[str, float]
    """Probability of the label by each method."""
    correct: list[str]
    """Methods that decided correctly."""


class ConfidentErrors(TypedDict):
    """Most confident errors of the reference method."""

    method: str
    """Name of the method."""
    counts: dict[str, int]
    """Number of errors of each kind."""
    shown: list[ConfidentError]
    """Some of them, the most confident first."""


class CurvePoint(TypedDict):
    """Point of a crowding curve."""

    x: float
    """Position on the axis."""
    label: str
    """Text on the axis."""
    images: int
    """Test images with a positive label."""
    value: float | None
    """Macro average."""
    low: float | None
    """Lower end of the 95 % confidence interval."""
    high: float | None
    """Upper end."""


class CrowdingCurve(TypedDict):
    """Accuracy along one axis."""

    metric: Literal["auroc", "ap"]
    """AUROC, or AP at matched prevalence."""
    chance: float
    """Chance level of the metric."""
    labels_averaged: list[str]
    """Labels in the averages, the same at every point."""
    series: dict[str, list[CurvePoint]]
    """One list of points per method or kind of training images."""


class CrowdingEffect(TypedDict):
    """Change of the AUROC between two points of a curve."""

    start: str
    """Text of the first point."""
    end: str
    """Text of the second point."""
    start_value: float | None
    """AUROC at the first point."""
    end_value: float | None
    """AUROC at the second point."""
    difference: Estimate
    """AUROC at the first point minus that at the second."""
    mean_auroc: float | None
    """Mean AUROC over all points of the curve."""
    above_chance: bool
    """Whether the mean is significantly above 0.5; otherwise no effect can be measured."""


class TransferRow(TypedDict):
    """Training on one kind of images, testing on images with one number of labels."""

    trained_on: str
    """Kind of training images."""
    labels_per_image: float
    """Mean number of labels per training image."""
    tested_on: str
    """Number of labels of the test images."""
    images: int
    """Test images."""
    auroc: float | None
    """Macro AUROC."""
    difference: Estimate | None
    """Difference to training on all kinds of images."""


class TransferInfo(TypedDict):
    """Transfer from images of one label to images of several labels."""

    method: str
    """Method."""
    train_images: int
    """Training images of each kind."""
    draws: int
    """Number of sampled training sets."""
    rows: list[TransferRow]
    """Figures."""


class CrowdedImages(TypedDict):
    """Crowded test images, on which interventions are compared."""

    labels: str
    """Number of labels."""
    images: int
    """Test images."""


class InterventionDifference(TypedDict):
    """Difference to the reference of an intervention."""

    auroc: Estimate
    """Macro AUROC."""
    ap: Estimate
    """Macro AP at matched prevalence."""


class SingleLabelFigures(TypedDict):
    """Figures on images of one label."""

    auroc: Estimate
    """Macro AUROC."""
    ap: Estimate
    """Macro AP at matched prevalence."""
    difference: InterventionDifference | None
    """Difference to the reference."""


class Intervention(TypedDict):
    """Other features or another classifier on crowded images."""

    recipe: str
    """Features."""
    classifier: str
    """Classifier."""
    against: list[str] | None
    """Recipe and classifier of the reference."""
    single: SingleLabelFigures | None
    """The same figures on images of one label."""
    auroc: Estimate
    """Macro AUROC."""
    ap: Estimate
    """Macro AP at matched prevalence."""
    difference: InterventionDifference | None
    """Difference to the reference."""


class Crowding(TypedDict):
    """Accuracy by number of labels and objects per image; see docs/crowding.md."""

    curves: dict[str, CrowdingCurve]
    """By curve and metric, for example `labels-auroc`."""
    effects: dict[str, CrowdingEffect]
    """Changes along the curves, for the reference method."""
    transfer: TransferInfo | None
    """Training on images of one label."""
    crowded: CrowdedImages | None
    """Crowded images; null if there are too few."""
    interventions: list[Intervention]
    """Other features and classifiers, compared on crowded images."""
    not_measured: list[dict[str, Any]]
    """Missing parts: `code`, and the figures that explain it."""
    reference: str
    """Method of the curves."""
    most_labels: int
    """Largest number of labels of a test image."""
    images: int
    """Test images used."""
    test_images: int
    """Test images of the comparison."""


class LabelPair(TypedDict):
    """Dependence of two labels."""

    labels: list[str]
    """The two labels."""
    correlation: float
    """Correlation: 1 always together, -1 never."""
    together: int
    """Test images with both."""
    expected: float
    """Expected number if they were independent."""
    p: float
    """p-value, adjusted for all pairs (Holm)."""
    mutual_information: NotRequired[float]
    """Mutual information in nats."""


class LabelMatrix(TypedDict):
    """Correlations of all pairs of labels."""

    labels: list[str]
    """At most 80 labels."""
    values: list[list[float | None]]
    """Symmetric matrix."""


class MarginalDependence(TypedDict):
    """Dependence between labels without regard to the features."""

    pairs: list[LabelPair]
    """The most dependent pairs."""
    tested: int
    """Number of pairs tested."""
    dependent: int
    """Number of significantly dependent pairs."""
    matrix: LabelMatrix
    """Correlations."""


class LabelGain(TypedDict):
    """Gain from knowing the other labels, for one label."""

    label: str
    """Label."""
    log_loss: float
    """Log-loss without the other labels."""
    gain: float
    """Log-loss without them minus log-loss with them, in nats per image."""
    low: float
    """Lower end of the 95 % confidence interval."""
    high: float
    """Upper end."""
    p: float
    """p-value, adjusted for all labels (Holm)."""


class ConditionalDependence(MarginalDependence):
    """Dependence between labels given the features."""

    gain: EstimateWithP
    """Mean gain over labels."""
    log_loss: float
    """Mean log-loss without the other labels."""
    share: float
    """Gain as a share of the log-loss."""
    labels: list[LabelGain]
    """Gain of each label."""
    too_rare: list[str]
    """Labels left out because they are too rare."""


class Dependence(TypedDict):
    """Dependence between labels; see docs/statistics.md."""

    marginal: MarginalDependence
    """Without regard to the features."""
    given_features: ConditionalDependence | None
    """Given the features; null if it could not be measured."""
    images: int
    """Test images used."""
    test_images: int
    """Test images of the comparison."""
    labels: int
    """Labels used."""
    labels_left_out: list[str]
    """Labels left out because there are too many."""
    method: str | None
    """Independent method whose probabilities are used."""


class FeatureCost(TypedDict):
    """Time of the feature extraction."""

    ms_per_image: float
    """In one batch."""
    cpu_ms_per_image: float
    """Processor time in one batch."""
    ms_single_image: float
    """One image alone."""


class CostPoint(TypedDict):
    """Times with a number of labels."""

    labels: int
    """Number of labels."""
    measured: bool
    """False: extrapolated in proportion, or null."""
    fit_seconds: float | None
    """Fitting."""
    predict_ms_per_image: float | None
    """Prediction in one batch."""
    predict_ms_single_image: float | None
    """Prediction of one image alone."""


class MethodCost(TypedDict):
    """Times of one method."""

    name: str
    """Method."""
    kind: Kind
    """Kind of method."""
    points: list[CostPoint]
    """Times by number of labels."""


class Cost(TypedDict):
    """Times; see docs/protocol.md."""

    features: FeatureCost | None
    """Feature extraction; null if it could not be timed."""
    methods: list[MethodCost]
    """Fitting and prediction."""
    train_images: int
    """Training images."""
    synthetic_labels: int
    """Number of labels generated at random to reach 300."""
    threads: int
    """Threads of linear algebra."""


class SkippedImage(TypedDict):
    """Image that could not be read."""

    image: str
    """Name."""
    where: str
    """File and row of the label table."""
    reason: str
    """Why."""


class Analysis(TypedDict):
    """Figures and codes of a comparison."""

    dataset: DatasetInfo
    """The data set."""
    recipe: dict[str, Any]
    """How the features were computed."""
    extraction: Extraction
    """Extraction of the features in this run."""
    protocol: ProtocolInfo
    """Evaluation protocol."""
    methods: list[MethodEntry]
    """Every method, and the constant baseline as the last one."""
    reference: str | None
    """Reference of the whole comparison: the first independent method."""
    best: dict[str, BestMethods]
    """Best methods by purpose: `macro_ap` (finding the images of a label) and `subset_accuracy`
    (predicting exact label sets)."""
    baseline: BaselineInfo | None
    """The constant baseline."""
    verdicts: Verdicts
    """Verdict codes."""
    recommended: dict[str, Recommendation]
    """Recommended method by purpose."""
    subset_accuracy_by_label_count: LabelCountAccuracy
    """Subset accuracy by the true number of labels."""
    confident_errors: ConfidentErrors | None
    """Most confident errors of the reference method; null without images."""
    crowding: Crowding
    """Accuracy by number of labels and objects per image."""
    dependence: Dependence
    """Dependence between labels."""
    cost: Cost
    """Times."""
    skipped_images: list[SkippedImage]
    """Images that could not be read."""
    leakage: dict[str, Any]
    """Versions of one image among training and test images; see docs/leakage.md."""
    dropped_duplicates: list[dict[str, Any]] | None
    """Images left out as duplicates; null if not requested."""
    detectors: list[dict[str, Any]]
    """Detectors; see docs/detectors.md."""
    average_precisions: dict[str, Any] | None
    """Average precision in three definitions, with `--protocol vissl`; see docs/voc2007.md."""


class PredictionsFile(TypedDict):
    """File of the predictions of all methods, see docs/predictions.md."""

    file: str
    """Name, next to `results.json`."""
    rows: int
    """Rows: one per test image and label."""
    images: int
    """Predicted test images in the file."""
    of_images: int
    """All predicted test images."""
    methods: list[str]
    """Names of the methods."""


class Results(Analysis):
    """Content of `results.json`."""

    answer: str
    """The verdict and its figures as one paragraph."""
    details: list[str]
    """Background of the answer, one sentence each."""
    command: str
    """Command that repeats the comparison; empty for data in memory."""
    next_command: str
    """Command to type next; empty for data in memory."""
    predictions: NotRequired[PredictionsFile]
    """File of the predictions, if results are written to a folder."""


class SignedRank(TypedDict):
    """Bayesian signed-rank test of a method over data sets."""

    name: str
    """Method."""
    reference: str | None
    """Independent method that it is compared with."""
    left: float
    """Probability that it is worse."""
    rope: float
    """Probability that it is practically equal."""
    right: float
    """Probability that it is better."""
    data_sets: int
    """Number of data sets."""


class DatasetRanking(TypedDict):
    """Comparison of methods over several data sets."""

    ranks: dict[str, dict[str, Any] | None]
    """Ranks by metric with Friedman's and Nemenyi's tests; null with fewer than two methods."""
    signed_ranks: dict[str, list[SignedRank]]
    """Signed-rank tests by metric."""
    rope: float
    """Differences up to this size count as practically equal."""
    verdict_counts: dict[str, dict[str, int]]
    """By purpose, the number of data sets with each verdict code."""


class JointResults(DatasetRanking):
    """Content of the `results.json` of several data sets."""

    datasets: list[Results]
    """Results of each data set."""
    answer: str
    """The joint verdict as one paragraph."""
    command: str
    """Command that repeats the comparison."""


class NetworkInfo(TypedDict):
    """One network with one choice of views."""

    name: str
    """Network, and its views if these differ between the networks."""
    network: str
    """Network, as on the command line."""
    views: str
    """Views, as on the command line."""
    dimension: int
    """Length of a feature vector."""
    ms_per_image: float | None
    """Time to compute the features of an image; null if it was not measured."""
    verdicts: dict[str, str]
    """Verdict code on this network by purpose."""
    joint_minus_independent: dict[str, BestDifference | None]
    """Difference of the best joint and the best independent method by purpose."""


class NetworkFigure(Bounds):
    """Figure of a method on one network."""

    value: float | None
    """The figure."""
    against_reference: Difference | None
    """Difference from the same method on the first network; null for the first one."""


class NetworkCell(TypedDict):
    """One method on one network."""

    network: str
    """Name of the network."""
    method: str
    """Name of the method."""
    kind: Kind
    """`independent` or `joint`."""
    macro_ap: NetworkFigure
    """Macro AP."""
    subset_accuracy: NetworkFigure
    """Subset accuracy."""


class FactorEffect(TypedDict):
    """Main effect of the networks, the views or the classifiers."""

    means: dict[str, float]
    """Mean figure of each level."""
    highest: str
    """Level with the highest mean."""
    lowest: str
    """Level with the lowest mean."""
    difference: float
    """Difference of these two means."""
    low: float
    """Lower end of the 95 % confidence interval."""
    high: float
    """Upper end."""


class Decomposition(TypedDict):
    """Analysis of variance of one metric over networks, views and classifiers."""

    shares: dict[str, float]
    """Share of each effect in the sum of squares, and of chance; they add up to 1."""
    standard_deviation: float
    """Standard deviation of the figures."""
    effects: dict[str, FactorEffect]
    """Factors with more than one level."""


class ParetoPoint(TypedDict):
    """Accuracy and cost of one method on one network."""

    network: str
    """Name of the network."""
    method: str
    """Name of the method."""
    ms_per_image: float
    """Time per image of features and prediction."""
    macro_ap: float
    """Macro AP."""
    on_front: bool
    """Whether no other point is at least as good at lower cost, or better at the same cost."""


class GainContrast(Difference):
    """Difference of the gains of a joint method on two networks: on this one minus the first."""

    network: str
    """Name of the network."""
    method: str
    """Joint method."""
    counterpart: str
    """Independent method over which the gain is measured."""


class NetworkDependence(TypedDict):
    """Whether the verdict depends on the network."""

    code: str
    """`depends`, `same` or `not_shown`."""
    contrasts: list[GainContrast]
    """Every joint method on every network but the first."""


class BackboneComparison(TypedDict):
    """Comparison of networks by the methods that were fitted on each of them."""

    reference: str
    """Name of the first network."""
    networks: list[NetworkInfo]
    """Every network with every choice of views."""
    methods: list[str]
    """Names of the methods."""
    cells: list[NetworkCell]
    """Figures of every method on every network."""
    decomposition: dict[str, Decomposition | None]
    """By purpose; null if the figures do not vary or the table of networks and views has gaps."""
    pareto: list[ParetoPoint]
    """By increasing cost; empty if the features were not timed."""
    dependence: dict[str, NetworkDependence]
    """By purpose."""


class BackboneResults(TypedDict):
    """Content of the `results.json` of several networks."""

    backbones: list[Results]
    """Results of each network."""
    comparison: BackboneComparison
    """Comparison of the networks."""
    answer: str
    """The comparison as one paragraph."""
    command: str
    """Command that repeats the comparison."""
