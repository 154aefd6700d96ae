import EngineConformance
import Engines
import Foundation
import Statistics
import Tables
import Testing

@testable import DuckDBEngine

struct DuckDBEngineTests {
  @Test func conformsOnAFileOfText() throws {
    let folder = try TestFolder()
    let path = try folder.write("data.csv", try ConformanceData.csv())
    let engine = try DuckDBHere.connect()
    defer { engine.close() }
    #expect(try ConformanceSuite.differences(engine, .named(path)) == [])
  }

  @Test func conformsOnParquet() throws {
    let folder = try TestFolder()
    let (text, path) = (
      try folder.write("data.csv", try ConformanceData.csv()), "\(folder.path)/data.parquet"
    )
    try DuckDBHere.run(
      "COPY (SELECT * FROM read_csv('\(text)', sample_size = -1)) TO '\(path)' (FORMAT parquet)")
    let engine = try DuckDBHere.connect()
    defer { engine.close() }
    #expect(try ConformanceSuite.differences(engine, .named(path)) == [])
  }

  @Test func conformsOnATableOfADatabase() throws {
    let folder = try TestFolder()
    let (text, database) = (
      try folder.write("data.csv", try ConformanceData.csv()), "\(folder.path)/some.duckdb"
    )
    try DuckDBHere.run(
      "CREATE SCHEMA s; CREATE TABLE s.t AS SELECT * FROM read_csv('\(text)', sample_size = -1)",
      database: database)
    let engine = try DuckDBHere.connect(database: database)
    defer { engine.close() }
    #expect(try ConformanceSuite.differences(engine, .named("s.t")) == [])
    let failure = DuckDBHere.failure { _ = try engine.schema(of: .named("tt")) }
    #expect(failure?.suggestion == "t")
  }

  @Test func doublesComeBackExact() throws {
    var stream = RandomStream(seed: 4, name: "doubles")
    var values: [Double] = [
      0.1, 1 / 3, .leastNonzeroMagnitude, 1.7976931348623157e308, -2.2250738585072014e-308, 1e22,
      123_456_789_012_345_680,
    ]
    for _ in 0..<2000 {
      let bits =
        UInt64(stream.uniform() * 4_294_967_296) << 32 | UInt64(stream.uniform() * 4_294_967_296)
      let value = Double(bitPattern: bits)
      if value.isFinite { values.append(value) }
    }
    let folder = try TestFolder()
    let lines = values.enumerated().map { "\($0.offset),\($0.element)" }
    let path = try folder.write("doubles.csv", "i,x\n" + lines.joined(separator: "\n") + "\n")
    let engine = try DuckDBHere.connect()
    defer { engine.close() }
    let query = RowQuery(
      .named(path),
      columns: [.init("i", .number(.column("i"))), .init("x", .number(.column("x")))],
      order: ["i"])
    #expect(try ConformanceSuite.rows(engine, query)[1] == .numbers(values))
    // A constant in a query keeps every digit too.
    for value in values.prefix(300) {
      let same = AggregateQuery(
        .named(path), keep: .comparison(.equal, .column("x"), .constant(value)))
      #expect(try engine.aggregate(same).rowCount == 1)
    }
  }

  @Test func aHundredThousandRowsStreamInOrder() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/rows.parquet"
    try DuckDBHere.run(
      "COPY (SELECT (i * 7919) % 100003 AS i, 'k' || i AS k FROM range(100003) t(i)) TO '\(path)' (FORMAT parquet)"
    )
    try #require(DuckDBHere.isPrepared, "run .ci/engines")
    let engine = ResilientEngine(DuckDBConnector(), EngineSettings())
    defer { engine.close() }
    let query = RowQuery(
      .named(path), columns: [.init("i", .number(.column("i"))), .init("k", .text(column: "k"))],
      order: ["i"])
    var blocks = 0
    var next = 0.0
    try engine.stream(query) { block in
      blocks += 1
      guard case .numbers(let values) = block.columns[0] else { return }
      for value in values where value == next { next += 1 }
    }
    #expect(next == 100_003)
    #expect(blocks > 3)
    // What the reader of a stream throws ends it, and the engine still answers.
    let stopped = DuckDBHere.failure {
      try engine.stream(query) { _ throws(SiblingError) in throw SiblingError(.noRows, "enough") }
    }
    #expect(stopped?.message == "enough")
    #expect(try engine.aggregate(AggregateQuery(.named(path))).rowCount == 100_003)
  }

  @Test func namesMayHoldAnything() throws {
    let folder = try TestFolder()
    let names = ["a b", "it's", "Größe", "北", "select", "x;y", "--", "\"q\""]
    let header = names.map { "\"" + $0.replacingOccurrences(of: "\"", with: "\"\"") + "\"" }
    let path = try folder.write(
      "it's a \"file\".csv", header.joined(separator: ",") + "\n1,2,3,4,5,6,7,8\n1,2,3,4,5,6,7,8\n")
    let engine = try DuckDBHere.connect()
    defer { engine.close() }
    #expect(try engine.schema(of: .named(path)).map(\.name) == names)
    let cells = try engine.aggregate(
      AggregateQuery(
        .named(path), keys: [.init("the 'key'", .text(column: "it's"))],
        sums: names.map { .init("sum of " + $0, .column($0)) }))
    #expect(cells.text(0) == ["2"])
    #expect(cells.sums == [[2], [4], [6], [8], [10], [12], [14], [16]])
  }

  @Test func smallCellsStayInside() throws {
    let folder = try TestFolder()
    let path = try folder.write("cells.csv", "g,x\na,1\na,2\nb,3\n")
    let engine = try DuckDBHere.connect()
    defer { engine.close() }
    var query = AggregateQuery(.named(path), keys: [.init("g", .text(column: "g"))])
    query.minimumCell = 2
    #expect(DuckDBHere.failure { _ = try engine.aggregate(query) }?.code == .disclosure)
    let temporary = DuckDBHere.failure { try engine.createTemporary("t", .cells(query)) }
    #expect(temporary?.code == .disclosure)
    #expect(
      DuckDBHere.failure { _ = try engine.schema(of: .temporary("t")) }?.code == .engineFailed)
    query.keep = .comparison(.less, .column("x"), .constant(0))
    #expect(try engine.aggregate(query).count == 0)
    query.keys = []
    #expect(try engine.aggregate(query).counts == [0])
  }
}
