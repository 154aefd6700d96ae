import Engines
import Foundation
import Statistics
import Tables
import Testing

@testable import Studies

struct EngineEffectTests {
  // Centred: over raw years the rows in memory lose digits in g-computation's covariance.
  private static let plain = "treat ~ age + kind + I(year - 2013)"

  @Test(arguments: [
    ("difference", "y", "ATE"), ("difference", "y", "ATT"), ("difference", "job", "ATC"),
    ("difference", "y", "ATO"), ("difference", "job", "ATM"), ("gcomp", "y", "ATE"),
    ("gcomp", "y", "ATT"), ("gcomp", "job", "ATC"), ("gcomp", "job", "ATO"), ("gcomp", "y", "ATM"),
  ])
  func weightedEffectsAreThoseOfRowsInMemory(method: String, outcome: String, estimand: String)
    throws
  {
    let doors = try EngineMatchDoors()
    var options: [(OptionKey, [String])] = [
      (.outcome, [outcome]), (.effectMethod, ["ipw", method]), (.estimand, [estimand]),
    ]
    #expect(try doors.differences(.effect, Self.plain, options) == [])
    options.append((.standardError, ["robust"]))
    #expect(try doors.differences(.effect, Self.plain, options) == [])
    options += [(.weights, ["sw"]), (.cluster, ["site"])]
    #expect(try doors.differences(.effect, Self.plain, options) == [])
    options.remove(at: 3)
    #expect(try doors.differences(.effect, Self.plain, options) == [])
  }

  @Test(arguments: [("y", "ATE"), ("y", "ATT"), ("job", "ATE"), ("job", "ATC"), ("job", "ATT")])
  func augmentedWeightingIsThatOfRowsInMemory(outcome: String, estimand: String) throws {
    let doors = try EngineMatchDoors(seed: 9)
    var options: [(OptionKey, [String])] = [
      (.outcome, [outcome]), (.effectMethod, ["aipw"]), (.estimand, [estimand]),
    ]
    #expect(try doors.differences(.effect, Self.plain, options) == [])
    #expect(
      try doors.differences(
        .effect, Self.plain, options + [(.outcomeModel, ["~ poly(age, 2, raw = TRUE)"])]) == [])
    options += [(.weights, ["sw"]), (.cluster, ["site"])]
    #expect(try doors.differences(.effect, Self.plain, options) == [])
    options.append((.standardError, ["robust"]))
    #expect(try doors.differences(.effect, Self.plain, options) == [])
  }

  @Test(arguments: ["ratio", "odds-ratio"])
  func ratiosAreThoseOfRowsInMemory(scale: String) throws {
    let doors = try EngineMatchDoors(seed: 2)
    for method in [["ipw"], ["ipw", "gcomp"], ["aipw"]] {
      let options: [(OptionKey, [String])] = [
        (.outcome, ["job"]), (.effectMethod, method), (.effectScale, [scale]),
        (.estimand, ["ATE"]),
      ]
      #expect(try doors.differences(.effect, Self.plain, options) == [])
    }
  }

  @Test(arguments: ["ATE", "ATT", "ATC", "ATO"], [0.8, 0.95, 0.99])
  func capsAreTheWeightsAtTheQuantile(estimand: String, quantile: Double) throws {
    let doors = try EngineMatchDoors(seed: 3)
    for method in ["difference", "gcomp"] {
      let options: [(OptionKey, [String])] = [
        (.outcome, ["y"]), (.effectMethod, ["ipw", method]), (.estimand, [estimand]),
        (.trim, ["\(quantile)"]), (.stabilise, ["true"]),
      ]
      #expect(try doors.differences(.effect, Self.plain, options) == [])
    }
  }

  @Test func columnsThatSayNothingNewAreLeftOutAlike() throws {
    let doors = try EngineMatchDoors(seed: 4)
    let formula = "treat ~ age + same + I(2 * age) + kind"
    for method in [["ipw"], ["ipw", "gcomp"], ["aipw"]] {
      #expect(
        try doors.differences(
          .effect, formula,
          [(.outcome, ["y"]), (.effectMethod, method), (.estimand, ["ATE"])]) == [])
    }
  }

  @Test func levelsFiltersAndDerivedColumnsAreReadAlike() throws {
    let doors = try EngineMatchDoors(seed: 6)
    #expect(
      try doors.differences(
        .effect, "arm ~ older + factor(year) + kind",
        [
          (.outcome, ["said"]), (.effectMethod, ["aipw"]), (.estimand, ["ATE"]),
          (.treated, ["sib"]), (.filter, ["year < 2017"]), (.derive, ["older = age > 30"]),
        ]) == [])
  }

  @Test func theOrderOfRowsIsOfNoConsequence() throws {
    let doors = try EngineMatchDoors(seed: 7)
    let lines = try String(contentsOfFile: doors.path, encoding: .utf8).split(separator: "\n")
    let turned = doors.path + ".turned.csv"
    defer { try? FileManager.default.removeItem(atPath: turned) }
    let text = ([lines[0]] + lines.dropFirst().reversed()).joined(separator: "\n") + "\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: turned))
    let options: [(OptionKey, [String])] = [
      (.outcome, ["job"]), (.effectMethod, ["ipw", "gcomp"]), (.cluster, ["site"]),
    ]
    let one = try doors.output(.effect, Self.plain, options, engine: true)
    let other = try doors.output(.effect, Self.plain, options, engine: true, path: turned)
    #expect(EngineMatchDoors.differences(one.columns, other.columns) == [])
  }

  @Test(arguments: ["difference", "gcomp"], ["y", "job"])
  func groupsAsTheyAreHaveNoWeightsButTheSamplings(method: String, outcome: String) throws {
    let doors = try EngineMatchDoors(seed: 12)
    let table = try DataSource(path: doors.path, options: OptionValues()).table
    for more in [[], [(.weights, ["sw"]), (.cluster, ["site"])]] as [[(OptionKey, [String])]] {
      var options = OptionValues()
      for (key, texts) in [(.outcome, [outcome]), (.effectMethod, [method])] + more {
        options.set(key, OptionValues.Entry(texts))
      }
      var analysis = try EffectAnalysis(formula: Self.plain, options: options)
      analysis.design.method = .score
      let plain = try analysis.run(table)
      let data = try EngineData(MemoryEngine(["rows": table]), .named("rows"))
      #expect(
        EngineMatchDoors.differences(plain.columns, try analysis.run(on: data).columns) == [])
    }
  }

  @Test func whatSumsCannotDoIsNamed() throws {
    for (method, more) in [
      (["tmle"], [(OptionKey.estimand, ["ATE"])]), (["dml"], [(.estimand, ["ATE"])]),
      (["abadie-imbens"], []), (["entropy"], []), (["cbps"], []),
      (["ipw"], [(.bootstrapReplicates, ["20"])]), (["ipw"], [(.distance, ["probit"])]),
      (["cem"], []), (["nearest"], [(.distance, ["mahalanobis"])]),
    ] as [([String], [(OptionKey, [String])])] {
      var options = OptionValues()
      for (key, texts) in [(.outcome, ["y"]), (.effectMethod, method)] + more {
        options.set(key, OptionValues.Entry(texts))
      }
      let analysis = try EffectAnalysis(formula: Self.plain, options: options)
      #expect(analysis.needsRows != nil, "\(method)")
    }
  }

  @Test func badInputIsRefusedInBothWays() throws {
    let doors = try EngineMatchDoors()
    for (formula, options) in [
      ("treat ~ age", [(.outcome, ["treat"])]),
      ("treat ~ age + y", [(.outcome, ["y"])]),
      ("treat ~ age", [(.outcome, ["same"])]),
      ("year ~ age", [(.outcome, ["y"])]),
      ("same ~ age", [(.outcome, ["y"])]),
      ("treat ~ nothing", [(.outcome, ["y"])]),
      ("treat ~ age", [(.outcome, ["nothing"])]),
      ("treat ~ age + I(treat * 2)", [(.outcome, ["y"])]),
      ("arm ~ age", [(.outcome, ["y"]), (.treated, ["new"])]),
      ("treat ~ age", [(.outcome, ["y"]), (.outcomeModel, ["~ y"]), (.effectMethod, ["aipw"])]),
      ("treat ~ age", [(.outcome, ["y"]), (.estimand, ["ATO"]), (.effectMethod, ["aipw"])]),
      ("treat ~ age", [(.outcome, ["job"]), (.cluster, ["same"])]),
    ] as [(String, [(OptionKey, [String])])] {
      var options = options
      if !options.contains(where: { $0.0.name == "method" }) {
        options.append((.effectMethod, ["ipw"]))
      }
      let codes = try [false, true].map { engine throws in
        do {
          _ = try doors.output(.effect, formula, options, engine: engine)
          return "none"
        } catch let error as SiblingError {
          return error.code.rawValue
        }
      }
      #expect(
        codes[0] == codes[1] && codes[0] != "none", "\(formula) \(options.map(\.1)): \(codes)")
    }
  }
}
