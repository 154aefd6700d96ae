import Statistics
import Testing

@testable import Reporting

/// Tables that tell an effect of `estimates` again do not tell what is withheld or rounded there.
@Suite struct DecisionDisclosureTests {
  /// A difference of shares with its uncertainty and the counts behind it.
  private func effect(
    _ prefix: String, _ people: Int, _ treated: Int, _ comparison: Int
  ) -> [String: ResultTable.Cell] {
    let n = Double(people)
    let (a, b) = (Double(treated) / n, Double(comparison) / n)
    let error = ((a * (1 - a) + b * (1 - b)) / n).squareRoot()
    return [
      "estimate": .number(a - b), "std.error": .number(error), "p.value": 0.1,
      "conf.low": .number(a - b - 1.96 * error), "conf.high": .number(a - b + 1.96 * error),
      "conf.level": 0.95, "\(prefix)n_treated": .number(n), "\(prefix)n_comparison": .number(n),
      "\(prefix)events_treated": .number(Double(treated)),
      "\(prefix)events_comparison": .number(Double(comparison)),
    ]
  }

  /// Everybody, and a matched part of them with nearly the same events, several times; then the effect
  /// on everybody again as other tables have it.
  private func tables() throws -> [ResultTable] {
    var estimates = ResultTable.estimates
    func add(_ analysis: String, _ estimator: String, _ cells: [String: ResultTable.Cell]) throws {
      var cells = cells
      cells.merge([
        "analysis": .text(analysis), "estimand": "ATT", "estimator": .text(estimator),
        "outcome": "job", "term": "ATT", "scale": "difference",
      ]) { own, _ in own }
      try estimates.append(cells)
    }
    try add("unadjusted", "difference", effect("", 216, 66, 81))
    for estimator in ["difference", "gcomp", "aipw", "tmle", "dml", "matching"] {
      try add("matched", estimator, effect("", 200, 65, 78))
    }
    var several = ResultTable.severalOutcomes
    var again = effect("hidden_", 216, 66, 81)
    again.merge(["outcome": "job", "analysis": "unadjusted", "term": "ATT", "p.holm": 0.2]) {
      own, _ in own
    }
    try several.append(again)
    var methods = ResultTable.triangulation
    var leading: [String: ResultTable.Cell] = [:]
    for (name, cell) in effect("hidden_leading_", 216, 66, 81) where name.hasPrefix("hidden") {
      leading[name] = cell
    }
    for (family, cells) in [
      ("as assigned", effect("hidden_", 216, 66, 81)), ("matching", effect("hidden_", 200, 65, 78)),
    ] {
      var row = cells.merging(leading) { own, _ in own }
      row.merge([
        "outcome": "job", "scale": "difference", "family": .text(family), "method": "difference",
      ]) { own, _ in own }
      if family == "matching" { row["distance"] = 0.1 }
      try methods.append(row)
    }
    return [estimates, several, methods]
  }

  @Test func aWithheldEffectIsNotToldElsewhere() throws {
    var disclosure = Disclosure(profile: .acroDefault)
    let released = try disclosure.release(try tables()).map(\.value)
    let (estimates, several, methods) = (released[0], released[1], released[2])
    // The matched are all but a few of those with a job, so that one of the two effects must go; that
    // of everybody costs less.
    #expect(estimates[0, "estimate"] == .suppressed)
    #expect(estimates[1, "estimate"].number != nil)
    for name in ["estimate", "std.error", "p.value", "conf.low", "conf.high", "p.holm"] {
      #expect(several[0, name] == .suppressed, "\(name)")
    }
    #expect(methods[0, "estimate"] == .suppressed && methods[0, "conf.low"] == .suppressed)
    #expect(methods[1, "estimate"].number != nil)
    // Two distances in standard errors of the leading estimate would give it away.
    #expect(methods[1, "distance"] == .suppressed)
  }

  @Test(arguments: [DisclosureProfile.openSafely, .nhsDigital])
  func aRoundedEffectIsRoundedElsewhere(_ profile: DisclosureProfile) throws {
    var disclosure = Disclosure(profile: profile)
    let released = try disclosure.release(try tables()).map(\.value)
    let estimate = try #require(released[0][0, "estimate"].number)
    // Of 65 and 80 in 215, not of 66 and 81 in 216.
    #expect(abs(estimate - (65.0 - 80) / 215) < 1e-12)
    #expect(released[1][0, "estimate"].number == estimate)
    #expect(released[2][0, "estimate"].number == estimate)
    #expect(released[1][0, "std.error"] == released[0][0, "std.error"])
    #expect(released[1][0, "conf.low"] == released[0][0, "conf.low"])
  }
}
