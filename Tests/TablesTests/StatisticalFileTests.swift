import Foundation
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Tables

/// Files of Stata and SPSS that other programs made (Tests/Reference/statistical), read back.
@Suite struct StatisticalFileTests {
  private func read(_ name: String, _ reader: CSVReader = CSVReader()) throws -> Table {
    try TableFile.read(path: Golden.url("statistical/\(name)").path, reader: reader)
  }

  /// The same people as delimited text.
  private func people() throws -> Table { try read("people.csv") }

  @Test(arguments: ["people_118.dta", "people.sav", "people.zsav"])
  func numbersTextAndDatesAreThoseOfTheTextFile(_ name: String) throws {
    let (found, expected) = (try read(name), try people())
    #expect(found.rowCount == 12)
    for column in ["id", "age", "wage", "joined", "town"] {
      #expect(found[column] == expected[column], "\(column)")
    }
    #expect(found["town"]?.isMissing(2) == true, "an empty text is missing")
    #expect(found["town"]?.asStrings[6] == "東京")
    #expect(found["employed"]?.asStrings.prefix(3) == ["no", "yes", "yes"])
    #expect(
      found.valueLabels["employed"] == [
        ValueLabel(value: .number(0), label: "no"), ValueLabel(value: .number(1), label: "yes"),
      ])
    #expect(found.variableLabels["employed"] == "In work at 52 weeks")
    #expect(found.notes.contains { $0.contains("labels of their codes: employed") })
  }

  @Test func longTexts() throws {
    // A strL of Stata, and an SPSS string of more than the 255 bytes that one segment holds.
    let stata = try read("people_118.dta")["story"]?.asStrings
    #expect(stata?[0] == "né0" && stata?[1] == String(repeating: "x", count: 2100) + "né1")
    let spss = try read("people.sav")["story"]?.asStrings
    #expect(spss?[0] == "end0" && spss?[1] == String(repeating: "é", count: 200) + "end1")
  }

  @Test func oldStataFilesInEitherEncoding() throws {
    // pandas writes version 114 in Latin-1, ReadStat version 117 in UTF-8; neither file says so.
    let (latin, unicode) = (try read("people_114.dta"), try read("people_13.dta"))
    for table in [latin, unicode] {
      #expect(table["town"]?.asStrings[1] == "Zürich")
      #expect(table["town"]?.asStrings[5] == "São Paulo")
      #expect(table["joined"] == (try people()["joined"]))
      #expect(table["wage"] == (try people()["wage"]))
    }
    #expect(latin.notes.contains { $0.contains("Windows-1252") })
    #expect(!unicode.notes.contains { $0.contains("Windows-1252") })
  }

  @Test func codesCanBeKept() throws {
    var reader = CSVReader()
    reader.types = ["employed": .integer, "age": .text]
    let table = try read("people_118.dta", reader)
    #expect(table["employed"]?.values == (try people()["employed"])?.values)
    #expect(table["age"]?.asStrings[0] == "18" && table["age"]?.typeName == "text")
    reader.types = ["employed": .boolean]
    #expect(try read("people_118.dta", reader)["employed"]?.values != nil)
    let asText = try read("people.csv", reader)["employed"]
    #expect(try read("people_118.dta", reader)["employed"] == asText)
  }

  @Test func reasonsForMissingValues() throws {
    let stata = try read("codes.dta")
    #expect(
      stata.missingReasons["income"] == [
        MissingReason(value: .missing("a"), label: "Refused", count: 3),
        MissingReason(value: .missing("b"), label: "Does not know", count: 2),
      ])
    #expect(
      stata["income"]?.asDoubles?.map(\.isNaN).prefix(6) == [false, true, false, true, true, true])
    // A code of a missing value needs no label for the others to be read as theirs.
    #expect(
      stata["site"]?.asStrings == [
        "Shoreditch", "Bath", "Leeds", "Shoreditch", "Bath", "Leeds", "Shoreditch", "Bath", nil,
        "Shoreditch",
      ])
    // Labels for some of the values only: a number still, and told.
    #expect(stata["score"]?.values == .integers([1, 2, 3, 97, 98, 3, 2, 1, 2, 3]))
    #expect(stata.notes.contains { $0.contains("'score'") && $0.contains("98 No answer") })
    #expect(stata.valueLabels["score"]?.count == 2)

    let spss = try read("people.sav")
    #expect(
      spss.missingReasons["score"] == [
        MissingReason(value: .number(-9), label: "refused", count: 1),
        MissingReason(value: .number(-8), label: "unknown", count: 1),
        MissingReason(value: .number(99), label: "error", count: 1),
      ])
    #expect(
      spss["score"]?.asStrings == [
        "low", "middle", "high", nil, nil, "middle", "middle", nil, "low", "high", nil, "low",
      ])
    #expect(
      spss.missingReasons["answer"] == [MissingReason(value: .text("?"), label: nil, count: 1)])
    #expect(spss["answer"]?.asStrings[4] == nil && spss["answer"]?.asStrings[0] == "Yes")
    #expect(
      spss.notes.contains(
        "missing with a reason in 'score': -9 refused: 1, -8 unknown: 1, 99 error: 1"))
  }

  @Test func wordsForMissingValuesHoldForNumbers() throws {
    var reader = CSVReader()
    reader.missingWords += ["97", "98", "Leeds"]
    let codes = try read("codes.dta", reader)
    #expect(codes["score"]?.values == .integers([1, 2, 3, .min, .min, 3, 2, 1, 2, 3]))
    #expect(codes.missingReasons["score"]?.map(\.label) == ["Other", "No answer"])
    #expect(try read("people.sav", reader)["town"]?.asStrings[0] == nil)
  }

  @Test func theOldestFormatByHand() throws {
    // Format 113, big-endian, written byte by byte after the description in Stata's manual.
    let table = try read("codes_113.dta")
    #expect(table["sex"]?.asStrings == ["homme", "femme", "homme", nil, nil])
    #expect(
      table.missingReasons["sex"] == [
        MissingReason(value: .missing("a"), label: "non demandé", count: 1),
        MissingReason(value: .missing("b"), label: nil, count: 1),
      ])
    #expect(
      table["born"]?.asStrings == ["1960-01-01", "1959-12-31", "1960-12-31", nil, "1960-01-11"])
    #expect(
      table["late"]?.asStrings == ["2020-12-31", "2021-01-01", nil, "2020-01-01", "2020-01-02"])
    #expect(
      table["stamp"]?.asStrings == ["1960-01-01", "2020-12-31", "1970-01-01", nil, "1960-01-02"])
    #expect(table["month"]?.values == .integers([700, 701, .min, 702, 703]))
    #expect(table.notes.contains { $0.contains("counts months since the start of 1960") })
    #expect(table["pay"]?.asDoubles?.map { $0.isNaN ? -1 : $0 } == [1.5, -1, 2.25, 4, -1])
    #expect(table.variableLabels["sex"] == "Sexe déclaré")
  }

  @Test func codePage1252IsDeclaredByOldSPSSFiles() throws {
    let table = try read("old_labels.sav")
    #expect(table["ANSWER"]?.asStrings == ["d’accord", "pas d’accord – non", "d’accord"])
    #expect(table["CAFE"]?.asStrings == ["crème", "€ 2", "naïf"])
    #expect(table.variableLabels == ["ANSWER": "Réponse", "CAFE": "Café"])
    #expect(table.notes.contains { $0.uppercased().contains("WINDOWS-1252") })
  }

  @Test func theWeightOfAnSPSSFileIsTold() throws {
    var bytes = Array(try Data(contentsOf: Golden.url("statistical/old_labels.sav")))
    // The header's number of the weighting variable.
    bytes[76] = 1
    let table = try TableFile.read(bytes: bytes, name: "old.sav")
    #expect(table.notes.contains { $0.contains("weighting by 'ANSWER'") })
    #expect(table.rowCount == 3)
  }

  @Test func momentsAreDaysOnlyAtMidnight() throws {
    let table = try read("people.sav")
    #expect(table["seen"]?.asStrings[1] == "2020-05-02")
    // 2020-05-02 06:30 is day 18384 and 6.5 hours.
    let clock = try table.doubles("clock")
    #expect(clock[0] == 18383 && abs(clock[1] - (18384 + 6.5 / 24)) < 1e-9)
    #expect(table.notes.contains { $0.contains("'clock' has times of day") })
    var reader = CSVReader()
    reader.types = ["clock": .date]
    let days = try read("people.sav", reader)
    #expect(days["clock"]?.asStrings[1] == "2020-05-02")
    #expect(days.notes.contains { $0.contains("of which the day is kept") })
  }

  @Test func theSameRegressionFromEveryFile() throws {
    func design(_ table: Table) throws -> [Double] {
      let frame = try Formula(parsing: "wage ~ age + town + employed").bind(to: table)
      return frame.design.matrix.storage
    }
    var reader = CSVReader()
    reader.types = ["employed": .integer]
    let expected = try design(people())
    #expect(try design(read("people_118.dta", reader)) == expected)
    #expect(try design(read("people.zsav", reader)) == expected)
  }
}
