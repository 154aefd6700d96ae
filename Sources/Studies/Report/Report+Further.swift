internal import Reporting
internal import Statistics

// Analyses that the study calls by their verb.

extension Report {
  /// The most rows that a table of the report shows; the file holds all.
  private static let shownRows = 40

  /// One table for each analysis.
  mutating func furtherAnalyses() throws(SiblingError) {
    let nodes = (context.study.node["analyses"]?.elements ?? []).filter {
      context.table("analysis_\($0["name"]?.text ?? "")") != nil
    }
    guard !context.gate.failed, !nodes.isEmpty else { return }
    section("Further analyses")
    for node in nodes {
      guard let name = node["name"]?.text, let rows = context.table("analysis_\(name)") else {
        continue
      }
      document.heading(3, "\(capitalised(node["label"]?.text ?? name))")
      if node["descriptive"]?.text == "true" { document.paragraph(Self.descriptiveWarning) }
      if let note = node["note"]?.text { document.paragraph(Prose(plain: note)) }
      try chart(
        of: name, verb: node["verb"]?.text ?? "", label: node["label"]?.text ?? name, rows)
      let shown = min(rows.value.rows.count, Self.shownRows)
      let rest: Prose =
        shown < rows.value.rows.count
        ? " The first \(fixed: "\(shown)") rows; the file holds them all." : ""
      document.table(
        rows.rows(at: Array(0..<shown)),
        caption: "\(capitalised(node["label"]?.text ?? name)).\(rest)",
        columns: columns(rows.value))
      let isMatched = node["sample"]?.text == "matched"
      let sample: Prose =
        isMatched ? ", on the adjusted sample with its weights and matched sets" : ""
      let kept: Prose =
        node["table"] != nil
        ? " on the table \(markdown: node["table"]?.text ?? ""), the sites' columns beside it"
        : context.table("attrition") == nil ? "" : " on the rows that the inclusion rules keep"
      document.paragraph("Made by `\(markdown: call(node))`\(kept)\(sample).")
      document.list((context.furtherNotes[name] ?? []).map { Prose(plain: sentence($0)) })
    }
  }

  /// What a curve or rate among those who started says, and what it does not.
  static let descriptiveWarning: Prose =
    "This describes a group that was chosen after time zero (only those who started). It does not compare like with like and carries no causal reading."

  /// Columns that the file has and the report needn't show: the same in every row, or said elsewhere.
  private static let unshown: Set<String> = [
    AnalysisOutput.rowColumn, "analysis", "outcome", "conf.level", "se_type", "gate", "statistic",
  ]

  /// The columns that hold anything, without those that only the file needs.
  private func columns(_ table: ResultTable) -> [Document.TableColumn] {
    table.columns.filter { column in
      !Self.unshown.contains(column.name)
        && table.cells(column.name).contains { $0 != .missing }
    }.map { column in
      let isP = column.name == "p.value" || column.name.hasSuffix(".p.value")
      return .init(column.name, column.name, isP ? .pValue : .significant(4))
    }
  }

  /// A word in quotes that a shell takes off.
  private func quoted(_ text: String) -> String {
    text.contains("'") ? "\"\(text)\"" : "'\(text)'"
  }

  /// The call as a line of a shell would have it.
  private func call(_ node: StudyNode) -> String {
    var words = ["sibling", node["verb"]?.text ?? ""]
    let verb = Verb.inStudies.first { $0.name == node["verb"]?.text }
    if let verb, verb.data != .none, node["estimates"] == nil { words.append("DATA") }
    if let formula = node["formula"]?.text { words.append(quoted(formula)) }
    let own = ["name", "verb", "label", "formula", "sample", "table", "note", "descriptive"]
    for key in node.keys where !own.contains(key.name) {
      guard let value = node[key.name] else { continue }
      if value.text == "true" {
        words.append("--\(key.name)")
      } else if value.text != "false" {
        let texts =
          value.isMapping
          ? value.keys.map { "\($0.name)=\(value[$0.name]?.text ?? "")" }
          : value.elements.compactMap(\.text)
        words.append("--\(key.name) " + quoted(texts.joined(separator: ",")))
      }
    }
    if context.study.seed != 1 { words.append("--seed \(context.study.seed)") }
    return words.joined(separator: " ")
  }
}
