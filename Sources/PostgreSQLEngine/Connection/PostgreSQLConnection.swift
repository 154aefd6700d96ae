internal import CPostgreSQL
internal import Engines
internal import Glibc
internal import Statistics

/// One connection: statements one at a time, each watched for a request to stop, a timeout and a loss.
///
/// Nothing here waits where it can't be interrupted: statements are sent, and the socket is looked at ten times
/// a second. Whoever stops, the server is told to cancel before the error goes up.
final class PostgreSQLConnection {
  private var handle: OpaquePointer?
  /// The most seconds of one statement.
  let timeout: Double?
  /// Kept out of every message.
  private let secret: String
  private var start = ContinuousClock.now
  /// The SQLSTATE of the last failure.
  private(set) var lastState = ""
  /// Whether the user has asked to stop.
  var isStopping: () -> Bool = { StopRequest.isRequested }

  /// The most seconds that connecting may take.
  private static let patience = 15.0
  /// Seconds that the server has to enforce a timeout or a cancellation itself.
  private static let grace = 5.0

  /// Connects.
  ///
  /// - Throws: `engineMissing`, `engineRefused`, `engineLost`; `invalidOption` for a string that is none.
  init(_ settings: EngineSettings) throws(SiblingError) {
    try PostgreSQLLibrary.open()
    guard sibling_pq_is_valid(settings.connection) == 1 else {
      throw SiblingError(
        .invalidOption, "SIBLING_POSTGRESQL is no connection string of PostgreSQL",
        help: "write 'postgresql://user@host/database' or 'host=… dbname=… user=…'")
    }
    guard let made = sibling_pq_connect(settings.connection) else {
      throw SiblingError(.engineLost, "there is no memory for a connection to PostgreSQL")
    }
    handle = made
    timeout = settings.timeout
    secret = sibling_pq_password(made).map { String(cString: $0) } ?? ""
    do throws(SiblingError) { try finishConnecting(made) } catch {
      close()
      throw error
    }
  }

  deinit { close() }

  func close() {
    if let handle { sibling_pq_finish(handle) }
    handle = nil
  }

  private func finishConnecting(_ handle: OpaquePointer) throws(SiblingError) {
    start = .now
    // The timeout is for queries; a short one is no reason not to let the server answer.
    let limit = min(max(timeout ?? Self.patience, Self.grace), Self.patience)
    var wanted = SIBLING_PQ_POLL_WRITING
    while true {
      if Int(sibling_pq_status(handle)) == SIBLING_PQ_CONNECTION_BAD { throw refusal(handle) }
      if isStopping() { throw Stopped.error }
      if elapsed > limit {
        throw SiblingError(
          .engineLost, "PostgreSQL did not answer within \(Int(limit.rounded(.up))) seconds",
          help: "see whether the server runs and can be reached from here")
      }
      let events = wanted == SIBLING_PQ_POLL_WRITING ? POLLOUT : POLLIN
      guard isReady(handle, events) else { continue }
      wanted = Int(sibling_pq_connect_poll(handle))
      if wanted == SIBLING_PQ_POLL_OK { return }
      if wanted == SIBLING_PQ_POLL_FAILED { throw refusal(handle) }
    }
  }

  /// Why the server can't be used.
  private func refusal(_ handle: OpaquePointer) -> SiblingError {
    let message = ServerMessage(connecting: text(handle))
    let shown = hidingSecret(message.text)
    if sibling_pq_needs_password(handle) == 1 {
      return SiblingError(
        .engineRefused, "PostgreSQL asks for a password and none was given",
        help: "put it in ~/.pgpass or PGPASSWORD, or in SIBLING_POSTGRESQL")
    }
    if message.state.isEmpty || message.isLoss {
      return SiblingError(
        .engineLost, "PostgreSQL can't be reached: \(shown)",
        help: "see whether the server runs, and that SIBLING_POSTGRESQL names it")
    }
    return SiblingError(
      .engineRefused, "PostgreSQL refuses the connection: \(shown)",
      help: message.state.hasPrefix("28")
        ? "check user and password in SIBLING_POSTGRESQL, ~/.pgpass or PGPASSWORD"
        : "check user and database in SIBLING_POSTGRESQL")
  }

  // MARK: statements

  /// Runs statements and gives the rows of the last that has any, as text.
  ///
  /// - Throws: the server's refusal, a loss, a timeout, a stop.
  @discardableResult
  func run(_ sql: String) throws(SiblingError) -> TextRows {
    try send(sql)
    return try finish()
  }

  /// Runs a query and hands on its rows, encoded as by `COPY … (FORMAT BINARY)`, one piece after the other.
  ///
  /// - Throws: what `body` throws, after the query was cancelled; else as ``run(_:)``.
  func copy(
    _ query: String, _ body: (UnsafeRawBufferPointer) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    try send("COPY (\(query)) TO STDOUT (FORMAT BINARY)")
    guard let first = try next() else { throw lost() }
    let status = Int(sibling_pq_result_status(first))
    guard status == SIBLING_PQ_COPY_OUT else {
      let failure = ServerMessage(first)
      sibling_pq_clear(first)
      _ = try? finish()
      throw error(failure)
    }
    sibling_pq_clear(first)
    var pieces = 0
    while let handle {
      var bytes: UnsafeMutablePointer<CChar>?
      let length = Int(sibling_pq_copy(handle, &bytes))
      if length == 0 {
        try wait()
        continue
      }
      guard length > 0, let bytes else { break }
      defer { sibling_pq_free(bytes) }
      pieces += 1
      if pieces % 4096 == 0 { try look() }
      do throws(SiblingError) {
        try body(UnsafeRawBufferPointer(start: bytes, count: length))
      } catch {
        abandon()
        throw error
      }
    }
    try finish()
  }

  /// Ends a transaction after a failure inside it.
  func rollBack() {
    guard handle != nil else { return }
    _ = try? run("ROLLBACK")
  }

  private func send(_ sql: String) throws(SiblingError) {
    // The library takes text up to the first NUL.
    guard !sql.utf8.contains(0) else {
      throw SiblingError(.engineFailed, "a name or value holds a NUL, which PostgreSQL can't")
    }
    guard let handle else { throw lost() }
    start = .now
    guard sibling_pq_send(handle, sql) == 1 else { throw lost() }
  }

  /// The remaining answers of what was sent.
  @discardableResult
  private func finish() throws(SiblingError) -> TextRows {
    var answer = TextRows()
    var failure: ServerMessage?
    while let result = try next() {
      defer { sibling_pq_clear(result) }
      switch Int(sibling_pq_result_status(result)) {
      case SIBLING_PQ_ROWS: answer = TextRows(result)
      case SIBLING_PQ_COMMAND, SIBLING_PQ_EMPTY:
        let count = sibling_pq_affected(result).flatMap { Int(String(cString: $0)) } ?? 0
        answer.affected = max(answer.affected, count)
      default: failure = failure ?? ServerMessage(result)
      }
    }
    if let failure { throw error(failure) }
    return answer
  }

  /// The next answer, nil when there is none.
  private func next() throws(SiblingError) -> OpaquePointer? {
    while let handle {
      if sibling_pq_is_busy(handle) == 0 { return sibling_pq_next(handle) }
      try wait()
    }
    throw lost()
  }

  // MARK: waiting

  private var elapsed: Double {
    let parts = (ContinuousClock.now - start).components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }

  /// Waits until the server has sent something.
  private func wait() throws(SiblingError) {
    while let handle {
      try look()
      guard isReady(handle, POLLIN) else { continue }
      guard sibling_pq_consume(handle) == 1 else { throw lost() }
      return
    }
    throw lost()
  }

  /// Stops the statement where it was asked for or time is up.
  private func look() throws(SiblingError) {
    if isStopping() {
      abandon()
      throw Stopped.error
    }
    // The server enforces the timeout; this is for one that no longer answers.
    if let timeout, elapsed > timeout + Self.grace {
      abandon()
      throw overdue
    }
  }

  private var overdue: SiblingError {
    SiblingError(
      .engineTimeout,
      "PostgreSQL took longer than the \(timeout.map { "\($0)" } ?? "server's") seconds allowed",
      help: "allow more with --engine-timeout, or ask for fewer groups")
  }

  private func isReady(_ handle: OpaquePointer, _ events: Int32) -> Bool {
    var socket = pollfd(fd: sibling_pq_socket(handle), events: Int16(events), revents: 0)
    return poll(&socket, 1, 100) > 0
  }

  /// Cancels the statement on the server and reads what is left of it; a connection that does not come to rest
  /// is ended.
  private func abandon() {
    guard let handle else { return }
    _ = sibling_pq_cancel(handle)
    start = .now
    while elapsed < Self.grace {
      if sibling_pq_is_busy(handle) == 1 {
        if isReady(handle, POLLIN), sibling_pq_consume(handle) == 0 { break }
        continue
      }
      guard let result = sibling_pq_next(handle) else { return }
      let status = Int(sibling_pq_result_status(result))
      sibling_pq_clear(result)
      if status == SIBLING_PQ_COPY_OUT { drainCopy(handle) }
    }
    close()
  }

  private func drainCopy(_ handle: OpaquePointer) {
    while elapsed < Self.grace {
      var bytes: UnsafeMutablePointer<CChar>?
      let length = sibling_pq_copy(handle, &bytes)
      if let bytes { sibling_pq_free(bytes) }
      if length < 0 { return }
      if length == 0, isReady(handle, POLLIN), sibling_pq_consume(handle) == 0 { return }
    }
  }

  // MARK: errors

  private func error(_ message: ServerMessage) -> SiblingError {
    lastState = message.state
    if message.state == "57014" {
      if isStopping() { return Stopped.error }
      if let timeout, elapsed >= timeout * 0.95 { return overdue }
    }
    var error = message.error
    error.message = hidingSecret(error.message)
    if let handle, Int(sibling_pq_status(handle)) == SIBLING_PQ_CONNECTION_BAD {
      error.code = .engineLost
    }
    if error.code == .engineLost { close() }
    return error
  }

  private func lost() -> SiblingError {
    lastState = ""
    let reason = handle.map { text($0) } ?? ""
    close()
    let first = reason.split(separator: "\n").first.map { ": " + hidingSecret(String($0)) } ?? ""
    return SiblingError(
      .engineLost, "the connection to PostgreSQL was lost\(first)",
      help: "see whether the server runs; the same command works once it does")
  }

  private func text(_ handle: OpaquePointer) -> String {
    sibling_pq_message(handle).map { String(cString: $0) } ?? ""
  }

  /// A message without the password, which the library never shows but a server might.
  private func hidingSecret(_ message: String) -> String {
    guard secret.utf8.count > 2 else { return message }
    return message.split(separator: secret, omittingEmptySubsequences: false)
      .joined(separator: "…")
  }
}

/// Rows of a small answer, as text.
struct TextRows {
  var names: [String] = []
  /// The type of each column, by the number that the server gives it.
  var types: [UInt32] = []
  var rows: [[String?]] = []
  /// How many rows a command has made.
  var affected = 0

  init() {}

  /// Reads an answer with rows.
  init(_ result: OpaquePointer) {
    let columns = 0..<sibling_pq_column_count(result)
    names = columns.map { sibling_pq_column_name(result, $0).map { String(cString: $0) } ?? "" }
    types = columns.map { sibling_pq_column_type(result, $0) }
    rows = (0..<sibling_pq_row_count(result)).map { row in
      columns.map { sibling_pq_cell(result, row, $0).map { String(cString: $0) } }
    }
  }
}
