internal import Cohorts
internal import Reporting
public import Statistics
internal import Tables

/// What `validate` has to say of a study and its data.
public struct StudyValidation: Sendable {
  /// What was read and found, as lines.
  public var lines: [String] = []
  /// What stops a run, each kind at its first place; empty when the study can run.
  public var problems: [SiblingError] = []
  /// The problems in a line or two.
  public var summary: [String] = []
}

extension StudyFile {
  /// Whether the data are tables of the schema.
  public var hasTables: Bool { node["data"]?["tables"] != nil }
}

extension StudyRun {
  /// Reads the data and checks them and the design without estimating an effect.
  ///
  /// Tables of the schema are checked rule by rule: everything that breaks one is listed, and the
  /// design is looked at only when nothing does.
  /// - Throws: what is wrong with a plain table, an expression or the design, located.
  public func validate() throws(SiblingError) -> StudyValidation {
    var result = StudyValidation()
    let records = file.node["data"]?["tables"].map { _ in
      SchemaTables(file, hashing: false)
    }
    if let records {
      result.lines += quality(records)
      result.problems = records.errors
      guard result.problems.isEmpty else {
        // What was read otherwise than one may think often explains what is wrong.
        result.lines += records.notes.map {
          "found: \(file.disclosure == "none" ? $0 : AnalysisOutput.masked($0))"
        }
        result.summary = summary(records)
        return result
      }
    }
    let state = try design(records)
    defer { state.sums?.close() }
    var lines = ["\(file.path): the study file is sound"]
    for input in state.inputs { lines.append("\(input.path): \(input.bytes) bytes, read") }
    lines += result.lines
    if let table = state.data?.table { lines.append("\(table.rowCount) rows are analysed") }
    if state.sums != nil { lines.append("the study is by sums: no row leaves the engine") }
    lines += state.findings.map { "found: \($0)" }
    for check in state.gate.checks {
      lines.append("\(check.status.rawValue): \(check.name): \(check.detail)")
    }
    lines.append("verdict: \(state.gate.verdict.rawValue), because \(state.gate.reason)")
    result.lines = lines
    return result
  }

  /// The data-quality report, warnings in words at its end.
  private func quality(_ records: SchemaTables) -> [String] {
    guard let validation = records.validation else { return [] }
    let quality = DataQuality(records.tables, validation: validation)
    var lines = DataQualityLines(quality: quality, isPublic: file.isPublic).all
    let renderer = DiagnosticRenderer(isPublic: file.isPublic)
    let warnings = validation.violations(.warning)
    if !warnings.isEmpty { lines.append("") }
    for kind in warnings {
      lines.append(DataQualityLines.warning(kind) { renderer.place($0) })
    }
    return lines + [""]
  }

  private func summary(_ records: SchemaTables) -> [String] {
    func plural(_ count: Int, _ word: String) -> String {
      "\(count) \(word)\(count == 1 ? "" : "s")"
    }
    guard records.problems.isEmpty, let validation = records.validation else {
      return ["\(plural(records.problems.count, "problem")) with the tables of \(file.path)"]
    }
    let errors = validation.violations(.error)
    let rules = Set(errors.map(\.rule))
    var lines: [String] = []
    for rule in DataRule.allCases where rules.contains(rule) {
      let own = errors.filter { $0.rule == rule }
      let places = own.reduce(0) { $0 + $1.count }
      let tables = Set(own.map(\.table)).sorted().joined(separator: ", ")
      lines.append("  \(rule.rawValue): \(plural(places, "place")) in \(tables)")
    }
    let all = errors.reduce(0) { $0 + $1.count }
    return ["by rule:"] + lines + [
      "\(plural(rules.count, "rule")) broken in \(plural(all, "place")): nothing is estimated until"
        + " the data are right"
    ]
  }
}
