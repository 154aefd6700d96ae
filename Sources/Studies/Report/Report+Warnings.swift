internal import Reporting
internal import Statistics

// What checks and sections warn of, one line a source.

extension Report {
  /// The first warnings, the gravest first, and where the others stand.
  func shownWarnings(atMost count: Int) -> [Prose] {
    let all = warnings
    guard all.count > count else { return all }
    return all.prefix(count - 1)
      + ["More warnings stand in the section on diagnostics of the report."]
  }

  /// Every warning: failures of the design first, then its warnings, then what was done to the records,
  /// then those of models by analysis, then those of contracts.
  var warnings: [Prose] {
    let checks = context.gate.checks
    return checks.filter { $0.status == .fail }.map(line)
      + checks.filter { $0.status == .warn }.map(line) + records + models
      + ContractSections.all.flatMap { $0.warnings(self) }
  }

  private func line(_ check: Gate.Check) -> Prose {
    let match: [String: ResultTable.Cell] = ["analysis": "gate", "check": .text(check.name)]
    let cell = try? context.table("diagnostics")?.cell("value", where: match)
    var value: Prose = ""
    if let cell, cell.number != nil { value = " (\(cell, .significant(3)))" }
    return "**\(check.status.rawValue)**, \(check.name)\(value): \(check.detail)."
  }

  /// Tests of models' assumptions that came out badly, one line an analysis.
  private var models: [Prose] {
    guard let table = context.table("diagnostics") else { return [] }
    var order: [String] = []
    var found: [String: [Prose]] = [:]
    for row in table.value.rows.indices
    where table.value[row, "status"] == "WARN" && table.value[row, "analysis"] != "gate" {
      guard let value = try? table.cell(row: row, "value") else { continue }
      let analysis = table.value[row, "analysis"].plainText
      if found[analysis] == nil { order.append(analysis) }
      found[analysis, default: []].append(
        Self.words(of: table.value[row, "check"].plainText, value))
    }
    // Analyses of which the same is said share a line.
    var lines: [(names: [String], text: Prose)] = []
    for analysis in order {
      let parts = found[analysis] ?? []
      let text = parts.dropFirst().reduce(parts.first ?? "") { "\($0); \($1)" }
      if let same = lines.firstIndex(where: { $0.text == text }) {
        lines[same].names.append(name(of: analysis))
      } else {
        lines.append(([name(of: analysis)], text))
      }
    }
    return lines.map { "**WARN**, \(listed($0.names)): \($0.text)." }
  }

  /// What an analysis is called: the label of the study file before the name.
  private func name(of analysis: String) -> String {
    for key in ["survival", "analyses"] {
      let node = context.study.node[key]?.elements.first { $0["name"]?.text == analysis }
      if let label = node?["label"]?.text { return label }
    }
    let known = [
      "callaway-santanna": "effects by cohort and period", "event-study": "event study",
    ]
    return known[analysis] ?? analysis
  }

  /// What a failed check of a model means, with its value where it has one.
  private static func words(of check: String, _ value: ReleasedCell) -> Prose {
    let words: Prose
    switch check {
    case "crossing curves":
      words = "the curves cross, so one number hides when each group did better"
    case "proportional hazards (p)": words = "the ratio of hazards changes over time"
    case "immature cohort": words = "few people were followed to the end of the scale"
    case "informative follow up": words = "follow-up ends differently in the groups"
    case "few events": words = "there are few events"
    case "immortal time": words = "treatment is known only after time zero"
    case _ where check.hasPrefix("pre-trends"): words = "the groups moved apart before the start"
    default:
      let name = check.hasSuffix(" (p)") ? String(check.dropLast(4)) : check
      words = Prose(plain: name)
    }
    guard value.number != nil else { return words }
    return check.hasSuffix("(p)")
      ? "\(words) (p \(value, .pValue))" : "\(words) (\(value, .significant(2)))"
  }

  /// What speaks of choosing easier clients or of ends after a payment.
  private var records: [Prose] {
    var found: [Prose] = []
    if let table = context.table("creaming"),
      let row = table.value.firstRow(where: ["term": "verdict"]),
      table.value[row, "verdict"] == "flagged"
    {
      found.append(
        "**WARN**, creaming monitor: flagged; see the section on whether easier clients were taken on."
      )
    }
    if let table = context.table("threshold_hazard"),
      let row = table.value.firstRow(where: ["arm": "treated"]),
      let low = table.value[row, "conf.low"].number, low > 1
    {
      found.append(
        "**WARN**, payment threshold: jobs of the treated ended more often right after the length that is paid for."
      )
    }
    return found
  }
}
