import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Effects on matched samples")
struct EffectTests {
  let lalonde: Lalonde
  let score: PropensityScoreFit
  let golden: JSON

  init() throws {
    lalonde = try Lalonde()
    score = try PropensityScore().fit(lalonde.design, treatment: lalonde.treatment)
    golden = try Golden.json("matched_effects_lalonde.json")
  }

  func match(_ name: String) throws -> Match {
    let cal = Caliper(0.2)
    let matching: NearestNeighborMatching =
      switch name {
      case "nearest_cal", "nearest_cal_ps", "nearest_exact_race": .init(caliper: cal)
      case "nearest_ratio2": .init(ratio: 2)
      case "replacement": .init(replacement: true)
      case "nearest_replace": .init(replacement: true, caliper: cal)
      default: .init()
      }
    return try matching.match(
      treatment: lalonde.treatment,
      distance: .score(name == "nearest_cal" ? score.linearPredictor : score.score),
      exact: name.contains("exact") ? lalonde.race : nil)
  }

  func effect(
    _ match: Match, _ method: MatchedEffect.Method, _ scale: MatchedEffect.Scale = .difference,
    binary: Bool = false, model: MatchedEffect.OutcomeModel = .automatic, cluster: Factor? = nil
  ) throws -> EffectEstimate {
    try MatchedEffect(method: method, scale: scale, outcomeModel: model).estimate(
      outcome: binary ? lalonde.employed : lalonde.earnings, treatment: lalonde.treatment,
      match: match, design: .interacted(binary ? withoutRace : lalonde.design), cluster: cluster)
  }

  /// All treated men of one race had earnings: with race a logistic model separates.
  var withoutRace: DesignMatrix { lalonde.design.selecting(columns: [0, 1, 2, 5, 6, 7, 8]) }

  struct Published: Sendable {
    var name: String
    var sizes: (treated: Int, comparison: Int)
    var effective: Double
    var difference: Double
    var gComputation: Double
  }

  static let published = [
    Published(
      name: "nearest", sizes: (185, 185), effective: 185, difference: 894.367480270,
      gComputation: 1121.177230438),
    Published(
      name: "nearest_cal_ps", sizes: (113, 113), effective: 113, difference: 1571.744454425,
      gComputation: 1459.257294839),
    Published(
      name: "nearest_cal", sizes: (117, 117), effective: 117, difference: 1770.602906410,
      gComputation: 1347.437884878),
    Published(
      name: "replacement", sizes: (185, 82), effective: 46.312585, difference: 1991.615273514,
      gComputation: 2147.603594789),
    Published(
      name: "exact", sizes: (116, 116), effective: 116, difference: 1472.687353879,
      gComputation: 1095.038083305),
  ]

  @Test("From score to effect, the published values", arguments: published.indices)
  func endToEnd(index: Int) throws {
    let expected = Self.published[index]
    let match = try match(expected.name)
    let difference = try effect(match, .difference)
    #expect(close(difference.estimate.estimate, expected.difference))
    #expect(difference.treatedRows == expected.sizes.treated)
    #expect(difference.comparisonRows == expected.sizes.comparison)
    #expect(difference.treatedEvents == nil)
    #expect(
      close(match.comparison.effectiveSampleSize, expected.effective, .init(relative: 1e-7)))
    #expect(close(try effect(match, .gComputation).estimate.estimate, expected.gComputation))
  }

  @Test(
    "Standard errors of earnings clustered by matched set, as sandwich",
    arguments: [
      "nearest", "nearest_cal", "nearest_cal_ps", "nearest_exact_race", "nearest_ratio2",
      "nearest_replace",
    ])
  func earnings(name: String) throws {
    let match = try match(name)
    for (method, key) in [(MatchedEffect.Method.difference, "diff"), (.gComputation, "gcomp")] {
      let expected = golden[name][key]
      let difference = try effect(match, method)
      #expect(close(difference.estimate.estimate, expected["diff"].double))
      #expect(close(difference.estimate.standardError ?? .nan, expected["se"].double))
      #expect(difference.estimate.degreesOfFreedom == nil)
      let ratio = try effect(match, method, .ratio)
      #expect(close(log(ratio.estimate.estimate), expected["logrr"].double))
      #expect(close(ratio.estimate.standardError ?? .nan, expected["serr"].double))
    }
  }

  @Test(
    "A binary outcome as difference, ratio and odds ratio",
    arguments: ["nearest", "nearest_cal", "nearest_cal_ps", "nearest_ratio2"])
  func binary(name: String) throws {
    let match = try match(name)
    let cases: [(MatchedEffect.Method, MatchedEffect.OutcomeModel, String)] = [
      (.difference, .automatic, "bdiff"), (.gComputation, .automatic, "blogit"),
      (.gComputation, .linear, "blin"),
    ]
    for (method, model, key) in cases {
      let expected = golden[name][key]
      let difference = try effect(match, method, binary: true, model: model)
      #expect(close(difference.estimate.estimate, expected["diff"].double))
      #expect(close(difference.estimate.standardError ?? .nan, expected["se"].double))
      let ratio = try effect(match, method, .ratio, binary: true, model: model).estimate
      #expect(close(log(ratio.estimate), expected["logrr"].double))
      #expect(close(ratio.standardError ?? .nan, expected["serr"].double))
      let odds = try effect(match, method, .oddsRatio, binary: true, model: model)
      #expect(close(log(odds.estimate.estimate), expected["logor"].double))
      #expect(close(odds.estimate.standardError ?? .nan, expected["seor"].double))
      let z = expected["logor"].double / expected["seor"].double
      #expect(close(odds.estimate.statistic ?? .nan, z))
      let interval = try #require(odds.estimate.interval)
      let reach = Normal.standard.quantile(0.975) * expected["seor"].double
      #expect(close(log(interval.high), expected["logor"].double + reach))
      #expect(close(log(interval.low), expected["logor"].double - reach))
    }
    if name == "nearest" {
      let separated = try MatchedEffect(method: .gComputation).estimate(
        outcome: lalonde.employed, treatment: lalonde.treatment, match: match,
        design: .interacted(lalonde.design))
      #expect(separated.notes.contains { $0.hasPrefix("A logistic outcome model") })
    }
    let outcome = lalonde.employed
    let counted = try effect(match, .difference, binary: true)
    #expect(counted.treatedEvents == (0..<185).count { match.weights[$0] > 0 && outcome[$0] == 1 })
    #expect(
      counted.comparisonEvents == (185..<614).count { match.weights[$0] > 0 && outcome[$0] == 1 })
  }

  @Test("Clusters of the analyst's own, and what the convention says")
  func ownClusters() throws {
    let match = try match("nearest_cal_ps")
    let schooling = Factor(lalonde.column("educ").map { "\(Int($0))" })
    let effect = try effect(match, .gComputation, cluster: schooling)
    let expected = golden["cluster_educ"]["gcomp"]
    #expect(close(effect.estimate.estimate, expected["diff"].double))
    #expect(close(effect.estimate.standardError ?? .nan, expected["se"].double))
    #expect(effect.estimate.convention.hasPrefix("CR1 by cluster, G="))
    #expect(effect.clusters.map { $0 < 20 } == true)
    let paired = try self.effect(match, .difference)
    #expect(paired.estimate.convention == "CR1 by matched set, G=113, z")
    #expect(paired.clusters == 113)
    #expect(paired.population == "ATT among the 113 of 185 treated within the caliper")
    let reused = try self.effect(try self.match("nearest_replace"), .difference)
    #expect(reused.estimate.convention == "CR1 by matched set and unit, G=184 and 266, z")
  }

  @Test("Known weights give HC1")
  func inverseProbability() throws {
    let weights = try PropensityWeights(estimand: .ate).weights(
      treatment: lalonde.treatment, probability: score.probability)
    let expected = golden["ipw_ate"]
    for (method, key) in [(MatchedEffect.Method.difference, "diff"), (.gComputation, "gcomp")] {
      let effect = try MatchedEffect(method: method).estimate(
        outcome: lalonde.earnings, treatment: lalonde.treatment, weights: weights, estimand: .ate,
        design: .interacted(lalonde.design))
      #expect(close(effect.estimate.estimate, expected[key]["diff"].double))
      #expect(close(effect.estimate.standardError ?? .nan, expected[key]["se"].double))
      #expect(effect.estimate.convention == "HC1, weights taken as known, z")
    }
  }

  @Test("A custom outcome design, row order and the outcome's scale")
  func invariances() throws {
    let match = try match("nearest_cal_ps")
    let base = try effect(match, .gComputation).estimate
    let interacted = OutcomeDesign.interacted(lalonde.design)
    let custom = try MatchedEffect(method: .gComputation).estimate(
      outcome: lalonde.earnings, treatment: lalonde.treatment, match: match,
      design: .custom(
        observed: interacted.observed(lalonde.treatment), treated: interacted.counterfactual(true),
        comparison: interacted.counterfactual(false))
    ).estimate
    #expect(custom == base)
    let scaled = try MatchedEffect(method: .gComputation).estimate(
      outcome: lalonde.earnings.map { 3 - 2 * $0 }, treatment: lalonde.treatment, match: match,
      design: interacted
    ).estimate
    #expect(close(scaled.estimate, -2 * base.estimate, .converged))
    #expect(close(scaled.standardError ?? .nan, 2 * (base.standardError ?? .nan), .converged))
    let order = Array((0..<614).reversed())
    let turned = try MatchedEffect(method: .gComputation).estimate(
      outcome: order.map { lalonde.earnings[$0] }, treatment: order.map { lalonde.treatment[$0] },
      weights: order.map { match.weights[$0] }, estimand: .att,
      design: interacted.selecting(rows: order),
      cluster: match.subclassFactor?.selecting(order)
    ).estimate
    #expect(close(turned.estimate, base.estimate, .converged))
    #expect(close(turned.standardError ?? .nan, base.standardError ?? .nan, .converged))
  }

  @Test("The same bytes on one thread and on four, from score to effect")
  func threads() throws {
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    let results = try [1, 4].map { count in
      Parallel.setThreads(count)
      let fit = try PropensityScore().fit(lalonde.design, treatment: lalonde.treatment)
      let match = try NearestNeighborMatching(ratio: 2, caliper: Caliper(0.2)).match(
        treatment: lalonde.treatment, distance: .score(fit.score))
      return try effect(match, .gComputation)
    }
    #expect(results[0] == results[1])
  }

  @Test("Doubling all weights changes nothing; a row twice is a row of weight two")
  func weights() throws {
    let match = try match("nearest_ratio2")
    let effect = MatchedEffect(method: .gComputation)
    let design = OutcomeDesign.interacted(lalonde.design)
    let once = try effect.estimate(
      outcome: lalonde.earnings, treatment: lalonde.treatment, weights: match.weights,
      estimand: .att, design: design)
    let twice = try effect.estimate(
      outcome: lalonde.earnings, treatment: lalonde.treatment,
      weights: match.weights.map { 2 * $0 }, estimand: .att, design: design)
    #expect(close(once.estimate.estimate, twice.estimate.estimate, .converged))
    #expect(
      close(
        once.estimate.standardError ?? .nan, twice.estimate.standardError ?? .nan, .converged))
    let rows = Array(0..<614) + [2, 300]
    let repeated = try effect.estimate(
      outcome: rows.map { lalonde.earnings[$0] }, treatment: rows.map { lalonde.treatment[$0] },
      weights: rows.map { _ in 1 }, estimand: .att, design: design.selecting(rows: rows))
    var weights = [Double](repeating: 1, count: 614)
    weights[2] = 2
    weights[300] = 2
    let weighted = try effect.estimate(
      outcome: lalonde.earnings, treatment: lalonde.treatment, weights: weights, estimand: .att,
      design: design)
    #expect(close(repeated.estimate.estimate, weighted.estimate.estimate, .converged))
  }

  @Test("ATC is ATT with the groups exchanged")
  func exchanged() throws {
    let opposite = lalonde.treatment.map { !$0 }
    let flipped = try NearestNeighborMatching(
      estimand: .atc, order: .largest, caliper: Caliper(0.2)
    ).match(treatment: opposite, distance: .score(score.score))
    let straight = try match("nearest_cal_ps")
    #expect(flipped.weights == straight.weights)
    #expect(flipped.pairs.map(\.treatedRow) == straight.pairs.map(\.comparisonRow))
    let one = try MatchedEffect(method: .gComputation).estimate(
      outcome: lalonde.earnings, treatment: opposite, match: flipped,
      design: .interacted(lalonde.design)
    ).estimate
    let two = try effect(straight, .gComputation).estimate
    #expect(close(one.estimate, -two.estimate, .converged))
    #expect(close(one.standardError ?? .nan, two.standardError ?? .nan, .converged))
    #expect(one.term == "ATC")
  }

  @Test("A logistic model that separates falls back in the open, or is refused when asked for")
  func separation() throws {
    let outcome = zip(lalonde.treatment, lalonde.column("nodegree")).map { treated, without in
      treated ? 1.0 : without
    }
    let match = try match("nearest")
    let design = OutcomeDesign.interacted(lalonde.design.selecting(columns: [0, 6]))
    let effect = try MatchedEffect(method: .gComputation).estimate(
      outcome: outcome, treatment: lalonde.treatment, match: match, design: design)
    #expect(effect.notes.contains { $0.hasPrefix("A logistic outcome model") })
    #expect(throws: SiblingError.self) {
      try MatchedEffect(method: .gComputation, outcomeModel: .logit).estimate(
        outcome: outcome, treatment: lalonde.treatment, match: match, design: design)
    }
  }

  @Test("Bad input is refused")
  func refusals() throws {
    let match = try match("nearest")
    func code(
      _ effect: MatchedEffect, _ outcome: [Double], design: OutcomeDesign? = nil,
      cluster: Factor? = nil
    ) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try effect.estimate(
          outcome: outcome, treatment: lalonde.treatment, match: match, design: design,
          cluster: cluster)
        return nil
      } catch {
        return error.code
      }
    }
    let earnings = lalonde.earnings
    var missing = earnings
    missing[3] = .nan
    #expect(code(.init(), [1, 2]) == .sizeMismatch)
    #expect(code(.init(), missing) == .missingValue)
    #expect(code(.init(), earnings.map { _ in 4 }) == .constantOutcome)
    #expect(code(.init(method: .gComputation), earnings) == .invalidOption)
    #expect(code(.init(level: 1), earnings) == .invalidOption)
    #expect(code(.init(scale: .oddsRatio), earnings) == .badValue)
    #expect(code(.init(scale: .ratio), earnings.map { -$0 }) == .badValue)
    #expect(
      code(
        .init(method: .gComputation, outcomeModel: .logit), earnings,
        design: .interacted(lalonde.design)) == .badValue)
    #expect(
      code(
        .init(method: .gComputation), earnings,
        design: .interacted(lalonde.design.selecting(rows: [1, 2]))) == .sizeMismatch)
    #expect(
      code(.init(), earnings, cluster: Factor(earnings.map { _ in "a" })) == .tooFewClusters)
    // A missing outcome of a row that nobody was matched to does no harm.
    var unused = earnings
    let row = try #require(match.weights.firstIndex(of: 0))
    unused[row] = .nan
    #expect(code(.init(), unused) == nil)
  }
}
