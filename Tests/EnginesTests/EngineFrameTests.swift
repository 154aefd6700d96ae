import EngineConformance
import Engines
import LinearAlgebra
import Statistics
import Tables
import Testing

/// A formula bound to an engine is the formula bound to the table: the same rows, names, codings and numbers.
struct EngineFrameTests {
  private static let formulas = [
    "y ~ x", "y ~ x + arm", "y ~ arm * flag", "y ~ factor(flag) + site - 1", "y ~ 0 + site:x",
    "y ~ I(x^2) + poly(x, 3, raw = TRUE) + log(1 + y)", "y ~ x > 2", "y ~ relevel(site, \"b\") + x",
    "flag ~ pmin(x, 3) + abs(x) + ceiling(x) + as.integer(x) + x %% 3 + x %/% 2",
    "arm ~ year(day) + month(day) + quarter(day) + days(as.Date(\"2001-02-03\"), day)",
    "y ~ factor(small %/% 4000) + x", "y ~ ifelse(x > 0, \"up\", ifelse(x < -4, \"low\", \"mid\"))",
    "(x > 1) ~ day + is.na(flag) + pmax(x, y / 1e5)", "y ~ x + offset(small) + arm:flag",
    "y ~ sqrt(abs(x)) + exp(x / 10) + log10(y + 1) + log(y + 2, 2) + log1p(y)",
  ]

  private static func table() throws -> Table { try ConformanceData.table(rows: 700) }

  /// Rows with sites named in plain letters, so that formulas can name them.
  private static func plain() throws -> Table {
    let table = try table()
    guard case .text(var factor)? = table["site"]?.values else { return table }
    factor.levels = ["A", "b", "c", "d", "a", "É", "北"].sorted {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
    return try table.replacing(Column(name: "site", values: .text(factor)))
  }

  @Test(arguments: [
    ("y ~ log(x)", "log(x)"), ("y ~ arm + sqrt(x)", "sqrt(x)"), ("y ~ I(1 / small)", "small"),
    ("log(x) ~ arm", "log(x)"),
  ])
  func whatHasNoValueIsNotLeftOut(_ text: String, _ label: String) throws {
    let table = try Table([
      Column(name: "y", values: .doubles([1, 2, 3, 4])),
      Column(name: "x", values: .doubles([1, -2, .nan, 4])),
      Column(name: "small", values: .doubles([1, 0, 2, .nan])),
      Column(name: "arm", values: .text(Factor(["a", "b", "a", "b"]))),
    ])
    let data = try EngineData(MemoryEngine(["t": table]), .named("t"))
    let error = #expect(throws: SiblingError.self) { try EngineFrame(text, to: data) }
    #expect(error?.code == .badValue)
    #expect(error?.message.contains(label) == true)
    #expect(error?.message.contains("1 row") == true)
    let bound = #expect(throws: SiblingError.self) { try Formula(parsing: text).bind(to: table) }
    #expect(bound?.code == .badValue)
  }

  @Test func whatIsNotComputedMayHaveNoValue() throws {
    let table = try Table([
      Column(name: "y", values: .doubles([1, 2, 3, 4])),
      Column(name: "x", values: .doubles([1, -2, .nan, 4])),
    ])
    let data = try EngineData(MemoryEngine(["t": table]), .named("t"))
    #expect(try EngineFrame("y ~ ifelse(x > 0, log(x), 0)", to: data).rowCount == 3)
    #expect(try EngineFrame("y ~ ifelse(x > 0, log(x), NA)", to: data).rowCount == 2)
  }

  @Test(arguments: formulas)
  func isTheFormulaBoundToTheTable(_ text: String) throws {
    let table = try Self.plain()
    let data = try EngineData(MemoryEngine(["t": table]), .named("t"))
    let frame = try EngineFrame(text, to: data)
    let model = try Formula(parsing: text).bind(to: table)
    #expect(frame.rowCount == model.rows.count)
    #expect(frame.design.names == model.design.names)
    #expect(frame.design.assignment == model.design.assignment)
    let columns = frame.design.columns + (frame.response.map { [$0] } ?? [])
    let sums = columns.enumerated().map { NamedExpression("s\($0.offset)", $0.element) }
    let squares = columns.enumerated().map {
      NamedExpression("q\($0.offset)", $0.element * $0.element)
    }
    let cells = try frame.data.aggregate(sums: sums + squares)
    #expect(cells.counts == [model.rows.count])
    let n = model.rows.count
    for (index, _) in columns.enumerated() {
      let values =
        index < model.design.names.count
        ? Array(model.design.matrix.storage[(index * n)..<((index + 1) * n)])
        : model.response ?? []
      let (sum, square) = (values.reduce(0, +), values.reduce(0) { $0 + $1 * $1 })
      #expect(close(cells.sums[index][0], sum), "column \(index)")
      #expect(close(cells.sums[columns.count + index][0], square), "column \(index)")
    }
  }

  private func close(_ a: Double, _ b: Double) -> Bool {
    (a - b).magnitude <= 1e-10 * max(1, a.magnitude, b.magnitude)
  }

  @Test func readsSurvivalTimesWithTheirStrata() throws {
    let table = try Self.plain()
    let text = "Surv(y, flag) ~ arm + strata(site)"
    let frame = try EngineFrame(text, to: EngineData(MemoryEngine(["t": table]), .named("t")))
    let model = try Formula(parsing: text).bind(to: table)
    #expect(frame.rowCount == model.rows.count)
    #expect(frame.strata.map(\.levels.names.count) == [model.strata?.levels.count])
    let event = try #require(frame.event)
    let cells = try frame.data.aggregate(sums: [NamedExpression("d", event)])
    let events = model.survival?.event.count { $0 }
    #expect(cells.sums[0][0] == events.map(Double.init))
  }

  @Test func filtersAndDerivesAsATableDoes() throws {
    let table = try Self.plain()
    let filter = "x > 0 & (site != \"A\" | is.na(site)) & !(day >= \"2010-05-01\")"
    let derivation = "late = ifelse(day > as.Date(\"2005-01-01\"), 1, 0)"
    let data = try EngineData(
      MemoryEngine(["t": table]), .named("t"), derivations: [derivation], filter: filter)
    let derived = try Derivation(parsing: derivation).apply(to: table)
    let kept = derived.selecting(rows: try Expression(parsing: filter).filter(on: derived))
    #expect(try data.aggregate().rowCount == kept.rowCount)
    let frame = try EngineFrame("y ~ late", to: data)
    #expect(frame.rowCount == (try Formula(parsing: "y ~ late").bind(to: kept)).rows.count)
  }

  @Test func treatsTheNamedLevelAsTreated() throws {
    let data = try EngineData(MemoryEngine(["t": Self.plain()]), .named("t"))
    var options = EngineFrame.Options()
    options.treated = "other"
    let frame = try EngineFrame("arm ~ x", to: data, options)
    let response = try #require(frame.response)
    let sib = try frame.data.aggregate(
      also: .level("other", of: "arm"), sums: [NamedExpression("r", response)])
    #expect(sib.sums[0][0] == Double(sib.rowCount))
  }

  @Test(
    arguments: [
      ("y ~ z", SiblingError.Code.unknownColumn), ("site ~ x", .wrongType),
      ("y ~ ns(x, 3)", .unsupportedFormat), ("y ~ site + 1:2", .formulaSyntax),
      ("y ~ log(site)", .wrongType), ("Surv(y, small) ~ arm", .badValue),
    ])
  func refusesInPlainWords(_ text: String, _ code: SiblingError.Code) throws {
    let data = try EngineData(MemoryEngine(["t": Self.plain()]), .named("t"))
    do {
      _ = try EngineFrame(text, to: data)
      Issue.record("'\(text)' was accepted")
    } catch {
      #expect(error.code == code)
    }
  }

  @Test func aLostConnectionIsMadeAgainWithItsTemporaryTables() throws {
    let connector = FailingConnector(failures: 3)
    var settings = EngineSettings()
    settings.pause = 0.001
    let engine = ResilientEngine(connector, settings)
    let source = EngineSource.named(ConformanceData.name)
    try engine.createTemporary(
      "kept",
      .rows(RowQuery(source, columns: [GroupKey("x", .number(.column("x")))])))
    let counts = try (0..<4).map { _ in
      try engine.aggregate(AggregateQuery(.temporary("kept"))).rowCount
    }
    #expect(Set(counts) == [2000])
    #expect(connector.log.connections == 4)
  }

  @Test func itIsNotTriedForEver() throws {
    var settings = EngineSettings()
    settings.pause = 0.001
    settings.retries = 2
    let engine = ResilientEngine(FailingConnector(failures: .max), settings)
    #expect(throws: SiblingError.self) {
      try engine.aggregate(AggregateQuery(.named(ConformanceData.name)))
    }
  }
}

/// Connections that break on every second question, a number of times.
private struct FailingConnector: EngineConnector {
  final class Log: @unchecked Sendable {
    var connections = 0
    var left: Int
    init(_ left: Int) { self.left = left }
  }

  let log: Log
  var kind: EngineKind { .duckdb }

  init(failures: Int) { log = Log(failures) }

  func connect(_ settings: EngineSettings) throws(SiblingError) -> any AggregateEngine {
    log.connections += 1
    return BreakingEngine(
      MemoryEngine([ConformanceData.name: try ConformanceData.table()]), log)
  }

  func status() -> EngineStatus { EngineStatus(.duckdb, version: nil, advice: "") }
}

private final class BreakingEngine: AggregateEngine {
  let inner: MemoryEngine
  let log: FailingConnector.Log
  init(_ inner: MemoryEngine, _ log: FailingConnector.Log) { (self.inner, self.log) = (inner, log) }

  var kind: EngineKind { .duckdb }

  func schema(of source: EngineSource) throws(SiblingError) -> [EngineColumn] {
    try inner.schema(of: source)
  }

  func aggregate(_ query: AggregateQuery) throws(SiblingError) -> Cells {
    if log.left > 0 {
      log.left -= 1
      throw SiblingError(.engineLost, "gone")
    }
    return try inner.aggregate(query)
  }

  func stream(
    _ query: RowQuery, _ body: (RowBlock) throws(SiblingError) -> Void
  ) throws(SiblingError) { try inner.stream(query, body) }

  func createTemporary(_ name: String, _ query: TemporaryQuery) throws(SiblingError) {
    try inner.createTemporary(name, query)
  }

  func dropTemporary(_ name: String) { inner.dropTemporary(name) }

  func close() { inner.close() }
}
