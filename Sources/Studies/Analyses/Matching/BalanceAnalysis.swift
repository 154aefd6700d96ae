internal import Matching
internal import Statistics
internal import Tables

/// `balance`: covariates before and after matching or weighting.
struct BalanceAnalysis: VerbAnalysis {
  var design: MatchDesign
  var settings: CommonSettings
  var by: String?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    let method = MatchDesign.method(named: try options.choice(.balanceMethod)) ?? .nearest
    design = try MatchDesign(formula: formula, options: options, method: method)
    settings = try CommonSettings(options)
    by = options.text(.by)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let sample = try design.apply(
      to: table, settings: settings, alsoComplete: by.map { [$0] } ?? [])
    guard let by else {
      let balance = try sample.balance(design)
      let rows = try sample.levelCounts(balance)
      var output = AnalysisOutput(
        columns: Self.columns([("balance", balance)]), notes: sample.notes)
      for (name, counts) in rows { output.people[name] = counts }
      return output
    }
    return try within(by, sample)
  }

  /// Balance within each level of a column that holds both groups.
  private func within(_ by: String, _ sample: MatchedSample) throws(SiblingError) -> AnalysisOutput
  {
    let factor = try sample.bound.frame.factor(of: by)
    var parts: [(String, Balance)] = []
    var notes = sample.notes
    let covariates = try sample.covariates()
    for (code, level) in factor.levels.enumerated() {
      let rows = factor.codes.indices.filter { factor.codes[$0] == Int32(code) }
      let treated = rows.map { sample.treated[$0] }
      let weights = rows.map { sample.weights[$0] }
      let groups = zip(treated, weights).filter { $0.1 > 0 }.map(\.0)
      guard groups.contains(true), groups.contains(false) else {
        notes.append("\(by)=\(level) lacks one of the groups after adjustment and is left out")
        continue
      }
      let balance = try sample.bound.locating { () throws(SiblingError) in
        try BalanceAssessment(estimand: design.estimand).assess(
          treatment: treated, weights: weights,
          covariates: covariates.map { covariate in
            BalanceCovariate(
              name: covariate.name, level: covariate.level,
              values: rows.map { covariate.values[$0] })
          }, score: sample.score.isEmpty ? nil : rows.map { sample.score[$0] })
      }
      parts.append(("\(by)=\(level)", balance))
    }
    return AnalysisOutput(columns: Self.columns(parts), notes: notes)
  }

  /// The report's balance columns.
  static func columns(_ parts: [(analysis: String, balance: Balance)]) -> [Column] {
    let rows = parts.flatMap { part in part.balance.rows.map { (part, $0) } }
    return [
      .texts("analysis", rows.map { $0.0.analysis }),
      .texts("covariate", rows.map { $0.1.covariate }),
      .texts("level", rows.map { $0.1.level }),
      .texts("stage", rows.map { $0.1.stage.rawValue }),
      .numbers("mean_treated", rows.map { $0.1.meanTreated }),
      .numbers("mean_comparison", rows.map { $0.1.meanComparison }),
      .numbers("smd", rows.map { $0.1.standardizedMeanDifference }),
      .numbers("var_ratio", rows.map { $0.1.varianceRatio }),
      .numbers("ecdf_mean", rows.map { $0.1.meanDistributionDifference }),
      .numbers("ks", rows.map { $0.1.kolmogorovSmirnov }),
      .numbers("overlap", rows.map { $0.1.overlap }),
      .texts(
        "smd_denominator",
        rows.map { $0.1.standardDeviation == nil ? nil : $0.0.balance.denominator }),
    ]
  }
}
