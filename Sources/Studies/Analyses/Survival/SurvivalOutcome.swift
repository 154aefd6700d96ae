internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Survival
internal import Tables

/// The left side of a survival formula given alone, and the columns it reads.
struct SurvivalResponseText: Sendable {
  /// The formula `Surv(…) ~ 1`.
  let formula: String
  /// The columns that it reads.
  let columns: [String]

  /// Checks the text of `--survival`.
  ///
  /// - Throws: `invalidOption` when it is missing or no `Surv(…)`; `formulaSyntax`.
  init(_ options: OptionValues) throws(SiblingError) {
    let text = try options.required(.survivalResponse)
    let wrong = options.wrong(.survivalResponse, "takes Surv(time, event)")
    guard !text.contains("~") else { throw wrong }
    let parsed = try Formula(parsing: "\(text) ~ 1")
    guard parsed.isSurvival else { throw wrong }
    (formula, columns) = (parsed.text, parsed.columnNames)
  }

  /// The follow-up of a sample's rows, read from the table that it was made from.
  ///
  /// - Throws: `badDesign` when a column of the follow-up is the treatment or a covariate;
  ///   `missingValue` where a row of the sample lacks one; what is wrong with the times.
  func times(
    of sample: MatchedSample, in table: Table
  ) throws(SiblingError) -> (times: SurvivalTimes, notes: [String]) {
    let design = sample.bound.frame.formula
    var taken = try design.termColumns(in: table.names)
    if let treatment = design.responseColumn { taken.append(treatment) }
    if let column = columns.first(where: { taken.contains($0) }) {
      throw SiblingError(
        .badDesign, "'\(column)' is in the follow-up and in the design's formula",
        help: "covariates must be fixed before treatment; leave it out of the formula",
        column: column)
    }
    let bound = try sample.bind(
      formula, in: table, what: "the follow-up", option: .survivalResponse)
    return try bound.locating { () throws(SiblingError) in try SurvivalBinding.times(bound.frame) }
  }
}

extension MatchedSample {
  /// Binds another formula to the rows of the sample.
  ///
  /// - Throws: `missingValue` when a row of the sample lacks a value of it.
  func bind(
    _ formula: String, in table: Table, what: String, option: OptionKey
  ) throws(SiblingError) -> BoundFormula {
    let bound = try BoundFormula(
      formula, to: table.selecting(rows: rows), settings: CommonSettings(OptionValues()))
    guard bound.frame.rows.count == rows.count else {
      throw SiblingError(
        .missingValue, "\(what) needs columns that are missing in rows of the design",
        help: "leave those rows out with --where before matching", column: option.name)
    }
    return bound
  }

  /// The clusters of the standard error that options name, or sites that share weights.
  ///
  /// - Throws: `invalidOption` for more than one column; what is wrong with the column.
  func errorClusters(
    _ settings: CommonSettings, _ design: MatchDesign
  ) throws(SiblingError) -> Factor? {
    guard bound.clusters.isEmpty, let column = settings.clusters.first ?? design.weighting.site
    else { return try bound.singleCluster() }
    guard settings.clusters.count <= 1 else {
      throw SiblingError(
        .invalidOption, "this estimator takes one column of clusters", column: "cluster")
    }
    return try bound.frame.factor(of: column)
  }
}
