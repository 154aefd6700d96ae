import Foundation
import TestSupport

/// One run of the real binary.
struct CommandLineRun {
  let status: Int32
  let output: String
  let errors: String

  /// Runs `sibling` in the project's folder.
  init(_ arguments: String..., input: String? = nil, folder: URL? = nil) throws {
    try self.init(arguments: arguments, input: input, folder: folder)
  }

  init(arguments: [String], input: String? = nil, folder: URL? = nil) throws {
    let process = Process()
    process.executableURL = try Self.binary()
    process.arguments = arguments
    process.currentDirectoryURL = folder ?? Golden.projectFolder
    // Pipes can fill up; files can't.
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("sibling-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    func handle(_ name: String) throws -> FileHandle {
      let url = scratch.appendingPathComponent(name)
      _ = FileManager.default.createFile(atPath: url.path, contents: nil)
      return try FileHandle(forWritingTo: url)
    }
    process.standardOutput = try handle("out")
    process.standardError = try handle("err")
    let source = scratch.appendingPathComponent("in")
    try Data((input ?? "").utf8).write(to: source)
    process.standardInput = try FileHandle(forReadingFrom: source)
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = try String(contentsOf: scratch.appendingPathComponent("out"), encoding: .utf8)
    errors = try String(contentsOf: scratch.appendingPathComponent("err"), encoding: .utf8)
  }

  /// The binary beside the test runner.
  private static func binary() throws -> URL {
    let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    var folder = URL(fileURLWithPath: runner).deletingLastPathComponent()
    for _ in 0..<4 {
      let candidate = folder.appendingPathComponent("sibling")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      folder.deleteLastPathComponent()
    }
    // The runner may be a helper of the toolchain; the bundle's path is then an argument.
    for argument in CommandLine.arguments {
      let candidate = URL(fileURLWithPath: argument).deletingLastPathComponent()
        .appendingPathComponent("sibling")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
    }
    throw CocoaError(.fileNoSuchFile)
  }

  /// The CSV output as rows keyed by column name.
  var rows: [[String: String]] { CSVRecords(output).rows }

  /// A number of the row whose `key` column has a value; NaN when there is none.
  func number(_ column: String, where key: String, is value: String) -> Double {
    rows.first { $0[key] == value }.flatMap { $0[column] }.flatMap { Double($0) } ?? .nan
  }

  /// The numbers of a column; NaN where the cell is empty.
  func numbers(_ column: String) -> [Double] {
    rows.map { $0[column].flatMap { Double($0) } ?? .nan }
  }

  /// The number of a column in the first row; NaN when there is none.
  func first(_ column: String) -> Double { numbers(column).first ?? .nan }

  /// A number of the row of a term.
  func number(_ column: String, term: String) -> Double {
    number(column, where: "term", is: term)
  }
}
