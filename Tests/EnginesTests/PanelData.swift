import DifferenceInDifferences
import Engines
import Statistics
import Tables

/// A made-up panel as columns and as a table behind an engine.
struct PanelData {
  var unit: [String] = []
  var time: [Double] = []
  var group: [Double?] = []
  var cluster: [String] = []
  var outcome: [Double] = []

  /// Units over eight periods of which a share `gaps` of rows is missing; some are always treated, some only
  /// after the last period.
  init(units: Int = 120, gaps: Double, seed: UInt64 = 7) {
    var stream = RandomStream(seed: seed, name: "panel", index: 0)
    let starts: [Double?] = [nil, nil, 4, 6, 6, 12, 1]
    for u in 0..<units {
      let start = starts[u % starts.count]
      let level = 5 * stream.normal()
      for t in 1...8 {
        if stream.uniform() < gaps { continue }
        let period = Double(t)
        let effect = period >= start ?? .infinity ? 1 + 0.2 * (period - (start ?? 0)) : 0
        unit.append("u\(u)")
        time.append(period)
        group.append(start)
        cluster.append("s\(u / 8)")
        outcome.append(100 + level + 0.3 * period + effect + stream.normal())
      }
    }
  }

  var units: Factor { Factor(unit) }
  var clusters: Factor { Factor(cluster) }

  func panel() throws -> PanelDesign {
    try PanelDesign(unit: units, time: time, group: group)
  }

  func table(rows: [Int]? = nil) throws -> Table {
    let rows = rows ?? Array(unit.indices)
    return try Table([
      Column(name: "unit", values: .text(Factor(rows.map { unit[$0] }))),
      Column(name: "time", values: .doubles(rows.map { time[$0] })),
      Column(name: "group", values: .doubles(rows.map { group[$0] ?? .nan })),
      Column(name: "site", values: .text(Factor(rows.map { cluster[$0] }))),
      Column(name: "y", values: .doubles(rows.map { outcome[$0] })),
    ])
  }

  /// The panel's sums, asked of the engine in memory.
  func sums(byCluster: Bool = false, rows: [Int]? = nil) throws -> EnginePanel {
    let engine = MemoryEngine(["t": try table(rows: rows)])
    return try EnginePanel(
      EnginePanelColumns(
        outcome: "y", unit: "unit", time: "time", group: "group",
        cluster: byCluster ? "site" : nil),
      in: try EngineData(engine, .named("t")))
  }
}

/// What differs between two tables of estimates, beyond 1e-9 of a number.
func differences(_ a: EstimateTable, _ b: EstimateTable) -> [String] {
  var found: [String] = []
  if a.rows.map(\.term) != b.rows.map(\.term) { found.append("terms") }
  if a.observations != b.observations { found.append("\(a.observations), \(b.observations) rows") }
  if a.clusters != b.clusters { found.append("clusters") }
  for note in Set(a.notes).symmetricDifference(b.notes).sorted() { found.append(note) }
  func differ(_ x: Double?, _ y: Double?) -> Bool {
    guard let x, let y else { return (x == nil) != (y == nil) }
    if x.isNaN, y.isNaN { return false }
    return !((x - y).magnitude <= 1e-9 * max(x.magnitude, y.magnitude) + 1e-13)
  }
  for (x, y) in zip(a.rows, b.rows) {
    if differ(x.estimate, y.estimate) { found.append("\(x.term): \(x.estimate), \(y.estimate)") }
    if differ(x.standardError, y.standardError) {
      found.append("\(x.term): errors \(x.standardError ?? -1), \(y.standardError ?? -1)")
    }
    if differ(x.degreesOfFreedom, y.degreesOfFreedom) { found.append("\(x.term): df") }
    if x.convention != y.convention { found.append("\(x.convention) | \(y.convention)") }
  }
  return found
}
