import Engines
import Foundation
import Statistics
import Testing

@testable import DuckDBEngine

struct DuckDBConnectorTests {
  @Test func saysItsVersion() throws {
    try #require(DuckDBHere.isPrepared, "run .ci/engines")
    let status = DuckDBConnector().status()
    #expect(status.kind == .duckdb)
    #expect(status.version?.hasPrefix("v1.") == true)
  }

  @Test func aScriptOfAPythonPackageIsSeenThrough() throws {
    try #require(DuckDBHere.isPrepared, "run .ci/engines")
    let command = try DuckDBCommand.find()
    let head = try #require(FileHandle(forReadingAtPath: command)?.readData(ofLength: 4))
    #expect(head == Data([0x7F, 0x45, 0x4C, 0x46]))
  }

  @Test func whatIsNoProgramCannotBeStarted() throws {
    let folder = try TestFolder()
    let file = try folder.write("duckdb", "this is no program")
    #expect(DuckDBHere.failure { _ = try ChildProcess(file, []) }?.code == .engineMissing)
    #expect(DuckDBHere.failure { _ = try ChildProcess(file + "x", []) }?.code == .engineMissing)
  }

  @Test func aDatabaseThatIsNotThereIsRefusedWithoutShowingItsPath() throws {
    let failure = DuckDBHere.failure {
      _ = try DuckDBHere.connect(database: "/nowhere/secret-place.duckdb")
    }
    #expect(failure?.code == .engineRefused)
    #expect(failure?.message.contains("secret-place") == false)
  }
}
