import Foundation

/// A CSV text with quoted fields, read by other means than the house's own reader.
struct CSVRecords {
  /// The fields of the header.
  let header: [String]
  /// The fields of the other records.
  let records: [[String]]

  init(_ text: String) {
    var records: [[String]] = []
    var record: [String] = []
    var field = ""
    var isQuoted = false
    let characters = Array(text.unicodeScalars)
    var index = 0
    while index < characters.count {
      let character = characters[index]
      index += 1
      if isQuoted {
        guard character == "\"" else {
          field.unicodeScalars.append(character)
          continue
        }
        if index < characters.count, characters[index] == "\"" {
          field.unicodeScalars.append(character)
          index += 1
        } else {
          isQuoted = false
        }
        continue
      }
      switch character {
      case "\"": isQuoted = true
      case ",":
        record.append(field)
        field = ""
      case "\n":
        records.append(record + [field])
        record = []
        field = ""
      default: field.unicodeScalars.append(character)
      }
    }
    header = records.first ?? []
    self.records = Array(records.dropFirst())
  }

  init(file: URL) throws { self.init(try String(contentsOf: file, encoding: .utf8)) }

  /// The records keyed by column name.
  var rows: [[String: String]] {
    records.map { Dictionary(zip(header, $0), uniquingKeysWith: { first, _ in first }) }
  }

  /// The first record in which columns have the given values.
  func row(_ match: [String: String]) -> [String: String]? {
    rows.first { row in match.allSatisfy { row[$0.key] == $0.value } }
  }

  /// A number of the first record in which columns have the given values.
  func number(_ column: String, _ match: [String: String]) -> Double {
    row(match)?[column].flatMap { Double($0) } ?? .nan
  }
}
