internal import Engines
internal import Glibc
internal import Statistics

/// A session on a Spark Connect server: its queries, commands and settings.
final class SparkSession {
  private let channel: GRPCChannel
  private let timeout: Double?
  private var requests: SparkRequests
  /// Spark's version.
  private(set) var version = ""

  /// How often a broken stream is taken up again without anything new coming.
  private static let reattaches = 5

  /// A session with a name of its own, with the settings that our SQL counts on.
  ///
  /// - Throws: `engineLost` when the server can't be reached, `engineRefused` when it does not let us in.
  init(_ address: SparkAddress, timeout: Double?) throws(SiblingError) {
    channel = GRPCChannel(address)
    self.timeout = timeout
    requests = SparkRequests(sessionID: Self.freshID(), userID: address.userID)
    let answer = try greet()
    version = answer.version ?? ""
    _ = try call(
      "Config",
      requests.configure([
        // Dates and times mean the same wherever the server stands.
        ("spark.sql.session.timeZone", "UTC"),
        // Literals are written with backslash escapes, and ${…} in them is text.
        ("spark.sql.parser.escapedStringLiterals", "false"),
        ("spark.sql.variable.substitute", "false"),
      ]))
  }

  /// The first call, whose failing may mean that another kind of server listens there.
  private func greet() throws(SiblingError) -> AnalyzeResponse {
    do throws(SiblingError) {
      return try analyze(requests.version())
    } catch {
      guard error.code == .engineLost else { throw error }
      var error = error
      error.help =
        "see whether it runs, whether SIBLING_SPARK has its host and port, and use_ssl=true where"
        + " it speaks TLS"
      throw error
    }
  }

  /// A random name in the form that Spark asks for (RFC 4122, version 4).
  static func freshID() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return text
  }

  /// The columns of a query, without running it.
  ///
  /// - Throws: the server's complaint.
  func schema(_ sql: String) throws(SiblingError) -> [EngineColumn] {
    try analyze(requests.schema(sql)).columns
  }

  /// Runs a query and hands on its batches.
  ///
  /// - Throws: what `take` throws; the server's complaint; `engineLost`, `engineTimeout`, `interrupted`.
  func query(
    _ sql: String, _ take: @escaping ([EngineValues]) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    try execute(sql, isCommand: false, take)
  }

  /// Runs a command.
  ///
  /// - Throws: as ``query(_:_:)``.
  func command(_ sql: String) throws(SiblingError) {
    try execute(sql, isCommand: true) { _ in }
  }

  /// Ends the session on the server and the connections to it.
  func close() {
    quietly("ReleaseSession", requests.releaseSession())
    channel.close()
  }

  private func execute(
    _ sql: String, isCommand: Bool, _ take: @escaping ([EngineValues]) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    let operation = Self.freshID()
    let limits = self.limits
    let progress = Progress()
    var (method, message) = (
      "ExecutePlan", requests.execute(sql, isCommand: isCommand, operation: operation)
    )
    var failures = 0
    while true {
      let before = progress.responses
      let end = channel.call(method, message, limits) {
        [self] bytes throws(SiblingError) in
        let response = try ExecuteResponse(bytes)
        if let batch = response.batch {
          for columns in try ArrowStream.batches(batch) { try take(columns) }
        }
        note(response.serverSession)
        progress.responses += 1
        progress.last = response.responseID ?? progress.last
        progress.isComplete = progress.isComplete || response.isComplete
      }
      if progress.isComplete, error(of: end)?.isOurs != true {
        quietly("ReleaseExecute", requests.release(operation))
        return
      }
      failures = progress.responses > before ? 0 : failures + 1
      switch end {
      case .stopped, .thrown:
        quietly("Interrupt", requests.interrupt(operation))
        quietly("ReleaseExecute", requests.release(operation))
        throw error(of: end)?.error ?? Stopped.error
      // The server ends a long answer's stream now and then on purpose; a broken one may have more to say too.
      case .answered(let status) where status.code == 0 && failures <= Self.reattaches: break
      case .answered(let status)
      where status.code == GRPCStatus.Code.unavailable && failures <= Self.reattaches:
        pause(failures)
      case .broken where failures <= Self.reattaches: pause(failures)
      case .unreachable where method != "ExecutePlan" && failures <= Self.reattaches:
        pause(failures)
      default: throw error(of: end)?.error ?? SparkFailure.lost("the answer has no end")
      }
      (method, message) = (
        "ReattachExecute", requests.reattach(operation, after: progress.last)
      )
    }
  }

  /// How far an answer has come, over all its streams.
  private final class Progress {
    var responses = 0
    var last: String?
    var isComplete = false
  }

  private func pause(_ failures: Int) {
    var left = 0.1 * Double(1 << failures)
    while left > 0, limits.reason == nil {
      usleep(100_000)
      left -= 0.1
    }
  }

  private var limits: CallLimits { CallLimits(deadline: timeout.map { CallLimits.now + $0 }) }

  private func note(_ serverSession: String?) {
    if requests.serverSession == nil, let serverSession, !serverSession.isEmpty {
      requests.serverSession = serverSession
    }
  }

  private func analyze(_ message: [UInt8]) throws(SiblingError) -> AnalyzeResponse {
    guard let bytes = try call("AnalyzePlan", message) else {
      throw Garbled.error("an empty answer")
    }
    let response = try AnalyzeResponse(bytes)
    note(response.serverSession)
    return response
  }

  /// Calls a method with one answer.
  private func call(_ method: String, _ message: [UInt8]) throws(SiblingError) -> ArraySlice<UInt8>?
  {
    let answers = Answers()
    let end = channel.call(method, message, limits) { answers.last = $0 }
    if let error = error(of: end)?.error { throw error }
    return answers.last
  }

  private final class Answers { var last: ArraySlice<UInt8>? }

  /// Calls a method whose failing changes nothing for us, for a few seconds at most.
  private func quietly(_ method: String, _ message: [UInt8]) {
    _ = channel.call(
      method, message, CallLimits(deadline: CallLimits.now + 5, heedsStop: false)
    ) { _ in }
  }

  /// What a call's end means; nil for success.
  private func error(of end: GRPCChannel.End) -> (error: SiblingError, isOurs: Bool)? {
    switch end {
    case .answered(let status):
      status.code == 0 ? nil : (SparkFailure.error(status), false)
    case .refused(let http): (SparkFailure.http(http), false)
    case .unreachable(let said): (SparkFailure.unreachable(said), false)
    case .broken(let said): (SparkFailure.lost(said), false)
    case .insecure(let said): (SparkFailure.insecure(said), false)
    case .thrown(let error): (error, true)
    case .stopped(.stopped): (Stopped.error, true)
    case .stopped(.timeout):
      (
        SiblingError(
          .engineTimeout,
          "Spark took longer than the \(timeout.map { "\($0)" } ?? "few") seconds allowed",
          help: "allow more time, or ask for less"), true
      )
    }
  }
}
