import Engines
import Matching
import Statistics
import Tables
import Testing

struct EngineOverlapTests {
  /// Treated rows lie further right by `shift`, so that tails of either group have no like.
  private static func table(_ shift: Double, count: Int = 900) throws -> Table {
    var treated: [Int] = []
    var x: [Double] = []
    for row in 0..<count {
      let isTreated = row % 3 == 0
      let spread = Double((row * 7919) % 997) / 997
      treated.append(isTreated ? 1 : 0)
      x.append(4 * (spread - 0.5) + (isTreated ? shift : 0))
    }
    return try Table([
      Column(name: "t", values: .integers(treated)), Column(name: "x", values: .doubles(x)),
    ])
  }

  private func sums(_ table: Table) throws -> EngineOverlap? {
    let data = try EngineData(MemoryEngine(["t": table]), .named("t"))
    return try EngineOverlap(
      EnginePropensity.fit(EngineFrame("t ~ x", to: data, EngineFrame.Options())))
  }

  @Test(arguments: [0.0, 0.4, 1.3]) func `Who is outside is counted as from rows`(
    shift: Double
  ) throws {
    let table = try Self.table(shift)
    let frame = try Formula(parsing: "t ~ x").bind(to: table, missing: .drop)
    let treated = (frame.response ?? []).map { $0 == 1 }
    let rows = try PropensityScore().fit(frame.design, treatment: treated).overlap
    let found = try #require(try sums(table))
    #expect(found.treated.outside == rows.treatedOutside)
    #expect(found.comparison.outside == rows.comparisonOutside)
    #expect(found.treated.all == 300 && found.comparison.all == 600)
    if shift > 1 { #expect(rows.treatedOutside > 20 && rows.comparisonOutside > 20) }
  }

  @Test func `Repeated rows are each counted`() throws {
    let table = try Self.table(1.3)
    let twice = table.selecting(rows: Array(0..<table.rowCount) + Array(0..<table.rowCount))
    let (once, both) = (try #require(try sums(table)), try #require(try sums(twice)))
    #expect(both.treated.outside == 2 * once.treated.outside)
    #expect(both.comparison.outside == 2 * once.comparison.outside)
  }
}
