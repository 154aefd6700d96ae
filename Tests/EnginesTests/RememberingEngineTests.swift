import Engines
import Statistics
import Tables
import Testing

/// What a study asks twice is asked once.
@Suite struct RememberingEngines {
  private func engines() throws -> (RememberingEngine, CountingEngine) {
    let table = try Table([
      Column(name: "x", values: .doubles([1, 2, 3, 4])),
      Column(name: "g", values: .text(Factor(["a", "b", "a", "b"]))),
    ])
    let inner = CountingEngine(MemoryEngine(["t": table]))
    return (RememberingEngine(inner), inner)
  }

  private func sum(_ source: EngineSource, _ layers: [[NamedExpression]] = []) -> AggregateQuery {
    AggregateQuery(
      source, layers: layers, keys: [GroupKey("g", .text(column: "g"))],
      sums: [NamedExpression("x", .column("x"))])
  }

  @Test func theSameQuestionIsAskedOnce() throws {
    let (engine, inner) = try engines()
    let first = try engine.aggregate(sum(.named("t")))
    #expect(try engine.aggregate(sum(.named("t"))) == first)
    #expect(inner.aggregates == 1)
  }

  @Test func valuesThatNothingUsesMakeNoOtherQuestion() throws {
    let (engine, inner) = try engines()
    let unused = [[NamedExpression("y", .column("x") * .constant(2))]]
    #expect(
      try engine.aggregate(sum(.named("t"), unused)) == engine.aggregate(sum(.named("t"))))
    #expect(inner.aggregates == 1)
  }

  @Test func aLaterLayerTakesTheNameOfAnEarlierOne() throws {
    let (engine, _) = try engines()
    let layers = [
      [NamedExpression("v", .column("x"))], [NamedExpression("v", .name("v") + .constant(1))],
    ]
    let cells = try engine.aggregate(
      AggregateQuery(.named("t"), layers: layers, sums: [NamedExpression("v", .name("v"))]))
    #expect(cells.sums[0] == [14])
  }

  @Test func aTableThatIsAskedForAgainIsStillThere() throws {
    let (engine, inner) = try engines()
    func rows(_ shift: Double) -> TemporaryQuery {
      .rows(
        RowQuery(
          .named("t"),
          columns: [
            GroupKey("x", .number(.column("x") + .constant(shift))),
            GroupKey("g", .text(column: "g")),
          ]))
    }
    for _ in 0..<2 {
      for shift in [0.0, 1] {
        try engine.createTemporary("rows", rows(shift))
        #expect(
          try engine.aggregate(sum(.temporary("rows"))).sums[0] == [4 + 2 * shift, 6 + 2 * shift])
        engine.dropTemporary("rows")
      }
    }
    #expect(inner.tables.count == 2)
    #expect(inner.aggregates == 2)
    let error = #expect(throws: SiblingError.self) {
      try engine.aggregate(sum(.temporary("rows")))
    }
    #expect(error?.code == .internalError)
    // Only a few that nobody uses are kept.
    for shift in 2..<8 {
      try engine.createTemporary("rows", rows(Double(shift)))
      engine.dropTemporary("rows")
    }
    #expect(inner.tables.count == 3)
  }

  @Test func aTableOfATableGoesAtOnce() throws {
    let (engine, inner) = try engines()
    try engine.createTemporary(
      "rows",
      .rows(
        RowQuery(
          .named("t"),
          columns: [GroupKey("x", .number(.column("x"))), GroupKey("g", .text(column: "g"))])))
    try engine.createTemporary("cells", .cells(sum(.temporary("rows"))))
    #expect(inner.tables.count == 2)
    engine.dropTemporary("cells")
    #expect(inner.tables.count == 1)
  }
}
