import EngineConformance
import Engines
import Statistics
import Tables
import Testing

struct MemoryEngineTests {
  private let source = EngineSource.named("t")

  private func engine() throws -> MemoryEngine {
    let table = try Table([
      Column(name: "x", values: .doubles([1, 2, .nan, 4])),
      Column(name: "g", values: .text(Factor(["b", "a", "b", nil]))),
    ])
    return MemoryEngine(["t": table])
  }

  @Test func cellsAreInOrderOfTheirKeysWithTheMissingLast() throws {
    let cells = try engine().aggregate(
      AggregateQuery(
        source, keys: [GroupKey("g", .text(column: "g"))],
        sums: [NamedExpression("x", .column("x"))]))
    #expect(cells.text(0) == ["a", "b", nil])
    #expect(cells.counts == [1, 2, 1])
    #expect(cells.sums == [[2, 1, 4]])
  }

  @Test func noRowsGiveOneCellOfNone() throws {
    let cells = try engine().aggregate(
      AggregateQuery(source, keep: .constant(0), sums: [NamedExpression("x", .column("x"))]))
    #expect(cells.counts == [0])
    #expect(cells.sums == [[0]])
  }

  @Test func smallCellsAreHeldBack() throws {
    var query = AggregateQuery(source, keys: [GroupKey("g", .text(column: "g"))])
    query.minimumCell = 2
    #expect(throws: SiblingError.self) { try engine().aggregate(query) }
    query.keys = []
    #expect(try engine().aggregate(query).counts == [4])
  }

  @Test func conformsWithItself() throws {
    let engine = MemoryEngine([ConformanceData.name: try ConformanceData.table()])
    #expect(try ConformanceSuite.differences(engine, .named(ConformanceData.name)) == [])
  }
}
