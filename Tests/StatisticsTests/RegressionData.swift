import LinearAlgebra
import Statistics
import TestSupport

/// The lalonde data as designs, built by hand because formulas stand in a room above.
struct Lalonde {
  let columns: [String: [Double]]
  let race: [String]

  init() throws {
    let text = try Golden.csv("lalonde.csv")
    race = text["race"] ?? []
    columns = text.mapValues { Golden.numbers($0) }
  }

  subscript(name: String) -> [Double] {
    switch name {
    case "(Intercept)": race.map { _ in 1 }
    case "racehispan": race.map { $0 == "hispan" ? 1 : 0 }
    case "racewhite": race.map { $0 == "white" ? 1 : 0 }
    case "I(age^2)": (columns["age"] ?? []).map { $0 * $0 }
    case "I(re74^2)": (columns["re74"] ?? []).map { $0 * $0 }
    case "w":
      (columns["age"] ?? []).map {
        $0 == 30 ? 0 : 0.5 + $0.truncatingRemainder(dividingBy: 7) / 4
      }
    default: columns[name] ?? []
    }
  }

  func design(_ names: [String]) -> DesignMatrix {
    DesignMatrix(matrix: Matrix(columns: names.map { self[$0] }), names: names)
  }

  /// Clusters by years of education.
  var site: Factor { Factor((columns["educ"] ?? []).map { String($0) }) }
  var raceFactor: Factor { Factor(race) }
}

/// Repeatable numbers in [0, 1) for property tests.
struct Noise {
  var state: UInt64

  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    var mixed = state
    mixed ^= mixed >> 33
    mixed = mixed &* 0xff51_afd7_ed55_8ccd
    mixed ^= mixed >> 33
    return Double(mixed >> 11) / 9_007_199_254_740_992
  }
}
