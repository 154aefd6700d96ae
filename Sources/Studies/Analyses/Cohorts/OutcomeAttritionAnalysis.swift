internal import Cohorts
internal import Statistics
internal import Tables

/// `attrition`: whose outcome is unknown.
struct OutcomeAttritionAnalysis: VerbAnalysis {
  var source: EvidenceSource
  var reason: String?

  /// Decodes the options.
  ///
  /// - Throws: `usage` or `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    source = try EvidenceSource(formula: formula, options: options)
    reason = options.text(.evidenceReason)
  }

  /// The tests of a table.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(
    _ bound: EvidenceSource.Bound
  ) throws(SiblingError) -> OutcomeAttrition.Result {
    let reasons = try reason.map { column throws(SiblingError) in try bound.reasons(column) }
    return try bound.formula.locating { () throws(SiblingError) in
      try OutcomeAttrition(level: source.settings.level).fit(bound.evidence, reasons: reasons)
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let bound = try source.bind(table)
    let result = try fit(bound)
    var rows = result.rows
    var verdicts = [String?](repeating: nil, count: rows.count)
    if let boundary = result.boundary, var row = rows.first(where: { $0.term == "differential" }) {
      row.term = "boundary"
      row.estimate = Estimate(
        term: "boundary", estimate: boundary.differential / 100, standardError: nil,
        convention: "What Works Clearinghouse")
      rows.append(row)
      verdicts.append(boundary.verdict)
    }
    func shown(_ row: OutcomeAttrition.Row) -> Double? {
      row.estimate.estimate.isNaN ? nil : row.estimate.estimate
    }
    var output = AnalysisOutput(
      columns: [
        .texts(
          "part",
          rows.map { $0.term == "boundary" ? "boundary" : $0.part.rawValue }),
        .texts("term", rows.map(\.term)), .numbers("estimate", rows.map(shown)),
        .numbers("std.error", rows.map(\.estimate.standardError)),
        .numbers("statistic", rows.map(\.estimate.statistic)),
        .integers("df.num", rows.map(\.restrictions)),
        .numbers("df", rows.map(\.estimate.degreesOfFreedom)),
        .numbers("p.value", rows.map(\.estimate.pValue)),
        .numbers("conf.low", rows.map(\.estimate.interval?.low)),
        .numbers("conf.high", rows.map(\.estimate.interval?.high)),
        .integers("n_treated", rows.map { $0.treated > 0 ? $0.treated : nil }),
        .integers("n_comparison", rows.map { $0.comparison > 0 ? $0.comparison : nil }),
        .integers("unknown_treated", rows.map { $0.treated > 0 ? $0.unknownTreated : nil }),
        .integers(
          "unknown_comparison", rows.map { $0.comparison > 0 ? $0.unknownComparison : nil }),
        .texts("verdict", verdicts), .texts("se_type", rows.map(\.estimate.convention)),
      ],
      notes: bound.formula.notes + result.notes + Self.words(result))
    // What nobody has tells of nobody; then the people of the row count.
    output.people["unknown_treated"] = rows.map {
      $0.unknownTreated > 0 ? $0.unknownTreated : max($0.treated, $0.comparison)
    }
    output.people["unknown_comparison"] = rows.map {
      $0.unknownComparison > 0 ? $0.unknownComparison : max($0.treated, $0.comparison)
    }
    output.derivedTexts = ["verdict"]
    return output
  }

  private static func words(_ result: OutcomeAttrition.Result) -> [String] {
    guard let boundary = result.boundary else { return ["every outcome is known"] }
    let limits = [("cautious", boundary.cautious), ("optimistic", boundary.optimistic)]
      .map { name, limit in
        limit.map { "\($0) points under \(name) assumptions" } ?? "none under \(name) assumptions"
      }
    return [
      "What Works Clearinghouse: with \(boundary.overall)% unknown over all, the arms may differ by "
        + limits.joined(separator: ", ") + "; a yardstick made for schools"
    ]
  }
}
