internal import Reporting
internal import Statistics

/// The numbers of a written report, to be told where they come from.
struct ReportedNumbers {
  private var audit: ReportAudit
  private let claims: [ReportAudit.Claim]

  /// Opens a report.
  ///
  /// - Throws: when it is no report or its claims can't be read.
  init(_ folder: String) throws(SiblingError) {
    audit = try ReportAudit(folder)
    claims = try audit.writtenClaims()
  }

  /// Where a number comes from: all claims with that text, or those of a row and column.
  ///
  /// - Returns: nil when the report has no such number.
  /// - Throws: what is wrong with the report's tables.
  func explain(_ word: String) throws(SiblingError) -> Explanation? {
    let found = matching(word)
    guard !found.isEmpty else { return nil }
    var copy = self
    var lines: [(String, String)] = []
    for (index, claim) in found.prefix(6).enumerated() {
      if index > 0 { lines.append(("", " ")) }
      lines += try copy.lines(of: claim)
    }
    if found.count > 6 { lines.append(("and", "\(found.count - 6) more; claims.csv has them all")) }
    return Explanation(lines)
  }

  private func matching(_ word: String) -> [ReportAudit.Claim] {
    if word.contains("=") {
      // `estimates: analysis=matched; outcome=y; estimate`: table, labels in any order, column.
      let parts = word.split(separator: ":", maxSplits: 1).map { trimmed($0) }
      let table = parts.count == 2 && !parts[0].contains("=") ? parts[0] : ""
      let rest = (table.isEmpty ? word : parts[1]).split(separator: ";").map { trimmed($0) }
      let labels = rest.filter { $0.contains("=") }
      let column = rest.last.flatMap { $0.contains("=") ? nil : $0 }
      return unique(
        claims.filter { claim in
          let own = claim.rowKey.split(separator: ";").map { trimmed($0) }
          return (table.isEmpty || claim.file == table || claim.file == "results/\(table).csv")
            && labels.allSatisfy { own.contains($0) }
            && (column == nil || claim.column == column)
        })
    }
    let exact = claims.filter { $0.text == word }
    if !exact.isEmpty { return unique(exact) }
    let wanted = Numerals.tokens(word).first?.text
    guard let wanted, Numerals.tokens(word).count == 1 else { return [] }
    return unique(claims.filter { Numerals.tokens($0.text).map(\.text) == [wanted] })
  }

  /// Claims of numbers first, then those of texts; one for each cell or origin.
  private func unique(_ claims: [ReportAudit.Claim]) -> [ReportAudit.Claim] {
    var seen: Set<String> = []
    let order = ["cell", "study", "manifest", "figure", "constant", "structure", ""]
    return order.flatMap { kind in
      claims.filter {
        $0.kind == kind && seen.insert("\($0.file)|\($0.rowKey)|\($0.column)|\($0.kind)").inserted
      }
    }
  }

  private func trimmed(_ text: Substring) -> String {
    let start = text.drop { $0 == " " }
    return String(start.reversed().drop { $0 == " " }.reversed())
  }

  private mutating func lines(of claim: ReportAudit.Claim) throws(SiblingError) -> [(
    String, String
  )] {
    var lines = [("number", claim.text), ("said in", claim.sentence)]
    switch claim.kind {
    case "cell": lines += try cell(claim)
    case "study":
      lines += [
        ("comes from", "the study file, \(claim.file)"), ("key", claim.rowKey),
        ("means", KeyGuide.find(Self.path(claim.rowKey)).first?.help ?? ""),
      ]
    case "manifest": lines.append(("comes from", "manifest.json: \(claim.rowKey)"))
    case "figure": lines.append(("comes from", "the chart, which counts in \(claim.file)"))
    case "structure": lines.append(("comes from", "the document: a number of a section or table"))
    case "constant":
      lines.append(("comes from", "the method: a constant, a threshold or the year of a source"))
    default: lines.append(("comes from", "nowhere that the report names"))
    }
    return lines
  }

  /// `outcomes[0].label` as the path `outcomes.label`.
  private static func path(_ key: String) -> String {
    var path = ""
    var isIndex = false
    for character in key {
      if character == "[" { isIndex = true }
      if !isIndex { path.append(character) }
      if character == "]" { isIndex = false }
    }
    return path
  }

  private mutating func cell(_ claim: ReportAudit.Claim) throws(SiblingError) -> [(String, String)]
  {
    var lines = [("file", claim.file), ("row", claim.rowKey), ("column", claim.column)]
    guard audit.report.files.contains(claim.file) else { return lines }
    let rows = try audit.table(claim.file)
    var keys = ClaimedRowKeys()
    for other in claims where other.file == claim.file { keys.declare(other.file, other.rowKey) }
    guard let row = keys.row(claim.rowKey, claim.file, rows) else { return lines }
    lines.append(("value", rows[row, claim.column]))
    lines.append(("column means", try meaning(claim.file, claim.column)))
    for (item, column) in [
      ("estimator", "estimator"), ("estimand", "estimand"), ("estimate", "estimate"),
      ("standard error", "std.error"), ("interval from", "conf.low"), ("interval to", "conf.high"),
      ("level", "conf.level"), ("degrees of freedom", "df"), ("p-value", "p.value"),
      ("convention", "se_type"), ("treated", "n_treated"), ("comparisons", "n_comparison"),
      ("clusters", "n_clusters"),
    ] where column != claim.column && rows.has(column) {
      lines.append((item, rows[row, column]))
    }
    let name = String(claim.file.dropFirst("results/".count).dropLast(".csv".count))
    let key = Self.key(name, analysis: rows[row, "analysis"])
    lines.append(("study key", key))
    lines.append(("methods", try methods(estimator: rows[row, "estimator"], key: key)))
    return lines
  }

  /// What a column holds, as `datapackage.json` tells.
  private func meaning(_ file: String, _ column: String) throws(SiblingError) -> String {
    let package = try StudyNode(
      parsing: try audit.report.text("datapackage.json"), file: "datapackage.json")
    let resource = package["resources"]?.elements.first { $0["path"]?.text == file }
    let fields = resource?["schema"]?["fields"]?.elements ?? []
    return fields.first { $0["name"]?.text == column }?["description"]?.text ?? ""
  }

  /// The part of the study file that asks for a table.
  static func key(_ table: String, analysis: String) -> String {
    if table == "estimates" || table == "sensitivity" {
      switch analysis {
      case "matched", "unadjusted", "few-sites": return "matching, effects"
      case "difference-in-differences": return analysis
      default: return "survival, states or benchmark: \(analysis)"
      }
    }
    if table.hasPrefix("analysis_") { return "analyses: \(table.dropFirst("analysis_".count))" }
    let starts = [
      ("balance", "matching"), ("overlap", "matching"), ("attrition_tests", "missing-evidence"),
      ("attrition", "attrition"), ("event_study", "event-study"),
      ("group_time", "difference-in-differences"), ("decomposition", "difference-in-differences"),
      ("few_clusters", "few-clusters"), ("survival", "survival"),
      ("cumulative_incidence", "survival"), ("state_occupancy", "states"),
      ("hidden_bias", "hidden-bias"), ("performance", "performance"),
      ("payment", "performance"), ("contract", "contracts"), ("scenario", "scenario"),
      ("value", "value-for-money"), ("funnel", "funnel"), ("creaming", "creaming"),
      ("equity", "equity"), ("definition", "outcomes"), ("dose_response", "dose-response"),
      ("bunching", "incentives"), ("hours", "incentives"), ("claim_timing", "incentives"),
      ("imputed", "imputation"), ("planning", "planning"), ("missing", "missing-evidence"),
      ("tipping", "missing-evidence"), ("important", "outcomes.important"),
      ("diagnostics", "assignment, gate"),
    ]
    return starts.first { table.hasPrefix($0.0) }?.1 ?? ""
  }

  /// The item of the report's methods that tells of an estimator or a part of the study.
  private func methods(estimator: String, key: String) throws(SiblingError) -> String {
    guard audit.report.files.contains("report.md") else { return "" }
    let items = ReportMethods(try audit.report.text("report.md")).items.map(ReportMethods.plain)
    let start: String =
      switch estimator {
      case "difference", "gcomp", "experiment": "Effects."
      case "aipw": "Augmented weighting."
      case "kaplan-meier", "rmst", "cox", "cox, adjusted", "aalen-johansen": "Survival."
      case "twfe", "callaway-santanna", "means", "dr": "Difference-in-differences."
      default: ""
      }
    if !start.isEmpty, let item = items.first(where: { $0.hasPrefix(start) }) { return item }
    let word = key.split(separator: ",").first.map { $0.replacing("-", with: " ") } ?? ""
    return items.first { item in
      !word.isEmpty
        && item.split(separator: ".").first?.lowercased().contains(word.lowercased()) ?? false
    } ?? ""
  }
}
