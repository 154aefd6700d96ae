import LinearAlgebra
import Statistics
import Testing

@testable import Tables

private struct Case: Sendable, CustomTestStringConvertible {
  var text: String
  var code: SiblingError.Code
  var line: Int?
  var column: Int?
  var says: String
  var testDescription: String { text.debugDescription }

  init(_ text: String, _ code: SiblingError.Code, _ line: Int?, _ column: Int?, _ says: String) {
    self.text = text
    self.code = code
    self.line = line
    self.column = column
    self.says = says
  }
}

@Suite struct CSVErrorTests {
  private static let cases = [
    Case("", .emptyFile, nil, nil, "empty"),
    Case("\n\r\n\n", .emptyFile, nil, nil, "empty"),
    Case("\u{FEFF}\n", .emptyFile, nil, nil, "empty"),
    Case("a,b\n1,2\n3\n4,5\n", .raggedRow, 3, 2, "1 field, not 2"),
    Case("a,b,c\n1,2\n", .raggedRow, 2, 4, "2 fields, not 3"),
    Case("a,b\n1,2\n3,4,5,6\n", .raggedRow, 3, 5, "4 fields, not 2"),
    Case("a,b\r\n1,2\r\n\"x\r\ny\",4,5\r\n", .raggedRow, 4, 6, "3 fields, not 2"),
    Case("a,b\n1,2\n3", .truncatedFile, 3, 2, "1 field, not 2"),
    Case("a,b\n\"x\ny\",\"z", .truncatedFile, 3, 4, "never closed"),
    Case("a,b\n1,\"2\n3,4\n", .truncatedFile, 2, 3, "never closed"),
    Case("a,\"b\n", .truncatedFile, 1, 3, "never closed"),
    Case("a,b\n1,\"x\"y\n", .badQuote, 2, 3, "closing quote"),
    Case("a,\"b\"c\n1,2\n", .badQuote, 1, 3, "closing quote"),
    Case("a,b,a\n1,2,3\n", .duplicateColumn, 1, 5, "'a' occurs twice"),
    Case("a,,c\n1,2,3\n", .badValue, 1, 3, "column 2 has no name"),
    Case("a,b,\n1,2,\n", .badValue, 1, 5, "column 3 has no name"),
    Case("a,b\n1,\0\n", .badEncoding, 2, 3, "zero byte"),
    Case("PK\u{3}\u{4}xxxx", .unsupportedFormat, nil, nil, "spreadsheet"),
    Case("<stata_dta><header>", .unsupportedFormat, nil, nil, "Stata"),
    Case("$FL2@(#) SPSS", .unsupportedFormat, nil, nil, "SPSS"),
  ]

  @Test(arguments: cases) private func errorsAreLocated(_ expected: Case) {
    let error = #expect(throws: SiblingError.self) { try table(expected.text) }
    #expect(error?.code == expected.code)
    #expect(
      error?.location == .init(file: "data.csv", line: expected.line, column: expected.column))
    #expect(error?.message.contains(expected.says) == true, "\(error?.message ?? "")")
    #expect(error?.help?.isEmpty == false)
    #expect(error?.code.exitStatus == 65)
  }

  @Test(arguments: [
    (ColumnType.integer, "1.5", "whole number"), (.number, "12a", "a number"),
    (.boolean, "yes", "true or false"), (.date, "31/01/2020", "yyyy-mm-dd"),
    (.date, "2021-02-29", "yyyy-mm-dd"), (.integer, "99999999999999999999", "whole number"),
  ])
  func cellsOfAnotherThanTheDeclaredType(type: ColumnType, cell: String, says: String) {
    var reader = CSVReader()
    reader.types = ["v": type]
    let error = #expect(throws: SiblingError.self) {
      try table("k,v\na,\nbb,\"\(cell)\"\n", reader)
    }
    #expect(error?.code == .badCell)
    #expect(error?.location == .init(file: "data.csv", line: 3, column: 4))
    #expect(error?.column == "v" && error?.cell == cell)
    #expect(error?.message.contains(says) == true)
    #expect(error?.message.contains(cell) == false)
  }

  @Test func declaredDateFormats() {
    var reader = CSVReader()
    reader.dateFormats = ["d": "dd/mm/yyyy"]
    let error = #expect(throws: SiblingError.self) { try table("d,b\n02/13/2020,1\n", reader) }
    #expect(error?.code == .badCell && error?.location?.column == 1)
    #expect(error?.message.contains("dd/mm/yyyy") == true)
    reader.dateFormats = ["d": "dd/mm/yy"]
    #expect(throws: SiblingError.self) { try table("d,b\n02/12/20,1\n", reader) }
    reader.dateFormats = ["dd": "dd/mm/yyyy"]
    let absent = #expect(throws: SiblingError.self) { try table("d,b\n02/12/20,1\n", reader) }
    #expect(absent?.code == .unknownColumn && absent?.suggestion == "d")
    reader.dateFormats = ["d": "dd/mm/yyyy"]
    reader.types = ["d": .number]
    let both = #expect(throws: SiblingError.self) { try table("d,b\n02/12/20,1\n", reader) }
    #expect(both?.code == .badValue)
  }

  @Test func theFirstFailureOfALargeFileIsReported() {
    for threads in [1, 2] {
      Parallel.setThreads(threads)
      var reader = CSVReader()
      reader.blockSize = 1000
      var text = "a,b\n"
      for row in 0..<20_000 { text += row == 12_000 || row == 19_000 ? "1\n" : "1,2\n" }
      let error = #expect(throws: SiblingError.self) { try table(text, reader) }
      #expect(error?.location == .init(file: "data.csv", line: 12_002, column: 2))
    }
  }

  @Test func undefinedBytesAreNotWindowsText() {
    let error = #expect(throws: SiblingError.self) {
      try CSVReader().read(bytes: Array("a,b\nx,".utf8) + [0xE9, 0x81, 10], name: "d")
    }
    #expect(error?.code == .badEncoding)
    #expect(error?.location == .init(file: "d", line: 2, column: 4))
    let cut = #expect(throws: SiblingError.self) {
      try CSVReader().read(bytes: Array("a,b\nx,é".utf8.dropLast()), name: "d")
    }
    #expect(cut?.code == .truncatedFile)
    #expect(cut?.location == .init(file: "d", line: 2, column: 3))
    let wide = #expect(throws: SiblingError.self) {
      try CSVReader().read(bytes: [0xFF, 0xFE, 0x61, 0], name: "d")
    }
    #expect(wide?.code == .badEncoding && wide?.message.contains("UTF-16") == true)
  }

  @Test func pathsThatCannotBeRead() {
    for (path, code) in [
      ("/nonexistent/x.csv", SiblingError.Code.unreadableFile), ("/tmp", .unreadableFile),
      ("/tmp/x.xlsx", .unsupportedFormat), ("/tmp/x.DTA", .unsupportedFormat),
      ("x.sav", .unsupportedFormat), ("/dev/null", .emptyFile),
    ] {
      let error = #expect(throws: SiblingError.self) { try CSVReader().read(path: path) }
      #expect(error?.code == code)
      #expect(error?.location == .init(file: path))
      if code == .unsupportedFormat { #expect(error?.help?.contains("CSV") == true) }
    }
  }

  @Test func aNumberColumnWithABadCellSaysWhere() throws {
    let rows = (1...40).map {
      "\($0),\($0 == 17 ? "\"n/k\"" : "\($0).5"),\($0 % 2 == 0 ? "a" : "b")"
    }
    let read = try table("id,age,sex\n" + rows.joined(separator: "\n"))
    #expect(read["age"]?.typeName == "text")
    let hint = try #require(read.inferenceHints["age"])
    #expect(hint.offending == 1 && hint.present == 40 && hint.cell == "n/k")
    #expect(read.inferenceHints["sex"] == nil)
    let error = #expect(throws: SiblingError.self) { try read.doubles("age") }
    #expect(error?.code == .wrongType)
    #expect(error?.location == .init(file: "data.csv", line: 18, column: 4))
    #expect(error?.message.contains("1 of 40 cells are not numbers") == true)
    #expect(error?.message.contains("n/k") == false)
    let word = #expect(throws: SiblingError.self) { try read.doubles("sex") }
    #expect(word?.code == .wrongType)
    #expect(word?.location == .init(file: "data.csv", line: 1, column: 8))
    // Rows that are taken out keep the hint, a replaced column loses it.
    #expect(read.selecting(rows: [0, 1]).inferenceHints["age"] == hint)
    let replaced = try read.replacing(
      Column(name: "age", values: .text(Factor(["x"]).selecting([Int](repeating: 0, count: 40)))))
    #expect(replaced.inferenceHints["age"] == nil)
  }

  @Test func identifiersSayWhyTheyAreText() throws {
    let read = try table("id,b\n100,1\n002,2\n")
    let error = #expect(throws: SiblingError.self) { try read.doubles("id") }
    #expect(error?.location == .init(file: "data.csv", line: 3, column: 1))
    #expect(error?.message.contains("leading zeros") == true)
  }
}
