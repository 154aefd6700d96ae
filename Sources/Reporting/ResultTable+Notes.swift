// The numbers of a report's notes, as a result file.

extension ResultTable {
  /// The numbers in notes on the data and the methods: `results/notes.csv`.
  ///
  /// A note is told by its words with `#` for each number; the place counts the numbers from one.
  public static var notes: ResultTable {
    ResultTable(
      unchecked: "notes", summary: "The numbers in the report's notes on data and methods.",
      columns: [
        .label("note", "The note, with # for each number"),
        .label("place", "Which number of the note, from 1", type: .number),
        .number("value", "The number"),
      ])
  }

  /// The smallest differences that matter, as the study names them:
  /// `results/important_differences.csv`.
  public static var importantDifferences: ResultTable {
    ResultTable(
      unchecked: "important_differences",
      summary: "The smallest difference of each outcome that matters, as the study names it.",
      columns: [
        .label("outcome", "The outcome"),
        .number("important", "The smallest difference that matters, in the outcome's unit"),
      ])
  }

  /// A note's words with `#` for each of its numbers, and the numbers.
  static func noteTemplate(_ note: String) -> (words: String, numbers: [Numerals.Token]) {
    let bytes = Array(note.utf8)
    let tokens = Numerals.tokens(bytes)
    var words: [UInt8] = []
    var start = 0
    for token in tokens {
      words += bytes[start..<token.range.lowerBound] + [35]
      start = token.range.upperBound
    }
    return (String(decoding: words + bytes[start...], as: UTF8.self), tokens)
  }

  /// Adds the numbers of a note; a note that was added before adds those that differ.
  ///
  /// What is no single number, such as a version, is left out.
  public mutating func append(numbersOf note: String) {
    let (words, numbers) = Self.noteTemplate(note)
    for (place, token) in numbers.enumerated() {
      guard let value = Double(token.text.replacing(",", with: "")) else { continue }
      // The same words with other numbers are another note.
      var name = words
      var copy = 1
      while let row = firstRow(where: ["note": .text(name), "place": .number(Double(place + 1))]) {
        if self[row, "value"] == .number(value) { break }
        copy += 1
        name = "\(words) (\(copy))"
      }
      let row: [Cell] = [.text(name), .number(Double(place + 1)), .number(value)]
      if !rows.contains(row) { rows.append(row) }
    }
  }
}
