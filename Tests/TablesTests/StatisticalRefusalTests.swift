import Foundation
import Statistics
import TestSupport
import Testing

@testable import Tables

/// Damaged and foreign files, and options that have no meaning for Stata and SPSS files.
@Suite struct StatisticalRefusalTests {
  private func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: Golden.url("statistical/\(name)")))
  }

  @Test(arguments: [
    ("people_114.dta", 97), ("people_118.dta", 97), ("codes_113.dta", 13), ("codes.dta", 29),
    ("people.sav", 97), ("people.zsav", 41), ("old_labels.sav", 7),
  ])
  func aFileThatIsCutShortIsRefused(_ name: String, _ step: Int) throws {
    let whole = try bytes(name)
    for end in stride(from: 0, to: whole.count, by: step) {
      let error = #expect(throws: SiblingError.self, "\(name) to byte \(end)") {
        try TableFile.read(bytes: Array(whole[..<end]), name: name)
      }
      #expect(error?.location?.file == name)
      #expect(error?.code.exitStatus == 65 && error?.help?.isEmpty == false)
    }
  }

  @Test(arguments: ["people_114.dta", "codes.dta", "people.zsav", "old_labels.sav"])
  func damageIsAnErrorOrATable(_ name: String) throws {
    let whole = try bytes(name)
    var random = RandomStream(seed: 1, name: "damage of \(name)")
    for _ in 0..<200 {
      var damaged = whole
      for _ in 0..<3 {
        damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      do throws(SiblingError) {
        let table = try TableFile.read(bytes: damaged, name: name)
        #expect(table.columns.allSatisfy { $0.count == table.rowCount })
      } catch {
        #expect(error.code != .internalError)
      }
    }
  }

  @Test func otherContent() {
    for (text, name, code) in [
      ("", "d.dta", SiblingError.Code.emptyFile), ("a,b\n1,2\n", "d.sav", .unsupportedFormat),
      ("PK\u{3}\u{4}", "d.dta", .unsupportedFormat), ("<stata_dta>", "d.csv", .truncatedFile),
      ("$FL2", "d", .truncatedFile), ("", "d.xlsx", .unsupportedFormat),
      ("", "d.sas7bdat", .unsupportedFormat), ("", "d.rds", .unsupportedFormat),
      ("PAR1", "d", .unsupportedFormat),
    ] {
      let error = #expect(throws: SiblingError.self, "\(name)") {
        try TableFile.read(bytes: Array(text.utf8), name: name)
      }
      #expect(error?.code == code, "\(name) \(text)")
      #expect(error?.location == .init(file: name))
      #expect(error?.help?.isEmpty == false)
    }
  }

  @Test func theContentDecides() throws {
    let table = try TableFile.read(bytes: bytes("people.sav"), name: "people.csv")
    #expect(table.rowCount == 12)
  }

  @Test func declarations() throws {
    let people = try bytes("people_118.dta")
    func refusal(_ change: (inout CSVReader) -> Void) -> SiblingError? {
      var reader = CSVReader()
      change(&reader)
      return #expect(throws: SiblingError.self) {
        try TableFile.read(bytes: people, name: "p.dta", reader: reader)
      }
    }
    let separator = refusal { $0.separator = UInt8(ascii: ";") }
    #expect(separator?.code == .invalidOption)
    let absent = refusal { $0.types = ["agee": .number] }
    #expect(absent?.code == .unknownColumn && absent?.suggestion == "age")
    let whole = refusal { $0.types = ["wage": .integer] }
    #expect(whole?.code == .badCell && whole?.message.contains("row 1 of column 'wage'") == true)
    #expect(whole?.cell == "8.5" && whole?.row == 0)
    let number = refusal { $0.types = ["town": .number] }
    #expect(number?.code == .badCell && number?.cell == "Leeds")
    #expect(refusal { $0.types = ["age": .date] }?.code == .wrongType)
    #expect(refusal { $0.dateFormats = ["age": "dd/mm/yyyy"] }?.code == .wrongType)
    #expect(refusal { $0.dateFormats = ["town": "dd/mm/yyyy"] }?.code == .badCell)
  }
}
