import Engines
import Foundation
import Reporting
import Statistics
import Tables
import TestSupport
import Testing

@testable import Studies

/// What may leave an engine under a disclosure profile.
@Suite struct EngineDisclosureTests {
  @Test func environmentsKeepCellsAndACRODoesNot() {
    #expect(EngineDisclosure.minimumCell(nil) == nil)
    #expect(EngineDisclosure.minimumCell(DisclosureProfile.none) == nil)
    #expect(EngineDisclosure.minimumCell(.acroDefault) == nil)
    #expect(EngineDisclosure.minimumCell(.openSafely) == 8)
    #expect(EngineDisclosure.minimumCell(.nhsDigital) == 8)
  }

  @Test func aStudyMayKeepThemByItsOwnRules() throws {
    func profile(_ more: String) throws -> DisclosureProfile {
      try StudyFile(
        text: """
          study: made
          title: A made-up study
          question: Did it work?
          disclosure: {profile: custom, minimum-count: 12, because: agreed\(more)}
          data: {file: people.csv}
          """, path: "study.yaml"
      ).disclosureProfile
    }
    #expect(EngineDisclosure.minimumCell(try profile("")) == nil)
    #expect(EngineDisclosure.minimumCell(try profile(", hold-engine-cells: true")) == 12)
  }

  @Test func rowsStayWhereTheProfileKeepsThem() throws {
    try EngineDisclosure.requireRows(under: .acroDefault, because: "asked")
    let error = #expect(throws: SiblingError.self) {
      try EngineDisclosure.requireRows(under: .openSafely, because: "asked")
    }
    #expect(error?.code == .disclosure && error?.code.exitStatus == 3)
  }

  @Test func aVerbOfRowsIsHeldBackUnderSuchAProfile() {
    let rossi = Golden.projectFolder.appendingPathComponent("Data/rossi/rossi_weekly.csv").path
    var options = OptionValues()
    options.set(.engine, to: "memory")
    options.set(.disclosure, to: "opensafely")
    let request = AnalysisRequest(
      verb: .proportionalHazards, path: rossi, formula: "Surv(week, arrest) ~ fin",
      options: options)
    let error = #expect(throws: SiblingError.self) { try request.run() }
    #expect(error?.code == .disclosure)
  }

  @Test func anEngineOfSumsGivesNoRows() throws {
    let engine = RowlessEngine(
      MemoryEngine(["t": try Table([Column(name: "a", values: .integers([1, 2, 2]))])]))
    let key = GroupKey("a", .number(.column("a")))
    #expect(try engine.aggregate(AggregateQuery(.named("t"), keys: [key])).counts == [1, 2])
    let error = #expect(throws: SiblingError.self) {
      try engine.stream(RowQuery(.named("t"), columns: [key])) { _ in }
    }
    #expect(error?.code == .disclosure)
  }

  @Test func smallCellsStayUnderSuchAProfile() throws {
    let table = try Table([
      Column(name: "a", values: .integers([1, 1, 1, 1, 1, 1, 1, 1, 2]))
    ])
    var data = try EngineData(MemoryEngine(["t": table]), .named("t"))
    let key = GroupKey("a", .number(.column("a")))
    #expect(try data.aggregate(keys: [key]).counts == [8, 1])
    data.minimumCell = EngineDisclosure.minimumCell(.openSafely)
    let held = data
    let error = #expect(throws: SiblingError.self) { try held.aggregate(keys: [key]) }
    #expect(error?.code == .disclosure)
    #expect(try held.aggregate().counts == [9])
  }
}
