import EngineConformance
import Engines
import Foundation
import Glibc
import Statistics
import Tables
import Testing

@testable import DuckDBEngine

/// A question that takes longer than anybody waits.
private enum Endless {
  static let query = AggregateQuery(
    .named("endless"), sums: [.init("x", .function(.exponential, -.column("x")))])

  /// A database with the view that the query reads, and one that takes about a second.
  static func database(_ folder: TestFolder) throws -> String {
    let path = "\(folder.path)/wide.duckdb"
    try DuckDBHere.run(
      "CREATE VIEW endless AS SELECT CAST(a.range AS DOUBLE) AS x FROM range(10000000) a, range(10000000) b;"
        + " CREATE VIEW long AS SELECT CAST(a.range AS DOUBLE) AS x FROM range(8000) a, range(8000) b",
      database: path)
    return path
  }
}

struct DuckDBFailureTests {
  @Test func whatIsNotThereIsNamed() throws {
    let engine = try DuckDBHere.connect()
    defer { engine.close() }
    for name in ["/nowhere/a.parquet", "/nowhere/a.csv", "nothing"] {
      let failure = DuckDBHere.failure { _ = try engine.schema(of: .named(name)) }
      #expect(failure?.code == .engineFailed)
      #expect(failure?.message.contains(name) == true)
      #expect(failure?.message.contains("SELECT") == false)
    }
    let folder = try TestFolder()
    let path = try folder.write("a.csv", "age,site\n1,a\n")
    let unknown = DuckDBHere.failure {
      _ = try engine.aggregate(AggregateQuery(.named(path), sums: [.init("s", .column("agee"))]))
    }
    #expect(unknown?.code == .unknownColumn)
    #expect(unknown?.suggestion == "age")
    let text = DuckDBHere.failure {
      _ = try engine.aggregate(AggregateQuery(.named(path), sums: [.init("s", .column("site"))]))
    }
    #expect(text?.code == .wrongType)
  }

  @Test func aQueryThatTakesTooLongIsStoppedAndTheConnectionLives() throws {
    let folder = try TestFolder()
    let engine = try DuckDBHere.connect(timeout: 3, database: try Endless.database(folder))
    defer { engine.close() }
    let small = TemporaryQuery.cells(AggregateQuery(.named("endless"), keep: .constant(0)))
    try engine.createTemporary("kept", small)
    #expect(DuckDBHere.failure { _ = try engine.aggregate(Endless.query) }?.code == .engineTimeout)
    #expect(try engine.aggregate(AggregateQuery(.temporary("kept"))).rowCount == 1)
  }

  @Test func aRequestToStopEndsTheQuery() async {
    // In a process of its own: the request is one for all engines of a process.
    await #expect(processExitsWith: .success) {
      let folder = try TestFolder()
      let path = try Endless.database(folder)
      let engine = try DuckDBHere.connect(database: path)
      Thread.detachNewThread {
        Thread.sleep(forTimeInterval: 0.5)
        _ = StopRequest.request()
      }
      let failure = DuckDBHere.failure { _ = try engine.aggregate(Endless.query) }
      #expect(failure?.code == .interrupted)
      StopRequest.reset()
      let none = AggregateQuery(.named("endless"), keep: .constant(0))
      #expect(try engine.aggregate(none).rowCount == 0)
      engine.close()
    }
  }

  @Test func aCommandThatIsKilledInAQueryIsStartedAgainWithItsTables() throws {
    let folder = try TestFolder()
    let connector = KillableConnector()
    var settings = EngineSettings()
    settings.pause = 0
    settings.connection = try Endless.database(folder)
    let engine = ResilientEngine(connector, settings)
    defer { engine.close() }
    let rows = RowQuery(
      .named("long"), keep: .comparison(.less, .column("x"), .constant(3)),
      columns: [.init("x", .number(.column("x")))])
    try engine.createTemporary("kept", .rows(rows))
    let (long, kept) = (
      AggregateQuery(.named("long"), sums: [.init("x", .column("x"))]),
      AggregateQuery(.temporary("kept"), sums: [.init("x", .column("x"))])
    )
    connector.kill(after: 0.1)
    #expect(try engine.aggregate(long).sums == [[7999 * 8000 / 2 * 8000]])
    // However late the kill comes, a question follows it.
    for _ in 0..<600 where connector.connections < 2 {
      Thread.sleep(forTimeInterval: 0.05)
      #expect(try engine.aggregate(kept).sums == [[24_000]])
    }
    #expect(try engine.aggregate(kept).sums == [[24_000]])
    #expect(connector.connections == 2)
  }

  @Test func messagesKeepWhatHelpsAndDropWhatPeopleWrote() {
    let missing = DuckDBMessage.error(
      "Catalog Error: Table with name clint does not exist!\nDid you mean \"client\"?\n\nLINE 1: SELECT 1\n  ^\n"
    )
    #expect(missing.message == "DuckDB: Catalog Error: Table with name clint does not exist!")
    #expect(missing.suggestion == "client")
    let row = DuckDBMessage.error(
      "Invalid Input Error: CSV Error on Line: 3\nOriginal Line: Ann,41\nExpected 3")
    #expect(!row.message.contains("Ann"))
    #expect(row.message.contains("Line: 3"))
    let open = DuckDBMessage.error(
      "CSV Error on Line: 2\nOriginal Line: 1,\"2\nBob,4\n\nValue with unterminated quote found.")
    #expect(open.message.contains("Line: 2") && !open.message.contains("Bob"))
    let disk = DuckDBMessage.error("IO Error: Could not write file: No space left on device")
    #expect(disk.code == .engineFailed)
    #expect(disk.help?.contains("TMPDIR") == true)
    let memory = DuckDBMessage.error("Out of Memory Error: could not allocate block")
    #expect(memory.help?.contains("SIBLING_DUCKDB_MEMORY") == true)
  }

  @Test func whatAKilledProgramLeftIsRemovedAndWhatIsHeldStays() throws {
    let place = try TestFolder()
    let held = WorkFolder(in: place.path)
    let left = String(held.path.dropLast(4)) + "left"
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    for name in ["lock", "1.parquet"] {
      try "rows".write(toFile: "\(left)/\(name)", atomically: true, encoding: .utf8)
    }
    let next = WorkFolder(in: place.path)
    #expect(!FileManager.default.fileExists(atPath: left))
    #expect(FileManager.default.fileExists(atPath: held.path))
    let rights = try FileManager.default.attributesOfItem(atPath: next.path)[.posixPermissions]
    #expect(rights as? Int == 0o700)
    next.remove()
    held.remove()
    #expect(!FileManager.default.fileExists(atPath: held.path))
    #expect(!FileManager.default.fileExists(atPath: next.path))
  }

  @Test func temporaryTablesAreReplacedAndDropped() throws {
    let folder = try TestFolder()
    let path = try folder.write("a.csv", "x,g\n1,a\n2,b\n3,b\n")
    let engine = try DuckDBHere.connect()
    defer { engine.close() }
    let rows = RowQuery(.named(path), columns: [.init("x", .number(.column("x")))])
    let cells = AggregateQuery(.named(path), keys: [.init("g", .text(column: "g"))])
    try engine.createTemporary("t", .rows(rows))
    #expect(try engine.schema(of: .temporary("t")) == [EngineColumn("x", .number)])
    try engine.createTemporary("t", .cells(cells))
    let again = AggregateQuery(.temporary("t"), sums: [.init("total", .column("n"))])
    #expect(try engine.aggregate(again).sums == [[3]])
    // One made of itself.
    let inside = RowQuery(
      .temporary("t"), keep: .level("b", of: "g"), columns: [.init("n", .number(.column("n")))])
    try engine.createTemporary("t", .rows(inside))
    #expect(try engine.aggregate(again).sums == [[2]])
    engine.dropTemporary("t")
    #expect(DuckDBHere.failure { _ = try engine.aggregate(again) }?.code == .engineFailed)
  }

  @Test func noCommandIsLeftBehind() throws {
    let engine = try #require(try DuckDBHere.connect() as? DuckDBEngine)
    let process = engine.processIdentifier
    #expect(Glibc.kill(process, 0) == 0)
    engine.close()
    #expect(Glibc.kill(process, 0) != 0)
    #expect(DuckDBHere.failure { _ = try engine.schema(of: .named("a.csv")) }?.code == .engineLost)
  }
}

/// Connects to DuckDB, and kills the first connection's command when told to.
private final class KillableConnector: EngineConnector, @unchecked Sendable {
  private(set) var connections = 0
  private weak var last: DuckDBEngine?

  var kind: EngineKind { .duckdb }

  func connect(_ settings: EngineSettings) throws(SiblingError) -> any AggregateEngine {
    connections += 1
    let engine = try DuckDBEngine(try DuckDBCommand.find(), settings)
    last = engine
    return engine
  }

  /// Kills the command of the last connection in so many seconds, in the middle of a query.
  func kill(after seconds: Double) {
    guard let process = last?.processIdentifier else { return }
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: seconds)
      Glibc.kill(process, SIGKILL)
    }
  }

  func status() -> EngineStatus { EngineStatus(.duckdb, version: nil, advice: "") }
}
