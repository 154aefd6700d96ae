internal import Reporting
internal import Statistics

/// Reads the diagnostics of a rating off a run's released tables.
///
/// Nothing but released cells and the study file is read, so that whatever is made of it can't tell
/// more than the tables do: what disclosure control withholds counts as not evaluated.
struct EvidenceReader {
  let study: StudyFile
  let gate: Gate
  /// Released tables by name.
  let released: [String: Released<ResultTable>]

  /// The rows of a table that match.
  func rows(_ name: String, _ match: [String: Cell] = [:]) -> ResultTable? {
    guard let table = released[name]?.rows(where: match).value, !table.rows.isEmpty else {
      return nil
    }
    return table
  }

  /// A text or number of the section `evidence`.
  func answer(_ key: String) -> StudyNode? { study.node["evidence"]?[key] }

  /// Whether groups are compared.
  var hasComparison: Bool {
    let keys = ["treatment", "matching", "difference-in-differences", "event-study"]
    return study.node["data"] != nil && keys.contains { study.node[$0] != nil }
  }

  /// Whether changes are compared: a panel leads where nothing is matched.
  var isChange: Bool {
    study.node["matching"] == nil
      && ["difference-in-differences", "event-study"].contains { study.node[$0] != nil }
  }

  private var isRandomised: Bool { study.node["assignment"]?["mechanism"]?.text == "randomised" }

  /// The leading estimate, chosen as the headline is.
  var lead: (table: ResultTable, row: Int)? {
    guard let estimates = released["estimates"]?.value else { return nil }
    let outcome = Cell(study.outcomeColumns.first)
    for analysis in isRandomised ? ["unadjusted"] : ["few-sites", "matched"] {
      let match: [String: Cell] = ["analysis": .text(analysis), "outcome": outcome]
      if let row = estimates.firstRow(where: match) { return (estimates, row) }
    }
    if let row = estimates.firstRow(where: ["analysis": "difference-in-differences"]) {
      return (estimates, row)
    }
    return estimates.firstRow(where: ["estimand": "restricted mean difference"]).map {
      (estimates, $0)
    }
  }

  /// The leading interval, where it may be shown.
  private var interval: (low: Double, high: Double)? {
    guard let (table, row) = lead, let low = table[row, "conf.low"].number,
      let high = table[row, "conf.high"].number
    else { return nil }
    return (low, high)
  }

  /// What the leading interval says; ratios are held against one.
  private func verdict(_ low: Double, _ high: Double) -> Wording.Verdict {
    let isRatio = lead.map { ["ratio", "odds-ratio"].contains($0.table[$0.row, "scale"]) } ?? false
    return Wording.verdict(low: low, high: high, measure: isRatio ? .ratio : .difference)
  }

  private func check(_ name: String) -> Double? { gate.checks.first { $0.name == name }?.value }

  /// Every diagnostic that the run has.
  func diagnostics() -> EvidenceDiagnostics {
    var facts = EvidenceDiagnostics()
    facts.hasComparison = hasComparison
    let hasEffects = rows("estimates") != nil
    facts.isWithheld = hasFailure && !hasEffects
    facts.isDescriptive = gate.verdict == .descriptive
    switch study.node["assignment"]?["mechanism"]?.text {
    case "randomised": facts.assignment = .random
    case nil, "unknown": facts.assignment = .unknown
    default: facts.assignment = .chosen
    }
    facts.isSiteLevel = study.node["assignment"]?["level"]?.text == "site"
    facts.comparison = isChange ? .change : .level
    facts.hasUnnamedGroups = study.node["assignment"]?["unnamed-groups"] != nil
    facts.clusters = check("clusters")
    facts.overlap = check("overlap")
    facts.matched = check("matched share")
    facts.imbalance = check("balance").map { ($0 * 1e4).rounded() / 1e4 }
    (facts.detectable, facts.smallestEffect) = power
    facts.attrition = attrition
    facts.steadiness = steadiness(facts.attrition)
    facts.preTrend = preTrend
    facts.eValue = facts.comparison == .level ? eValue : nil
    facts.trendBreakdown = facts.comparison == .change ? trendBreakdown : nil
    facts.agreement = agreement
    facts.plan = plan(hasEffects)
    let errors = lead?.table[lead?.row ?? 0, "se_type"].text ?? ""
    facts.isMadeForFew = errors.contains("exchange") || errors.hasPrefix("CR2")
    return facts
  }

  private var hasFailure: Bool { gate.checks.contains { $0.status == .fail } }

  /// What became of the plan; nil where none is on record.
  private func plan(_ hasEffects: Bool) -> EvidenceDiagnostics.Plan? {
    if hasFailure, hasEffects { return .overridden }
    guard study.node["plan"]?["file"] != nil else { return nil }
    return rows("deviations") == nil ? .kept : .departed
  }

  /// What would be found four times out of five, and the smallest effect that matters.
  ///
  /// The gate's numbers where it has both; else the planned design's, or the leading estimate's standard
  /// error times the sum of the normal quantiles of 97.5% and 80%.
  private var power: (Double?, Double?) {
    let check = gate.checks.first { $0.name == "minimum detectable effect" }
    if let found = check?.value, let wanted = check?.threshold { return (found, wanted) }
    guard let (table, row) = lead, let outcome = table[row, "outcome"].text else {
      return (nil, nil)
    }
    let wanted = study.node["gate"]?["smallest-effect"]?[outcome]?.text.flatMap { Double($0) }
    let planned = rows("planning", ["outcome": .text(outcome)])?[0, "detectable"].number
    let known = table[row, "scale"] == "difference" ? table[row, "std.error"].number : nil
    return (planned ?? known.map { 2.801_585_218_1 * $0 }, wanted)
  }

  /// Unknown outcomes: those whom a rule leaves out for it, and those analysed without one.
  private var attrition: EvidenceDiagnostics.Attrition? {
    guard let name = lead?.table[lead?.row ?? 0, "outcome"].text else { return nil }
    var lost: [String: (all: Double, lost: Double)] = [:]
    for arm in ["treated", "comparison"] {
      guard let known = rows("outcomes_known", ["outcome": .text(name), "arm": .text(arm)]),
        let people = known[0, "n"].number, known[0, "unknown"] != .suppressed
      else { return nil }
      let unknown = known[0, "unknown"].number ?? 0
      var left = 0.0
      for rule in study.node["attrition"]?.elements ?? []
      where Self.names(rule["keep"]?.text ?? "").contains(name) {
        let match: [String: Cell] = ["rule": Cell(rule["rule"]?.text), "arm": .text(arm)]
        guard let excluded = rows("attrition", match)?[0, "n_excluded"].number else { return nil }
        left += excluded
      }
      lost[arm] = (people + left, unknown + left)
    }
    guard let one = lost["treated"], let zero = lost["comparison"], one.all > 0, zero.all > 0
    else { return nil }
    return EvidenceDiagnostics.Attrition(
      overall: (one.lost + zero.lost) / (one.all + zero.all),
      differential: one.lost / one.all - zero.lost / zero.all)
  }

  /// The names in an expression.
  private static func names(_ expression: String) -> Set<String> {
    let parts = expression.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
    return Set(parts.map(String.init))
  }

  /// What readings of unknown outcomes do to the leading conclusion.
  private func steadiness(
    _ attrition: EvidenceDiagnostics.Attrition?
  ) -> EvidenceDiagnostics.Steadiness? {
    if let attrition, attrition.overall == 0 { return .steady }
    guard let interval, let lead,
      let table = rows("missing_evidence", ["outcome": lead.table[lead.row, "outcome"]])
    else { return nil }
    let leading = verdict(interval.low, interval.high)
    var isMoved: [String: Bool] = [:]
    for row in table.rows.indices {
      guard let reading = table[row, "reading"].text, let low = table[row, "conf.low"].number,
        let high = table[row, "conf.high"].number
      else { continue }
      isMoved[reading] = verdict(low, high) != leading
    }
    guard isMoved["bounds"] != nil || isMoved["worst"] != nil else { return nil }
    let likely = ["missing-is-no", "ipcw"].contains { isMoved[$0] == true }
    if likely { return .moves }
    return ["bounds", "worst", "best"].contains { isMoved[$0] == true } ? .extremesMove : .steady
  }

  /// The smallest p among the tests of periods before.
  private var preTrend: Double? {
    guard let table = rows("diagnostics") else { return nil }
    return table.rows.indices.filter {
      table[$0, "check"].text?.hasPrefix("pre-trends") == true
    }.compactMap { table[$0, "value"].number }.min()
  }

  /// The E-value of the near limit; one where the leading interval includes no difference.
  private var eValue: Double? {
    guard let interval, let lead else { return nil }
    if verdict(interval.low, interval.high) == .inconclusive { return 1 }
    return rows(
      "hidden_bias", ["analysis": "e-value", "outcome": lead.table[lead.row, "outcome"]]
    )
    .flatMap { $0[0, "value_limit"].number }
  }

  /// The greatest relative magnitude up to which no interval includes no difference.
  private var trendBreakdown: Double? {
    if let interval, verdict(interval.low, interval.high) == .inconclusive { return 0 }
    guard let table = rows("trend_bounds", ["kind": "relative-magnitude"]) else { return nil }
    var greatest = 0.0
    let order = table.rows.indices.sorted {
      (table[$0, "m"].number ?? 0) < (table[$1, "m"].number ?? 0)
    }
    for row in order {
      guard let m = table[row, "m"].number, let low = table[row, "conf.low"].number,
        let high = table[row, "conf.high"].number, low > 0 || high < 0
      else { break }
      greatest = m
    }
    return greatest
  }

  /// The share of other estimates of the leading effect that lie within its interval.
  private var agreement: Double? {
    guard let (table, row) = lead, let interval else { return nil }
    let (outcome, scale) = (table[row, "outcome"], table[row, "scale"])
    func inside(_ others: [Double]) -> Double? {
      guard !others.isEmpty else { return nil }
      let inside = others.count { $0 >= interval.low && $0 <= interval.high }
      return Double(inside) / Double(others.count)
    }
    // The table of methods, where there is one, has chosen what can be compared.
    let match = ["outcome": outcome, "scale": scale, "role": "compared"]
    if let methods = rows("triangulation", match) {
      return inside(methods.cells("estimate").compactMap(\.number))
    }
    var others: [Double] = []
    for other in table.rows.indices
    where other != row && table[other, "outcome"] == outcome && table[other, "scale"] == scale
      && table[other, "subgroup"] == .missing
      && !["unadjusted", "benchmark"].contains(table[other, "analysis"])
    {
      if let value = table[other, "estimate"].number { others.append(value) }
    }
    if let changed = rows("sensitivity", ["analysis": outcome]), scale == "difference" {
      others += changed.cells("estimate").compactMap(\.number)
    }
    return inside(others)
  }
}
