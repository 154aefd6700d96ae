internal import Engines

/// Spark's SQL.
///
/// Text has backslash escapes, names stand in backticks, and a double needs its `D`: `0.1` would be a decimal. No
/// fence: the optimizer keeps a layer apart where its values are costly and used more than once.
struct SparkDialect: SQLDialect {
  /// Views that this connection has made for files whose reading needs options, by the name the user gave.
  var views: [String: String] = [:]

  func quoted(_ name: String) -> String {
    var text = "`"
    for character in name.unicodeScalars {
      text.unicodeScalars.append(character)
      if character == "`" { text.unicodeScalars.append(character) }
    }
    return text + "`"
  }

  func literal(_ value: Double) -> String {
    if value.isNaN { return "CAST('NaN' AS DOUBLE)" }
    if value.isInfinite { return "CAST('\(value > 0 ? "" : "-")Infinity' AS DOUBLE)" }
    return digits(value) + "D"
  }

  func literal(_ text: String) -> String {
    var escaped = "'"
    for character in text.unicodeScalars {
      switch character {
      case "'": escaped += "\\'"
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\r": escaped += "\\r"
      case "\0": escaped += "\\0"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped + "'"
  }

  var doubleType: String { "DOUBLE" }
  var textType: String { "STRING" }
  var fence: String { "" }

  func days(_ column: String) -> String { "DATEDIFF(\(column), DATE'1970-01-01')" }

  func source(_ name: String) -> String {
    if let view = views[name] { return quoted(view) }
    if let format = SparkFile(name) { return "\(format.rawValue).\(quoted(name))" }
    return Self.parts(name).map(quoted).joined(separator: ".")
  }

  /// The parts of a catalog's name, at its dots; dots within backticks part nothing.
  static func parts(_ name: String) -> [String] {
    var parts = [""]
    var isQuoted = false
    for character in name {
      switch character {
      case "`": isQuoted.toggle()
      case "." where !isQuoted: parts.append("")
      default: parts[parts.count - 1].append(character)
      }
    }
    return parts
  }
}

/// The kinds of file that are told by their names.
enum SparkFile: String {
  case parquet
  case csv
  case orc
  case json

  /// The kind of a path, a folder counting as Parquet; nil for a table's name.
  init?(_ name: String) {
    guard !name.contains("`") else { return nil }
    var lower = name.lowercased()
    for ending in [".gz", ".bz2", ".zst"] where lower.hasSuffix(ending) {
      lower.removeLast(ending.count)
    }
    for (ending, kind): (String, SparkFile) in [
      (".parquet", .parquet), (".csv", .csv), (".tsv", .csv), (".orc", .orc), (".json", .json),
      (".jsonl", .json),
    ] where lower.hasSuffix(ending) {
      self = kind
      return
    }
    guard name.contains("/") else { return nil }
    self = .parquet
  }
}
