import LinearAlgebra
import Statistics
import Survival
import TestSupport

/// The data that the tests share.
struct Sample {
  let columns: [String: [Double]]
  let names: [String]
  var times: SurvivalTimes

  /// The rows of a golden file without missing values in the columns used.
  init(
    _ file: String, time: String, event: String, equals code: Double = 1, _ names: [String],
    also: [String] = [], start: ((_ columns: [String: [Double]], _ row: Int) -> Double)? = nil
  ) throws {
    let raw = try Golden.csv("survival/\(file)").mapValues { Golden.numbers($0) }
    let used = [time, event] + names + also
    let count = raw[time]?.count ?? 0
    let rows = (0..<count).filter { row in used.allSatisfy { raw[$0]?[row].isNaN == false } }
    let columns = raw.mapValues { column in rows.map { column[$0] } }
    self.columns = columns
    self.names = names
    times = try SurvivalTimes(
      start: start.map { start in rows.indices.map { start(columns, $0) } },
      time: columns[time] ?? [], event: (columns[event] ?? []).map { $0 == code })
  }

  subscript(name: String) -> [Double] { columns[name] ?? [] }

  var design: DesignMatrix {
    DesignMatrix(matrix: Matrix(columns: names.map { self[$0] }), names: names)
  }

  /// The factor whose levels are a column's distinct numbers.
  func factor(_ name: String) -> Factor { Factor.numbered(self[name]) }

  /// The weight that the golden values use: 0.5 + (age mod 7)/4.
  var weights: [Double] { self["age"].map { 0.5 + $0.truncatingRemainder(dividingBy: 7) / 4 } }

  static func lung(also: [String] = []) throws -> Sample {
    try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "sex", "ph.ecog"], also: also)
  }

  static func allLung() throws -> Sample {
    try Sample("lung.csv", time: "time", event: "status", equals: 2, [])
  }

  static func rossi() throws -> Sample {
    try Sample(
      "rossi.csv", time: "week", event: "arrest",
      ["fin", "age", "race", "wexp", "mar", "paro", "prio"])
  }

  /// Nine weighted rows of Therneau & Grambsch's appendix E.
  static let nine = (
    time: [1.0, 1, 2, 2, 2, 2, 3, 4, 5], status: [1.0, 0, 1, 1, 1, 0, 0, 1, 0].map { $0 == 1 },
    x: [2.0, 0, 1, 1, 0, 1, 0, 1, 0], weights: [1.0, 2, 3, 4, 3, 2, 1, 2, 1]
  )
}

extension Factor {
  /// The factor whose levels are distinct numbers, ascending.
  static func numbered(_ values: [Double]) -> Factor {
    let levels = Set(values).sorted()
    return Factor(
      codes: values.map { value in Int32(levels.firstIndex(of: value) ?? -1) },
      levels: levels.map { "\($0)" })
  }
}

/// A deterministic sample with ties, for property tests.
struct Synthetic {
  var start: [Double] = []
  var time: [Double] = []
  var event: [Bool] = []
  var x: [[Double]] = [[], [], []]
  var weights: [Double] = []
  var site: [Int32] = []

  init(_ count: Int, weeks: Double = 20, seed: UInt64 = 7) {
    var generator = Generator(state: seed)
    for row in 0..<count {
      let z = (generator.next() - 0.5, generator.next() < 0.4 ? 1.0 : 0.0, generator.next() * 3)
      let rate = 0.5 + 0.8 * z.0 * z.0 + 0.3 * z.1
      let length = 1 + (weeks * generator.next() / rate).rounded()
      let begin = (length * generator.next() * 0.5).rounded(.down)
      start.append(begin)
      time.append(begin + Swift.max(1, length))
      event.append(generator.next() < 0.6)
      x[0].append(z.0)
      x[1].append(z.1)
      x[2].append(z.2)
      weights.append(Double(1 + row % 3))
      site.append(Int32(row % 6))
    }
  }

  var design: DesignMatrix {
    DesignMatrix(matrix: Matrix(columns: x), names: ["a", "b", "c"])
  }

  var sites: Factor { Factor(codes: site, levels: (0..<6).map { "site \($0)" }) }

  func times(truncated: Bool = false) throws -> SurvivalTimes {
    try SurvivalTimes(start: truncated ? start : nil, time: time, event: event)
  }

  /// The rows in another order or repeated.
  func selecting(_ rows: [Int]) -> Synthetic {
    var result = self
    result.start = rows.map { start[$0] }
    result.time = rows.map { time[$0] }
    result.event = rows.map { event[$0] }
    result.x = x.map { column in rows.map { column[$0] } }
    result.weights = rows.map { weights[$0] }
    result.site = rows.map { site[$0] }
    return result
  }

  private struct Generator {
    var state: UInt64

    /// A number in [0, 1) from a linear congruential step.
    mutating func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 9_007_199_254_740_992
    }
  }
}

/// The entries of a golden matrix, row after row.
func flattened(_ golden: JSON) -> [Double] { golden.array.flatMap(\.doubles) }

extension Matrix {
  /// The entries row after row.
  var rowMajor: [Double] { (0..<rows).flatMap { row($0) } }
}
