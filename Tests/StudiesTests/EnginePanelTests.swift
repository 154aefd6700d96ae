import Foundation
import Statistics
import Tables
import Testing

@testable import Studies

/// The panel verbs on an engine against the same verbs on a file: the same rows, terms, notes and numbers.
@Suite struct EnginePanelVerbs {
  private static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static let castle = [
    "outcome": "l_homicide", "unit": "sid", "time": "year", "group": "first_post",
  ]
  private static let counties = [
    "outcome": "lemp", "unit": "countyreal", "time": "year", "group": "first.treat",
  ]

  private func run(
    _ verb: Verb, _ file: String, _ options: [String: String], engine: Bool
  ) throws -> AnalysisOutput {
    var values = OptionValues()
    for (name, text) in options {
      let key = try #require(verb.key(name))
      values.set(key, to: text)
    }
    if engine { values.set(.engine, to: "memory") }
    let path = Self.top.appendingPathComponent(file).path
    return try AnalysisRequest(verb: verb, path: path, formula: nil, options: values).run()
  }

  private func compare(
    _ verb: Verb, _ file: String, _ options: [String: String]
  ) throws {
    let plain = try run(verb, file, options, engine: false)
    let own = try run(verb, file, options, engine: true)
    #expect(plain.columns.map(\.name) == own.columns.map(\.name))
    // What the filter keeps is told where the source is opened, not by the verb.
    func told(_ output: AnalysisOutput) -> Set<String> {
      Set(output.notes.filter { !$0.hasPrefix("--where keeps") })
    }
    #expect(told(plain) == told(own))
    #expect(plain.people == own.people)
    for (a, b) in zip(plain.columns, own.columns) {
      guard let x = a.asDoubles, let y = b.asDoubles else {
        #expect(a.asStrings == b.asStrings)
        continue
      }
      #expect(x.count == y.count)
      for (u, v) in zip(x, y) where !(u.isNaN && v.isNaN) {
        #expect((u - v).magnitude <= 1e-9 * max(u.magnitude, v.magnitude) + 1e-12)
      }
    }
  }

  @Test(arguments: [
    [:], ["cluster": "sid"], ["vcov": "HC1"], ["exclude-periods": "2003"], ["where": "sid < 40"],
  ]) func twoWayFixedEffectsOfTheStatesAreTheSame(_ extra: [String: String]) throws {
    try compare(
      .did, "Data/castle/castle.csv",
      Self.castle.merging(["method": "twfe"]) { own, _ in own }.merging(extra) { own, _ in own })
  }

  @Test func eventStudiesOfTheStatesAreTheSame() throws {
    try compare(.eventStudy, "Data/castle/castle.csv", Self.castle)
    try compare(
      .eventStudy, "Data/castle/castle.csv",
      Self.castle.merging(["leads": "3", "lags": "2"]) { own, _ in own })
  }

  @Test(arguments: ["none", "simple", "dynamic", "group", "calendar"])
  func groupTimeEffectsOfTheCountiesAreTheSame(_ aggregate: String) throws {
    try compare(
      .did, "Data/mpdta/mpdta.csv",
      Self.counties.merging(["aggregate": aggregate]) { own, _ in own })
  }

  // Notes are compared too, so that fetched rows, which are told of, would not pass.
  @Test(arguments: [
    [:], ["estimator": "reg", "aggregate": "dynamic"],
    ["estimator": "ipw", "control": "not-yet", "aggregate": "group"],
    ["estimator": "std-ipw", "base": "universal"], ["estimator": "improved-dr"],
    ["cluster": "countyreal", "aggregate": "calendar"], ["weights": "lpop"],
    ["bands": "uniform"],
  ]) func groupTimeEffectsGivenPopulationAreTheSame(_ extra: [String: String]) throws {
    try compare(
      .did, "Data/mpdta/mpdta.csv",
      Self.counties.merging(["covariates": "~ lpop"]) { own, _ in own }.merging(extra) { own, _ in
        own
      })
  }

  @Test func groupTimeEffectsGivenWhatChangesAreTheSame() throws {
    for extra in [["estimator": "reg"], ["estimator": "reg", "control": "not-yet"]] {
      try compare(
        .did, "Data/castle/castle.csv",
        Self.castle.merging(["covariates": "~ poverty"]) { own, _ in own }
          .merging(extra) { own, _ in own })
    }
  }

  @Test func whatNeedsRowsSaysWhy() throws {
    var options = OptionValues()
    let given = Self.castle.merging(["method": "twfe", "covariates": "poverty"]) { own, _ in own }
    for (name, text) in given {
      options.set(try #require(Verb.did.key(name)), to: text)
    }
    let analysis = try DifferenceAnalysis(formula: nil, options: options)
    #expect(analysis.needsRows == "a panel with covariates")
  }
}
