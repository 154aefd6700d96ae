internal import Cohorts
internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// The primary effects once more, with missing values imputed several times over and pooled.
enum ImputationSection: CohortSection {
  static let showsEffects = true

  static func check(_ study: StudyFile) throws(SiblingError) {
    guard let node = study.node["imputation"] else { return }
    guard study.node["effects"] != nil, study.node["matching"] != nil else {
      throw SiblingError(
        .missingKey,
        "'imputation' runs the effects of the matched design again, and there are none",
        help: "add 'matching' and 'effects', or call 'impute' and the verbs with 'imputation'",
        location: node.location)
    }
    let estimated = study.node["effects"]?.elements.compactMap { $0["outcome"]?.text } ?? []
    for outcome in node["outcomes"]?.elements ?? [] {
      guard let name = outcome.text, !estimated.contains(name) else { continue }
      throw SiblingError(
        .badValue, "'\(name)' is no outcome of the effects",
        suggestion: nearestName(to: name, among: estimated), location: outcome.location)
    }
    do throws(SiblingError) {
      let imputation = try imputation(study, node)
      guard imputation.equations.imputations > 1 else {
        throw SiblingError(
          .badValue, "'imputations' takes a whole number from 2",
          help: "with one copy, the uncertainty of imputing can't be seen")
      }
    } catch {
      throw error.location == nil ? error.located(node.location) : error
    }
  }

  /// The imputation that a study declares, before its own columns are added.
  private static func imputation(
    _ study: StudyFile, _ node: StudyNode
  ) throws(SiblingError) -> TableImputation {
    var options = study.options(node, OptionKey.imputationModel)
    let site = study.node["assignment"]?["site"]?.text
    if let site, !options.isGiven(.imputationSite) { options.set(.imputationSite, to: site) }
    return try TableImputation(options)
  }

  static func run(_ run: CohortRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let node = run.study.node["imputation"], let design = run.design else { return }
    do throws(SiblingError) {
      try fill(run, node, design, &tables)
    } catch {
      throw error.location == nil ? error.located(node.location) : error
    }
  }

  private static func fill(
    _ run: CohortRun, _ node: StudyNode, _ design: DesignPhase, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let imputation = try completed(try imputation(run.study, node), run, design)
    let copies = try imputation.run(run.table)
    var found: [ImputedEffect] = try effects(run, design)
    for number in copies.columns.indices where !copies.imputed.isEmpty {
      var table = run.table
      for column in copies.columns[number] { table = try table.replacing(column) }
      do throws(SiblingError) {
        let sample = try design.design.apply(
          to: table, settings: design.settings)
        let phase = DesignPhase(
          design: design.design, sample: sample, balance: design.balance,
          settings: design.settings, hidden: design.hidden)
        let estimates = try effects(run, phase, table: table)
        for (index, effect) in estimates.enumerated() {
          found[index].copies.append(effect.complete)
        }
      } catch {
        var said = error
        said.message = "imputation \(number + 1): " + error.message
        throw said
      }
    }
    var notes = copies.remarks
    var rows = ResultTable.imputedEffects
    for effect in found where !copies.imputed.isEmpty {
      guard let cells = try effect.cells(level: run.study.level) else {
        notes.append("\(effect.estimator) of \(effect.outcome) has no standard error to pool")
        continue
      }
      try rows.append(cells)
    }
    var columns = ResultTable.imputedColumns
    for (name, missing, reduction) in copies.imputed {
      try columns.append([
        "column": .text(name), "n_missing": Cell(missing),
        "n_observed": Cell(run.table.rowCount - missing),
        "share": .number(Double(missing) / Double(run.table.rowCount)),
        "r_hat": Cell(reduction),
      ])
    }
    let reductions = copies.imputed.compactMap(\.reduction)
    if copies.imputed.isEmpty {
      // Nothing to settle.
    } else if reductions.isEmpty {
      notes.append("the iterations are too few to see whether the imputed values have settled")
    } else if reductions.contains(where: { $0 > 1.2 }) {
      notes.append(Self.unsettled)
    } else {
      notes.append("the imputed values have settled (R-hat near one)")
    }
    tables.cohort += [rows, columns]
    tables.cohortNotes[rows.name] = notes
  }

  /// What is said of imputed values that still move.
  static let unsettled =
    "the imputed values have not settled everywhere (R-hat well above one): more iterations are needed"
    + " before this section is relied upon"

  /// The imputation with what its model can't do without: treatment, outcomes, covariates.
  private static func completed(
    _ given: TableImputation, _ run: CohortRun, _ design: DesignPhase
  ) throws(SiblingError) -> TableImputation {
    var imputation = given
    let formula = try Formula(parsing: design.design.formula)
    let treatment = formula.responseColumn
    var needed = try formula.termColumns(in: run.table.names)
    needed += outcomes(run.study)
    for node in run.study.node["effects"]?.elements ?? [] {
      guard let text = node[OptionKey.outcomeModel.name]?.text else { continue }
      needed += try Formula(parsing: text.contains("~") ? text : "~ \(text)")
        .termColumns(in: run.table.names)
    }
    for name in needed
    where name != treatment && name != given.site && !imputation.columns.contains(name) {
      if try run.table.isComplete([name]).contains(false) {
        imputation.columns.append(name)
      } else if !imputation.predictors.contains(name) {
        imputation.predictors.append(name)
      }
    }
    if let treatment, !imputation.predictors.contains(treatment),
      !imputation.columns.contains(treatment)
    {
      imputation.predictors.append(treatment)
    }
    return imputation
  }

  /// The outcomes of the effects that are asked for.
  private static func outcomes(_ study: StudyFile) -> [String] {
    let asked = study.node["imputation"]?.texts("outcomes") ?? []
    var names: [String] = []
    for node in study.node["effects"]?.elements ?? [] {
      if let name = node["outcome"]?.text, !names.contains(name),
        asked.isEmpty || asked.contains(name)
      {
        names.append(name)
      }
    }
    return names
  }

  /// Every estimator of every effect on a sample.
  private static func effects(
    _ run: CohortRun, _ phase: DesignPhase, table: Table? = nil
  ) throws(SiblingError) -> [ImputedEffect] {
    let table = table ?? run.table
    let effects = EffectsPhase(study: run.study, phase: phase, table: table, gate: run.gate)
    var found: [ImputedEffect] = []
    for node in run.study.node["effects"]?.elements ?? [] {
      let outcome = node["outcome"]?.text ?? ""
      guard outcomes(run.study).contains(outcome) else { continue }
      let sample = try phase.sample(for: outcome, in: table)
      // Where few sites stand behind the effect, the difference judged by them leads here too.
      if let site = run.study.siteColumn,
        let few = try FewSitesEffect(
          sample, outcome: table.doubles(outcome), sites: table.factor(site)), few.isFew,
        let row = try few.row(
          outcome: outcome, estimand: phase.design.estimand.rawValue, level: run.study.level,
          seed: run.study.seed, listed: 0)
      {
        found.append(
          ImputedEffect(
            outcome: outcome, estimator: "difference, by site", scale: .difference, complete: row))
      }
      for name in effects.estimators(node) {
        let analysis = try effects.analysis(node, outcome: outcome, estimator: name)
        let (effect, _) = try analysis.estimate(on: sample)
        found.append(
          ImputedEffect(
            outcome: outcome, estimator: name, scale: analysis.scale,
            complete: EffectRow(
              analysis: "imputed", estimator: name, outcome: outcome, effect: effect)))
      }
    }
    return found
  }
}

/// One effect of complete cases and of every completed copy.
private struct ImputedEffect {
  let outcome: String
  let estimator: String
  let scale: MatchedEffect.Scale
  let complete: EffectRow
  var copies: [EffectRow] = []

  init(
    outcome: String, estimator: String, scale: MatchedEffect.Scale, complete: EffectRow
  ) {
    (self.outcome, self.estimator, self.scale) = (outcome, estimator, scale)
    self.complete = complete
  }

  /// The row of the report's table; nil without standard errors.
  func cells(level: Double) throws(SiblingError) -> [String: Cell]? {
    let errors = copies.compactMap(\.estimate.standardError)
    guard errors.count == copies.count, !copies.isEmpty else { return nil }
    let isLog = scale != .difference
    let degrees = copies.compactMap(\.estimate.degreesOfFreedom)
    let pooled = try RubinPooling(
      level: level, completeDegreesOfFreedom: degrees.count == copies.count ? degrees.min() : nil
    ).pool(
      estimates: copies.map {
        isLog ? _logarithm($0.estimate.estimate) : $0.estimate.estimate
      },
      variances: errors.map { $0 * $0 })
    let row = scale.shown(
      pooled.row(term: complete.estimate.term, convention: "Rubin, m=\(copies.count), t"))
    return [
      "analysis": "imputed", "outcome": .text(outcome), "estimator": .text(estimator),
      "estimand": .text(row.term), "estimate": .number(row.estimate),
      "std.error": Cell(row.standardError), "df": Cell(row.degreesOfFreedom),
      "p.value": Cell(row.pValue), "conf.low": Cell(row.interval?.low),
      "conf.high": Cell(row.interval?.high), "conf.level": .number(level),
      "fmi": .number(pooled.fractionMissing), "imputations": Cell(copies.count),
      "scale": .text(scale.rawValue), "complete.estimate": .number(complete.estimate.estimate),
      "complete.conf.low": Cell(complete.estimate.interval?.low),
      "complete.conf.high": Cell(complete.estimate.interval?.high),
      "verdict": .text(verdict(row)),
      "n_treated": Cell(copies.compactMap(\.treated).min()),
      "n_comparison": Cell(copies.compactMap(\.comparison).min()),
      "n_treated_complete": Cell(complete.treated),
      "n_comparison_complete": Cell(complete.comparison),
    ]
  }

  /// Whether the conclusion of complete cases stands.
  private func verdict(_ pooled: Estimate) -> String {
    guard scale == .difference else {
      func logarithm(_ estimate: Estimate) -> Estimate {
        var moved = estimate
        if let interval = estimate.interval, interval.low > 0 {
          moved.interval = ConfidenceInterval(
            low: _logarithm(interval.low), high: _logarithm(interval.high), level: interval.level)
        }
        return moved
      }
      return EffectsPhase.verdict(logarithm(pooled), against: logarithm(complete.estimate))
    }
    return EffectsPhase.verdict(pooled, against: complete.estimate)
  }
}
