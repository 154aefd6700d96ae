internal import Statistics

/// What the server's complaints mean to us.
enum SparkFailure {
  /// The error for a call that has ended badly.
  static func error(_ status: GRPCStatus) -> SiblingError {
    let said = sentence(status.message)
    let named = errorClass(status.message) ?? ""
    switch status.code {
    case GRPCStatus.Code.unauthenticated, GRPCStatus.Code.permissionDenied:
      return refused(said)
    case GRPCStatus.Code.unavailable: return lost(said)
    case GRPCStatus.Code.unimplemented:
      return SiblingError(
        .engineFailed, "the server does not know the call: \(said)",
        help: "a Spark Connect server of 3.5 or later is needed")
    default: break
    }
    // The session or the whole server has gone: temporary tables with it, so the connection counts as lost.
    if named.hasPrefix("INVALID_HANDLE") || named.hasPrefix("INVALID_CURSOR")
      || status.message.contains("stopped SparkContext")
      || status.message.contains("SparkContext was shut down")
    {
      return lost(said)
    }
    return SiblingError(.engineFailed, "Spark: \(said)", help: help(named))
  }

  /// The error for a server that isn't there or went away.
  static func lost(_ said: String) -> SiblingError {
    SiblingError(
      .engineLost,
      "the connection to the Spark server was lost" + (said.isEmpty ? "" : ": \(said)"),
      help: "see whether the server runs; the same command works once it does")
  }

  /// The error for a server that isn't there.
  static func unreachable(_ said: String) -> SiblingError {
    SiblingError(
      .engineLost, "the Spark server can't be reached: \(said)",
      help: "see whether it runs and whether SIBLING_SPARK has its host and port")
  }

  /// The error for a server that does not let us in.
  static func refused(_ said: String) -> SiblingError {
    SiblingError(
      .engineRefused, "the Spark server does not let us in" + (said.isEmpty ? "" : ": \(said)"),
      help: "see whether SIBLING_SPARK has the right token= and user_id=")
  }

  /// The error for an answer of a web server or a proxy.
  static func http(_ status: Int) -> SiblingError {
    switch status {
    case 401, 403, 407: refused("status \(status)")
    case 502, 503, 504: lost("a gateway says \(status)")
    default:
      SiblingError(
        .engineFailed,
        "no Spark Connect server answers there, but a web server with status \(status)",
        help: "see whether SIBLING_SPARK has its host and port, and use_ssl=true where it"
          + " speaks TLS")
    }
  }

  /// The error for a certificate or a handshake.
  static func insecure(_ said: String) -> SiblingError {
    SiblingError(
      .engineRefused, "no secure connection to the Spark server: \(said)",
      help: "see whether it speaks TLS and whether this machine trusts its certificate")
  }

  /// The class of error in brackets with which Spark's messages begin.
  static func errorClass(_ message: String) -> String? {
    guard let open = message.firstIndex(of: "["),
      let close = message[open...].firstIndex(of: "]")
    else { return nil }
    let name = message[message.index(after: open)..<close]
    let isClass = name.utf8.allSatisfy {
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
        || $0 == UInt8(ascii: ".")
    }
    return isClass && !name.isEmpty ? String(name) : nil
  }

  /// A message without the query's plan and stack that may follow it, on one line.
  static func sentence(_ message: String) -> String {
    var lines: [Substring] = []
    for line in message.split(whereSeparator: \.isNewline) {
      let begun = line.drop { $0 == " " || $0 == "\t" }
      if begun.hasPrefix("at ") || begun.hasPrefix("'") || begun.hasPrefix("+-")
        || begun.hasPrefix("== SQL") || begun.hasPrefix("Driver stacktrace")
        || begun.hasPrefix("JVM stacktrace")
      {
        break
      }
      lines.append(begun)
    }
    let text = lines.joined(separator: " ")
    return text.count > 600 ? text.prefix(600) + "…" : text
  }

  private static func help(_ named: String) -> String? {
    switch named {
    case "TABLE_OR_VIEW_NOT_FOUND", "PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA":
      "name a table of the server's catalog, or a path that ends in .parquet or .csv as the server sees it"
    case "UNRESOLVED_COLUMN.WITH_SUGGESTION": "see the columns that the server suggests"
    default: nil
    }
  }
}
