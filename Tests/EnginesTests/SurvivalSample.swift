import Engines
import LinearAlgebra
import Statistics
import Survival
import Tables
import Testing

/// Made-up follow-up in whole weeks with ties, weights, late entry, strata, clusters, text and missing values.
struct SurvivalSample {
  let table: Table
  let engine: MemoryEngine

  init(rows: Int = 400, seed: UInt64 = 3, repeated: [Int]? = nil) throws {
    var stream = RandomStream(seed: seed, name: "survival")
    var (start, week, age, weight, offset): ([Double], [Double], [Double], [Double], [Double]) =
      ([], [], [], [], [])
    var (event, treated, site, whole): ([Int], [Int], [Int], [Int]) = ([], [], [], [])
    var (region, band): ([String?], [String?]) = ([], [])
    for row in 0..<rows {
      let draws = (0..<10).map { _ in stream.uniform() }
      let isTreated = draws[0] < 0.4
      let length = 1 + (draws[1] * (isTreated ? 16 : 22)).rounded(.down)
      start.append((draws[2] * 5).rounded(.down))
      week.append(start[row] + length)
      event.append(draws[3] < 0.6 ? 1 : 0)
      treated.append(isTreated ? 1 : 0)
      age.append(row % 67 == 0 ? .nan : 20 + 40 * draws[4])
      weight.append(0.25 + draws[5])
      whole.append(1 + Int(draws[5] * 3))
      offset.append(draws[6])
      site.append(Int(draws[7] * 12))
      region.append(draws[8] < 0.3 ? "north" : draws[8] < 0.7 ? "south" : "west")
      band.append(row % 71 == 0 ? nil : draws[9] < 0.5 ? "a" : "b")
    }
    let one = try Table([
      Column(name: "start", values: .doubles(start)), Column(name: "week", values: .doubles(week)),
      Column(name: "event", values: .integers(event)),
      Column(name: "treated", values: .integers(treated)),
      Column(name: "age", values: .doubles(age)), Column(name: "weight", values: .doubles(weight)),
      Column(name: "whole", values: .integers(whole)),
      Column(name: "offset", values: .doubles(offset)),
      Column(name: "site", values: .integers(site)),
      Column(name: "region", values: .text(Factor(region))),
      Column(name: "band", values: .text(Factor(band))),
    ])
    table = repeated.map { one.selecting(rows: $0) } ?? one
    engine = MemoryEngine(["t": table])
  }

  /// A formula bound to the table, row by row.
  struct Rows {
    var times: SurvivalTimes
    var frame: ModelFrame
    var weights: [Double]?
    var cluster: Factor?
    var id: Factor?
  }

  func rows(
    _ formula: String, weights: String? = nil, cluster: String? = nil, id: String? = nil,
    arms: Bool = false
  ) throws -> Rows {
    let frame = try Formula(parsing: formula).bind(
      to: table, alsoComplete: [weights, cluster, id].compactMap { $0 },
      purpose: arms ? .arms : .design)
    let response = try #require(frame.survival)
    return Rows(
      times: try SurvivalTimes(
        start: response.start, time: response.time, event: response.event),
      frame: frame, weights: try weights.map { try frame.numbers(of: $0) },
      cluster: try cluster.map { try frame.factor(of: $0) },
      id: try id.map { try frame.factor(of: $0) })
  }

  /// The same formula bound to the engine.
  func frame(
    _ formula: String, weights: String? = nil, cluster: String? = nil, id: String? = nil,
    arms: Bool = false
  ) throws -> EngineFrame {
    var options = EngineFrame.Options()
    options.weights = weights
    options.clusters = cluster.map { [$0] } ?? []
    options.alsoComplete = id.map { [$0] } ?? []
    options.wantsArms = arms
    return try EngineFrame(formula, to: EngineData(engine, .named("t")), options)
  }

  /// Follow-up by cell.
  func cells(
    _ formula: String, weights: String? = nil, cluster: String? = nil
  ) throws -> SurvivalCells {
    var division = SurvivalCells.Division()
    (division.arms, division.strata, division.clusters) = (true, true, cluster != nil)
    return try SurvivalCells(
      frame(formula, weights: weights, cluster: cluster, arms: true), by: division)
  }
}

/// Whether two numbers agree to 1e-9, relative above one; NaN agrees with NaN.
func agree(_ a: Double?, _ b: Double?) -> Bool {
  guard let a, let b else { return a == nil && b == nil }
  if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
  return (a - b).magnitude <= 1e-9 * Swift.max(1e-3, Swift.max(a.magnitude, b.magnitude))
}

func agree(_ a: [Double]?, _ b: [Double]?) -> Bool {
  guard let a, let b else { return a == nil && b == nil }
  return a.count == b.count && zip(a, b).allSatisfy { agree($0, $1) }
}
