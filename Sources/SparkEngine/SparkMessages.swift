internal import Engines
internal import Statistics

/// The messages of Spark Connect's service that we send.
///
/// The numbers of fields are those of Spark's `base.proto`, `relations.proto` and `commands.proto` (3.5 and later).
struct SparkRequests {
  let sessionID: String
  let userID: String
  /// The server's own name for the session, once it has told it: with it a server that was started anew says that
  /// it is another, where else it would begin an empty session of the same name.
  var serverSession: String?

  /// Who is asking: the same in every message, but for the numbers of two fields.
  private func begin(observed: Int, client: Int = 4) -> ProtobufWriter {
    var message = ProtobufWriter()
    message.text(1, sessionID)
    message.message(2) { $0.text(1, userID) }
    message.text(client, "sibling")
    if let serverSession { message.text(observed, serverSession) }
    return message
  }

  /// `Plan` of a query.
  private static func query(_ sql: String, _ plan: inout ProtobufWriter) {
    plan.message(1) { relation in
      relation.message(1) { $0.number(2, 0) }
      relation.message(10) { $0.text(1, sql) }
    }
  }

  /// `ExecutePlanRequest`: a query, or a command that changes the session.
  func execute(_ sql: String, isCommand: Bool, operation: String) -> [UInt8] {
    var message = begin(observed: 8)
    message.message(3) { plan in
      if isCommand {
        plan.message(2) { command in command.message(5) { $0.text(1, sql) } }
      } else {
        Self.query(sql, &plan)
      }
    }
    message.message(5) { option in option.message(1) { $0.number(1, 1) } }
    message.text(6, operation)
    return message.bytes
  }

  /// `ReattachExecuteRequest`: the rest of an answer whose stream broke off.
  func reattach(_ operation: String, after response: String?) -> [UInt8] {
    var message = begin(observed: 6)
    message.text(3, operation)
    if let response { message.text(5, response) }
    return message.bytes
  }

  /// `ReleaseExecuteRequest`: the server need not keep the answer.
  func release(_ operation: String) -> [UInt8] {
    var message = begin(observed: 7)
    message.text(3, operation)
    message.message(5)
    return message.bytes
  }

  /// `InterruptRequest` of one operation.
  func interrupt(_ operation: String) -> [UInt8] {
    var message = begin(observed: 7, client: 3)
    message.number(4, 3)
    message.text(6, operation)
    return message.bytes
  }

  /// `AnalyzePlanRequest` for the schema of a query.
  func schema(_ sql: String) -> [UInt8] {
    var message = begin(observed: 17, client: 3)
    message.message(4) { schema in schema.message(1) { Self.query(sql, &$0) } }
    return message.bytes
  }

  /// `AnalyzePlanRequest` for Spark's version.
  func version() -> [UInt8] {
    var message = begin(observed: 17, client: 3)
    message.message(10)
    return message.bytes
  }

  /// `ConfigRequest` that sets the session's settings.
  func configure(_ settings: [(String, String)]) -> [UInt8] {
    var message = begin(observed: 8)
    message.message(3) { operation in
      operation.message(1) { set in
        for (key, value) in settings {
          set.message(1) { pair in
            pair.text(1, key)
            pair.text(2, value)
          }
        }
      }
    }
    return message.bytes
  }

  /// `ReleaseSessionRequest`.
  func releaseSession() -> [UInt8] {
    var message = ProtobufWriter()
    message.text(1, sessionID)
    message.message(2) { $0.text(1, userID) }
    message.text(3, "sibling")
    return message.bytes
  }
}

/// `ExecutePlanResponse`: a piece of an answer.
struct ExecuteResponse {
  private(set) var responseID: String?
  private(set) var serverSession: String?
  /// A batch in Arrow's stream format, and how many rows it says it has.
  private(set) var batch: ArraySlice<UInt8>?
  private(set) var isComplete = false

  init(_ bytes: ArraySlice<UInt8>) throws(SiblingError) {
    try ProtobufReader(bytes).fields { field, value throws(SiblingError) in
      switch field {
      case 2:
        try value.message?.fields { inner, value throws(SiblingError) in
          if inner == 2, case .bytes(let data) = value { batch = data }
        }
      case 13: responseID = value.text
      case 14: isComplete = true
      case 15: serverSession = value.text
      default: break
      }
    }
  }
}

/// `AnalyzePlanResponse`: a schema or a version.
struct AnalyzeResponse {
  private(set) var serverSession: String?
  private(set) var version: String?
  private(set) var columns: [EngineColumn] = []

  init(_ bytes: ArraySlice<UInt8>) throws(SiblingError) {
    try ProtobufReader(bytes).fields { field, value throws(SiblingError) in
      switch field {
      case 2:
        try value.message?.fields { inner, value throws(SiblingError) in
          guard inner == 1, let type = value.message else { return }
          columns = try Self.structure(type)
        }
      case 8:
        try value.message?.fields { inner, value in if inner == 1 { version = value.text } }
      case 15: serverSession = value.text
      default: break
      }
    }
  }

  /// The fields of `DataType.Struct`.
  private static func structure(_ type: ProtobufReader) throws(SiblingError) -> [EngineColumn] {
    var columns: [EngineColumn] = []
    try type.fields { field, value throws(SiblingError) in
      guard field == 21, let structure = value.message else { return }
      try structure.fields { inner, value throws(SiblingError) in
        guard inner == 1, let column = value.message else { return }
        var (name, kind) = ("", EngineColumn.Kind.other)
        try column.fields { part, value throws(SiblingError) in
          if part == 1 { name = value.text ?? "" }
          if part == 2, var type = value.message, let (field, _) = try type.next() {
            kind = Self.kind(field)
          }
        }
        columns.append(EngineColumn(name, kind))
      }
    }
    return columns
  }

  /// The kind of a `DataType` by the number of its field.
  private static func kind(_ field: Int) -> EngineColumn.Kind {
    switch field {
    case 3: .boolean
    case 4, 5, 6, 7: .integer
    case 8, 9, 10: .number
    case 11, 12, 13: .text
    case 14: .date
    default: .other
    }
  }
}
