internal import Reporting

/// The plain text of a written document with the place of every byte, as a reader sees it.
///
/// Marks of Markdown are gone, code blocks and addresses too; a table is one block a cell.
struct MarkdownText {
  /// A paragraph, an item of a list, a heading, or a cell of a table.
  struct Block {
    /// The text in UTF-8.
    var bytes: [UInt8] = []
    /// The line and column, from one, of each byte.
    var places: [(line: Int, column: Int)] = []
    /// Which table the cell belongs to, counted from one; 0 for other text.
    var table = 0

    /// The text.
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// The blocks in order.
  private(set) var blocks: [Block] = []
  private var current = Block()
  private var tables = 0
  private var isInTable = false

  init(_ text: String) {
    var isCode = false
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if line.hasPrefix("```") {
        isCode.toggle()
        finish()
      } else if !isCode {
        add(Array(line.utf8), index + 1)
      }
    }
    finish()
  }

  private mutating func finish() {
    while current.bytes.last == 32 {
      current.bytes.removeLast()
      current.places.removeLast()
    }
    if !current.bytes.isEmpty { blocks.append(current) }
    current = Block()
  }

  private mutating func add(_ line: [UInt8], _ number: Int) {
    var start = 0
    func skip(_ bytes: [UInt8]) -> Bool {
      let isThere = line[start...].starts(with: bytes)
      if isThere { start += bytes.count }
      return isThere
    }
    if skip([62]) { _ = skip([32]) }
    guard start < line.count else {
      isInTable = false
      return finish()
    }
    if line[start] == 124 {
      finish()
      if !isInTable { tables += 1 }
      isInTable = true
      return row(line, from: start, number)
    }
    isInTable = false
    var isItem = skip([45, 32])
    let hashes = line[start...].prefix { $0 == 35 }.count
    if hashes > 0, start + hashes < line.count, line[start + hashes] == 32 {
      start += hashes + 1
      isItem = true
      // The number of a section is structure.
      let section = line[start...].prefix { (48...57).contains($0) }.count
      if section > 0, line[(start + section)...].starts(with: [46, 32]) { start += section + 2 }
    }
    let digits = line[start...].prefix { (48...57).contains($0) }.count
    if digits > 0, hashes == 0, line[(start + digits)...].starts(with: [46, 32]) {
      start += digits + 2
      isItem = true
    }
    if isItem { finish() } else if !current.bytes.isEmpty { append(32, number, start + 1) }
    inline(line[start...], number)
    if isItem, hashes > 0 { finish() }
  }

  private mutating func append(_ byte: UInt8, _ line: Int, _ column: Int) {
    current.bytes.append(byte)
    current.places.append((line, column))
  }

  private mutating func row(_ line: [UInt8], from start: Int, _ number: Int) {
    var index = start + 1
    while index < line.count {
      var end = index
      while end < line.count, line[end] != 124 || line[end - 1] == 92 { end += 1 }
      guard end < line.count else { return }
      var first = index
      while first < end, line[first] == 32 { first += 1 }
      current.table = tables
      inline(line[first..<end], number)
      finish()
      index = end + 1
    }
  }

  /// Text without marks: escapes, emphasis, the brackets and addresses of links and images.
  private mutating func inline(_ line: ArraySlice<UInt8>, _ number: Int) {
    var index = line.startIndex
    while index < line.endIndex {
      let byte = line[index]
      let next = index + 1 < line.endIndex ? line[index + 1] : 0
      if byte == 92, next > 32, !(48...57).contains(next) {
        if next != 42, next != 96 { append(next, number, index + 2) }
        index += 2
      } else if byte == 42 || byte == 96 || byte == 91 || (byte == 33 && next == 91) {
        index += 1
      } else if byte == 93 {
        index += 1
        if next == 40, let end = line[index...].firstIndex(of: 41) { index = end + 1 }
      } else {
        append(byte, number, index + 1)
        index += 1
      }
    }
  }

  /// A sentence of the claims as the text of a block has it: without emphasis and line ends.
  static func normalised(_ sentence: String) -> [UInt8] {
    sentence.utf8.filter { $0 != 42 && $0 != 96 }.map { $0 == 10 ? 32 : $0 }
  }
}
