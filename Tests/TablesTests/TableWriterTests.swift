import Foundation
import Glibc
import Statistics
import Testing

@testable import Tables

@Suite struct TableWriterTests {
  private let columns = [
    Column(name: "term", values: .text(Factor(["a|b", "say \"x\"", nil]))),
    Column(name: "p.value", values: .doubles([0.05, .nan, 1.0 / 3])),
    Column(name: "n", values: .integers([12, Int.min, -3])),
    Column(name: "ok", values: .booleans([1, 0, -1])),
    Column(name: "day", values: .dates([0, Int32.min, 19_782])),
  ]

  @Test func csv() throws {
    #expect(
      try TableWriter(.csv).text(columns) == """
        term,p.value,n,ok,day
        a|b,0.05,12,true,1970-01-01
        "say ""x\""",,,false,
        ,0.3333333333333333,-3,,2024-02-29

        """)
    #expect(
      try TableWriter(.csv, numbers: .significant(3), missing: "NA").text([columns[1]])
        == "p.value\n0.05\nNA\n0.333\n")
    // An empty line would be lost when it is read.
    #expect(try TableWriter(.csv).text([columns[1]]) == "p.value\n0.05\n\"\"\n0.3333333333333333\n")
  }

  @Test func csvQuotes() throws {
    let words = ["plain", "a,b", "a\nb", "a\rb", "\"", " a", "a ", "", "a b", "é"]
    let column = Column(name: "x,y", values: .text(Factor(words)))
    #expect(
      try TableWriter(.csv).text([column, column]).hasPrefix(
        "\"x,y\",\"x,y\"\nplain,plain\n\"a,b\",\"a,b\"\n\"a\nb\",\"a\nb\"\n\"a\rb\",\"a\rb\"\n"
          + "\"\"\"\",\"\"\"\"\n\" a\",\" a\"\n\"a \",\"a \"\n,\na b,a b\né,é\n"))
  }

  @Test func json() throws {
    let text = try TableWriter(.json).text(columns)
    #expect(
      text == #"""
        [
          {"term": "a|b", "p.value": 0.05, "n": 12, "ok": true, "day": "1970-01-01"},
          {"term": "say \"x\"", "p.value": null, "n": null, "ok": false, "day": null},
          {"term": null, "p.value": 0.3333333333333333, "n": -3, "ok": null, "day": "2024-02-29"}
        ]

        """#)
  }

  @Test func jsonIsReadByOthers() throws {
    let words = ["q\"\\/", "tab\tline\nret\r", "\u{1}\u{7F}\u{8}\u{C}", "é😀\u{2028}", "</script>"]
    let numbers = [1e300, -2.5e-9, 1e15, .infinity, 0.1]
    let text = try TableWriter(.json).bytes([
      Column(name: "w\"", values: .text(Factor(words))),
      Column(name: "x", values: .doubles(numbers)),
    ])
    let rows = try #require(
      try JSONSerialization.jsonObject(with: Data(text)) as? [[String: Any]])
    #expect(rows.map { $0["w\""] as? String } == words)
    #expect(rows.map { $0["x"] as? Double } == [1e300, -2.5e-9, 1e15, nil, 0.1])
  }

  @Test func markdown() throws {
    #expect(
      try TableWriter(.md, numbers: .fixed(2), missing: "–").text(columns) == #"""
        | term | p.value | n | ok | day |
        |---|---:|---:|---|---|
        | a\|b | 0.05 | 12 | true | 1970-01-01 |
        | say "x" | – | – | false | – |
        | – | 0.33 | -3 | – | 2024-02-29 |

        """#)
    let column = Column(name: "a|b\nc", values: .text(Factor(["x\r\ny"])))
    #expect(try TableWriter(.md).text([column]) == "| a\\|b c |\n|---|\n| x  y |\n")
  }

  @Test func aligned() throws {
    let columns = [
      Column(name: "term", values: .text(Factor(["é", "longer", nil]))),
      Column(name: "estimate", values: .doubles([1.5, -12.25, .nan])),
      Column(name: "note", values: .text(Factor(["x", nil, "y\u{1B}[0m"]))),
    ]
    #expect(
      try TableWriter(.table).text(columns) == """
        term    estimate  note
        é            1.5  x
        longer    -12.25
                          y [0m

        """)
  }

  @Test func withoutRows() throws {
    let columns = [
      Column(name: "a", values: .doubles([])), Column(name: "b", values: .text(Factor([]))),
    ]
    #expect(try TableWriter(.csv).text(columns) == "a,b\n")
    #expect(try TableWriter(.json).text(columns) == "[]\n")
    #expect(try TableWriter(.md).text(columns) == "| a | b |\n|---:|---|\n")
    #expect(try TableWriter(.table).text(columns) == "a  b\n")
    #expect(try table("a,b\n").rowCount == 0)
  }

  @Test(arguments: TableWriter.Format.allCases)
  func columnsOfDifferentLengthsAreRefused(format: TableWriter.Format) {
    let columns = [
      Column(name: "a", values: .doubles([1, 2])), Column(name: "b", values: .integers([1])),
    ]
    let error = #expect(throws: SiblingError.self) { try TableWriter(format).bytes(columns) }
    #expect(error?.code == .sizeMismatch && error?.column == "b")
  }
}

@Suite struct AtomicFileTests {
  private func contents(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  private func inFolder(_ name: String, _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/sibling-\(name)-\(getpid())"
    try AtomicFile.createFolder(folder + "/a/b")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
    let left = try FileManager.default.subpathsOfDirectory(atPath: folder)
    #expect(left.allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test func writesAndReplaces() throws {
    try inFolder("write") { folder in
      let path = folder + "/a/x.csv"
      try AtomicFile.write("one", to: path)
      #expect(try contents(path) == "one")
      chmod(path, 0o600)
      let big = [UInt8](repeating: 65, count: 3_000_000)
      try AtomicFile.write(big, to: path)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).elementsEqual(big))
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
      try AtomicFile.write([UInt8](), to: path)
      #expect(try contents(path) == "")
      symlink(path, folder + "/link")
      try AtomicFile.write("through", to: folder + "/link")
      #expect(try contents(path) == "through")
      try AtomicFile.write("gone", to: "/dev/null")
      #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }
  }

  @Test func failuresLeaveEverythingAsItWas() throws {
    try inFolder("fail") { folder in
      try AtomicFile.write("old", to: folder + "/file")
      for path in [folder + "/none/x", folder + "/a", folder + "/file/x", "/proc/x", ""] {
        let error = #expect(throws: SiblingError.self) { try AtomicFile.write("new", to: path) }
        #expect(error?.code == .writeFailure && error?.location?.file == path)
        #expect(error?.code.exitStatus == 1)
      }
      #expect(try contents(folder + "/file") == "old")
      #expect(throws: SiblingError.self) { try AtomicFile.createFolder(folder + "/file/x") }
      #expect(throws: SiblingError.self) { try AtomicFile.createFolder(folder + "/file") }
      try AtomicFile.createFolder(folder + "/a")
      let full = #expect(throws: SiblingError.self) { try AtomicFile.write("x", to: "/dev/full") }
      #expect(full?.code == .writeFailure)
    }
  }
}
