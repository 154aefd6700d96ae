/// Traces numbers in quoted texts to the study file, the manifest or a cell of a released table.
struct ClaimOrigins {
  /// A number with its origin; nothing but its text where none was found.
  struct Traced {
    var text: String
    var file: String?
    var rowKey: String?
    var column: String?
    var kind: OriginText.Kind?
  }

  private struct Source {
    let origin: OriginText
    let bytes: [UInt8]
  }

  /// The texts by the numerals in them.
  private var byNumeral: [String: [Source]] = [:]
  private let tables: [String: ResultTable]
  /// The notes by their words, in lower case.
  private var notes: [(words: [UInt8], name: String)] = []

  /// Where numbers may come from: quoted texts, then the texts of tables.
  init(texts: [OriginText], tables: [ResultTable]) {
    self.tables = Dictionary(tables.map { ($0.path, $0) }, uniquingKeysWith: { a, _ in a })
    for text in texts { add(text) }
    if let table = self.tables[ResultTable.notes.path] {
      let names = Set(table.cells("note").compactMap(\.text)).sorted()
      notes = names.map { (Self.folded(Self.words(ofNote: $0)), $0) }
    }
    for table in tables.sorted(by: { $0.name < $1.name }) where table.name != "notes" {
      var seen: Set<String> = []
      for (position, column) in table.columns.enumerated() where column.type == .text {
        for row in table.rows.indices {
          guard let text = table.rows[row][position].text, seen.insert(text).inserted else {
            continue
          }
          add(
            OriginText(
              kind: .cell, file: table.path, rowKey: table.key(ofRow: row), column: column.name,
              text: text))
        }
      }
    }
  }

  private mutating func add(_ text: OriginText) {
    let bytes = Self.folded(text.text)
    for numeral in Set(Numerals.tokens(text.text).map(\.text)) {
      byNumeral[numeral, default: []].append(Source(origin: text, bytes: bytes))
    }
  }

  /// Where the numbers of a claim come from.
  func trace(_ claim: Prose.Claim) -> [Traced] {
    if let cell = claim.cell {
      return [
        Traced(
          text: claim.text, file: cell.file, rowKey: cell.rowKey, column: cell.column, kind: .cell)
      ]
    }
    switch claim.origin {
    case .constant: return [Traced(text: claim.text, kind: .constant)]
    case .structure: return [Traced(text: claim.text, kind: .structure)]
    case .text(let text, let range):
      let found =
        quoted(claim.text, in: text, at: range) ?? noted(claim.text, in: text, at: range)
        ?? Numerals.tokens(claim.sentence).lazy.filter { $0.text == claim.text }.compactMap {
          noted(claim.text, in: claim.sentence, at: $0.range)
        }.first
      return [found ?? Traced(text: claim.text)]
    case .heading(let text, let range):
      let found = quoted(claim.text, in: text, at: range)
      return [found ?? Traced(text: claim.text, kind: .constant)]
    case .drawn(let files):
      let tokens = Numerals.tokens(claim.sentence).first { $0.text == claim.text }
      let found =
        drawn(claim.text, of: Self.folded(claim.sentence), in: files)
        ?? tokens.flatMap { quoted(claim.text, in: claim.sentence, at: $0.range) }
      return [found ?? Traced(text: claim.text, file: files.first, kind: .figure)]
    case .cell: return [Traced(text: claim.text)]
    }
  }

  /// The longest known text that holds the numeral at its place, or that the text is a part of.
  private func quoted(_ numeral: String, in text: String, at range: Range<Int>) -> Traced? {
    let bytes = Self.folded(text)
    var best: Source?
    for source in byNumeral[numeral] ?? [] {
      // Of equal texts that of the option that it is given to.
      guard
        source.bytes.count > best?.bytes.count ?? 0
          || (source.bytes.count == best?.bytes.count
            && Self.isOption(source.origin.rowKey, bytes, range))
      else { continue }
      let isThere =
        Self.holds(bytes, source.bytes, over: range)
        || (bytes.count > range.count && bytes.count < source.bytes.count
          && !Self.places(of: bytes, in: source.bytes).isEmpty)
      if isThere { best = source }
    }
    return best.map {
      Traced(
        text: numeral, file: $0.origin.file, rowKey: $0.origin.rowKey, column: $0.origin.column,
        kind: $0.origin.kind)
    }
  }

  /// The words of a note without the number of its copy.
  private static func words(ofNote name: String) -> String {
    guard name.hasSuffix(")"), let start = name.lastIndex(of: "("),
      Int(name[name.index(after: start)...].dropLast()) != nil
    else { return name }
    return String(name[..<start].dropLast())
  }

  /// The number of a note that a numeral in a text is.
  private func noted(_ numeral: String, in text: String, at range: Range<Int>) -> Traced? {
    guard let table = tables[ResultTable.notes.path],
      let value = Double(numeral.replacing(",", with: ""))
    else { return nil }
    let (words, numbers) = ResultTable.noteTemplate(text)
    let bytes = Self.folded(words)
    let marks = bytes.indices.filter { bytes[$0] == 35 }
    guard let index = numbers.firstIndex(where: { $0.range == range }), index < marks.count else {
      return nil
    }
    for note in notes {
      for start in Self.offsets(of: bytes, and: note.words)
      where start <= marks[index] && marks[index] < start + note.words.count {
        let before =
          start < 0
          ? -note.words[..<(-start)].count { $0 == 35 } : marks.count { $0 < start }
        let place = index - before + 1
        let match: [String: ResultTable.Cell] = [
          "note": .text(note.name), "place": .number(Double(place)), "value": .number(value),
        ]
        guard let row = table.firstRow(where: match) else { continue }
        return Traced(
          text: numeral, file: table.path, rowKey: table.key(ofRow: row), column: "value",
          kind: .cell)
      }
    }
    return nil
  }

  /// Where a note begins in a text that holds it, or, below nought, how far before a text that is a
  /// part of it.
  private static func offsets(of text: [UInt8], and note: [UInt8]) -> [Int] {
    let within = places(of: note, in: text)
    return within.isEmpty && text.count > 12 ? places(of: text, in: note).map { -$0 } : within
  }

  /// Whether a number in a command is given to the option that a key of the study names.
  private static func isOption(_ key: String, _ text: [UInt8], _ range: Range<Int>) -> Bool {
    let name = key.split(separator: ".").last.map(String.init) ?? key
    let option = Array("--\(name) '".utf8)
    return text[..<range.lowerBound].suffix(option.count).elementsEqual(option)
  }

  /// Whether a text holds a part over a range of its bytes, as words of their own.
  ///
  /// A part that is nothing but the numeral must be the whole text or stand in quotation marks: any
  /// other number of the study may happen to be the same.
  private static func holds(_ text: [UInt8], _ part: [UInt8], over range: Range<Int>) -> Bool {
    guard part.count <= text.count else { return false }
    for start in places(of: part, in: text) {
      let end = start + part.count
      guard start <= range.lowerBound, end >= range.upperBound else { continue }
      if part.count > range.count + 1 || part.count == text.count { return true }
      if start > 0, end < text.count, text[start - 1] == 39, text[end] == 39 { return true }
    }
    return false
  }

  /// Where a part starts in a text.
  private static func places(of part: [UInt8], in text: [UInt8]) -> [Int] {
    guard let first = part.first, part.count <= text.count else { return [] }
    return (0...(text.count - part.count)).filter { start in
      text[start] == first && text[start..<start + part.count].elementsEqual(part)
    }
  }

  /// Lower case in ASCII, as a text may begin a sentence; bytes keep their places.
  private static func folded(_ text: String) -> [UInt8] {
    text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
  }

  /// The number of a figure's tables that a numeral of its summary is, as it stands or in percent:
  /// of several that in the row most of whose labels the sentence names, limits last.
  private func drawn(
    _ numeral: String, of sentence: [UInt8], in files: [String]
  ) -> Traced? {
    let plain = numeral.replacing(",", with: "")
    guard let value = Double(plain) else { return nil }
    let places = plain.split(separator: ".").dropFirst().first?.utf8.count ?? 0
    let half = 0.5000001 * [1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6][min(places, 6)]
    var best: (score: Int, traced: Traced)?
    var isNamed: [String: Bool] = [:]
    for file in files {
      guard let table = tables[file] else { continue }
      for row in table.rows.indices {
        for (position, cell) in table.rows[row].enumerated() {
          guard let number = cell.number?.magnitude,
            (number - value).magnitude <= half || (100 * number - value).magnitude <= half
          else { continue }
          let column = table.columns[position].name
          var score = column.contains("limit") || column.contains("conf.") ? 0 : 1
          for case .text(let text) in table.rows[row] where !text.isEmpty {
            let isThere =
              isNamed[text] ?? !Self.places(of: Self.folded(text), in: sentence).isEmpty
            isNamed[text] = isThere
            if isThere { score += 2 }
          }
          guard score > best?.score ?? -1 else { continue }
          let key = table.key(ofRow: row)
          best = (
            score, Traced(text: numeral, file: file, rowKey: key, column: column, kind: .cell)
          )
        }
      }
    }
    return best?.traced
  }
}
