internal import Glibc
internal import Reporting

/// Which numerals of a document its claims explain.
struct ClaimCoverage {
  /// A numeral that no claim explains.
  struct Orphan {
    let line: Int
    let column: Int
    let text: String
  }

  let blocks: [MarkdownText.Block]
  private let claims: [ReportAudit.Claim]
  private let isName: [Bool]
  private let tokens: [[Numerals.Token]]
  private var isCovered: [[Bool]]
  /// Numbers of sentences that are there with other numbers: where, what was claimed, what stands there.
  private(set) var changed: [(place: Orphan, expected: String)] = []

  /// The numerals of a text and the claims; `isName` says whose cell is a text.
  init(_ text: MarkdownText, _ claims: [ReportAudit.Claim], _ isName: [Bool]) {
    self.isName = isName
    blocks = text.blocks
    self.claims = claims
    tokens = blocks.map { Numerals.tokens($0.bytes) }
    isCovered = tokens.map { [Bool](repeating: false, count: $0.count) }
  }

  /// How many numerals are explained.
  var covered: Int { isCovered.reduce(0) { $0 + $1.count { $0 } } }

  /// The numerals that no claim explains.
  var orphans: [Orphan] {
    var found: [Orphan] = []
    for (block, covered) in isCovered.enumerated() {
      for (index, isKnown) in covered.enumerated() where !isKnown {
        let token = tokens[block][index]
        let place = blocks[block].places[token.range.lowerBound]
        found.append(Orphan(line: place.line, column: place.column, text: token.text))
      }
    }
    return found
  }

  /// Covers numerals by claims, sentence by sentence; a claim that is said becomes true in `isSaid`.
  mutating func cover(_ isSaid: inout [Bool]) {
    var order: [String] = []
    var bySentence: [String: [Int]] = [:]
    for (index, claim) in claims.enumerated() {
      if bySentence[claim.sentence] == nil { order.append(claim.sentence) }
      bySentence[claim.sentence, default: []].append(index)
    }
    for sentence in order {
      let members = bySentence[sentence] ?? []
      let bytes = MarkdownText.normalised(sentence)
      guard !bytes.isEmpty else { continue }
      var isThere = false
      for block in blocks.indices {
        for start in places(of: bytes, in: block) {
          isThere = true
          let range = start..<start + bytes.count
          for index in members {
            if cover(claims[index].text, block, range) { isSaid[index] = true }
          }
          if sentence.hasPrefix("Table "), blocks[block].table == 0 {
            coverTable(after: block, members, &isSaid)
          }
        }
      }
      if !isThere, members.contains(where: { !isSaid[$0] }) { compare(bytes, members, &isSaid) }
    }
  }

  /// Looks for a sentence with other numbers, and says which differ.
  private mutating func compare(_ sentence: [UInt8], _ members: [Int], _ isSaid: inout [Bool]) {
    let own = Numerals.tokens(sentence)
    guard !own.isEmpty else { return }
    let words = Self.words(sentence, own)
    for block in blocks.indices where tokens[block].count >= own.count {
      let all = Self.words(blocks[block].bytes, tokens[block])
      guard let start = Self.start(of: words, in: all) else { continue }
      let first = all[..<start].count { $0 == 35 } - blocks[block].bytes.count { $0 == 35 }
      guard first >= 0, first + own.count <= tokens[block].count else { continue }
      for (index, token) in own.enumerated() {
        let there = tokens[block][first + index]
        if there.text == token.text {
          isCovered[block][first + index] = true
        } else if !isCovered[block][first + index] {
          isCovered[block][first + index] = true
          let place = blocks[block].places[there.range.lowerBound]
          let changed = Orphan(line: place.line, column: place.column, text: there.text)
          self.changed.append((changed, token.text))
        }
      }
      for index in members { isSaid[index] = true }
      return
    }
  }

  /// A text with `#` for each numeral.
  private static func words(_ text: [UInt8], _ tokens: [Numerals.Token]) -> [UInt8] {
    var words: [UInt8] = []
    var start = 0
    for token in tokens {
      words += text[start..<token.range.lowerBound] + [35]
      start = token.range.upperBound
    }
    return words + text[start...]
  }

  private static func start(of part: [UInt8], in text: [UInt8]) -> Int? {
    guard let first = part.first, part.count <= text.count, part.count >= 12 else { return nil }
    return (0...(text.count - part.count)).first {
      text[$0] == first && text[$0..<$0 + part.count].elementsEqual(part)
    }
  }

  /// Where a sentence stands in a block; a short one must be the whole of it.
  private func places(of sentence: [UInt8], in block: Int) -> [Int] {
    let bytes = blocks[block].bytes
    guard sentence.count <= bytes.count else { return [] }
    let isShort = sentence.count < 12
    var found: [Int] = []
    bytes.withUnsafeBytes { text in
      sentence.withUnsafeBytes { part in
        guard let base = text.baseAddress, let wanted = part.baseAddress else { return }
        var offset = 0
        while offset + part.count <= text.count,
          let hit = memchr(base + offset, Int32(part[0]), text.count - offset - part.count + 1)
        {
          let start = base.distance(to: UnsafeRawPointer(hit))
          let end = start + part.count
          if memcmp(hit, wanted, part.count) == 0, start == 0 || text[start - 1] == 32,
            end == text.count || text[end] == 32,
            !isShort || Self.isAlone(text, start, end)
          {
            found.append(start)
          }
          offset = start + 1
        }
      }
    }
    return found
  }

  /// Whether a short sentence stands by itself: between the ends of sentences or of the block.
  private static func isAlone(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
    let stops: [UInt8] = [46, 33, 63]
    return (start == 0 || (start > 1 && stops.contains(text[start - 2])))
      && (end == text.count || stops.contains(text[end - 1]))
  }

  /// Covers the numerals of a text within a range of a block.
  private mutating func cover(_ text: String, _ block: Int, _ range: Range<Int>) -> Bool {
    let part = MarkdownText.normalised(text)
    let starts = ClaimedText.places(of: part, in: blocks[block].bytes[range])
    for start in starts { mark(block, start..<start + part.count) }
    return !starts.isEmpty
  }

  /// Whether every numeral of a range is explained; a number within a name is no cell of its own.
  private func isMarked(_ block: Int, _ range: Range<Int>) -> Bool {
    let own = tokens[block].indices.filter { tokens[block][$0].range.overlaps(range) }
    return !own.isEmpty && own.allSatisfy { isCovered[block][$0] }
  }

  private mutating func mark(_ block: Int, _ range: Range<Int>) {
    for (index, token) in tokens[block].enumerated() where token.range.overlaps(range) {
      isCovered[block][index] = true
    }
  }

  /// Covers the cells of the table below a caption, claim by claim in the order of the cells.
  private mutating func coverTable(
    after caption: Int, _ members: [Int], _ isSaid: inout [Bool]
  ) {
    guard let first = blocks[caption...].firstIndex(where: { $0.table > 0 }), first <= caption + 2
    else { return }
    let table = blocks[first].table
    let end = blocks[first...].firstIndex { $0.table != table } ?? blocks.endIndex
    var (block, offset) = (first, 0)
    for index in members where claims[index].kind != "structure" {
      let part = MarkdownText.normalised(claims[index].text)
      // Both limits withheld are one mark.
      guard claims[index].kind == "cell", !isName[index], claims[index].text != "[c]" else {
        // A name stands in as many rows as it has.
        for place in first..<end {
          if cover(claims[index].text, place, 0..<blocks[place].bytes.count) {
            isSaid[index] = true
          }
        }
        continue
      }
      // A number within a name is explained already, so that it is taken only for want of another.
      let found =
        next(part, block, offset, before: end, isOpen: true)
        ?? next(part, block, offset, before: end, isOpen: false)
      if let found {
        mark(found.block, found.start..<found.start + part.count)
        isSaid[index] = true
        (block, offset) = (found.block, found.start + part.count)
      }
    }
  }

  /// The next place of a number in a table, not far on: one that nothing explains yet, or any.
  private func next(
    _ part: [UInt8], _ block: Int, _ offset: Int, before end: Int, isOpen: Bool
  ) -> (block: Int, start: Int)? {
    var (place, from, steps) = (block, offset, 0)
    while place < end, steps < 40 {
      let bytes = blocks[place].bytes
      if from < bytes.count,
        let start = ClaimedText.places(of: part, in: bytes[from...]).first(where: {
          !isOpen || !isMarked(place, $0..<$0 + part.count)
        })
      {
        return (place, start)
      }
      // Names and blanks between two numbers are no distance.
      (place, from, steps) = (place + 1, 0, steps + (tokens[place].isEmpty ? 0 : 1))
    }
    return nil
  }
}
