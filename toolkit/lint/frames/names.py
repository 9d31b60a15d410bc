"""Names of scikit-learn, imbalanced-learn and pandas, by what they do to rows."""

from toolkit.reproduce.diagnosis.words import words

# learn from all rows that they are given, and change values accordingly
LEARNERS = words(
    "StandardScaler MinMaxScaler RobustScaler MaxAbsScaler PowerTransformer "
    "QuantileTransformer PCA IncrementalPCA KernelPCA SparsePCA TruncatedSVD NMF "
    "FastICA FactorAnalysis SimpleImputer KNNImputer IterativeImputer KBinsDiscretizer "
    "VarianceThreshold TfidfVectorizer TfidfTransformer Imputer MeanMedianImputer "
    "SplineTransformer UMAP Isomap LocallyLinearEmbedding Nystroem RBFSampler"
)
# and from the target as well
SUPERVISED = words(
    "SelectKBest SelectPercentile SelectFromModel SelectFdr SelectFpr SelectFwe RFE "
    "RFECV SequentialFeatureSelector GenericUnivariateSelect TargetEncoder "
    "LeaveOneOutEncoder MEstimateEncoder CatBoostEncoder JamesSteinEncoder WOEEncoder "
    "GLMMEncoder MeanEncoder PLSRegression LinearDiscriminantAnalysis "
    "NeighborhoodComponentsAnalysis"
)
RESAMPLERS = words(
    "SMOTE SMOTENC SMOTEN ADASYN BorderlineSMOTE SVMSMOTE KMeansSMOTE "
    "RandomOverSampler SMOTEENN SMOTETomek"
)
# learn at most which values there are
HARMLESS = words(
    "OneHotEncoder OrdinalEncoder LabelEncoder LabelBinarizer MultiLabelBinarizer "
    "PolynomialFeatures Normalizer FunctionTransformer Binarizer CountVectorizer "
    "HashingVectorizer HashingEncoder DictVectorizer FeatureHasher MissingIndicator "
    "BinaryEncoder"
)
PIPES = words(
    "Pipeline make_pipeline ColumnTransformer make_column_transformer "
    "FeatureUnion make_union TransformedTargetRegressor DataFrameMapper"
)
SEARCHES = words(
    "GridSearchCV RandomizedSearchCV HalvingGridSearchCV HalvingRandomSearchCV "
    "BayesSearchCV OptunaSearchCV TuneSearchCV"
)
SHUFFLED = words(
    "ShuffleSplit StratifiedShuffleSplit RepeatedKFold RepeatedStratifiedKFold"
)
FOLDS = words("KFold StratifiedKFold") | SHUFFLED
SPLITTERS = FOLDS | words(
    "TimeSeriesSplit GroupKFold GroupShuffleSplit StratifiedGroupKFold LeaveOneOut "
    "LeaveOneGroupOut LeavePOut LeavePGroupsOut PredefinedSplit GroupTimeSeriesSplit"
)
CROSS = words("cross_val_score cross_validate cross_val_predict")
METRICS = words(
    "accuracy_score balanced_accuracy_score precision_score recall_score f1_score "
    "fbeta_score roc_auc_score average_precision_score log_loss brier_score_loss "
    "mean_squared_error root_mean_squared_error mean_absolute_error r2_score "
    "mean_absolute_percentage_error median_absolute_error explained_variance_score "
    "mean_squared_log_error mean_pinball_loss matthews_corrcoef cohen_kappa_score "
    "classification_report confusion_matrix max_error hamming_loss jaccard_score "
    "d2_absolute_error_score precision_recall_fscore_support zero_one_loss"
)
READERS = words(
    "read_csv read_table read_parquet read_excel read_feather read_json read_sql "
    "read_sql_query read_sql_table read_pickle read_hdf read_fwf read_stata read_orc"
)
# keep the rows and the columns of a frame
KEEP = words(
    "copy astype dropna drop_duplicates reset_index round clip abs replace "
    "infer_objects convert_dtypes ffill pad where mask sort_index to_frame squeeze "
    "add sub mul div truediv pow mod add_prefix set_axis reindex swaplevel "
    "pipe tz_localize tz_convert rename_axis droplevel fillna between isin map apply "
    "applymap eq ne gt lt ge le cat_codes normalize to_timestamp log1p transform "
    "rank"
)
# keep the rows, but not what can be said of columns
ROWS = words(
    "to_numpy to_list tolist toarray todense ravel reshape flatten join "
    "merge compute to_pandas as_matrix"
)
PARTS = words(
    "head tail query sample nlargest nsmallest truncate between_time first last"
)
STATISTICS = words("mean median std var min max quantile mode sum")
LIKENED = words("values array loc iloc at iat dt str cat T")  # attributes
NOT_COLUMNS = words(
    "shape index dtypes dtype size ndim empty columns plot style attrs axes flags name"
)
TIMELY = words(
    "date time datetime timestamp day month week dt ds hour date_time tradedate"
)
ELEMENTWISE = words(
    "numpy.log numpy.log1p numpy.log2 numpy.log10 numpy.exp numpy.expm1 numpy.sqrt "
    "numpy.abs numpy.sign numpy.where numpy.array numpy.asarray numpy.square "
    "numpy.round numpy.clip numpy.ravel numpy.isnan pandas.to_numeric pandas.cut "
    "numpy.nan_to_num"
)
