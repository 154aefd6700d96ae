import Statistics
import Testing

@testable import Tables

/// A table from text.
func table(_ text: String, _ reader: CSVReader = CSVReader()) throws(SiblingError) -> Table {
  try reader.read(bytes: Array(text.utf8), name: "data.csv")
}

@Suite struct CSVReaderTests {
  @Test func columnsTakeTheNarrowestTypeOfAllTheirCells() throws {
    let read = try table(
      """
      i,d,b,t,s,z,m,big,e
      1,1.5,true,2024-02-29,x,007,1,9223372036854775807,
      -2,2,FALSE,1970-01-01,yes,008,true,9223372036854775808,NA
      +3,1e2,,NA,no,.,2024-01-01,1,.
      """)
    #expect(read["i"]?.values == .integers([1, -2, 3]))
    #expect(read["d"]?.values == .doubles([1.5, 2, 100]))
    #expect(read["b"]?.values == .booleans([1, 0, -1]))
    #expect(read["t"]?.values == .dates([19782, 0, Int32.min]))
    #expect(read["s"]?.values == .text(Factor(["x", "yes", "no"])))
    #expect(read["z"]?.values == .text(Factor(["007", "008", nil])))
    #expect(read["m"]?.values == .text(Factor(["1", "true", "2024-01-01"])))
    #expect(
      read["big"]?.values == .doubles([0x1p63, 0x1p63, 1]))
    guard case .doubles(let empty) = read["e"]?.values else {
      Issue.record("a column without values is a column of missing numbers")
      return
    }
    #expect(empty.count == 3 && empty.allSatisfy { $0.isNaN })
  }

  @Test(arguments: [
    ("0", 0.0), ("-0.5", -0.5), ("-.5", -0.5), ("5.", 5), ("+3.25", 3.25), ("1e5", 1e5),
    ("1E-5", 1e-5), ("1.5e+3", 1500), (" 2.5 ", 2.5), ("00.5", 0.5),
    ("0.1234567890123456789", 0.1234567890123456789),
    ("123456789012345678901234567890", 1.2345678901234568e29),
    ("2.2250738585072014e-308", .leastNormalMagnitude), ("4.9e-324", .leastNonzeroMagnitude),
    ("1.7976931348623157e308", 1.7976931348623157e308), ("1e-400", 0),
    ("0.00000000000000000000000000012345", 1.2345e-28),
  ])
  func numbers(text: String, value: Double) throws {
    // The second row makes it a column of doubles whatever the first is.
    for quote in ["", "\""] {
      let read = try table("x,y\n\(quote)\(text)\(quote),1\n0.5,2\n")
      #expect(read["x"]?.values == .doubles([value, 0.5]))
    }
  }

  @Test(arguments: [
    "nan", "inf", "Infinity", "-inf", "0x1p3", "0x10", "1e", "1e+", "e5", "+", "-", "--1", "1.2.3",
    "1,5", "1_000", "1 000", "12a", "1e999", "١", "1.5f", "1-", "$5", "50%",
  ])
  func wordsThatAreNotNumbers(text: String) throws {
    let read = try table("x;y\n\(text);1\n")
    #expect(read["x"]?.values == .text(Factor([text])))
  }

  @Test func conversionIsCorrectlyRounded() throws {
    // Swift's own reading of literals is the reference; the digits are those of hard cases.
    var texts = [
      "9007199254740993", "9007199254740992.5", "0.30000000000000004", "7.3177701707893310e15",
      "8.98846567431158e307", "1234567890.123456789", "9999999999999999999", "0.99999999999999994",
      "9007199254740991.5", "1.00000000000000011102230246251565", "5e-324", "2.5e-324",
      "18014398509481985e3", "18014398509481987e-3", "9223372036854775809e19",
    ]
    var state: UInt64 = 42
    for _ in 0..<4000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let mantissa = state >> (state % 40)
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      texts.append("\(mantissa)e\(Int(state >> 59) - 16)")
      texts.append("0.\(mantissa)")
      texts.append("\(Double(bitPattern: state & 0x7FEF_FFFF_FFFF_FFFF))")
    }
    let read = try table("x,y\n.5,0\n" + texts.map { "\($0),1\n" }.joined())
    let values = try read.doubles("x")
    #expect(values.count == texts.count + 1)
    for (value, text) in zip(values.dropFirst(), texts) {
      #expect(value == Double(text), "\(text)")
    }
  }

  @Test func leadingZerosMakeAColumnTextWhereverTheyStand() throws {
    let rows = (1...3000).map { "\($0),\($0)" } + ["0300,x"] + (1...3000).map { "\($0),1" }
    let read = try table("id,v\n" + rows.joined(separator: "\n"))
    #expect(read["id"]?.typeName == "text")
    #expect(try read.strings("id")[2999...3001] == ["3000", "0300", "1"])
  }

  @Test(arguments: [",", ";", "\t"]) func separatorsAreFoundInTheHeader(separator: String) throws {
    let read = try table("a\(separator)\"b,;\"\(separator)c\n1\(separator)x\(separator)2\n")
    #expect(read.names == ["a", "b,;", "c"])
    #expect(read["c"]?.values == .integers([2]))
  }

  @Test func separatorsCanBeGivenAndDeclared() throws {
    var reader = CSVReader()
    reader.separator = UInt8(ascii: "|")
    #expect(try table("a,b|c\n1|2\n", reader).names == ["a,b", "c"])
    #expect(try table("sep=;\na,b;c\n1;2\n").names == ["a,b", "c"])
    #expect(try table("sep=;\na,b;c\n1;2\n").location(row: 0)?.line == 3)
  }

  @Test(arguments: ["\n", "\r\n", "\r"]) func lineEnds(end: String) throws {
    for tail in ["", end, end + end + end] {
      let text = ["a,b", "1,x", "2,\"y\(end)z\"", "", "3,w"].joined(separator: end) + tail
      let read = try table(text)
      #expect(read["a"]?.values == .integers([1, 2, 3]))
      #expect(try read.strings("b") == ["x", "y\(end)z", "w"])
      #expect(read.source?.lines == [2, 3, 6])
    }
  }

  @Test func quotes() throws {
    let read = try table(
      "\"a b\",\"c\"\"d\"\n\"x, \"\"y\"\"\",\"5\"\n\"\",\"NA\"\nit's 5\" wide,7\n")
    #expect(read.names == ["a b", "c\"d"])
    #expect(try read.strings("a b") == ["x, \"y\"", nil, "it's 5\" wide"])
    #expect(read["c\"d"]?.values == .integers([5, Int.min, 7]))
  }

  @Test func quotedAndDoubledFormsAreOneLevel() throws {
    let read = try table("a,b\n\"x\",1\nx,2\n\"x\"\"\",3\n\"x\"\"\",4\n")
    #expect(read["a"]?.values == .text(Factor(["x", "x", "x\"", "x\""])))
  }

  @Test func blankLinesAreRowsOnlyInAFileOfOneColumn() throws {
    #expect(try table("a\n1\n\n3\n\n\n")["a"]?.values == .integers([1, Int.min, 3]))
    let read = try table("\n\na,b\n1,2\n\n\n3,4\n\n")
    #expect(read["b"]?.values == .integers([2, 4]))
    #expect(read.source?.lines == [4, 7])
    #expect(try table("a\n1\n\"\"\n")["a"]?.values == .integers([1, Int.min]))
  }

  @Test func missingWordsCanBeChosen() throws {
    var reader = CSVReader()
    reader.missingWords = ["", "-9", "not known"]
    let read = try table("a,b,c\n1,NA,-9\n-9,x,3\n not known ,,4\n", reader)
    #expect(read["a"]?.values == .integers([1, Int.min, Int.min]))
    #expect(try read.strings("b") == ["NA", "x", nil])
    #expect(read["c"]?.values == .integers([Int.min, 3, 4]))
    let standard = try table("a,b\n1,x\nNA,NA\nNaN,NaN\nnull,null\nNULL,NULL\n.,.\n,\n")
    #expect(standard["a"]?.typeName == "integer")
    #expect(try standard.strings("b") == ["x"] + [String?](repeating: nil, count: 6))
    #expect(try table("a,b\nna,1\n")["a"]?.typeName == "text")
  }

  @Test func declaredTypes() throws {
    var reader = CSVReader()
    reader.types = ["a": .text, "b": .number, "c": .integer, "d": .boolean, "e": .date]
    reader.dateFormats = ["f": "dd/mm/yyyy", "g": "yyyymmdd", "h": "d-mmm-yyyy"]
    let read = try table(
      "a,b,c,d,e,f,g,h\n007,3,0012,1,2020-01-31,29/02/2020,20200301,5-Jan-2021\nNA,,,,,,,\n",
      reader)
    #expect(read["a"]?.values == .text(Factor(["007", nil])))
    #expect(try read.doubles("b")[0] == 3 && read.doubles("b")[1].isNaN)
    #expect(read["c"]?.values == .integers([12, Int.min]))
    #expect(read["d"]?.values == .booleans([1, -1]))
    let days = ["2020-01-31", "2020-02-29", "2020-03-01", "2021-01-05"].map {
      CivilDate(iso: $0)?.days ?? 0
    }
    for (name, day) in zip(["e", "f", "g", "h"], days) {
      #expect(read[name]?.values == .dates([day, Int32.min]))
    }
  }

  @Test func byteOrderMarkAndAccents() throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let read = try CSVReader().read(bytes: mark + Array("né,b\nÅ😀,1\n".utf8), name: "d")
    #expect(read.names == ["né", "b"])
    #expect(try read.strings("né") == ["Å😀"])
    #expect(read.notes.isEmpty)
    #expect(read.headerLocation("né")?.column == 1)
    #expect(read.headerLocation("b")?.column == 5)
  }

  @Test func windowsTextIsReadWithANote() throws {
    let bytes =
      Array("na".utf8) + [0xEF] + Array("ve,b\n".utf8) + [0xE9, 44, 49, 10, 0x80]
      + Array(",2\nz,3\n".utf8)
    let read = try CSVReader().read(bytes: bytes, name: "d.csv")
    #expect(read.names == ["naïve", "b"])
    // Levels in code-point order, though € is the smaller byte.
    #expect(read["naïve"]?.values == .text(Factor(codes: [1, 2, 0], levels: ["z", "é", "€"])))
    #expect(read.notes.count == 1)
    #expect(read.location(row: 0, column: "b")?.column == 3)
    var strict = CSVReader()
    strict.encoding = .utf8
    let error = #expect(throws: SiblingError.self) { try strict.read(bytes: bytes, name: "d.csv") }
    #expect(error?.code == .badEncoding)
    #expect(error?.location == .init(file: "d.csv", line: 1, column: 3))
  }

  @Test func levelsAreInCodePointOrder() throws {
    let words = ["b", "B", "é", "a", "aa", "aaaaaaaab", "aaaaaaaaa", "z", "😀", "\u{FFFD}", "Z"]
    let read = try table("w,i\n" + words.map { "\($0),1\n" }.joined())
    #expect(read["w"]?.values == .text(Factor(words)))
  }

  @Test func headerOnlyIsATableWithoutRows() throws {
    for text in ["a,b", "a,b\n", "a,b\r\n\r\n"] {
      let read = try table(text)
      #expect(read.rowCount == 0 && read.names == ["a", "b"])
    }
  }

  @Test func manyBlocksGiveWhatOneGives() throws {
    // Types that change late, and quoted line ends across block bounds.
    var reader = CSVReader()
    reader.blockSize = 1 << 12
    for quoted in [false, true] {
      var text = "id,x,late,word,day\n"
      var expected: [(Int, Double, String)] = []
      for row in 0..<6000 {
        let word = quoted && row % 3 == 0 ? "\"w,\n\(row % 1000)\"" : "w\(row % 1000)"
        let late = row == 5900 ? "0.5" : "\(row)"
        text += "\(row),\(Double(row) / 8),\(late),\(word),2020-01-0\(row % 9 + 1)"
        text += ",\(String(repeating: "p", count: 40))\n"
        expected.append((row, Double(row) / 8, quoted && row % 3 == 0 ? "w,\n\(row % 1000)" : word))
      }
      text = text.replacingFirstLine(with: "id,x,late,word,day,pad")
      let read = try table(text, reader)
      #expect(read.rowCount == 6000)
      #expect(read["id"]?.values == .integers(expected.map(\.0)))
      #expect(read["x"]?.values == .doubles(expected.map(\.1)))
      #expect(try read.doubles("late")[5899...5901] == [5899, 0.5, 5901])
      #expect(read["word"]?.values == .text(Factor(expected.map(\.2))))
      #expect(read["day"]?.typeName == "date")
      let line = 2 + 5000 + (quoted ? 1667 : 0)
      #expect(read.source?.lines[5000] == line)
    }
  }
}

extension String {
  fileprivate func replacingFirstLine(with line: String) -> String {
    guard let end = utf8.firstIndex(of: 10) else { return line }
    return line + self[end...]
  }
}
