"""What draws random numbers: functions, generators, and what takes a seed."""

from toolkit.reproduce.diagnosis.words import words

# functions of random and numpy.random that draw from the one hidden generator
RANDOM_DRAWS = words(
    "random randint randrange uniform choice choices sample shuffle gauss "
    "normalvariate betavariate expovariate gammavariate lognormvariate getrandbits "
    "paretovariate triangular vonmisesvariate weibullvariate randbytes binomialvariate"
)
NUMPY_DRAWS = words(
    "rand randn randint random random_sample ranf sample choice shuffle permutation "
    "normal uniform binomial poisson exponential beta gamma standard_normal "
    "lognormal multivariate_normal multinomial dirichlet laplace logistic geometric "
    "chisquare f gumbel hypergeometric logseries negative_binomial pareto power "
    "rayleigh standard_t triangular vonmises wald weibull zipf bytes "
    "random_integers standard_cauchy standard_exponential standard_gamma"
)
TORCH_DRAWS = words(
    "rand randn randint randperm normal bernoulli multinomial rand_like randn_like "
    "Linear Conv1d Conv2d LSTM GRU Embedding Dropout DataLoader random_split"
)
# generators: which place their seed has
MAKERS = words(
    "numpy.random.default_rng numpy.random.RandomState random.Random "
    "numpy.random.PCG64 numpy.random.MT19937 numpy.random.Philox numpy.random.SFC64 "
    "numpy.random.PCG64DXSM numpy.random.SeedSequence faker.Faker "
    "sklearn.utils.check_random_state optuna.samplers.TPESampler "
    "optuna.samplers.RandomSampler numpy.random.seed random.seed torch.seed"
)
# what always uses randomness if it is given no random_state
DRAWING = words(
    "PatchExtractor OutputCodeClassifier "
    "train_test_split resample shuffle permutation_importance learning_curve "
    "RandomForestClassifier RandomForestRegressor ExtraTreesClassifier "
    "ExtraTreesRegressor ExtraTreeClassifier ExtraTreeRegressor "
    "DecisionTreeClassifier DecisionTreeRegressor RandomTreesEmbedding "
    "GradientBoostingClassifier GradientBoostingRegressor BaggingClassifier "
    "BaggingRegressor AdaBoostClassifier AdaBoostRegressor IsolationForest "
    "SGDClassifier SGDRegressor SGDOneClassSVM Perceptron "
    "PassiveAggressiveClassifier PassiveAggressiveRegressor MLPClassifier "
    "MLPRegressor BernoulliRBM KMeans MiniBatchKMeans BisectingKMeans "
    "SpectralClustering SpectralBiclustering SpectralCoclustering "
    "GaussianMixture BayesianGaussianMixture LatentDirichletAllocation "
    "RandomizedSearchCV HalvingRandomSearchCV HalvingGridSearchCV ShuffleSplit "
    "StratifiedShuffleSplit GroupShuffleSplit RepeatedKFold RepeatedStratifiedKFold "
    "MiniBatchNMF MiniBatchSparsePCA MiniBatchDictionaryLearning "
    "DictionaryLearning FastICA TruncatedSVD RBFSampler Nystroem "
    "AdditiveChi2Sampler PolynomialCountSketch SkewedChi2Sampler "
    "GaussianRandomProjection SparseRandomProjection MDS TSNE SpectralEmbedding "
    "LinearSVC LinearSVR MinCovDet EllipticEnvelope RANSACRegressor "
    "TheilSenRegressor MultiOutputClassifierChain ClassifierChain RegressorChain "
    "NeighborhoodComponentsAnalysis mutual_info_classif mutual_info_regression "
    "SelfTraining make_classification make_regression make_blobs make_moons "
    "make_circles make_friedman1 make_friedman2 make_friedman3 make_s_curve "
    "make_swiss_roll make_low_rank_matrix make_sparse_uncorrelated "
    "make_spd_matrix make_gaussian_quantiles make_hastie_10_2 make_biclusters "
    "make_checkerboard make_multilabel_classification make_sparse_coded_signal "
    "make_sparse_spd_matrix randomized_svd randomized_range_finder k_means "
    "kmeans_plusplus estimate_bandwidth fetch_20newsgroups "
    "UMAP SMOTE ADASYN BorderlineSMOTE RandomOverSampler RandomUnderSampler "
    "differential_evolution dual_annealing basinhopping bootstrap "
    "permutation_test monte_carlo_test gp_minimize forest_minimize "
    "spring_layout erdos_renyi_graph gnp_random_graph barabasi_albert_graph "
    "watts_strogatz_graph random_regular_graph louvain_communities "
    "random_walk_with_restart bootstrap_plot stripplot"
)
# what uses it only on some data, or with some options
SOMETIMES = words(
    "AffinityPropagation TunedThresholdClassifierCV "
    "PCA SparsePCA IncrementalPCA KernelPCA NMF HistGradientBoostingClassifier "
    "HistGradientBoostingRegressor QuantileTransformer KBinsDiscretizer "
    "IterativeImputer GaussianProcessRegressor GaussianProcessClassifier "
    "LocallyLinearEmbedding FactorAnalysis SplineTransformer TargetEncoder "
    "spectral_clustering spectral_embedding locally_linear_embedding fastica "
    "dict_learning dict_learning_online non_negative_factorization "
    "barplot pointplot lineplot regplot lmplot"
)
# what uses it only if an option has one of these values (True where it is a switch)
WITH_OPTION: dict[str, tuple[str, tuple[object, ...]]] = {
    "KFold": ("shuffle", (True,)),
    "StratifiedKFold": ("shuffle", (True,)),
    "StratifiedGroupKFold": ("shuffle", (True,)),
    "GroupKFold": ("shuffle", (True,)),
    "LogisticRegression": ("solver", ("sag", "saga", "liblinear")),
    "LogisticRegressionCV": ("solver", ("sag", "saga", "liblinear")),
    "Ridge": ("solver", ("sag", "saga")),
    "RidgeClassifier": ("solver", ("sag", "saga")),
    "ridge_regression": ("solver", ("sag", "saga")),
    "Lasso": ("selection", ("random",)),
    "LassoCV": ("selection", ("random",)),
    "ElasticNet": ("selection", ("random",)),
    "ElasticNetCV": ("selection", ("random",)),
    "MultiTaskLasso": ("selection", ("random",)),
    "MultiTaskLassoCV": ("selection", ("random",)),
    "MultiTaskElasticNet": ("selection", ("random",)),
    "MultiTaskElasticNetCV": ("selection", ("random",)),
    "SVC": ("probability", (True,)),
    "NuSVC": ("probability", (True,)),
    "DummyClassifier": ("strategy", ("stratified", "uniform")),
    "Lars": ("jitter", ()),
    "LassoLars": ("jitter", ()),
}
# what takes no part in the seed of numpy's global state
OWN_GENERATOR = words("barplot pointplot lineplot regplot lmplot")
PREFIXES = words("sklearn imblearn umap scipy networkx seaborn skopt torch xgboost")
