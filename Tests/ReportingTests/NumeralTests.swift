import Testing

@testable import Reporting

/// What counts as a number of a text, and where the numbers of a report come from.
@Suite struct NumeralTests {
  @Test(arguments: [
    ("17.2 of 1,234 people", ["17.2", "1,234"]), ("CR2 and sustained_13 are names", []),
    ("motivation_1_5 5, WCR11", ["5"]), ("p < 0.001; 1.88218e-5", ["0.001", "1.88218e-5"]),
    ("(Bell 2002, doi:10.1093/pan/mpr025).", ["2002"]), ("results/a_2.csv has 3", ["3"]),
    ("see https://doi.org/10.1 now 4", ["4"]), ("13,26,52 weeks", ["13", "26", "52"]),
    ("−£2,500.50.", ["2,500.50"]), ("95%, 99.8%", ["95", "99.8"]), ("version 0.1.0", ["0.1.0"]),
    ("13th of 2016-07", ["13", "2016", "07"]), ("nothing", []), ("12,3456", ["12", "3456"]),
  ]) func tokens(text: String, expected: [String]) {
    #expect(Numerals.tokens(text).map(\.text) == expected)
  }

  @Test func tokensStandWhereTheySayTheyDo() {
    var draws = Draws(7)
    let pieces = ["12", " ", "a", ".", ",", "_", "1,234", "(", ")", "%", "−", "é", "doi:", "x.csv"]
    for _ in 0..<2000 {
      let text = (0..<12).map { _ in pieces[draws.below(pieces.count)] }.joined()
      let bytes = Array(text.utf8)
      for token in Numerals.tokens(text) {
        #expect(String(decoding: bytes[token.range], as: UTF8.self) == token.text)
        #expect(token.text.first?.isNumber == true && token.text.last?.isNumber == true)
      }
    }
  }

  @Test func everyNumberHasAnOrigin() throws {
    var table = ResultTable.performance
    try table.append([
      "contract": "A 12", "outcome": "Job start", "target": 379, "actual": 219,
      "ratio": .number(219 / 379.0),
    ])
    var notes = ResultTable.notes
    notes.append(numbersOf: "3 of 4,426 rows left out (age 3)")
    let all = try released(table)
    let actual = try all.cell(row: 0, "actual")
    let note = "3 of 4,426 rows left out (age 3)."
    let prose: Prose =
      "Within 95% of \("12 weeks") and \("A 12"), \(actual, .integer) started by version \("0.1.0"), \("77")."
    let origins = ClaimOrigins(
      texts: [
        .init(kind: .study, file: "study.yaml", rowKey: "outcomes[0].label", text: "12 weeks"),
        .init(kind: .manifest, file: "manifest.json", rowKey: "version", text: "0.1.0"),
      ], tables: [all.value, notes])
    let traced = (prose.claims + Prose(plain: note).claims).flatMap { origins.trace($0) }
    func kind(_ text: String) -> [String?] {
      traced.filter { $0.text == text }.map { $0.kind?.rawValue }
    }
    #expect(kind("95") == ["constant"])
    #expect(Set(kind("12")) == ["study", "cell"])
    #expect(kind("219") == ["cell"])
    #expect(kind("0.1.0") == ["manifest"])
    // A number that nothing explains stays without an origin.
    #expect(kind("77") == [nil])
    #expect(kind("3") == ["cell", "cell"])
    let count = try #require(traced.first { $0.text == "4,426" })
    #expect(count.file == "results/notes.csv" && count.column == "value")
    #expect(count.rowKey == "note=# of # rows left out (age #); place=2")
  }

  @Test func notesWithOtherNumbersAreOtherNotes() {
    var notes = ResultTable.notes
    notes.append(numbersOf: "5 of 9 left")
    notes.append(numbersOf: "6 of 9 left")
    notes.append(numbersOf: "5 of 9 left")
    #expect(notes.cells("value").compactMap(\.number) == [5, 9, 6])
    #expect(Set(notes.cells("note").compactMap(\.text)) == ["# of # left", "# of # left (2)"])
  }

  @Test func headingsSayTheLevelOfTheirRows() throws {
    var table = ResultTable.estimates
    try table.append([
      "analysis": "a", "estimate": 1, "conf.low": 0, "conf.high": 2, "conf.level": 0.9,
      "n_treated": 50, "n_comparison": 50,
    ])
    var document = Document(path: "report.md")
    document.table(
      try released(table), caption: "Effects.", columns: [.interval("95% interval", .decimals(1))])
    #expect(document.markdown.contains("| 90% interval |"))
    #expect(!document.markdown.contains("95%"))
  }
}
