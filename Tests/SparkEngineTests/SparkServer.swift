import EngineConformance
import Engines
import Glibc
import Statistics
import Testing

@testable import SparkEngine

/// The server that `make test-spark` starts, and files that it can read.
enum SparkServer {
  static let connection = getenv("SIBLING_SPARK").map { String(cString: $0) }
  /// A command that ends the server and starts it anew.
  static let restart = getenv("SIBLING_SPARK_RESTART").map { String(cString: $0) }

  static func settings(_ connection: String? = nil) -> EngineSettings {
    var settings = EngineSettings()
    settings.connection = connection ?? Self.connection
    return settings
  }

  static func engine(timeout: Double? = nil) throws -> SparkEngine {
    var settings = settings()
    settings.timeout = timeout
    return try #require(try SparkConnector().connect(settings) as? SparkEngine)
  }

  static func session() throws -> SparkSession {
    try SparkSession(SparkAddress(try #require(connection)), timeout: nil)
  }

  /// A new folder for a test.
  static func folder() throws -> String {
    var template = Array("/tmp/sibling-spark-XXXXXX".utf8CString)
    _ = try #require(mkdtemp(&template))
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // The executors may belong to another user.
    chmod(path, 0o777)
    return path
  }

  static func write(_ text: String, _ path: String) throws {
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    #expect(fwrite(text, 1, text.utf8.count, file) == text.utf8.count)
  }

  /// A file of numbers: `id` from 1, `g` that is unlike in every row of `rows`, x in [0, 1).
  static func numbers(_ rows: Int, _ path: String) throws {
    var text = "id,g,x\n"
    for row in 1...rows { text += "\(row),cell-\(row),\(Double(row % 1024) / 1024)\n" }
    try write(text, path)
  }
}

/// A way to a server that breaks off: the first connections that bring more than so many bytes are cut there.
final class CuttingProxy: @unchecked Sendable {
  private let listener: Int32
  private let upstream: UInt16
  private let limit: Int
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private var cutsLeft: Int
  private(set) var cuts = 0
  let port: UInt16

  init(to upstream: Int, after limit: Int, times: Int) throws {
    self.upstream = UInt16(upstream)
    self.limit = limit
    cutsLeft = times
    lock = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.local(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(listener, $0, length)
        _ = listen(listener, 16)
        _ = getsockname(listener, $0, &length)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    Self.thread { [self] in accepting() }
  }

  func close() { shutdown(listener, Int32(SHUT_RDWR)) }

  private static func local(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private static func thread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        context.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body() }
        return nil
      }, Unmanaged.passRetained(Work(body)).toOpaque())
    pthread_detach(thread)
  }

  private func accepting() {
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else { return }
      let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = Self.local(upstream)
      let joined = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard joined == 0 else {
        shutdown(client, Int32(SHUT_RDWR))
        continue
      }
      Self.thread { [self] in pump(from: client, to: server, isAnswer: false) }
      Self.thread { [self] in pump(from: server, to: client, isAnswer: true) }
    }
  }

  private func pump(from source: Int32, to sink: Int32, isAnswer: Bool) {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    var passed = 0
    while true {
      let count = recv(source, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      passed += count
      if isAnswer, passed > limit, takeCut() { break }
      guard send(sink, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
    }
    shutdown(source, Int32(SHUT_RDWR))
    shutdown(sink, Int32(SHUT_RDWR))
  }

  private func takeCut() -> Bool {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    guard cutsLeft > 0 else { return false }
    cutsLeft -= 1
    cuts += 1
    return true
  }
}

/// What a thread does.
private final class Work {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
