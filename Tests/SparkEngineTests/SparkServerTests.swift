import EngineConformance
import Engines
import Glibc
import Statistics
import Tables
import Testing

@testable import SparkEngine

/// What needs a server, as `make test-spark` starts one: one after the other, as one of them ends it.
@Suite(
  .serialized,
  .enabled(if: SparkServer.connection != nil, "set SIBLING_SPARK, or run make test-spark"))
struct SparkServerTests {
  @Test func conformsOnCSVAndParquetWithANSIOnAndOff() throws {
    let folder = try SparkServer.folder()
    let csv = folder + "/conformance.csv"
    let parquet = folder + "/conformance.parquet"
    try SparkServer.write(try ConformanceData.csv(), csv)
    let engine = try SparkServer.engine()
    defer { engine.close() }
    #expect(try ConformanceSuite.differences(engine, .named(csv)) == [])

    let session = try SparkServer.session()
    try session.command(
      "CREATE TEMPORARY VIEW c USING csv OPTIONS (path '\(csv)', header 'true', inferSchema 'true', escape '\"')"
    )
    try session.command("INSERT OVERWRITE DIRECTORY '\(parquet)' USING parquet SELECT * FROM c")
    for isANSI in ["true", "false"] {
      try session.command("SET spark.sql.ansi.enabled = \(isANSI)")
      let engine = SparkEngine(session)
      #expect(try ConformanceSuite.differences(engine, .named(parquet)) == [], "ANSI \(isANSI)")
    }
    session.close()
  }

  @Test func aBigAnswerComesInSeveralBatches() throws {
    let path = try SparkServer.folder() + "/numbers.csv"
    try SparkServer.numbers(100_000, path)
    let engine = try SparkServer.engine()
    defer { engine.close() }
    let cells = try engine.aggregate(
      AggregateQuery(
        .named(path), keys: [GroupKey("g", .text(column: "g"))],
        sums: [NamedExpression("id", .column("id"))]))
    #expect(cells.count == 100_000)
    #expect(cells.rowCount == 100_000)
    #expect(cells.sums[0].reduce(0, +) == 5_000_050_000)
    #expect(cells.text(0).first == "cell-1")
    var (blocks, rows) = (0, 0)
    var isInOrder = true
    try engine.stream(
      RowQuery(
        .named(path),
        columns: [GroupKey("id", .number(.column("id"))), GroupKey("g", .text(column: "g"))],
        order: ["id"])
    ) { block throws(SiblingError) in
      blocks += 1
      guard case .numbers(let ids) = block.columns[0] else { return }
      isInOrder = isInOrder && ids.enumerated().allSatisfy { $1 == Double(rows + $0 + 1) }
      rows += block.count
    }
    #expect(rows == 100_000)
    #expect(blocks > 1)
    #expect(isInOrder)
  }

  @Test func aStreamThatBreaksOffIsTakenUpWhereItWas() throws {
    let path = try SparkServer.folder() + "/numbers.csv"
    try SparkServer.numbers(100_000, path)
    let port = try SparkAddress(try #require(SparkServer.connection)).port
    let proxy = try CuttingProxy(to: port, after: 400_000, times: 2)
    defer { proxy.close() }
    let engine = try SparkConnector().connect(SparkServer.settings("sc://127.0.0.1:\(proxy.port)"))
    defer { engine.close() }
    var seen: [Double] = []
    try engine.stream(
      RowQuery(
        .named(path),
        columns: [GroupKey("id", .number(.column("id"))), GroupKey("g", .text(column: "g"))])
    ) { block throws(SiblingError) in
      if case .numbers(let ids) = block.columns[0] { seen += ids }
    }
    #expect(proxy.cuts == 2)
    #expect(seen.count == 100_000)
    #expect(seen.sorted() == (1...100_000).map(Double.init))
  }

  @Test func smallCellsStayOnTheServer() throws {
    let path = try SparkServer.folder() + "/people.csv"
    try SparkServer.write("g,x\na,1\na,2\nb,3\n", path)
    let engine = try SparkServer.engine()
    defer { engine.close() }
    var query = AggregateQuery(.named(path), keys: [GroupKey("g", .text(column: "g"))])
    query.minimumCell = 2
    let error = #expect(throws: SiblingError.self) { try engine.aggregate(query) }
    #expect(error?.code == .disclosure)
    query.keep = .level("a", of: "g")
    #expect(try engine.aggregate(query).counts == [2])
    query.keep = .level("c", of: "g")
    #expect(try engine.aggregate(query).counts == [])
    query.keys = []
    #expect(try engine.aggregate(query).counts == [0])
  }

  @Test func aMissingTableAndAWrongColumnAreNamed() throws {
    let session = try SparkServer.session()
    try session.command("CREATE TEMPORARY VIEW visits AS SELECT 1 AS age, 'f' AS sex")
    let engine = SparkEngine(session)
    defer { engine.close() }
    let table = #expect(throws: SiblingError.self) { try engine.schema(of: .named("vists")) }
    #expect(table?.code == .engineFailed)
    #expect(table?.message == "Spark has no table 'vists'")
    #expect(table?.suggestion == "visits")
    let file = #expect(throws: SiblingError.self) {
      try engine.schema(of: .named("/nowhere/at/all.parquet"))
    }
    #expect(file?.code == .engineFailed)
    #expect(file?.message.contains("PATH_NOT_FOUND") == true)
    let column = #expect(throws: SiblingError.self) {
      try engine.aggregate(
        AggregateQuery(.named("visits"), sums: [NamedExpression("a", .column("aeg"))]))
    }
    #expect(column?.code == .unknownColumn)
    #expect(column?.suggestion == "age")
  }

  @Test func aTemporaryMayBeMadeFromItsPredecessor() throws {
    let session = try SparkServer.session()
    try session.command(
      "CREATE TEMPORARY VIEW three AS SELECT * FROM VALUES (1D), (2D), (3D) AS t(x)")
    let engine = SparkEngine(session)
    defer { engine.close() }
    let column = GroupKey("x", .number(.column("x") * .constant(2)))
    try engine.createTemporary("t", .rows(RowQuery(.named("three"), columns: [column])))
    try engine.createTemporary("t", .rows(RowQuery(.temporary("t"), columns: [column])))
    let sum = [NamedExpression("x", .column("x"))]
    #expect(try engine.aggregate(AggregateQuery(.temporary("t"), sums: sum)).sums == [[24]])
    engine.dropTemporary("t")
    #expect(throws: SiblingError.self) {
      try engine.aggregate(AggregateQuery(.temporary("t"), sums: sum))
    }
  }

  /// A query that takes many minutes, of tasks that look often whether they should end.
  private func slow(_ session: SparkSession) throws -> AggregateQuery {
    try session.command(
      "CREATE TEMPORARY VIEW slow AS"
        + " SELECT CAST(id AS DOUBLE) AS x FROM range(0, 200000000000, 1, 4)")
    return AggregateQuery(
      .named("slow"), sums: [NamedExpression("x", .function(.exponential, -.column("x")))])
  }

  /// Does a small job, for which a core must be free within a minute.
  private func hasFreeCore() throws {
    let address = try SparkAddress(try #require(SparkServer.connection))
    let session = try SparkSession(address, timeout: 60)
    defer { session.close() }
    try session.query("SELECT SUM(id) FROM range(0, 1000, 1, 4)") { _ in }
  }

  @Test func aQueryThatTakesTooLongIsStoppedOnTheServer() throws {
    let address = try SparkAddress(try #require(SparkServer.connection))
    let session = try SparkSession(address, timeout: 15)
    let query = try slow(session)
    let engine = SparkEngine(session)
    defer { engine.close() }
    let error = #expect(throws: SiblingError.self) { try engine.aggregate(query) }
    #expect(error?.code == .engineTimeout)
    try hasFreeCore()
  }

  @Test func aRequestToStopEndsTheQuery() throws {
    let session = try SparkServer.session()
    let engine = SparkEngine(session)
    defer { engine.close() }
    let query = try slow(session)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        sleep(3)
        _ = StopRequest.request()
        return nil
      }, nil)
    let error = #expect(throws: SiblingError.self) { try engine.aggregate(query) }
    pthread_join(thread, nil)
    StopRequest.reset()
    #expect(error?.code == .interrupted)
    try hasFreeCore()
  }

  @Test func theTokenIsInNoError() throws {
    let address = try SparkAddress(try #require(SparkServer.connection))
    for suffix in ["token=very-secret-token", "token=very-secret-token;use_ssl=true"] {
      do throws(SiblingError) {
        let engine = try SparkConnector().connect(
          SparkServer.settings("sc://\(address.host):\(address.port)/;\(suffix)"))
        // A server that wants no token lets us in; its complaints about a query still do not show ours.
        _ = try engine.schema(of: .named("`very-secret-token`"))
        Issue.record("a table of that name")
      } catch {
        #expect(!"\(error.message) \(error.help ?? "")".contains("Bearer"))
        #expect([.engineFailed, .engineRefused, .engineLost].contains(error.code))
        if suffix.contains("use_ssl") { #expect(!"\(error)".contains("very-secret-token")) }
      }
    }
  }

  @Test(
    .enabled(if: SparkServer.restart != nil, "set SIBLING_SPARK_RESTART, or run make test-spark"))
  func aFitGoesOnAfterTheServerWasEndedAndStartedAnew() throws {
    let path = try SparkServer.folder() + "/numbers.csv"
    try SparkServer.numbers(2000, path)
    let engine = ResilientEngine(SparkConnector(), SparkServer.settings())
    defer { engine.close() }
    try engine.createTemporary(
      "t", .rows(RowQuery(.named(path), columns: [GroupKey("x", .number(.column("x")))])))
    let x = RowExpression.column("x")
    let query = AggregateQuery(
      .temporary("t"), layers: [[NamedExpression("e", .function(.exponential, x))]],
      sums: [NamedExpression("e", .name("e"))])
    let before = try engine.aggregate(query)
    let restart: String = try #require(SparkServer.restart)
    #expect(system(restart) == 0)
    let after = try engine.aggregate(query)
    #expect(after.counts == before.counts)
    #expect((after.sums[0][0] - before.sums[0][0]).magnitude <= 1e-9 * before.sums[0][0])
  }
}
