import Glibc
import LinearAlgebra
import Statistics
import Testing

@testable import Tables

@Suite struct CSVPropertyTests {
  private static let sample = """
    id,"name, full",x,day,ok,note
    1,"O""Neill, é",1.5,2020-02-29,true,"two
    lines"
    2,,-3e-7,,FALSE,😀\r
    3,NA,.5,1999-12-31,,"";

    4,"x",12345678901234567890,2000-01-01,true,end

    """

  @Test func everyPrefixOfAFileIsATableOrALocatedError() throws {
    let bytes = Array(Self.sample.replacing(";", with: "").utf8)
    var tables = 0
    for length in 0...bytes.count {
      do {
        let read = try CSVReader().read(bytes: Array(bytes[..<length]), name: "f.csv")
        #expect(read.columns.allSatisfy { $0.count == read.rowCount })
        tables += 1
      } catch {
        #expect(error.location?.file == "f.csv")
        #expect(error.code == .emptyFile || error.location?.line != nil, "\(error)")
      }
    }
    #expect(tables > 5)
    #expect(try CSVReader().read(bytes: bytes, name: "f.csv").rowCount == 4)
  }

  @Test func everyChangedByteIsATableOrALocatedError() throws {
    let bytes = Array(Self.sample.replacing(";", with: "").utf8)
    for position in bytes.indices {
      for byte: UInt8 in [0, 9, 10, 13, 34, 44, 48, 59, 65, 0x80, 0xC3, 0xF0, 0xFF] {
        var changed = bytes
        changed[position] = byte
        do {
          let read = try CSVReader().read(bytes: changed, name: "f.csv")
          for column in read.columns { _ = column.asStrings }
          if read.rowCount > 0 {
            #expect(read.location(row: read.rowCount - 1, column: read.names[0])?.line != nil)
          }
        } catch {
          #expect(error.location?.file == "f.csv")
        }
      }
    }
  }

  @Test func randomBytesGiveTheSameInBlocksOfAnySize() {
    var state: UInt64 = 7
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let cells = [
      "1", "-2", "0.5", "1e3", "", "NA", "true", "2020-01-01", "a", "é", "007", "12345678901234567",
      "\"q\"", "\"a,b\"", "\"c\nd\"", "\"e\"\"f\r\ng\"", "\"\"", "it's", "x\"y",
    ]
    let ends = ["\n", "\r\n", "\r", "\n\n"]
    var tables = 0
    for round in 0..<500 {
      // Few kinds of cells make for columns of one type, many for text; few have quotes.
      let (first, kinds) = (random(cells.count), 1 + random(round % 2 == 0 ? 3 : cells.count))
      var text = round % 5 == 0 ? "x\n" : "x,y\n"
      for _ in 0..<random(12) {
        text += cells[(first + random(kinds)) % cells.count]
        if round % 5 != 0 { text += "," + cells[(first + 5 + random(kinds)) % cells.count] }
        text += ends[random(10) < 8 ? round % 3 : random(4)]
      }
      var bytes = Array(text.utf8)
      if round % 4 == 3 {
        let stray: [UInt8] = [0, 10, 13, 34, 44, 0xFF, 0xE9]
        bytes[random(bytes.count)] = stray[random(stray.count)]
      }
      let whole = Result { () throws(SiblingError) in
        try CSVReader().read(bytes: bytes, name: "r")
      }
      for size in [1, 7, 16] {
        var reader = CSVReader()
        reader.blockSize = size
        let cut = Result { () throws(SiblingError) in try reader.read(bytes: bytes, name: "r") }
        switch (whole, cut) {
        case (.success(let one), .success(let other)):
          tables += 1
          let written = [one, other].map { try? TableWriter(.csv).bytes($0.columns) }
          #expect(written[0] == written[1])
          #expect(one.columns.map(\.typeName) == other.columns.map(\.typeName))
          #expect(one.source?.lines == other.source?.lines)
          #expect(one.source?.lines.count == one.rowCount)
        case (.failure(let one), .failure(let other)):
          #expect(one == other)
          #expect(one.location?.file == "r")
        default: Issue.record("blocks of \(size) bytes differ: \(bytes)")
        }
      }
    }
    #expect(tables > 100)
  }

  @Test func everyCellIsFoundAgain() throws {
    let bytes = Array(Self.sample.replacing(";", with: "").utf8)
    let read = try CSVReader().read(bytes: bytes, name: "f.csv")
    #expect(read.location(row: 0, column: "note") == .init(file: "f.csv", line: 2, column: 38))
    #expect(read.location(row: 1, column: "id") == .init(file: "f.csv", line: 4, column: 1))
    #expect(read.location(row: 3, column: "x") == .init(file: "f.csv", line: 7, column: 7))
    let some = read.selecting(rows: [3, 1])
    #expect(some.location(row: 0, column: "x") == .init(file: "f.csv", line: 7, column: 7))
    #expect(some.location(row: 1)?.line == 4)
    #expect(some.location(row: 9)?.line == nil)
    #expect(read.location(row: 1, column: "derived") == .init(file: "f.csv", line: 4))
    let error = SiblingError(.badWeight, "m", row: 1, column: "x")
    #expect(read.locating(error, rows: [1, 3]).location?.line == 7)
    #expect(read.locating(error).location == .init(file: "f.csv", line: 4, column: 4))
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    var text = "i,x,s,mixed\n"
    for row in 0..<8000 {
      text +=
        "\(row * 7 % 1009),\(Double(row) / 7),level \(row % 97),\(row < 7000 ? "1" : "u\(row)")\n"
    }
    var reader = CSVReader()
    reader.blockSize = 4000
    Parallel.setThreads(1)
    let one = try table(text, reader)
    let oneBytes = try TableWriter(.csv).bytes(one.columns)
    Parallel.setThreads(2)
    let two = try table(text, reader)
    let twoBytes = try TableWriter(.csv).bytes(two.columns)
    #expect(one.columns == two.columns)
    #expect(one.source?.lines == two.source?.lines)
    #expect(oneBytes == twoBytes)
    #expect(one["mixed"]?.typeName == "text")
    #expect(try one.strings("mixed")[6999] == "1")
  }

  @Test func whatIsWrittenReadsBackEqual() throws {
    var state: UInt64 = 99
    func random() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 20 ^ state << 40
    }
    let rows = 5000
    let words = ["a", "b,c", "d\"e", "f\ng", "h\r\ni", " j ", "é", "😀", "k\tl", "'", "|", "\\"]
    let doubles = (0..<rows).map { row -> Double in
      if row % 50 == 0 { return .nan }
      let value = Double(bitPattern: random())
      return value.isFinite ? value : 0.1
    }
    let columns = [
      Column(name: "d", values: .doubles([0.5] + doubles.dropFirst())),
      Column(
        name: "i, \"x\"",
        values: .integers(
          (0..<rows).map {
            $0 % 9 == 0 ? Int.min : Int(truncatingIfNeeded: random() >> (random() % 60))
          })),
      Column(
        name: "t",
        values: .text(Factor((0..<rows).map { $0 % 13 == 0 ? nil : words[Int(random() % 12)] }))),
      Column(name: "b", values: .booleans((0..<rows).map { Int8($0 % 3) - 1 })),
      Column(
        name: "day",
        values: .dates((0..<rows).map { $0 % 7 == 0 ? Int32.min : Int32($0 * 37) - 90_000 })),
    ]
    let bytes = try TableWriter(.csv).bytes(columns)
    let read = try CSVReader().read(bytes: bytes, name: "round.csv")
    #expect(read.names == columns.map(\.name))
    for (column, original) in zip(read.columns, columns).dropFirst() { #expect(column == original) }
    let back = try read.doubles("d")
    #expect(
      zip(back, [0.5] + doubles.dropFirst()).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
    #expect(try TableWriter(.csv).bytes(read.columns) == bytes)
  }

  @Test func filesAndPipesReadAlike() throws {
    let folder = "/tmp/sibling-tables-\(getpid())"
    try AtomicFile.createFolder(folder)
    defer { rmdir(folder) }
    // A file that ends exactly at a page has no room for a sentinel in its last page.
    for size in [4096, 8192, 100] {
      var text = "a,b\n"
      while text.utf8.count + 12 <= size { text += "123,456\n" }
      text += String(repeating: "7", count: size - text.utf8.count - 2) + ",8"
      #expect(text.utf8.count == size)
      let path = folder + "/x.csv"
      try AtomicFile.write(text, to: path)
      defer { unlink(path) }
      let mapped = try CSVReader().read(path: path)
      #expect(mapped.columns == (try table(text)).columns)
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      #expect(write(ends[1], text, text.utf8.count) == text.utf8.count)
      close(ends[1])
      let piped = try CSVReader().read(path: "/dev/fd/\(ends[0])")
      close(ends[0])
      #expect(piped.columns == mapped.columns)
      #expect(mapped.location(row: mapped.rowCount - 1, column: "b")?.line == mapped.rowCount + 1)
    }
  }
}
