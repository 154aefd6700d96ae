internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// `balance`: covariates before and after matching or weighting.
struct BalanceAnalysis: VerbAnalysis {
  var design: MatchDesign
  var settings: CommonSettings
  var balance: BalanceSettings
  /// What is printed.
  var view: View
  /// How many people stand between two quantiles at least, under a profile that asks for it.
  var apart: Int?

  /// What is printed.
  enum View: Sendable, Equatable {
    /// The balance of everybody.
    case everybody
    /// The balance within each level of a column.
    case by(String)
    /// The balance within each stratum of the design, after that over all of them.
    case subclasses
    /// The balance of site means.
    case sites(String)
    /// Quantiles of covariates.
    case quantiles
    /// Densities of covariates.
    case densities
  }

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    let method = MatchDesign.method(named: try options.choice(.balanceMethod)) ?? .nearest
    design = try MatchDesign(formula: formula, options: options, method: method)
    settings = try CommonSettings(options)
    balance = try BalanceSettings(options)
    view = .everybody
    apart =
      try options.isGiven(.disclosure)
      ? DisclosureProfile.named(try options.choice(.disclosure)).minimumCount : nil
    let views: [(key: OptionKey, view: View?)] = [
      (.by, options.text(.by).map { .by($0) }),
      (.perSubclass, try options.flag(.perSubclass) ? .subclasses : nil),
      (.site, options.text(.site).map { .sites($0) }),
      (.quantilePairs, balance.quantiles.isEmpty ? nil : .quantiles),
      (.densities, balance.densities.isEmpty ? nil : .densities),
    ]
    let chosen = views.compactMap { entry in entry.view.map { (entry.key, $0) } }
    if let first = chosen.first { view = first.1 }
    if chosen.count > 1 {
      throw options.wrong(chosen[1].0, "can't be combined with --\(chosen[0].0.name)")
    }
    if view == .subclasses, ![.subclass, .coarsened, .exact].contains(method) {
      throw options.wrong(
        .perSubclass, "is for subclass, cem and exact, not for \(method.name)")
    }
    guard view == .quantiles || view == .densities else { return }
    for key in [
      OptionKey.interactions, .squares, .powers, .threshold, .thresholdKS, .thresholdRatio,
    ] where options.isGiven(key) {
      throw options.wrong(key, "can't be combined with --\(chosen[0].0.name)")
    }
  }

  /// The columns beside the design's that must be complete.
  private var needed: [String] {
    switch view {
    case .by(let column), .sites(let column): [column]
    default: []
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let sample = try design.apply(to: table, settings: settings, alsoComplete: needed)
    switch view {
    case .everybody:
      return try output(
        [Part("balance", try sample.balance(design, balance), nil)], sample, sample.notes)
    case .by(let column): return try within(column, sample)
    case .subclasses: return try withinSubclasses(sample)
    case .sites(let column):
      let means = try sample.siteBalance(design, balance, site: column)
      var notes = sample.notes
      if let before = means.effectiveSampleSizes(.unadjusted),
        let after = means.effectiveSampleSizes(.adjusted)
      {
        notes.append(
          "site means: \(Int(before.treated)) treated and \(Int(before.comparison)) comparison"
            + " sites before, \(Int(after.treated)) and \(Int(after.comparison)) after; every site"
            + " counts once")
      }
      return try output([Part("sites", means, nil)], sample, notes)
    case .quantiles:
      return try QuantileRows.output(balance.quantiles, sample, apart: apart)
    case .densities:
      return try DensityRows.output(balance.densities, sample)
    }
  }

  /// Some rows of the table: what they are called, and the rows of the sample that they are about.
  private struct Part {
    var name: String
    var balance: Balance
    var chosen: [Bool]?

    init(_ name: String, _ balance: Balance, _ chosen: [Bool]?) {
      (self.name, self.balance, self.chosen) = (name, balance, chosen)
    }
  }

  /// The table with the people behind each row and what to know of it.
  private func output(
    _ parts: [Part], _ sample: MatchedSample, _ notes: [String]
  ) throws(SiblingError) -> AnalysisOutput {
    var output = AnalysisOutput(
      columns: Self.columns(parts.map { ($0.name, $0.balance) }, balance.thresholds), notes: notes)
    output.derivedTexts = ["smd_status", "var_ratio_status", "ks_status"]
    for part in parts {
      for people in try sample.people(behind: part.balance, chosen: part.chosen) {
        let some = people.inLevel ?? people.all
        let isLevel = people.inLevel != nil
        let rest = (
          treated: people.all.treated - some.treated,
          comparison: people.all.comparison - some.comparison
        )
        output.people["in_treated", default: []].append(some.treated)
        output.people["in_comparison", default: []].append(some.comparison)
        output.people["rest_treated", default: []].append(isLevel ? rest.treated : some.treated)
        output.people["rest_comparison", default: []].append(
          isLevel ? rest.comparison : some.comparison)
      }
      output.notes += balance.notes(part.balance, of: parts.count > 1 ? part.name : nil)
    }
    return output
  }

  /// Balance within each level of a column that holds both groups.
  private func within(_ by: String, _ sample: MatchedSample) throws(SiblingError) -> AnalysisOutput
  {
    let factor = try sample.bound.frame.factor(of: by)
    var parts: [Part] = []
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
      let part = try sample.bound.locating { () throws(SiblingError) in
        try balance.assessment(design).assess(
          treatment: treated, weights: weights,
          covariates: covariates.map { covariate in
            BalanceCovariate(
              name: covariate.name, level: covariate.level,
              values: rows.map { covariate.values[$0] })
          }, score: sample.score.isEmpty ? nil : rows.map { sample.score[$0] },
          sampling: sample.bound.weights.map { weights in rows.map { weights[$0] } })
      }
      parts.append(Part("\(by)=\(level)", part, factor.codes.map { $0 == Int32(code) }))
    }
    return try output(parts, sample, notes)
  }

  /// Balance over all strata, then within each.
  private func withinSubclasses(_ sample: MatchedSample) throws(SiblingError) -> AnalysisOutput {
    guard let strata = sample.match?.subclassFactor else {
      throw SiblingError(.internalError, "a design of strata has no strata")
    }
    var parts = [Part("balance", try sample.balance(design, balance), nil)]
    let each = try sample.stratifiedBalance(design, balance, strata)
    for stratum in each.strata {
      let code = strata.levels.firstIndex(of: stratum.level).map { Int32($0) }
      parts.append(
        Part("subclass=\(stratum.level)", stratum.balance, strata.codes.map { $0 == code }))
    }
    let notes = each.leftOut.map { "subclass \($0) lacks weight in one group and is left out" }
    return try output(parts, sample, sample.notes + notes)
  }

  /// The report's balance columns, then the verdicts that thresholds ask for.
  static func columns(
    _ parts: [(analysis: String, balance: Balance)], _ thresholds: BalanceThresholds
  ) -> [Column] {
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
      + thresholds.judged.map { statistic in
        .texts(
          name(statistic),
          rows.map { row in
            thresholds.isBalanced(row.1, statistic).map { $0 ? "balanced" : "not balanced" }
          })
      }
  }

  private static func name(_ statistic: BalanceThresholds.Statistic) -> String {
    switch statistic {
    case .standardizedMeanDifference: "smd_status"
    case .varianceRatio: "var_ratio_status"
    case .kolmogorovSmirnov: "ks_status"
    }
  }
}
