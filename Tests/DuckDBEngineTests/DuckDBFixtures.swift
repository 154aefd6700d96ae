import EngineConformance
import Engines
import Foundation
import Statistics
import Testing

@testable import DuckDBEngine

/// A folder for one test, gone with the object.
final class TestFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "sibling-duckdb-tests-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and gives its path.
  func write(_ name: String, _ text: String) throws -> String {
    let file = "\(path)/\(name)"
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }
}

/// The command that the tests speak to: the user's, or the one that `.ci/engines` put into the checkout.
enum DuckDBHere {
  /// Names the command in the environment once, before any test asks for it.
  static let isPrepared: Bool = {
    if DuckDBConnector().status().version != nil { return true }
    let checkout = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    setenv("SIBLING_DUCKDB_COMMAND", "/\(checkout)/.build-engines/venv/bin/duckdb", 1)
    return DuckDBConnector().status().version != nil
  }()

  /// A connection; a failed test that says what is missing where there is none.
  static func connect(
    timeout: Double? = nil, database: String? = nil
  ) throws -> any AggregateEngine {
    try #require(
      isPrepared,
      "the duckdb command is not there: run .ci/engines, or pip install duckdb-cli==1.5.5")
    var settings = EngineSettings()
    settings.timeout = timeout
    settings.connection = database
    return try DuckDBConnector().connect(settings)
  }

  /// Runs statements of SQL with the command itself.
  static func run(_ sql: String, database: String? = nil) throws {
    try #require(isPrepared, "the duckdb command is not there: run .ci/engines")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try DuckDBCommand.find())
    process.arguments = (database.map { [$0] } ?? []) + ["-c", sql]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  /// The failure of an attempt.
  static func failure(_ attempt: () throws -> Void) -> SiblingError? {
    do {
      try attempt()
      return nil
    } catch {
      return error as? SiblingError
    }
  }
}
