internal import CPostgreSQL
internal import Statistics

/// What the server says went wrong.
struct ServerMessage {
  /// The SQLSTATE, five letters and digits; empty when there is none.
  var state: String
  /// One sentence of the server's.
  var text: String
  var detail: String?
  var hint: String?

  /// The message of an answer that is an error.
  init(_ result: OpaquePointer) {
    func field(_ letter: Unicode.Scalar) -> String? {
      sibling_pq_error_field(result, Int32(letter.value)).map { String(cString: $0) }
    }
    state = field("C") ?? ""
    text = field("M") ?? "the server gave no reason"
    detail = field("D")
    hint = field("H")
  }

  /// The message of a failed connection: one or more lines, of which the last with a SQLSTATE counts, since each
  /// address of the server has been tried in turn.
  init(connecting message: String) {
    state = ""
    text = ""
    for line in message.split(separator: "\n") {
      if line.hasPrefix("LOCATION:") { continue }
      guard let (found, rest) = Self.state(in: line) else {
        if state.isEmpty, text.isEmpty { text = String(line) }
        continue
      }
      state = found
      text = rest
    }
    if text.isEmpty { text = "no reason was given" }
  }

  /// A line such as `… FATAL:  28P01: password authentication failed` taken apart; the words around the
  /// state are in the server's language, the state is not.
  private static func state(in line: Substring) -> (String, String)? {
    let bytes = Array(line.utf8)
    func isStateByte(_ byte: UInt8) -> Bool {
      (48...57).contains(byte) || (65...90).contains(byte)
    }
    guard bytes.count > 9 else { return nil }
    for start in 2..<(bytes.count - 7)
    where bytes[start - 1] == 32 && bytes[start + 5] == 58 && bytes[start + 6] == 32
      && bytes[start..<start + 5].allSatisfy(isStateByte)
      // FATAL looks like one, but each has a digit.
      && bytes[start..<start + 5].contains(where: { $0 <= 57 })
    {
      return (
        String(decoding: bytes[start..<start + 5], as: UTF8.self),
        String(decoding: bytes[(start + 7)...], as: UTF8.self)
      )
    }
    return nil
  }

  /// Whether the same question may be answered over a new connection: the server was shut down, the
  /// connection broke, or a standby had to give way to its recovery.
  var isLoss: Bool {
    state.hasPrefix("08") || state.hasPrefix("57P") || state == "53300" || state.hasPrefix("40")
      || ["25P03", "25P04"].contains(state)
  }

  /// The error of a failed statement.
  var error: SiblingError {
    // Data exceptions quote the value that they stumbled over.
    let quotesData = state.hasPrefix("22") || state.hasPrefix("23")
    let (shown, cell) = quotesData ? Self.masked(text) : (text, nil)
    var message = "PostgreSQL: \(shown)"
    if let detail, !quotesData { message += "; \(detail)" }
    return SiblingError(code, message, help: help ?? hint, cell: cell)
  }

  private var code: SiblingError.Code {
    switch state {
    case "42703": .unknownColumn
    case "42501": .engineRefused
    case "57014": .engineFailed
    default: state.hasPrefix("28") ? .engineRefused : isLoss ? .engineLost : .engineFailed
    }
  }

  private var help: String? {
    switch state {
    case "53100":
      "the server's disk is full: free space there, or have the administrator set temp_tablespaces to"
        + " another disk; the same command works afterwards"
    case "53400":
      "the query needs more temporary space than temp_file_limit allows: ask the administrator, or use"
        + " fewer keys"
    case "53200": "the server ran out of memory: ask for a smaller work_mem, or use fewer keys"
    case "42501": "ask the owner for SELECT on the table"
    case "25006":
      "the server is a read-only standby, which keeps no temporary tables: name the primary server"
    case "22003", "22012":
      "a value grows beyond what a double holds: rescale the column, or leave out rows beyond reason"
    case "54011", "54000": "use fewer columns at once"
    default: nil
    }
  }

  /// A message with what stands in quotes taken out, and what that was.
  static func masked(_ text: String) -> (String, String?) {
    guard let first = text.firstIndex(of: "\""), let last = text.lastIndex(of: "\""), first < last
    else { return (text, nil) }
    let cell = String(text[text.index(after: first)..<last])
    return (String(text[...first]) + "…" + String(text[last...]), cell)
  }
}
