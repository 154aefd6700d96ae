import Engines
import Foundation
import Matching
import Statistics
import Tables
import Testing

struct EffectSumsTests {
  /// Made-up rows: treatment, a covariate with ties, a category, an outcome and whole weights.
  private func table(repeating isRepeated: Bool = false) throws -> Table {
    var stream = RandomStream(seed: 21, name: "effect-sums")
    var (treat, x, y, w): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    var kind: [String?] = []
    for _ in 0..<240 {
      let value = Double(stream.integer(below: 9)) / 3
      let isTreated = stream.bernoulli(1 / (1 + exp(1 - 0.5 * value)))
      let outcome = 5 + value + (isTreated ? 2 : 0) + stream.normal()
      let weight = 1 + stream.integer(below: 3)
      let level = stream.bernoulli(0.4) ? "p" : "q"
      for _ in 0..<(isRepeated ? weight : 1) {
        treat.append(isTreated ? 1 : 0)
        x.append(value)
        y.append(outcome)
        w.append(Double(weight))
        kind.append(level)
      }
    }
    return try Table([
      Column(name: "t", values: .doubles(treat)), Column(name: "x", values: .doubles(x)),
      Column(name: "y", values: .doubles(y)), Column(name: "w", values: .doubles(w)),
      Column(name: "k", values: .text(Factor(kind))),
    ])
  }

  private func effect(
    _ estimator: EngineEffect, _ table: Table, weights: String? = nil,
    _ formula: String = "t ~ x + k", filter: String? = nil
  ) throws -> EffectEstimate {
    let data = try EngineData(MemoryEngine(["rows": table]), .named("rows"), filter: filter)
    var options = EngineFrame.Options()
    options.weights = weights
    options.alsoComplete = ["y"]
    let frame = try EngineFrame(formula, to: data, options)
    return try estimator.estimate(frame, outcome: .column("y"))
  }

  @Test(arguments: [EffectMethod.difference, .gComputation, .augmentedWeighting])
  func weightsStandForRepeatedRows(method: EffectMethod) throws {
    let estimator = EngineEffect(method: method, estimand: .ate)
    let weighted = try effect(estimator, try table(), weights: "w")
    let repeated = try effect(estimator, try table(repeating: true))
    #expect((weighted.estimate.estimate - repeated.estimate.estimate).magnitude < 1e-10)
    #expect((weighted.meanTreated - repeated.meanTreated).magnitude < 1e-9)
    // Weights are no counts: the standard error is that of the rows.
    #expect(weighted.treatedRows + weighted.comparisonRows == 240)
  }

  @Test func theEffectIsInvariantToTheUnitsOfACovariate() throws {
    let estimator = EngineEffect(method: .augmentedWeighting, estimand: .att)
    let plain = try effect(estimator, try table())
    let scaled = try effect(estimator, try table(), "t ~ I(1e6 + 1000 * x) + k")
    let (a, b) = (plain.estimate, scaled.estimate)
    #expect((a.estimate - b.estimate).magnitude < 1e-9)
    #expect(((a.standardError ?? 0) - (b.standardError ?? 1)).magnitude < 1e-9)
  }

  @Test func anEffectOfNoDifferenceBetweenConstantsIsRefused() throws {
    let estimator = EngineEffect()
    #expect(throws: SiblingError.self) {
      try effect(estimator, try table(), filter: "t == 1")
    }
    #expect(throws: SiblingError.self) {
      try effect(EngineEffect(method: .targetedLearning), try table())
    }
    #expect(throws: SiblingError.self) {
      try effect(EngineEffect(method: .augmentedWeighting, estimand: .ato), try table())
    }
    #expect(throws: SiblingError.self) {
      try effect(EngineEffect(trimQuantile: 0.3), try table())
    }
  }

  @Test func aScoreThatSeparatesIsRefused() throws {
    do {
      _ = try effect(EngineEffect(), try table(), "t ~ I(t * 2) + x")
      Issue.record("a covariate that is the treatment was let through")
    } catch let error as SiblingError {
      #expect(error.code == .separation)
    }
  }

  @Test func scoresAndRowsAreFetchedInTheOrderOfTheKey() throws {
    let data = try EngineData(MemoryEngine(["rows": try table()]), .named("rows"))
    let score = try EngineScore(try EngineFrame("t ~ x + k", to: data))
    var rows = StreamedRows(data, columns: ["x", "k"])
    rows.layers = score.layers
    rows.computed = [NamedExpression("score", score.probability)]
    let plain = try rows.table()
    #expect(plain.names == ["x", "k", "score"])
    #expect(plain.rowCount == 240)
    rows.key = "x"
    let sorted = try rows.table()
    let x = try sorted.doubles("x")
    #expect(zip(x, x.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(try plain.doubles("score").sorted() == sorted.doubles("score").sorted())
    #expect(try plain.doubles("score").allSatisfy { $0 > 0 && $0 < 1 })
  }
}
