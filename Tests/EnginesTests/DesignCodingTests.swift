import Engines
import Foundation
import Matching
import Statistics
import Tables
import Testing

/// Sums by code against plain sums: the same estimates by another way.
struct DesignCodingTests {
  /// Categories with very different numbers of levels, two numbers, an outcome and whole weights.
  private func table(_ rows: Int) throws -> Table {
    var stream = RandomStream(seed: 7, name: "design-coding")
    var numbers: [String: [Double]] = [:]
    var texts: [String: [String?]] = [:]
    for row in 0..<rows {
      let (a, b, c) = (
        stream.integer(below: 4), stream.integer(below: 3), stream.integer(below: 40)
      )
      let (x, z) = (stream.normal(), Double(stream.integer(below: 10)))
      let eta = -0.4 + 0.3 * x - 0.05 * z + [0, 0.4, -0.2, 0.1][a] + (b == 1 ? 0.3 : 0)
      let isTreated = stream.bernoulli(1 / (1 + exp(-eta)))
      numbers["x", default: []].append(x)
      numbers["z", default: []].append(z)
      numbers["t", default: []].append(isTreated ? 1 : 0)
      numbers["y", default: []].append(
        stream.bernoulli(1 / (1 + exp(0.5 - eta - (isTreated ? 0.4 : 0)))) ? 1 : 0)
      numbers["m", default: []].append(2 + eta + (isTreated ? 1 : 0) + stream.normal())
      numbers["w", default: []].append(Double(1 + stream.integer(below: 3)))
      texts["a", default: []].append(row % 97 == 5 ? nil : "level \(a)")
      texts["b", default: []].append("it's \(b)")
      texts["c", default: []].append("site \(c)")
    }
    return try Table(
      numbers.keys.sorted().map { Column(name: $0, values: .doubles(numbers[$0] ?? [])) }
        + texts.keys.sorted().map { Column(name: $0, values: .text(Factor(texts[$0] ?? []))) })
  }

  private func frame(
    _ formula: String, _ table: Table, isPlain: Bool, weights: String? = "w"
  ) throws -> EngineFrame {
    var data = try EngineData(MemoryEngine(["t": table]), .named("t"))
    // Where cells of few people may not leave the engine there are no codes.
    if isPlain { data.minimumCell = 1 }
    var options = EngineFrame.Options()
    options.weights = weights
    options.clusters = ["c"]
    options.alsoComplete = ["y", "m"]
    return try EngineFrame(formula, to: data, options)
  }

  private func close(_ a: Double?, _ b: Double?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return (a - b).magnitude <= 1e-10 * max(1e-3, b.magnitude)
  }

  @Test(arguments: [
    "y ~ a + b + x + z", "y ~ a * b + x:b + z", "y ~ a + b + c + x", "y ~ 0 + a + b + x + z",
    "y ~ a + b + I(a == \"level 1\") + x + z",
  ])
  func regressionsByCodeAreThePlainOnes(formula: String) throws {
    let table = try table(20_000)
    for (family, link) in [(Family.binomial, Link.logit), (.binomial, .probit), (.poisson, .log)] {
      for kind in [EngineCovariance.classical, .heteroskedastic(.hc1), .cluster(.cr1)] {
        let tables = try [false, true].map { isPlain in
          var model = EngineRegression(family: family, link: link)
          model.grouping = .never
          return try model.fit(frame(formula, table, isPlain: isPlain)).estimates(covariance: kind)
        }
        #expect(tables[0].rows.map(\.term) == tables[1].rows.map(\.term))
        #expect(tables[0].notes == tables[1].notes)
        for (a, b) in zip(tables[0].rows, tables[1].rows) {
          #expect(close(a.estimate, b.estimate), "\(formula) \(link) \(a.term)")
          #expect(close(a.standardError, b.standardError), "\(formula) \(link) \(a.term)")
        }
      }
    }
  }

  @Test(arguments: [EffectMethod.difference, .gComputation, .augmentedWeighting])
  func effectsByCodeAreThePlainOnes(method: EffectMethod) throws {
    let table = try table(20_000)
    for outcome in ["y", "m"] {
      for estimand in [Estimand.ate, .att] {
        let found = try [false, true].map { isPlain in
          try EngineEffect(method: method, estimand: estimand).estimate(
            frame("t ~ a + b + x + z", table, isPlain: isPlain), outcome: .column(outcome))
        }
        #expect(close(found[0].estimate.estimate, found[1].estimate.estimate))
        #expect(close(found[0].estimate.standardError, found[1].estimate.standardError))
        #expect(found[0].notes == found[1].notes)
      }
    }
  }

  @Test func separationIsFoundByCode() throws {
    let table = try table(20_000)
    let error = #expect(throws: SiblingError.self) {
      try EngineEffect().estimate(
        frame("(b == \"it's 1\") ~ a + b + x + z", table, isPlain: false),
        outcome: .column("y"))
    }
    #expect(error?.code == .separation)
  }

  @Test func clusterSumsAddUpToTheWeightedMeans() throws {
    let table = try table(5000)
    let frame = try frame("t ~ a + b + x", table, isPlain: false)
    let estimator = EngineEffect(estimand: .att)
    let (sums, isBinary) = try estimator.clusterSums(frame, outcome: .column("y"))
    #expect(isBinary)
    #expect(sums.reduce(0) { $0 + $1.people } == frame.rowCount)
    func mean(_ isTreated: Bool) -> Double {
      let own = sums.filter { $0.isTreated == isTreated }
      return own.reduce(0) { $0 + $1.outcome } / own.reduce(0) { $0 + $1.weight }
    }
    let effect = try estimator.estimate(frame, outcome: .column("y"))
    #expect(close(mean(true) - mean(false), effect.estimate.estimate))
  }
}
