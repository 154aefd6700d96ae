import Foundation
import Statistics
import Tables
import Testing

@testable import Studies

struct EngineMatchTests {
  private static let formula = "treat ~ age + kind"
  private static let designs: [[(OptionKey, [String])]] = [
    [], [(.caliper, ["0.1"])], [(.exact, ["kind"]), (.ratio, ["2"])],
    [(.replace, ["true"]), (.caliper, ["0.2"])], [(.order, ["closest"]), (.exact, ["site"])],
    [(.estimand, ["ATC"]), (.distance, ["linear.logit"])],
    [(.antiExact, ["site"]), (.covariateCaliper, ["age=0.5"])],
    [(.discard, ["both"]), (.prefer, ["site"])], [(.distance, ["year"])],
    [(.weights, ["sw"]), (.order, ["smallest"])],
    [(.ratio, ["2"]), (.maxRatio, ["4"])], [(.order, ["random"]), (.seed, ["3"])],
  ]

  @Test(arguments: designs.indices)
  func pairsAreThoseOfRowsInMemory(design: Int) throws {
    let doors = try EngineMatchDoors()
    let options = Self.designs[design]
    #expect(try doors.differences(.match, Self.formula, options) == [])
    #expect(
      try doors.differences(.match, Self.formula, options + [(.pairs, ["true"])]) == [])
  }

  @Test(arguments: designs.indices)
  func effectsAfterMatchingAreThoseOfRowsInMemory(design: Int) throws {
    let doors = try EngineMatchDoors(seed: 8)
    for method in ["difference", "gcomp"] {
      let options = Self.designs[design] + [(.outcome, ["job"]), (.effectMethod, [method])]
      #expect(try doors.differences(.effect, Self.formula, options) == [])
    }
  }

  @Test(arguments: ["optimal", "full", "quick", "subclass"])
  func otherDesignsOnScoresAreThoseOfRowsInMemory(method: String) throws {
    let doors = try EngineMatchDoors(seed: 8, rows: 200)
    #expect(
      try doors.differences(.match, Self.formula, [(.matchMethod, [method])]) == [])
    #expect(
      try doors.differences(
        .effect, Self.formula,
        [(.effectMethod, [method]), (.outcome, ["y"]), (.subgroup, ["kind"])]) == [])
  }

  @Test func rowsAreNumberedInTheOrderOfTheKey() throws {
    let doors = try EngineMatchDoors(seed: 10)
    let lines = try String(contentsOfFile: doors.path, encoding: .utf8).split(separator: "\n")
    let turned = doors.path + ".turned.csv"
    defer { try? FileManager.default.removeItem(atPath: turned) }
    let text = ([lines[0]] + lines.dropFirst().reversed()).joined(separator: "\n") + "\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: turned))
    for pairs in [false, true] {
      let options: [(OptionKey, [String])] =
        [(.replace, ["true"]), (.order, ["data"])] + (pairs ? [(.pairs, ["true"])] : [])
      let plain = try doors.output(.match, Self.formula, options, engine: false)
      var engine = try doors.output(
        .match, Self.formula, options + [(.rowKey, ["id"])], engine: true, path: turned)
      let keys = engine.columns.filter { $0.name.hasSuffix("id") }
      #expect(keys.map(\.name) == (pairs ? ["treated_id", "comparison_id"] : ["id"]))
      // The key counts from 1, as rows do.
      #expect(keys[0].values == engine.columns[0].values)
      engine.columns.removeAll { $0.name.hasSuffix("id") }
      #expect(EngineMatchDoors.differences(plain.columns, engine.columns) == [])
    }
  }

  @Test func aKeyIsForEngines() throws {
    let doors = try EngineMatchDoors()
    #expect(throws: SiblingError.self) {
      try doors.output(.match, Self.formula, [(.rowKey, ["id"])], engine: false)
    }
    #expect(throws: SiblingError.self) {
      try doors.output(.match, Self.formula, [(.rowKey, ["nothing"])], engine: true)
    }
  }
}
