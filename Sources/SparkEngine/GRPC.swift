internal import Statistics

/// The framing of gRPC messages in an HTTP/2 stream (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md): one byte that
/// tells of compression, four of length with the highest first, then the message.
struct GRPCFrames {
  private var buffer: [UInt8] = []

  /// A message as it is sent.
  static func frame(_ message: [UInt8]) -> [UInt8] {
    let count = UInt32(message.count)
    return [0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + message
  }

  /// Takes bytes as they come.
  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) { buffer.append(contentsOf: bytes) }

  /// The messages that are whole by now; the rest waits for more bytes.
  ///
  /// - Throws: `engineFailed` for a compressed message, which we have not asked for.
  mutating func messages() throws(SiblingError) -> [ArraySlice<UInt8>] {
    var found: [ArraySlice<UInt8>] = []
    var place = 0
    while buffer.count - place >= 5 {
      guard buffer[place] == 0 else { throw Garbled.error("a compressed frame") }
      let count = buffer[place + 1..<place + 5].reduce(0) { $0 << 8 | Int($1) }
      guard buffer.count - place - 5 >= count else { break }
      found.append(buffer[place + 5..<place + 5 + count])
      place += 5 + count
    }
    if place > 0 { buffer = Array(buffer[place...]) }
    return found
  }
}

/// How a gRPC call ended, from its trailers.
struct GRPCStatus: Equatable {
  /// The code; 0 is success.
  var code: Int
  /// What the server says.
  var message: String

  /// The codes that are told apart.
  enum Code {
    static let deadlineExceeded = 4
    static let permissionDenied = 7
    static let unimplemented = 12
    static let unavailable = 14
    static let unauthenticated = 16
  }
}

extension GRPCStatus {
  /// A status from the lines of a head and its trailers; nil where no `grpc-status` came.
  init?(headers: [String]) {
    var code: Int?
    var message = ""
    for header in headers {
      guard let colon = header.firstIndex(of: ":") else { continue }
      let value = header[header.index(after: colon)...].drop { $0 == " " }
      switch header[..<colon].lowercased() {
      case "grpc-status": code = Int(value)
      case "grpc-message": message = Self.percentDecoded(value)
      default: break
      }
    }
    guard let code else { return nil }
    self.code = code
    self.message = message
  }

  /// Text with `%xx` made bytes again; what is no such pair stays as it is.
  static func percentDecoded(_ text: some StringProtocol) -> String {
    let source = Array(text.utf8)
    var bytes: [UInt8] = []
    var place = 0
    while place < source.count {
      if source[place] == UInt8(ascii: "%"), place + 2 < source.count,
        let byte = UInt8(String(decoding: source[place + 1...place + 2], as: UTF8.self), radix: 16)
      {
        bytes.append(byte)
        place += 3
      } else {
        bytes.append(source[place])
        place += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
