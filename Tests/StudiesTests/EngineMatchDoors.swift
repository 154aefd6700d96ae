import Foundation
import Statistics
import Tables
import Testing

@testable import Studies

/// A made-up file of people with missing cells, sites, weights, categories and ties, and verbs run on it in memory and
/// on an engine.
final class EngineMatchDoors {
  let path: String

  init(seed: UInt64 = 5, rows: Int = 400) throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("sibling-engine-\(UUID().uuidString).csv").path
    try Data(Self.text(seed: seed, rows: rows).utf8).write(to: URL(fileURLWithPath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private static func text(seed: UInt64, rows: Int) -> String {
    var stream = RandomStream(seed: seed, name: "engine-matching")
    var text = "id,treat,arm,age,year,kind,same,site,sw,y,job,said\n"
    for row in 0..<rows {
      let age = 20 + stream.integer(below: 30)
      let kind = ["a", "b", "c"][stream.integer(below: 3)]
      let year = 2010 + stream.integer(below: 8)
      let lean = -0.8 + 0.03 * Double(age - 35) + (kind == "b" ? 0.7 : 0)
      let treated = stream.bernoulli(1 / (1 + exp(-lean)))
      let base = 100 + 2 * Double(age) + (treated ? 7 : 0) + 20 * stream.normal()
      let works = stream.bernoulli(
        1 / (1 + exp(0.6 - 0.02 * Double(age - 35) - (treated ? 0.5 : 0))))
      let isMissing = stream.bernoulli(0.03)
      let weight = row % 50 == 7 ? 0 : 1 + stream.integer(below: 4)
      text += "\(row + 1),\(treated ? 1 : 0),\(treated ? "sib" : "old"),"
      text += isMissing ? "," : "\(age),"
      text += "\(year),\(kind),1,S\(stream.integer(below: 45)),\(weight),"
      text += stream.bernoulli(0.02) ? "," : "\(base),"
      text += "\(works ? 1 : 0),\(works ? "yes" : "no")\n"
    }
    return text
  }

  func output(
    _ verb: Verb, _ formula: String, _ options: [(OptionKey, [String])], engine: Bool,
    path other: String? = nil
  ) throws -> AnalysisOutput {
    var values = OptionValues()
    for (key, texts) in options { values.set(key, OptionValues.Entry(texts)) }
    if engine { values.set(.engine, to: "memory") }
    return try AnalysisRequest(
      verb: verb, path: other ?? path, formula: formula, options: values
    ).run()
  }

  /// What differs between a verb's rows in memory and on the engine; numbers may by 1e-9 of themselves.
  func differences(
    _ verb: Verb, _ formula: String, _ options: [(OptionKey, [String])]
  ) throws -> [String] {
    let plain = try output(verb, formula, options, engine: false)
    let engine = try output(verb, formula, options, engine: true)
    return Self.differences(plain.columns, engine.columns)
  }

  static func differences(_ plain: [Column], _ engine: [Column]) -> [String] {
    guard plain.map(\.name) == engine.map(\.name) else {
      return ["columns \(engine.map(\.name)), not \(plain.map(\.name))"]
    }
    var found: [String] = []
    for (a, b) in zip(plain, engine) {
      guard case .doubles(let x) = a.values, case .doubles(let y) = b.values, x.count == y.count
      else {
        if a != b { found.append("\(a.name): \(b.values) not \(a.values)") }
        continue
      }
      for row in x.indices where !(x[row].isNaN && y[row].isNaN) {
        if !((x[row] - y[row]).magnitude <= 1e-9 * max(1e-6, x[row].magnitude)) {
          found.append("\(a.name) \(row): \(y[row]) not \(x[row])")
        }
      }
    }
    return found
  }
}
