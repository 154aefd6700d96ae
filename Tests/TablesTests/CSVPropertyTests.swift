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

  @Test func randomBytesNeverCrash() {
    var state: UInt64 = 7
    let alphabet = Array("a1,;\"\n\r\t.-eN 0é".utf8) + [0xFF]
    for _ in 0..<3000 {
      var bytes: [UInt8] = []
      for _ in 0..<60 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      do {
        let read = try CSVReader().read(bytes: bytes, name: "r")
        #expect(read.columns.allSatisfy { $0.count == read.rowCount })
        #expect(read.source?.lines.count == read.rowCount)
      } catch {
        #expect(error.location?.file == "r")
      }
    }
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
    for row in 0..<80_000 {
      text +=
        "\(row * 7 % 1009),\(Double(row) / 7),level \(row % 97),\(row < 70_000 ? "1" : "u\(row)")\n"
    }
    Parallel.setThreads(1)
    let one = try table(text)
    let oneBytes = try TableWriter(.csv).bytes(one.columns)
    Parallel.setThreads(2)
    let two = try table(text)
    let twoBytes = try TableWriter(.csv).bytes(two.columns)
    #expect(one.columns == two.columns)
    #expect(one.source?.lines == two.source?.lines)
    #expect(oneBytes == twoBytes)
    #expect(one["mixed"]?.typeName == "text")
    #expect(try one.strings("mixed")[69_999] == "1")
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
      #expect(mapped.location(row: mapped.rowCount - 1, column: "b")?.line == mapped.rowCount + 1)
    }
  }
}
