internal import LinearAlgebra

/// A run of rows that is parsed on its own.
struct CSVBlock: Sendable {
  /// Where its first row starts.
  var start: Int
  /// The line of its first row, from one.
  var line: Int
  /// The most rows it can hold; blank lines make them fewer.
  var rows: Int
}

/// The first look at a file: what bytes it has and where rows begin.
///
/// Blocks are cut by size, never by the number of threads.
enum CSVScan {
  /// Bytes to a block.
  static let blockSize = 1 << 20

  /// What occurs in a stretch of bytes.
  struct Census: Sendable {
    var terminators = 0
    var hasNul = false
    var hasQuote = false
    var hasHighBit = false
  }

  /// A census of each block of the bytes from `start` to `end`.
  static func census(
    _ source: ByteSource, _ start: Int, _ end: Int, blockSize: Int = CSVScan.blockSize
  ) -> [Census] {
    let ranges = Parallel.ranges(of: end - start, size: blockSize)
    return Parallel.mapBlocks(ranges.count) { index in
      census(source.base, start + ranges[index].lowerBound, start + ranges[index].upperBound)
    }
  }

  private static func census(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Census {
    typealias Lane = SIMD16<UInt8>
    let (zero, one) = (Lane(repeating: 0), Lane(repeating: 1))
    let (lineFeed, carriage) = (Lane(repeating: 10), Lane(repeating: 13))
    let quote = Lane(repeating: 34)
    var (high, nul, quotes) = (zero, zero, zero)
    var result = Census()
    var position = start
    while position + 16 <= end {
      var (ends, pairs) = (zero, zero)
      // Each lane counts at most 127 × 2 before the sums are taken out.
      let stop = min(end - 15, position + 127 * 16)
      while position < stop {
        let raw = UnsafeRawPointer(base + position)
        let bytes = raw.loadUnaligned(as: Lane.self)
        let next = (raw + 1).loadUnaligned(as: Lane.self)
        high |= bytes
        nul |= zero.replacing(with: one, where: bytes .== zero)
        quotes |= zero.replacing(with: one, where: bytes .== quote)
        let feed = zero.replacing(with: one, where: bytes .== lineFeed)
        let returned = zero.replacing(with: one, where: bytes .== carriage)
        ends &+= feed &+ returned
        // A carriage return and line feed end one line together.
        pairs &+= returned & zero.replacing(with: one, where: next .== lineFeed)
        position += 16
      }
      for lane in 0..<16 { result.terminators += Int(ends[lane]) - Int(pairs[lane]) }
    }
    result.hasHighBit = (high & 0x80) != zero
    result.hasNul = nul != zero
    result.hasQuote = quotes != zero
    while position < end {
      let byte = base[position]
      if byte == 10 || byte == 13 && base[position + 1] != 10 { result.terminators += 1 }
      result.hasHighBit = result.hasHighBit || byte >= 0x80
      result.hasNul = result.hasNul || byte == 0
      result.hasQuote = result.hasQuote || byte == 34
      position += 1
    }
    return result
  }

  /// Blocks of a stretch without quotes, where every line is a row.
  static func blocks(
    _ source: ByteSource, _ start: Int, _ end: Int, line: Int, census: [Census],
    blockSize: Int = CSVScan.blockSize
  ) -> [CSVBlock] {
    var blocks: [CSVBlock] = []
    var nextLine = line
    for (index, counts) in census.enumerated() {
      let from = start + index * blockSize
      var block = CSVBlock(start: from, line: nextLine, rows: counts.terminators)
      if index == 0 {
        block.rows += 1
      } else if counts.terminators > 0 {
        // A block owns the rows that begin after a line end inside it.
        block.start = afterTerminator(source.base, from)
      }
      nextLine += block.rows
      if block.rows > 0 { blocks.append(block) }
    }
    return blocks
  }

  private static func afterTerminator(_ base: UnsafePointer<UInt8>, _ from: Int) -> Int {
    var position = from
    while true {
      let byte = base[position]
      position += 1
      if byte == 10 || byte == 13 && base[position] != 10 { return position }
    }
  }

  /// Blocks of a stretch with quotes, found by walking it once.
  ///
  /// A quote counts only where a field begins, as it does when the fields are parsed. A quote that is
  /// never closed ends the last block, where parsing comes upon it.
  static func quotedBlocks(
    _ source: ByteSource, _ start: Int, _ end: Int, line: Int, separator: UInt8,
    blockSize: Int = CSVScan.blockSize
  ) -> [CSVBlock] {
    let base = source.base
    var blocks: [CSVBlock] = []
    var block = CSVBlock(start: start, line: line, rows: 1)
    var position = start
    var currentLine = line
    var fieldStart = true
    while position < end {
      let byte = base[position]
      if byte == 34, fieldStart {
        position += 1
        while true {
          let inside = base[position]
          if inside == 34 {
            guard base[position + 1] == 34 else { break }
            position += 1
          } else if inside == 10 || inside == 13 && base[position + 1] != 10 {
            currentLine += 1
          } else if inside == 0 {
            return blocks + [block]
          }
          position += 1
        }
        position += 1
        fieldStart = false
        continue
      }
      position += 1
      fieldStart = byte == separator
      if byte == 10 || byte == 13 && base[position] != 10 {
        currentLine += 1
        fieldStart = true
        if position - block.start >= blockSize {
          blocks.append(block)
          block = CSVBlock(start: position, line: currentLine, rows: 0)
        }
        block.rows += 1
      }
    }
    blocks.append(block)
    return blocks
  }
}
