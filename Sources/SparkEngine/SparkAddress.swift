internal import Glibc
internal import Statistics

/// Where a Spark Connect server is and how it is asked: `sc://host:port/;key=value;…`, as Spark documents it
/// (spark/sql/connect/docs/client-connection-string.md).
///
/// Nothing of it is ever printed.
struct SparkAddress: Equatable {
  /// The host, in brackets where it is an IPv6 address.
  var host: String
  var port = 15002
  var token: String?
  var isSecure = false
  var userID: String
  /// Further parameters, which Spark sends on as headers.
  var headers: [(name: String, value: String)] = []

  static func == (a: SparkAddress, b: SparkAddress) -> Bool {
    a.host == b.host && a.port == b.port && a.token == b.token && a.isSecure == b.isSecure
      && a.userID == b.userID && a.headers.elementsEqual(b.headers, by: ==)
  }

  /// The address that a text gives.
  ///
  /// A token makes the connection a TLS one, except to this very machine.
  ///
  /// - Throws: `badValue` for what is no address; the text is not repeated.
  init(_ text: String) throws(SiblingError) {
    guard text.hasPrefix("sc://") else { throw Self.wrong("it must begin with sc://") }
    let rest = text.dropFirst(5)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let place = rest[..<slash]
    let bracket = place.hasPrefix("[") ? place.firstIndex(of: "]") : nil
    if place.hasPrefix("["), bracket == nil { throw Self.wrong("its host has no closing bracket") }
    let afterHost = bracket.map { place[place.index(after: $0)...] } ?? place
    if let colon = afterHost.firstIndex(of: ":") {
      guard let port = Int(afterHost[afterHost.index(after: colon)...]), (1...65_535).contains(port)
      else { throw Self.wrong("its port is no number from 1 to 65535") }
      self.port = port
      host = String(place[..<colon])
    } else {
      host = String(place)
    }
    let allowed = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-._[]:".utf8.contains(byte)
      }
    }
    guard !host.isEmpty, allowed else { throw Self.wrong("it names no host") }
    userID = getenv("USER").map { String(cString: $0) } ?? "sibling"
    var wantsTLS = false
    let parameters = rest[slash...].drop { $0 == "/" }
    for parameter in parameters.split(separator: ";") {
      guard let equals = parameter.firstIndex(of: "=") else {
        throw Self.wrong("a parameter has no value")
      }
      let name = String(parameter[..<equals])
      let value = GRPCStatus.percentDecoded(parameter[parameter.index(after: equals)...])
      guard Self.isHeader(name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw Self.wrong("a parameter has characters that it can't have")
      }
      switch name {
      case "token": token = value.isEmpty ? nil : value
      case "use_ssl": wantsTLS = value.lowercased() == "true"
      case "user_id": userID = value
      // A session is begun anew by every connection; the agent is who we are; keep-alive is TCP's.
      case "session_id", "user_agent": break
      case _ where name.hasPrefix("grpc_"): break
      default: headers.append((name.lowercased(), value))
      }
    }
    let isLocal = ["localhost", "127.0.0.1", "[::1]"].contains(host)
    isSecure = wantsTLS || (token != nil && !isLocal)
  }

  /// The address of a method of the service.
  func url(_ method: String) -> String {
    "\(isSecure ? "https" : "http")://\(host):\(port)/spark.connect.SparkConnectService/\(method)"
  }

  /// A text of a server or a library without the token, the host and other parameters' values.
  func scrubbed(_ text: String) -> String {
    var clean = text
    for secret in [token].compactMap({ $0 }) + headers.map(\.value) where secret.utf8.count > 3 {
      clean = clean.replacing(secret, with: "…")
    }
    return clean.replacing(host, with: "the server")
  }

  private static func isHeader(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-_.".utf8.contains(byte)
        }
      }
  }

  private static func wrong(_ why: String) -> SiblingError {
    SiblingError(
      .badValue, "the address of the Spark server can't be used: \(why)",
      help: "set SIBLING_SPARK to sc://host:15002, with ;use_ssl=true;token=… after a slash"
        + " where needed")
  }
}
