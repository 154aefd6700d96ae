/// What an output checker's viewer reads: `results.json` in the form of ACRO's, one record an output.
///
/// After the ACRO project's file format (github.com/AI-SDC/ACRO): version, results by uid with status,
/// type, properties, files with their `sdc`, outcome, command, summary, timestamp, comments, exception. The timestamp is
/// blank, so that the same run gives the same bytes. Which withheld cell was small and which went for
/// its sake is not told: it would give small ones away.
enum CheckerRecord {
  /// The record of a run's tables, figures and documents.
  ///
  /// Remarks are comments by file, for what needs to be looked at.
  static func json(
    version: String, command: String, profile: DisclosureProfile?, tables: [ResultTable],
    figures: [String], documents: [String], remarks: [String: [String]] = [:]
  ) -> JSONValue {
    var records: [JSONValue] = []
    for table in tables.sorted(by: { $0.path < $1.path }) {
      records.append(
        record(table, records.count, command, profile, remarks[table.path] ?? []))
    }
    for (type, files) in [("figure", figures), ("document", documents)] {
      for file in files.sorted() {
        records.append(other(file, type, records.count, command, remarks[file] ?? []))
      }
    }
    return .object([
      .init("version", .string(version)),
      .init(
        "results",
        .object(records.enumerated().map { .init("output_\($0.offset)", $0.element) })),
    ])
  }

  private static func record(
    _ table: ResultTable, _ number: Int, _ command: String, _ profile: DisclosureProfile?,
    _ remarks: [String]
  ) -> JSONValue {
    var cells: [JSONValue] = []
    var outcome: [JSONValue.Member] = []
    for (position, column) in table.columns.enumerated() {
      let rows = table.rows.indices.filter { table.rows[$0][position] == .suppressed }
      guard !rows.isEmpty else { continue }
      cells += rows.map { .array([.integer($0), .integer(position)]) }
      outcome.append(
        .init(column.name, .object(rows.map { .init("\($0)", .string("suppressed")) })))
    }
    let hasRules = profile?.minimumCount != nil
    let status = !hasRules || !cells.isEmpty || !remarks.isEmpty ? "review" : "pass"
    let summary =
      !hasRules
      ? "review; no disclosure control was applied"
      : cells.isEmpty
        ? "\(status); nothing was withheld" : "review; threshold: \(cells.count) cells suppressed"
    let sdc: JSONValue = [
      "summary": [
        "suppressed": .bool(!cells.isEmpty), "negative": 0, "missing": 0,
        "threshold": .integer(cells.count), "p-ratio": 0, "nk-rule": 0, "all-values-are-same": 0,
      ],
      "cells": [
        "negative": [], "missing": [], "threshold": .array(cells), "p-ratio": [], "nk-rule": [],
        "all-values-are-same": [],
      ],
    ]
    return members(
      number, status: status, type: table.residual == nil ? "table" : "regression",
      method: table.name, file: table.path, sdc: sdc, outcome: .object(outcome),
      command: command, summary: summary, remarks: remarks)
  }

  private static func other(
    _ file: String, _ type: String, _ number: Int, _ command: String, _ remarks: [String]
  ) -> JSONValue {
    // A picture or text of released numbers only, which a person has to look at all the same.
    members(
      number, status: "review", type: "custom", method: type, file: file, sdc: .object([]),
      outcome: .object([]), command: command,
      summary: "review; made of the released tables only", remarks: remarks)
  }

  private static func members(
    _ number: Int, status: String, type: String, method: String, file: String, sdc: JSONValue,
    outcome: JSONValue, command: String, summary: String, remarks: [String]
  ) -> JSONValue {
    [
      "uid": .string("output_\(number)"), "status": .string(status), "type": .string(type),
      "properties": ["method": .string(method)],
      "files": [["name": .string(file), "sdc": sdc]], "outcome": outcome,
      "command": .string(command), "summary": .string(summary), "timestamp": "",
      "comments": .array(remarks.map { .string($0) }), "exception": "",
    ]
  }
}
