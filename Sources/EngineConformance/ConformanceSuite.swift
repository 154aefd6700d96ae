public import Engines
public import Statistics
internal import Tables

/// The questions, and what is wrong with an engine's answers.
public enum ConformanceSuite {
  /// Asks everything of an engine that has the data as `source`.
  ///
  /// - Returns: a line for each difference from the in-memory engine: counts must be identical, sums within
  ///   1e-9 relative, keys and streamed rows the same.
  /// - Throws: the engine's failures.
  public static func differences(
    _ engine: any AggregateEngine, _ source: EngineSource
  ) throws(SiblingError) -> [String] {
    let memory = MemoryEngine([source.name: try ConformanceData.table()])
    var found: [String] = []
    for (name, query) in aggregates(source) {
      found += compare(name, try engine.aggregate(query), try memory.aggregate(query))
    }
    found += try streams(engine, memory, source)
    found += try temporaries(engine, memory, source)
    let schemas = (try engine.schema(of: source), try memory.schema(of: source))
    if schemas.0 != schemas.1 { found.append("schema: \(schemas.0)") }
    return found
  }

  private static let (x, y, small): (RowExpression, RowExpression, RowExpression) = (
    .column("x"), .column("y"), .column("small")
  )

  /// The aggregate queries by name.
  static func aggregates(_ source: EngineSource) -> [(String, AggregateQuery)] {
    let logit = LogitSums.layers([.constant(1), x, .level("sib", of: "arm")], [0.2, 4, -0.5])
    return [
      ("count", AggregateQuery(source)),
      ("nothing", AggregateQuery(source, keep: .comparison(.less, y, .constant(-1)))),
      (
        "sums",
        AggregateQuery(source, sums: [.init("a", x), .init("b", x * y), .init("c", small * small)])
      ),
      (
        "by text",
        AggregateQuery(source, keys: [.init("k", .text(column: "site"))], sums: [.init("a", y)])
      ),
      (
        "by four keys",
        AggregateQuery(
          source, keep: .isAbsent("x").negated,
          keys: [
            .init("site", .text(column: "site")), .init("flag", .text(column: "flag")),
            .init("day", .text(column: "day")), .init("z", .number(.function(.floor, x))),
          ], sums: [.init("a", y), .init("b", x)])
      ),
      (
        "integers as text",
        AggregateQuery(
          source, keep: .comparison(.less, .column("id"), .constant(40)),
          keys: [.init("k", .text(column: "small"))])
      ),
      (
        "functions",
        AggregateQuery(
          source,
          sums: [
            .init("exp", .function(.exponential, .clamped(x, bound: 3))),
            .init("log", .function(.logarithm, y)), .init("root", .function(.squareRoot, x)),
            .init("floor", .function(.floor, x)), .init("quotient", x / (y - y)),
            .init("half", .constant(1) / .constant(2) * small), .init("days", .column("day")),
            .init("flag", .column("flag")),
          ])
      ),
      (
        "conditions",
        AggregateQuery(
          source,
          keep: .either(.comparison(.greater, x, .constant(0)), .isAbsent("site")),
          sums: [
            .init("both", .both(.column("flag"), .comparison(.atMost, y, .constant(5e5)))),
            .init("quoted", .level("say \"hi\"", of: "site")),
            .init("apostrophe", .level("O'Brien", of: "site")),
            .init("none", .level("nobody", of: "site")), .init("gone", .isAbsent("small")),
            .init("gonex", .isMissing(x + y)),
            .init("chosen", .chosen(.column("flag"), then: x, otherwise: -y)),
            .init("not", RowExpression.column("flag").negated),
            .init("date", .comparison(.atLeast, .column("day"), .constant(15_000))),
          ])
      ),
      (
        "a step of a logit model",
        AggregateQuery(
          source, keep: .isAbsent("x").negated, layers: logit,
          keys: [.init("arm", .text(column: "arm"))],
          sums: [
            .init("mean", .name("mean")),
            .init("weight", .name("mean") * (.constant(1) - .name("mean"))),
            .init("eta", .name("eta")),
          ])
      ),
      (
        "unfenced",
        AggregateQuery(source, layers: logit, sums: [.init("mean", .name("mean"))], isFenced: false)
      ),
    ]
  }

  private static func compare(_ name: String, _ a: Cells, _ b: Cells) -> [String] {
    if a.counts != b.counts {
      return [
        "\(name): \(a.count) cells with counts \(a.counts.prefix(8)), not \(b.count) with \(b.counts.prefix(8))"
      ]
    }
    if a.keys != b.keys { return ["\(name): keys differ"] }
    var found: [String] = []
    for (k, (left, right)) in zip(a.sums, b.sums).enumerated() {
      for (cell, (p, q)) in zip(left, right).enumerated() where !near(p, q) {
        found.append("\(name): sum \(k) of cell \(cell) is \(p), not \(q)")
      }
    }
    return found
  }

  private static func near(_ a: Double, _ b: Double) -> Bool {
    (a - b).magnitude <= 1e-9 * max(a.magnitude, b.magnitude, 1e-3)
  }

  private static func streams(
    _ engine: any AggregateEngine, _ memory: any AggregateEngine, _ source: EngineSource
  ) throws(SiblingError) -> [String] {
    let query = RowQuery(
      source, keep: .isAbsent("small").negated,
      columns: [
        .init("id", .number(.column("id"))), .init("x", .number(x)),
        .init("site", .text(column: "site")), .init("day", .text(column: "day")),
      ], order: ["site", "id"])
    let (a, b) = (try rows(engine, query), try rows(memory, query))
    guard a.count == b.count else { return ["stream: \(a.count) columns"] }
    return a.indices.filter { !same(a[$0], b[$0]) }.map {
      "stream: column \($0) differs: \(a[$0].count) rows, not \(b[$0].count)"
    }
  }

  private static func same(_ a: EngineValues, _ b: EngineValues) -> Bool {
    guard case .numbers(let x) = a, case .numbers(let y) = b else { return a == b }
    return x.count == y.count && zip(x, y).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }

  /// All rows of a query.
  ///
  /// - Throws: the engine's failures.
  public static func rows(
    _ engine: any AggregateEngine, _ query: RowQuery
  ) throws(SiblingError) -> [EngineValues] {
    var columns: [EngineValues] = []
    try engine.stream(query) { block throws(SiblingError) in
      if columns.isEmpty {
        columns = block.columns
        return
      }
      for (index, values) in block.columns.enumerated() {
        switch (columns[index], values) {
        case (.numbers(let a), .numbers(let b)): columns[index] = .numbers(a + b)
        case (.text(let a), .text(let b)): columns[index] = .text(a + b)
        default: break
        }
      }
    }
    return columns
  }

  private static func temporaries(
    _ engine: any AggregateEngine, _ memory: any AggregateEngine, _ source: EngineSource
  ) throws(SiblingError) -> [String] {
    let cells = TemporaryQuery.cells(
      AggregateQuery(
        source,
        keys: [.init("arm", .text(column: "arm")), .init("z", .number(.function(.floor, x)))],
        sums: [.init("y", y)]))
    let rows = TemporaryQuery.rows(
      RowQuery(
        source, columns: [.init("x2", .number(x * x)), .init("site", .text(column: "site"))]))
    let second = AggregateQuery(
      .temporary("conf_cells"), keys: [.init("arm", .text(column: "arm"))],
      sums: [.init("n", .column("n")), .init("y", .column("y")), .init("z", .column("z"))])
    let third = AggregateQuery(
      .temporary("conf_rows"), keep: .isAbsent("site").negated, sums: [.init("x2", .column("x2"))])
    var found: [String] = []
    for e in [engine, memory] {
      try e.createTemporary("conf_cells", cells)
      try e.createTemporary("conf_rows", rows)
      // A temporary table of the same name takes the place of the first.
      try e.createTemporary("conf_rows", rows)
    }
    found += compare("cells again", try engine.aggregate(second), try memory.aggregate(second))
    found += compare("rows again", try engine.aggregate(third), try memory.aggregate(third))
    if try engine.schema(of: .temporary("conf_cells")).map(\.name) != ["arm", "z", "n", "y"] {
      found.append("the schema of a temporary table")
    }
    for e in [engine, memory] {
      e.dropTemporary("conf_cells")
      e.dropTemporary("conf_rows")
    }
    return found
  }
}
