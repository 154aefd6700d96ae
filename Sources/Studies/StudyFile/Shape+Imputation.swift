// Multiple imputation in the study file.

extension Shape {
  /// The primary effects once more, missing values filled in several times over.
  static let imputation = Shape.fields(
    "imputation",
    [
      Field(
        "outcomes", .list(.scalar(.text)),
        "Outcomes of the effects to fill in and estimate again; all of them unless given.")
    ]
      + OptionKey.imputationModel.map { key in
        switch key {
        case .imputedColumns:
          Field(
            key.name, .list(.scalar(.text)),
            "Columns to fill in, in the order in which they are imputed. The outcomes and covariates"
              + " of the effects that have gaps are added.")
        case .imputationPredictors:
          Field(
            key.name, .list(.scalar(.text)),
            "Further columns to predict from, without gaps. The treatment and the effects' outcomes"
              + " and covariates always predict.")
        case .imputationSite:
          Field(
            key.name, .scalar(.text),
            "Column of sites, which enter every model; that of 'assignment' unless given.")
        default: Field(key)
        }
      })
}
