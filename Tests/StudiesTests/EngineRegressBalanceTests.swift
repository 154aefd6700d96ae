import Foundation
import Statistics
import Tables
import Testing

@testable import Studies

/// The verbs on the engine of memory, from sums, against the same verbs on rows.
struct EngineRegressBalanceTests {
  private static let nsw = "Data/nsw/nsw_cps.csv"
  private static let rossi = "Data/rossi/rossi_weekly.csv"

  private func rows(
    _ verb: Verb, _ path: String, _ formula: String, _ options: [String: String],
    engine: Bool
  ) throws -> AnalysisOutput {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    var values = OptionValues()
    for (name, text) in options { values.set(try #require(verb.key(name)), to: text) }
    if engine { values.set(.engine, to: "memory") }
    return try AnalysisRequest(
      verb: verb, path: root.appendingPathComponent(path).path, formula: formula, options: values
    ).run()
  }

  private func compare(
    _ verb: Verb, _ path: String, _ formula: String, _ options: [String: String] = [:]
  ) throws {
    let expected = try rows(verb, path, formula, options, engine: false)
    let found = try rows(verb, path, formula, options, engine: true)
    #expect(found.columns.map(\.name) == expected.columns.map(\.name))
    for (a, b) in zip(found.columns, expected.columns) {
      switch (a.values, b.values) {
      case (.doubles(let u), .doubles(let v)):
        #expect(u.count == v.count)
        for (x, y) in zip(u, v) where !(x.isNaN && y.isNaN) {
          #expect((x - y).magnitude <= 1e-9 * max(y.magnitude, 1e-6), "\(a.name): \(x), not \(y)")
        }
      default: #expect(a.values == b.values, "\(a.name)")
      }
    }
  }

  private static let covariates =
    "age + educ + black + hisp + marr + nodegree + re74 + re75"

  @Test func regressIsTheSame() throws {
    try compare(.regress, Self.nsw, "treat ~ \(Self.covariates)", ["family": "binomial"])
    try compare(
      .regress, Self.nsw, "re78 ~ treat + \(Self.covariates)", ["vcov": "HC1"])
    try compare(.regress, Self.rossi, "arrest ~ fin + age + prio", ["cluster": "educ"])
  }

  @Test func balanceIsTheSame() throws {
    try compare(.balance, Self.nsw, "treat ~ \(Self.covariates)", ["method": "ipw"])
    try compare(
      .balance, Self.nsw, "treat ~ age + educ + re74",
      ["method": "ipw", "estimand": "ATO", "by": "black"])
  }

  @Test func weightIsTheSame() throws {
    try compare(
      .weight, Self.nsw, "treat ~ \(Self.covariates)",
      ["method": "ipw", "estimand": "ATT", "trim": "0.99"])
  }

  @Test func whatNeedsRowsSaysSo() throws {
    for (verb, options) in [
      (Verb.regress, ["vcov": "HC3"]),
      (Verb.balance, ["method": "ipw", "squares": "true"]),
    ] {
      let output = try rows(verb, Self.nsw, "treat ~ age", options, engine: true)
      #expect(output.notes.contains { $0.contains("and not sums, because") })
    }
  }
}
