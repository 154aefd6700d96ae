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

/// The mpdta county panel.
struct Counties {
  var year: [Double]
  var county: [Double]
  var lpop: [Double]
  var lemp: [Double]
  var treated: [Double]

  init() throws {
    let text = try Golden.csv("../../Data/mpdta/mpdta.csv")
    year = Golden.numbers(text["year"])
    county = Golden.numbers(text["countyreal"])
    lpop = Golden.numbers(text["lpop"])
    lemp = Golden.numbers(text["lemp"])
    treated = zip(Golden.numbers(text["first.treat"]), year).map { $0 > 0 && $1 >= $0 ? 1 : 0 }
  }

  /// A factor of whole numbers.
  static func factor(_ values: [Double]) -> Factor { Factor(values.map { String(Int($0)) }) }

  /// The rows at the given places.
  func selecting(_ rows: [Int]) -> Counties {
    var result = self
    result.year = rows.map { year[$0] }
    result.county = rows.map { county[$0] }
    result.lpop = rows.map { lpop[$0] }
    result.lemp = rows.map { lemp[$0] }
    result.treated = rows.map { treated[$0] }
    return result
  }

  /// lemp ~ D + lpop + factor(year), as in the golden file.
  var design: DesignMatrix {
    let years = (2004...2007).map { year -> [Double] in
      self.year.map { $0 == Double(year) ? 1 : 0 }
    }
    return DesignMatrix(
      matrix: Matrix(columns: [lemp.map { _ in 1 }, treated, lpop] + years),
      names: ["(Intercept)", "D", "lpop"] + (2004...2007).map { "factor(year)\($0)" })
  }

  var treatment: DesignMatrix { DesignMatrix(matrix: Matrix(columns: [treated]), names: ["D"]) }
}
