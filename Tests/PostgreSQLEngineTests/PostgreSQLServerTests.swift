import EngineConformance
import Engines
import Statistics
import Tables
import Testing

@testable import PostgreSQLEngine

/// Everything that needs the server, one after the other: some tests restart it.
@Suite(.serialized) struct PostgreSQLServerTests {
  private let server: PostgreSQLServer
  private let connector = PostgreSQLConnector()

  init() throws { server = try PostgreSQLServer.shared.get() }

  private func connect(_ settings: EngineSettings? = nil) throws -> any AggregateEngine {
    try connector.connect(settings ?? server.settings())
  }

  private func failure(_ body: () throws -> Void) -> SiblingError? {
    do { try body() } catch { return error as? SiblingError }
    return nil
  }

  // MARK: answers

  @Test func conformsWithMemory() throws {
    let engine = try connect()
    #expect(try ConformanceSuite.differences(engine, .named(ConformanceData.name)) == [])
    engine.close()
  }

  @Test func doublesComeBitForBit() throws {
    try server.sql(
      """
      CREATE TABLE exact AS SELECT * FROM (VALUES (1, float8 '0.1'), (2, float8 '1' / 3), (3, float8 '5e-324'),
        (4, float8 '1.7976931348623157e308'), (5, float8 '-inf'), (6, float8 'nan'), (7, NULL),
        (8, float8 '0.30000000000000004')) v(id, x);
      GRANT SELECT ON exact TO reader
      """)
    let engine = try connect()
    let query = RowQuery(
      .named("exact"),
      columns: [GroupKey("id", .number(.column("id"))), GroupKey("x", .number(.column("x")))],
      order: ["id"])
    guard case .numbers(let x) = try ConformanceSuite.rows(engine, query)[1] else {
      Issue.record("no numbers")
      return
    }
    #expect(
      x.prefix(5) == [0.1, 1.0 / 3, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.infinity])
    #expect(x[5].isNaN && x[6].isNaN)
    #expect(x[7] == 0.1 + 0.2)
    // Literals are as exact as values.
    for value in [
      0.1 + 0.2, .leastNonzeroMagnitude, -.greatestFiniteMagnitude, 123_456_789.123_456_78,
    ] {
      let cells = try engine.aggregate(
        AggregateQuery(
          .named("exact"), keep: .comparison(.equal, .column("id"), .constant(1)),
          sums: [NamedExpression("v", .constant(value))]))
      #expect(cells.sums == [[value]])
    }
  }

  @Test func exponentsThatTheServerRefusesAreInfiniteOrNothing() throws {
    try server.sql(
      """
      CREATE TABLE exponents AS SELECT * FROM (VALUES (1, float8 '-1e4'), (2, float8 '1e4')) v(id, x);
      GRANT SELECT ON exponents TO reader
      """)
    let cells = try connect().aggregate(
      AggregateQuery(
        .named("exponents"), keys: [GroupKey("id", .number(.column("id")))],
        sums: [NamedExpression("e", .function(.exponential, .column("x")))]))
    #expect(cells.sums == [[0, .infinity]])
  }

  @Test func typesAreTold() throws {
    try server.sql(
      """
      CREATE TYPE mood AS ENUM ('sad', 'ok');
      CREATE DOMAIN share AS numeric(4, 2) CHECK (VALUE < 2);
      CREATE TABLE kinds (a smallint, b int, c bigint, d numeric(6, 2), e real, f boolean, g mood,
        h varchar(5), i char(5), j uuid, k share, l date, m timestamp, n jsonb);
      INSERT INTO kinds VALUES (32000, 2, 3, 3.50, 0.5, true, 'ok', 'x', 'y', gen_random_uuid(), 1.10,
        '2020-02-29', now(), '{}'), (32000, NULL, NULL, 'NaN', NULL, NULL, NULL, '', '', NULL, NULL, NULL,
        NULL, NULL);
      CREATE VIEW kinds_view AS SELECT * FROM kinds;
      GRANT SELECT ON kinds, kinds_view TO reader
      """)
    let engine = try connect()
    let expected: [EngineColumn.Kind] = [
      .integer, .integer, .integer, .number, .number, .boolean, .text, .text, .text, .text, .number,
      .date, .other, .other,
    ]
    #expect(try engine.schema(of: .named("kinds")).map(\.type) == expected)
    #expect(try engine.schema(of: .named("kinds_view")).map(\.type) == expected)
    func cells(_ column: String) throws -> [String?] {
      try engine.aggregate(
        AggregateQuery(.named("kinds"), keys: [GroupKey("k", .text(column: column))])
      ).text(0)
    }
    #expect(try cells("d") == ["3.5", nil])
    #expect(try cells("k") == ["1.1", nil])
    #expect(try cells("g") == ["ok", nil])
    #expect(try cells("i") == ["y", nil])
    #expect(try cells("l") == ["2020-02-29", nil])
    let sums = try engine.aggregate(
      AggregateQuery(
        .named("kinds"),
        sums: [
          NamedExpression("product", .column("a") * .column("a")),
          NamedExpression("ok", .level("ok", of: "g")), NamedExpression("gone", .isAbsent("g")),
          NamedExpression("uuid", .isAbsent("j")), NamedExpression("char", .isAbsent("i")),
          NamedExpression("nan", .isAbsent("d")),
        ])
    ).sums
    #expect(sums == [[2 * 32000.0 * 32000], [1], [1], [1], [1], [1]])
    let refused = failure {
      _ = try engine.aggregate(
        AggregateQuery(.named("kinds"), sums: [NamedExpression("m", .column("m"))]))
    }
    #expect(refused?.code == .wrongType)
  }

  @Test func partitionsAndMaterialisedViewsAreSources() throws {
    try server.sql(
      """
      CREATE TABLE parts (year int, x float8) PARTITION BY LIST (year);
      CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
      CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2);
      INSERT INTO parts VALUES (1, 10), (2, 20), (2, 30);
      CREATE MATERIALIZED VIEW kept AS SELECT * FROM parts;
      GRANT SELECT ON parts, kept TO reader
      """)
    let engine = try connect()
    for name in ["parts", "kept", "public.parts"] {
      let cells = try engine.aggregate(
        AggregateQuery(
          .named(name), keys: [GroupKey("year", .number(.column("year")))],
          sums: [NamedExpression("x", .column("x"))]))
      #expect(cells.counts == [1, 2])
      #expect(cells.sums == [[10, 50]])
    }
  }

  @Test func strangeNamesWork() throws {
    try server.sql(
      """
      CREATE SCHEMA "Amt für Ämter";
      CREATE TABLE "Amt für Ämter"."a.b ""c"" 'd'" ("select" float8, "x y" float8, "q""\u{301}" float8, "\\" text);
      INSERT INTO "Amt für Ämter"."a.b ""c"" 'd'" VALUES (1, 2, 4, '\\'), (8, 16, 32, 'o''\u{301}');
      GRANT USAGE ON SCHEMA "Amt für Ämter" TO reader;
      GRANT SELECT ON ALL TABLES IN SCHEMA "Amt für Ämter" TO reader
      """)
    let engine = try connect()
    let source = EngineSource.named("Amt für Ämter.\"a.b \"\"c\"\" 'd'\"")
    let long = String(repeating: "Ausbildung der Mutter ", count: 4)
    let cells = try engine.aggregate(
      AggregateQuery(
        source,
        layers: [[.init(long + "1", .column("x y")), .init(long + "2", .column("select"))]],
        keys: [GroupKey("\\", .text(column: "\\"))],
        sums: [
          NamedExpression("a\"b", .column("q\"\u{301}")),
          NamedExpression(long + "a", .name(long + "1")),
          NamedExpression(long + "b", .name(long + "2")),
          NamedExpression("'", .level("o'\u{301}", of: "\\")),
          NamedExpression(";--", .level("\\", of: "\\")),
        ]))
    #expect(cells.text(0) == ["\\", "o'\u{301}"])
    #expect(cells.sums == [[4, 32], [2, 16], [1, 8], [0, 1], [1, 0]])
    #expect(failure { _ = try engine.schema(of: .named("a\0b")) }?.code == .engineFailed)
  }

  @Test func collationsThatIgnoreCaseAreNotFollowed() throws {
    try server.sql(
      """
      CREATE COLLATION careless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE collated (t text COLLATE careless);
      INSERT INTO collated VALUES ('a'), ('A'), ('a'), (NULL), ('');
      GRANT SELECT ON collated TO reader
      """)
    let cells = try connect().aggregate(
      AggregateQuery(
        .named("collated"), keys: [GroupKey("t", .text(column: "t"))],
        sums: [NamedExpression("a", .level("a", of: "t"))]))
    #expect(cells.text(0) == ["A", "a", nil])
    #expect(cells.counts == [1, 2, 2])
    #expect(cells.sums == [[0, 2, 0]])
  }

  @Test func moreSumsThanARowCanHaveAreAskedForInParts() throws {
    let engine = try connect()
    let sums = (0..<1600).map {
      NamedExpression("s\($0)", .constant(Double($0)) * .column("small"))
    }
    let query = AggregateQuery(
      .named(ConformanceData.name), keys: [GroupKey("arm", .text(column: "arm"))], sums: sums)
    let memory = MemoryEngine([ConformanceData.name: try ConformanceData.table()])
    #expect(try engine.aggregate(query) == memory.aggregate(query))
  }

  @Test func smallCellsStayInTheServer() throws {
    let engine = try connect()
    var query = AggregateQuery(
      .named(ConformanceData.name), keys: [GroupKey("id", .number(.column("id")))], minimumCell: 3)
    #expect(failure { _ = try engine.aggregate(query) }?.code == .disclosure)
    #expect(failure { try engine.createTemporary("held", .cells(query)) }?.code == .disclosure)
    query.keep = .comparison(.less, .column("id"), .constant(0))
    #expect(try engine.aggregate(query).count == 0)
    query.keys = [GroupKey("arm", .text(column: "arm"))]
    query.keep = nil
    #expect(try engine.aggregate(query).rowCount == 2000)
  }

  // MARK: refusals

  @Test func aRefusedPasswordIsNamedWithoutIt() throws {
    for user in ["reader", "nobody"] {
      let error = try #require(
        failure { _ = try connect(server.settings(user: user, password: "hunter2")) })
      #expect(error.code == .engineRefused)
      #expect(!"\(error)".contains("hunter2"))
    }
    var none = EngineSettings()
    none.connection =
      "host=127.0.0.1 port=\(server.port) dbname=postgres user=reader passfile=/nonexistent"
    #expect(failure { _ = try connect(none) }?.code == .engineRefused)
    none.connection =
      "host=127.0.0.1 port=\(server.port) user=reader dbname=nowhere password='\(PostgreSQLServer.password)'"
    #expect(failure { _ = try connect(none) }?.code == .engineRefused)
  }

  @Test func anUnreachableServerIsLost() throws {
    var settings = EngineSettings()
    settings.connection = "postgresql://me:hunter2@127.0.0.1:1/postgres"
    let error = try #require(failure { _ = try connect(settings) })
    #expect(error.code == .engineLost)
    #expect(!"\(error)".contains("hunter2"))
    settings.connection = "host=127.0.0.1 hunter2"
    let second = try #require(failure { _ = try connect(settings) })
    #expect(second.code == .invalidOption)
    #expect(!"\(second)".contains("hunter2"))
  }

  @Test func wrongNamesAreToldWithTheNearest() throws {
    let engine = try connect()
    let table = failure { _ = try engine.aggregate(AggregateQuery(.named("conformnce"))) }
    #expect(table?.code == .engineFailed)
    #expect(table?.suggestion == "conformance")
    #expect(failure { _ = try engine.schema(of: .named("nowhere.t")) }?.code == .engineFailed)
    let column = failure {
      _ = try engine.aggregate(
        AggregateQuery(.named("conformance"), sums: [NamedExpression("s", .column("smal"))]))
    }
    #expect(column?.code == .unknownColumn)
    #expect(column?.suggestion == "small")
    #expect(try engine.aggregate(AggregateQuery(.named("conformance"))).counts == [2000])
    try server.sql("CREATE TABLE secret_things (x float8)")
    let forbidden = failure { _ = try engine.schema(of: .named("secret_things")) }
    #expect(forbidden?.code == .engineRefused)
  }

  @Test func aColumnThatWasDroppedSinceIsUnknownAndTheNextQuestionLooksAgain() throws {
    try server.sql(
      """
      CREATE TABLE moving (x float8, y float8); INSERT INTO moving VALUES (1, 2);
      GRANT SELECT ON moving TO reader
      """)
    let engine = try connect()
    let query = AggregateQuery(.named("moving"), sums: [NamedExpression("y", .column("y"))])
    #expect(try engine.aggregate(query).sums == [[2]])
    try server.sql("ALTER TABLE moving RENAME COLUMN y TO z")
    #expect(failure { _ = try engine.aggregate(query) }?.code == .unknownColumn)
    #expect(try engine.schema(of: .named("moving")).map(\.name) == ["x", "z"])
  }

  @Test func nothingCanBeWrittenAndNoDataAreQuoted() throws {
    try server.sql(
      """
      CREATE TABLE diary (t text); INSERT INTO diary VALUES ('Mrs Miller, 1950');
      CREATE FUNCTION scribble() RETURNS float8 LANGUAGE plpgsql VOLATILE AS
        $$ BEGIN INSERT INTO diary VALUES ('x'); RETURN 1; END $$;
      GRANT ALL ON diary TO reader;
      CREATE VIEW writes AS SELECT scribble() AS x;
      CREATE VIEW casts AS SELECT CAST(t AS float8) AS x FROM diary;
      GRANT SELECT ON writes, casts TO reader
      """)
    let engine = try connect()
    let sum = [NamedExpression("x", .column("x"))]
    #expect(
      failure { _ = try engine.aggregate(AggregateQuery(.named("writes"), sums: sum)) }?.code
        == .engineFailed)
    #expect(try server.sql("SELECT count(*) FROM diary") == "1")
    let cast = failure { _ = try engine.aggregate(AggregateQuery(.named("casts"), sums: sum)) }
    #expect(cast?.code == .engineFailed)
    #expect(cast?.message.contains("Miller") == false)
    #expect(cast?.cell == "Mrs Miller, 1950")
  }

  @Test(.enabled(if: PostgreSQLServer.hasSmallDisk, "needs the right to mount a file system"))
  func aFullDiskIsToldAndTheSameQuestionWorksOnceThereIsRoom() throws {
    try server.sql(
      """
      CREATE TABLESPACE tiny LOCATION '\(server.folder)/disk';
      GRANT CREATE ON TABLESPACE tiny TO reader;
      CREATE VIEW pile AS SELECT g AS id, md5(CAST(g AS text)) AS t FROM generate_series(1, 100000) g;
      GRANT SELECT ON pile TO reader
      """)
    let engine = try connect(
      server.settings(more: "options='-c work_mem=64kB -c temp_tablespaces=tiny'"))
    let query = RowQuery(
      .named("pile"),
      columns: [GroupKey("id", .number(.column("id"))), GroupKey("t", .text(column: "t"))],
      order: ["t"])
    let full = failure { try engine.stream(query) { _ in } }
    #expect(full?.code == .engineFailed)
    #expect(full?.message.contains("No space left on device") == true)
    #expect(full?.help?.contains("disk is full") == true)
    #expect(shell("mount -o remount,size=100m \(server.folder)/disk").status == 0)
    var rows = 0
    try engine.stream(query) { rows += $0.count }
    #expect(rows == 100_000)
  }

  @Test func aLimitOnTemporarySpaceIsToldToo() throws {
    try server.sql(
      """
      CREATE VIEW heap AS SELECT g AS id, md5(CAST(g AS text)) AS t FROM generate_series(1, 100000) g;
      GRANT SELECT ON heap TO reader;
      ALTER ROLE reader SET temp_file_limit = '2MB'
      """)
    let settings = server.settings(more: "options='-c work_mem=64kB'")
    let query = RowQuery(
      .named("heap"),
      columns: [GroupKey("id", .number(.column("id"))), GroupKey("t", .text(column: "t"))],
      order: ["t"])
    let engine = try connect(settings)
    let full = failure { try engine.stream(query) { _ in } }
    #expect(full?.code == .engineFailed)
    #expect(full?.help?.contains("temp_file_limit") == true)
    try server.sql("ALTER ROLE reader RESET temp_file_limit")
    let second = try connect(settings)
    var rows = 0
    try second.stream(query) { rows += $0.count }
    #expect(rows == 100_000)
  }

  // MARK: time, stops, losses

  private func pace(_ seconds: Double) throws {
    try server.sql("UPDATE pace SET seconds = \(seconds)")
  }

  private var slow: AggregateQuery {
    AggregateQuery(
      .named("slow"), keys: [GroupKey("arm", .text(column: "arm"))],
      sums: [NamedExpression("y", .column("y"))])
  }

  private var busy: String {
    get throws {
      try server.sql(
        """
        SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sibling' AND state = 'active'
          AND query LIKE '%slow%'
        """)
    }
  }

  @Test func aTimeoutEndsTheQueryAndNotTheConnection() throws {
    try pace(20)
    var settings = server.settings()
    settings.timeout = 0.3
    let engine = try connect(settings)
    #expect(failure { _ = try engine.aggregate(slow) }?.code == .engineTimeout)
    #expect(try busy == "0")
    #expect(try engine.aggregate(AggregateQuery(.named("conformance"))).counts == [2000])
  }

  @Test func aStopCancelsOnTheServer() throws {
    try pace(20)
    let connection = try PostgreSQLConnection(server.settings())
    let engine = try PostgreSQLEngine(connection)
    let start = ContinuousClock.now
    connection.isStopping = { ContinuousClock.now - start > .milliseconds(700) }
    #expect(failure { _ = try engine.aggregate(slow) }?.code == .interrupted)
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(try busy == "0")
    connection.isStopping = { false }
    #expect(try engine.aggregate(AggregateQuery(.named("conformance"))).counts == [2000])
  }

  @Test func aStreamThatIsBrokenOffLeavesTheConnectionInOrder() throws {
    try server.sql(
      """
      CREATE VIEW many AS SELECT g AS id, g * 0.5 AS x FROM generate_series(1, 300000) g;
      GRANT SELECT ON many TO reader
      """)
    let engine = try connect()
    let query = RowQuery(.named("many"), columns: [GroupKey("x", .number(.column("x")))])
    var rows: [Int] = []
    let error = failure {
      try engine.stream(query) { block throws(SiblingError) in
        rows.append(block.count)
        if rows.count == 2 { throw SiblingError(.badValue, "enough") }
      }
    }
    #expect(error?.message == "enough")
    #expect(rows == [16_384, 16_384])
    #expect(try engine.aggregate(AggregateQuery(.named("many"))).counts == [300_000])
  }

  @Test func aKilledQueryIsAskedAgainWithItsTemporaries() throws {
    let expected = try MemoryEngine(["slow": try ConformanceData.table()]).aggregate(slow)
    try pace(0)
    let engine = ResilientEngine(connector, server.settings())
    try engine.createTemporary(
      "kept",
      .rows(RowQuery(.named("conformance"), columns: [GroupKey("y", .number(.column("y")))])))
    try pace(20)
    try server.whenAtWork(
      on: "slow",
      """
      UPDATE pace SET seconds = 0;
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sibling';
      """)
    let cells = try engine.aggregate(slow)
    #expect(cells.counts == expected.counts)
    #expect(cells.keys == expected.keys)
    let again = try engine.aggregate(AggregateQuery(.temporary("kept")))
    #expect(again.counts == [2000])
    engine.close()
  }

  @Test func aRestartedServerIsFoundAgain() throws {
    let engine = ResilientEngine(connector, server.settings())
    let query = AggregateQuery(.named("conformance"), sums: [NamedExpression("y", .column("y"))])
    let before = try engine.aggregate(query)
    try engine.createTemporary(
      "kept",
      .rows(RowQuery(.named("conformance"), columns: [GroupKey("y", .number(.column("y")))])))
    server.restart()
    #expect(try engine.aggregate(query) == before)
    #expect(try engine.aggregate(AggregateQuery(.temporary("kept"))).counts == [2000])
  }

  @Test func aStreamIsNotBegunAgainOnceRowsAreHandedOn() throws {
    try server.sql(
      """
      CREATE VIEW trickle AS SELECT g AS id, CASE WHEN g > 20000 AND pg_sleep(20) IS NULL THEN 1 ELSE 2 END AS x
        FROM generate_series(1, 40000) g;
      GRANT SELECT ON trickle TO reader
      """)
    let engine = ResilientEngine(connector, server.settings())
    try server.whenAtWork(
      on: "trickle",
      """
      SELECT pg_sleep(1);
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sibling';
      """)
    var blocks = 0
    let error = failure {
      try engine.stream(
        RowQuery(.named("trickle"), columns: [GroupKey("x", .number(.column("x")))])
      ) { _ in blocks += 1 }
    }
    #expect(error?.code == .engineLost)
    #expect(blocks == 1)
  }
}
