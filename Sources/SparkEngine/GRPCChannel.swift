internal import CCurl
internal import Engines
internal import Glibc
internal import Statistics

/// When a call has to stop: at a time, or when the user asks.
struct CallLimits {
  /// Seconds on the monotonic clock; nil for no limit.
  var deadline: Double?
  /// Whether the user's request to stop ends the call.
  var heedsStop = true

  /// Why a call stops.
  enum Reason { case stopped, timeout }

  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The reason to stop now; nil to go on.
  var reason: Reason? {
    if heedsStop, StopRequest.isRequested { return .stopped }
    if let deadline, Self.now >= deadline { return .timeout }
    return nil
  }
}

/// Calls of the service's methods over HTTP/2.
final class GRPCChannel {
  private let address: SparkAddress
  /// Connections that wait for the next call: more than one where a stream's reader asks in between.
  private var idle: [OpaquePointer] = []

  /// How a call ended.
  enum End {
    /// The server has said how it went.
    case answered(GRPCStatus)
    /// A web server or a proxy has answered, with this status.
    case refused(http: Int)
    case unreachable(String)
    case broken(String)
    case insecure(String)
    case stopped(CallLimits.Reason)
    /// The taker of the messages has thrown.
    case thrown(SiblingError)
  }

  /// Seconds without a byte after which a stream counts as broken.
  ///
  /// A server that is at work tells of its progress
  /// every few seconds, and ends a stream after two minutes to have it taken up again.
  private static let silence = 180

  init(_ address: SparkAddress) { self.address = address }

  /// Sends a message and hands on each message of the answer as it comes.
  func call(
    _ method: String, _ message: [UInt8], _ limits: CallLimits,
    _ take: @escaping (ArraySlice<UInt8>) throws(SiblingError) -> Void
  ) -> End {
    guard let connection = idle.popLast() ?? sibling_curl_new() else {
      return .broken("libcurl gives no handle")
    }
    defer { idle.append(connection) }
    let state = CallState(limits, take)
    var status = 0
    let outcome = withExtendedLifetime(state) {
      post(
        connection, method, GRPCFrames.frame(message),
        Unmanaged.passUnretained(state).toOpaque(), &status)
    }
    if let error = state.error { return .thrown(error) }
    if let reason = state.reason { return .stopped(reason) }
    let said = address.scrubbed(String(cString: sibling_curl_message(connection)))
    if let answer = GRPCStatus(headers: state.headers) {
      return .answered(
        GRPCStatus(code: answer.code, message: address.scrubbed(answer.message)))
    }
    switch outcome {
    case SIBLING_CURL_DONE where status != 200: return .refused(http: status)
    case SIBLING_CURL_DONE: return .broken("the answer has no status")
    case SIBLING_CURL_UNREACHABLE: return .unreachable(said)
    case SIBLING_CURL_TLS: return .insecure(said)
    default: return .broken(said)
    }
  }

  /// Ends the connections.
  func close() {
    for connection in idle { sibling_curl_free(connection) }
    idle = []
  }

  deinit { close() }

  private func post(
    _ connection: OpaquePointer, _ method: String, _ body: [UInt8],
    _ context: UnsafeMutableRawPointer, _ status: inout Int
  ) -> sibling_curl_outcome {
    var lines = [
      "content-type: application/grpc", "te: trailers", "user-agent: sibling",
      // Without these libcurl would ask first and name what it accepts.
      "Expect:", "Accept:",
    ]
    if let token = address.token { lines.append("authorization: Bearer \(token)") }
    lines += address.headers.map { "\($0.name): \($0.value)" }
    let copies = lines.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { UnsafePointer($0) }
    return address.url(method).withCString { url in
      pointers.withUnsafeBufferPointer { headers in
        body.withUnsafeBufferPointer { bytes in
          var request = sibling_curl_request()
          request.url = url
          request.headers = headers.baseAddress
          request.header_count = Int32(headers.count)
          request.body = bytes.baseAddress
          request.body_length = bytes.count
          request.connect_timeout_ms = 20_000
          request.silence_seconds = Self.silence
          // Where gRPC's own libraries look for certificates other than the system's.
          let certificates = getenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH")
          request.certificates = certificates.map { UnsafePointer($0) }
          request.context = context
          request.on_bytes = { context, bytes, count in
            CallState.at(context)?.take(UnsafeBufferPointer(start: bytes, count: count)) ?? 1
          }
          request.on_header = { context, bytes, count in
            CallState.at(context)?.header(UnsafeBufferPointer(start: bytes, count: count)) ?? 1
          }
          request.should_stop = { context in CallState.at(context)?.shouldStop() ?? 1 }
          return sibling_curl_post(connection, &request, &status)
        }
      }
    }
  }
}

/// What a call under way has got so far.
private final class CallState {
  private let limits: CallLimits
  private let taker: (ArraySlice<UInt8>) throws(SiblingError) -> Void
  private var frames = GRPCFrames()
  private(set) var headers: [String] = []
  private(set) var error: SiblingError?
  private(set) var reason: CallLimits.Reason?

  init(
    _ limits: CallLimits, _ taker: @escaping (ArraySlice<UInt8>) throws(SiblingError) -> Void
  ) {
    self.limits = limits
    self.taker = taker
  }

  static func at(_ context: UnsafeMutableRawPointer?) -> CallState? {
    // The pointer is the one that `call` has made, and the state outlives the call.
    context.map { Unmanaged<CallState>.fromOpaque($0).takeUnretainedValue() }
  }

  func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    frames.append(bytes)
    do throws(SiblingError) {
      for message in try frames.messages() { try taker(message) }
    } catch {
      self.error = error
      return 1
    }
    return shouldStop()
  }

  func header(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    var line = String(decoding: bytes, as: UTF8.self)
    while line.last?.isNewline == true { line.removeLast() }
    headers.append(line)
    return 0
  }

  func shouldStop() -> Int32 {
    if reason == nil { reason = limits.reason }
    return reason == nil ? 0 : 1
  }
}
