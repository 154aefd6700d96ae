internal import Engines
internal import Glibc
internal import Statistics

/// A running `duckdb` command: statements in, records out.
///
/// After each statement the command is told to print a word that nobody knows beforehand; what comes before it is the
/// answer. A query that is stopped or takes too long is interrupted, and the connection with its temporary
/// tables lives on.
final class DuckDBShell {
  private let child: ChildProcess
  private let sentinel: String
  private let timeout: Double?
  private(set) var isLost = false

  /// How long an interrupted query may take to end before the command is killed, in seconds.
  private static let patience = 5.0

  /// Starts the command on a database file, or on nothing.
  ///
  /// - Throws: `engineMissing`.
  init(_ path: String, database: String?, timeout: Double?) throws(SiblingError) {
    // Interactive, so that an interrupt stops the query and not the command.
    var arguments = ["-interactive", "-init", "/dev/null", "-csv", "-noheader", "-nullvalue", ""]
    if let database { arguments += ["-readonly", database] }
    // A place that can't be: what is asked belongs in nobody's history of commands.
    child = try ChildProcess(
      path, arguments, environment: ["DUCKDB_HISTORY": "/dev/null/none"])
    sentinel = "sibling-" + String(UInt64.random(in: .min ... .max), radix: 36)
    self.timeout = timeout
  }

  /// The process, for tests that kill it.
  var processIdentifier: pid_t { child.identifier }

  /// Ends the command.
  func close() {
    isLost = true
    child.end()
  }

  /// Runs a statement and forgets what it says.
  ///
  /// - Throws: as ``ask(_:_:)``.
  func run(_ statement: String) throws(SiblingError) {
    try ask(statement) { _ in }
  }

  /// Runs a statement and hands on each record of its answer.
  ///
  /// - Throws: what `body` throws, after the query has been stopped; `engineFailed` with DuckDB's message,
  ///   `engineLost`, `engineTimeout`, `interrupted`.
  func ask(
    _ statement: String, _ body: (DelimitedRecord) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    guard !isLost else { throw lost() }
    if StopRequest.isRequested { throw Stopped.error }
    var failure = try exchange(statement, body)
    let complaint = child.takeComplaint()
    if failure == nil, !complaint.isEmpty { failure = DuckDBMessage.error(complaint) }
    if let failure { throw failure }
  }

  /// Sends a statement and reads its answer up to the sentinel.
  ///
  /// - Returns: why it was cut short; nil when it was not.
  private func exchange(
    _ statement: String, _ body: (DelimitedRecord) throws(SiblingError) -> Void
  ) throws(SiblingError) -> SiblingError? {
    let end = statement.hasPrefix(".") ? "" : ";"
    let text = Array("\(statement)\(end)\n.print \(sentinel)\n".utf8)
    let mark = Array(sentinel.utf8)[...]
    var unsent = text[...]
    var parser = DelimitedParser()
    var failure: SiblingError?
    var isComplete = false
    let began = Clock.seconds()
    var giveUp = Double.infinity
    func stop(_ error: SiblingError) {
      guard failure == nil else { return }
      failure = error
      child.interrupt()
      giveUp = Clock.seconds() + Self.patience
    }
    while !isComplete {
      switch child.wait(sending: unsent, milliseconds: 50) {
      case .output(let bytes):
        _ = parser.read(bytes[...]) { record in
          if record.count == 1, record[0] == mark {
            isComplete = true
            return false
          }
          guard failure == nil else { return true }
          do throws(SiblingError) { try body(record) } catch { stop(error) }
          return true
        }
      case .sent(let count): unsent = unsent.dropFirst(count)
      case .nothing: break
      case .ended:
        isLost = true
        let complaint = child.takeComplaint()
        throw failure ?? lost(complaint)
      }
      if StopRequest.isRequested { stop(Stopped.error) }
      if let timeout, Clock.seconds() - began > timeout { stop(Self.timedOut(timeout)) }
      if Clock.seconds() > giveUp {
        close()
        break
      }
    }
    return failure
  }

  private func lost(_ complaint: String = "") -> SiblingError {
    let said = DuckDBMessage.firstLines(complaint)
    return SiblingError(
      .engineLost, "the duckdb command has ended\(said.isEmpty ? "" : ": \(said)")",
      help: "was it killed, or is there too little memory?")
  }

  private static func timedOut(_ seconds: Double) -> SiblingError {
    SiblingError(
      .engineTimeout, "a query took longer than \(numberKeyText(seconds)) seconds and was stopped",
      help: "give it more time, or fewer rows")
  }
}

/// Time that only goes forward.
enum Clock {
  static func seconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
