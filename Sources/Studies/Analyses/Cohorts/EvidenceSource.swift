internal import Cohorts
internal import LinearAlgebra
internal import Statistics
internal import Tables

/// What the verbs on missing evidence read: `arm ~ covariates` with an outcome that may be unknown.
struct EvidenceSource {
  var formula: String
  var settings: CommonSettings
  var outcome: String
  var lower: String?
  var upper: String?
  var predictors: String?

  /// Decodes the options that the verbs share.
  ///
  /// - Throws: `usage`, `invalidOption` or `formulaSyntax`.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "arm ~ age + sex")
    settings = try CommonSettings(options)
    outcome = try options.required(.outcome)
    lower = options.text(.evidenceLower)
    upper = options.text(.evidenceUpper)
    predictors = options.text(.evidencePredictors)
    guard settings.clusters.count <= 1 else {
      throw options.wrong(.cluster, "takes one column here")
    }
    guard let predictors else { return }
    let parsed: Formula
    do throws(SiblingError) {
      parsed = try Formula(parsing: predictors)
    } catch {
      throw options.location(.evidencePredictors).map { error.located($0) } ?? error
    }
    guard !parsed.hasResponse else {
      throw options.wrong(.evidencePredictors, "takes a formula without a left side: '~ distance'")
    }
  }

  /// The bound formula with its evidence.
  struct Bound {
    var formula: BoundFormula
    var evidence: OutcomeEvidence
    /// The column that says why an outcome is unknown, of the used rows.
    func reasons(_ column: String) throws(SiblingError) -> Factor {
      try formula.table.factor(column).selecting(formula.frame.rows).droppingUnusedLevels()
    }
  }

  /// Binds the formula; rows that lack a covariate, predictor, weight or cluster are left out and
  /// counted, rows that lack the outcome are what this is about.
  ///
  /// - Throws: what is wrong with the formula or the data, located.
  func bind(_ table: Table) throws(SiblingError) -> Bound {
    let parsed = try Formula(parsing: formula)
    let coded = try Treatment.coded(table, column: parsed.responseColumn, level: settings.treated)
    var plain = settings
    plain.treated = nil
    let further = try predictors.map { text throws(SiblingError) in
      try Formula(parsing: text).termColumns(in: coded.names)
    }
    let bound = try BoundFormula(
      formula, to: coded, settings: plain, alsoComplete: further ?? [])
    let frame = bound.frame
    guard outcome != parsed.responseColumn else {
      throw SiblingError(
        .badDesign, "the outcome is the treatment", help: "name another column with --outcome",
        column: outcome)
    }
    guard !(try parsed.termColumns(in: coded.names).contains(outcome)) else {
      throw SiblingError(
        .badDesign, "the outcome '\(outcome)' is among the covariates",
        help: "covariates must be fixed before treatment; leave it out", column: outcome)
    }
    let values = try Self.states(of: outcome, bound.table)
    let design = frame.design.removingIntercept()
    var extra: [[Double]] = []
    if let predictors {
      let own = try BoundFormula(
        predictors, to: bound.table.selecting(rows: frame.rows), settings: Self.bare(plain))
      let columns = own.frame.design.removingIntercept()
      extra = (0..<columns.columns).map { columns.matrix.column($0) }
    }
    let predictorColumns = extra
    let low = try bounds(lower, isLower: true, bound)
    let high = try bounds(upper, isLower: false, bound)
    return try bound.locating { () throws(SiblingError) in
      Bound(
        formula: bound,
        evidence: try OutcomeEvidence(
          outcome: frame.rows.map { values[$0] }, treatment: try Treatment.flags(frame),
          covariates: (0..<design.columns).map { design.matrix.column($0) },
          covariateNames: design.names, predictors: predictorColumns, lower: low, upper: high,
          weights: bound.weights, cluster: try bound.singleCluster()))
    }
  }

  private static func bare(_ settings: CommonSettings) -> CommonSettings {
    var bare = settings
    (bare.weights, bare.clusters) = (nil, [])
    return bare
  }

  /// A bound that is a number for everybody or a column with each row's own.
  private func bounds(
    _ text: String?, isLower: Bool, _ bound: BoundFormula
  ) throws(SiblingError) -> [Double]? {
    guard let text else { return nil }
    if bound.table[text] == nil, let value = Double(text), value.isFinite {
      // A number is the range of unknown outcomes; a known one beyond it is refused with its row.
      let known = try Self.states(of: outcome, bound.table)
      return bound.frame.rows.map { row in
        let own = known[row]
        return own.isNaN ? value : isLower ? max(own, value) : min(own, value)
      }
    }
    let all = try bound.table.doubles(text)
    return bound.frame.rows.map { all[$0] }
  }

  /// An outcome's values, NaN where it is unknown: numbers, truth values, or two words with a third,
  /// `unknown`.
  ///
  /// - Throws: `unknownColumn`; `wrongType` for other texts.
  static func states(of name: String, _ table: Table) throws(SiblingError) -> [Double] {
    guard let column = table[name], case .text(let factor) = column.values else {
      return try table.doubles(name)
    }
    let levels = factor.droppingUnusedLevels().levels.filter { $0 != "unknown" }
    guard levels.count == 2 else {
      throw SiblingError(
        .wrongType, "the outcome '\(name)' is text with \(levels.count) levels besides 'unknown'",
        help: "recode it with --derive, for example 'worked = status == \"yes\"'",
        location: table.headerLocation(name), column: name)
    }
    return factor.codes.map { code in
      code < 0 || factor.levels[Int(code)] == "unknown"
        ? .nan : factor.levels[Int(code)] == levels[1] ? 1 : 0
    }
  }
}

extension OutcomeEvidence {
  /// The least numbers of people behind a statistic of all of it, for disclosure control: what nobody
  /// has tells of nobody.
  var hiddenPeople: [String: Int] {
    var people: [String: Int] = [:]
    let counts = counts
    func add(_ name: String, _ count: Int) { if count > 0 { people[name] = count } }
    add("unknown_treated", counts.unknownTreated)
    add("unknown_comparison", counts.unknownComparison)
    guard isBinary else { return people }
    for group in [true, false] {
      people["yes_" + (group ? "treated" : "comparison")] = outcome.indices.count {
        treatment[$0] == group && outcome[$0] == 1 && isUsed($0)
      }
    }
    return people
  }
}
