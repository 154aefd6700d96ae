import Engines
import Foundation
import Statistics
import Tables
import TestSupport
import Testing

@testable import Studies

/// One-line verbs on an engine.
@Suite struct EngineDoorTests {
  private let rossi = Golden.projectFolder.appendingPathComponent("Data/rossi/rossi_weekly.csv")
    .path

  private func request(
    _ verb: Verb, _ formula: String?, _ options: [(OptionKey, String)], path: String? = nil
  ) -> AnalysisRequest {
    var values = OptionValues()
    for (key, text) in options { values.set(key, to: text) }
    return AnalysisRequest(
      verb: verb, path: path ?? rossi, formula: formula, options: values)
  }

  private func failure(_ request: AnalysisRequest) -> SiblingError? {
    #expect(throws: SiblingError.self) { try request.run() }
  }

  @Test func whatNeedsRowsIsRunOnThemAndSaysWhy() throws {
    let formula = "Surv(week, arrest) ~ fin + age"
    let plain = try request(.proportionalHazards, formula, []).run()
    let there = try request(.proportionalHazards, formula, [(.engine, "memory")]).run()
    #expect(plain.columns == there.columns)
    #expect(
      there.notes.contains(
        "the rows themselves were read, and not sums, because 'zph' needs them"))
  }

  @Test func aSourceStandsInForTheFile() throws {
    let options = [(OptionKey.engine, "memory"), (.engineSource, rossi), (.times, "20")]
    let output = try request(.milestones, "Surv(week, arrest) ~ fin", options, path: "").run()
    #expect(!output.columns.isEmpty)
  }

  @Test func aFileAndAnotherSourceAreOneTooMany() {
    let error = failure(
      request(.cox, "Surv(week, arrest) ~ fin", [(.engine, "memory"), (.engineSource, "b.csv")]))
    #expect(error?.code == .invalidOption)
    #expect(error?.message.contains("can't be combined with DATA") == true)
  }

  @Test func aSourceWithoutAnEngineIsRefused() {
    let error = failure(request(.cox, "Surv(week, arrest) ~ fin", [(.engineSource, "people")]))
    #expect(error?.code == .invalidOption && error?.column == "source")
  }

  @Test(arguments: [OptionKey.types, .dateFormat, .missingWords, .separator, .join])
  func optionsOfFilesMeanNothingThere(_ key: OptionKey) {
    let error = failure(
      request(.cox, "Surv(week, arrest) ~ fin", [(.engine, "duckdb"), (key, "a by b")]))
    #expect(error?.code == .invalidOption && error?.column == key.name)
  }

  @Test func anUnknownColumnIsToldWithTheFile() {
    let error = failure(
      request(.proportionalHazards, "Surv(week, arrest) ~ finn", [(.engine, "memory")]))
    #expect(error?.code == .unknownColumn && error?.suggestion == "fin")
    #expect(error?.location?.file == rossi)
  }

  @Test func aTimeoutIsAboveZero() {
    let error = failure(
      request(
        .cox, "Surv(week, arrest) ~ fin", [(.engine, "duckdb"), (.engineTimeout, "0")])
    )
    #expect(error?.code == .invalidOption && error?.column == "engine-timeout")
  }
}
