import Foundation
import Statistics
import Tables
import TestSupport
import Testing

@testable import Studies

/// The survival verbs print the same rows from an engine's sums as from the table.
struct EngineSurvivalTests {
  /// A verb with its options.
  struct Call: Sendable, CustomTestStringConvertible {
    var verb: Verb
    var formula: String
    var options: [String: String] = [:]
    var testDescription: String {
      verb.name + " " + formula + " " + options.sorted { $0.key < $1.key }.description
    }
  }

  static let calls = [
    Call(verb: .kaplanMeier, formula: "Surv(week, arrest) ~ fin"),
    Call(
      verb: .kaplanMeier, formula: "Surv(week, arrest) ~ 1",
      options: ["conf": "log-log", "robust": "true"]),
    Call(
      verb: .kaplanMeier, formula: "Surv(week, arrest) ~ fin + wexp", options: ["times": "10,20,60"]
    ),
    Call(
      verb: .kaplanMeier, formula: "Surv(week, arrest) ~ age > 25",
      options: ["quantiles": "0.1,0.25"]),
    Call(
      verb: .kaplanMeier, formula: "Surv(week, arrest) ~ fin",
      options: ["cluster": "educ", "events-only": "true", "conf": "arcsine"]),
    Call(
      verb: .kaplanMeier, formula: "Surv(week, arrest) ~ race",
      options: ["weights": "prio_weight", "derive": "prio_weight = 0.5 + prio / 4"]),
    Call(
      verb: .kaplanMeier, formula: "Surv(week, arrest) ~ fin",
      options: ["estimator": "fleming-harrington", "cumulative-hazard": "true"]),
    Call(verb: .logRank, formula: "Surv(week, arrest) ~ fin", options: ["treated": "no"]),
    Call(verb: .logRank, formula: "Surv(week, arrest) ~ educ", options: ["rho": "1"]),
    Call(verb: .logRank, formula: "Surv(week, arrest) ~ fin + strata(race)"),
    Call(verb: .logRank, formula: "Surv(week, arrest) ~ fin", options: ["cluster": "educ"]),
    Call(verb: .cox, formula: "Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio"),
    Call(verb: .cox, formula: "Surv(week, arrest) ~ fin * age", options: ["statistics": "true"]),
    Call(
      verb: .cox, formula: "Surv(week, arrest) ~ fin + strata(race) + offset(prio)",
      options: ["ties": "breslow", "exponentiate": "true"]),
    Call(
      verb: .cox, formula: "Surv(week, arrest) ~ fin + prio",
      options: ["cluster": "educ", "where": "age > 20"]),
    Call(verb: .cox, formula: "Surv(week, arrest) ~ fin + prio", options: ["id": "id"]),
  ]

  private func run(_ call: Call, engine: String? = nil) throws -> AnalysisOutput {
    var values = OptionValues()
    var options = call.options
    options["engine"] = engine
    for (name, text) in options { values.set(try #require(call.verb.key(name)), to: text) }
    let path = Golden.projectFolder.appendingPathComponent("Data/rossi/rossi_weekly.csv").path
    return try AnalysisRequest(
      verb: call.verb, path: path, formula: call.formula, options: values
    ).run()
  }

  @Test(arguments: calls)
  func theVerbPrintsTheSameRowsFromSums(_ call: Call) throws {
    let (expected, found) = (try run(call), try run(call, engine: "memory"))
    #expect(found.columns.map(\.name) == expected.columns.map(\.name))
    #expect(found.notes == expected.notes)
    for (a, b) in zip(found.columns, expected.columns) {
      guard case .doubles(let x) = a.values, case .doubles(let y) = b.values else {
        #expect(a == b)
        continue
      }
      #expect(x.count == y.count)
      for (u, v) in zip(x, y) {
        let isSame = u.isNaN && v.isNaN
        #expect(isSame || (u - v).magnitude <= 1e-9 * max(1e-3, v.magnitude), "\(a.name)")
      }
    }
  }

  @Test func whatNeedsRowsSaysWhy() throws {
    let formula = "Surv(week, arrest) ~ fin"
    for options in [["ties": "exact"], ["ridge": "1"], ["residuals": "martingale"]] {
      var values = OptionValues()
      for (name, text) in options { values.set(try #require(Verb.cox.key(name)), to: text) }
      #expect(try CoxAnalysis(formula: formula, options: values).needsRows != nil)
    }
    #expect(try CoxAnalysis(formula: formula, options: OptionValues()).needsRows == nil)
    #expect(try KaplanMeierAnalysis(formula: formula, options: OptionValues()).needsRows == nil)
  }
}
