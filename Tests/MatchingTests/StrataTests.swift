import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Subclasses, coarsened and exact strata")
struct StrataTests {
  let lalonde: Lalonde

  init() throws { lalonde = try Lalonde() }

  private func covariates(
    _ names: [String] = Lalonde.covariates, _ coarsening: Coarsening? = .sturges
  ) -> [CoarsenedCovariate] {
    names.map { name in
      name == "race"
        ? CoarsenedCovariate(name: name, .factor(lalonde.race))
        : CoarsenedCovariate(name: name, .numeric(lalonde.column(name), coarsening))
    }
  }

  /// Whether two numberings put the same rows together.
  private func samePartition(_ match: Match, _ golden: [String]) -> Bool {
    var pairs = Set<String>()
    for (own, other) in zip(match.subclass, golden) {
      if (own < 0) != (other == "NA") { return false }
      if own > 0 { pairs.insert("\(own) \(other)") }
    }
    let sets = Set(match.subclass.filter { $0 > 0 }).count
    return pairs.count == sets && Set(golden.filter { $0 != "NA" }).count == sets
  }

  private func effects(_ match: Match) throws -> (difference: Double, gcomp: Double) {
    let difference = try MatchedEffect().estimate(
      outcome: lalonde.earnings, treatment: lalonde.treatment, match: match)
    let gcomp = try MatchedEffect(method: .gComputation).estimate(
      outcome: lalonde.earnings, treatment: lalonde.treatment, match: match,
      design: .interacted(lalonde.design))
    return (difference.estimate.estimate, gcomp.estimate.estimate)
  }

  @Test("Six subclasses: published effects, the peer's weights and subclasses")
  func subclasses() throws {
    let match = try Subclassification().match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    #expect(close(match.weights, Golden.numbers(lalonde.golden["w_subclass6"]), .closedForm))
    #expect(match.subclass == (lalonde.golden["s_subclass6"] ?? []).map { Int32($0) ?? -1 })
    #expect((match.treated.matched, match.comparison.matched) == (185, 429))
    #expect(close(match.comparison.effectiveSampleSize, 66.485508, .init(relative: 1e-7)))
    let (difference, gcomp) = try effects(match)
    #expect(close(difference, 1359.487533031, .published))
    #expect(close(gcomp, 1723.859683462, .published))
    #expect(match.population == "ATT among all 185 treated")
  }

  @Test("Coarsened exact matching: published effects, the peer's weights and strata")
  func coarsened() throws {
    let match = try CoarsenedExactMatching().match(
      treatment: lalonde.treatment, covariates: covariates())
    #expect(close(match.weights, Golden.numbers(lalonde.golden["w_cem"]), .closedForm))
    #expect(samePartition(match, lalonde.golden["s_cem"] ?? []))
    #expect((match.treated.matched, match.comparison.matched) == (65, 75))
    #expect(close(match.comparison.effectiveSampleSize, 41.289847, .init(relative: 1e-7)))
    let (difference, gcomp) = try effects(match)
    #expect(close(difference, 1070.907326427, .published))
    #expect(close(gcomp, 1290.033539961, .published))
    #expect(
      match.population == "ATT among the 65 of 185 treated in a stratum with both groups")
    #expect(match.unmatchedFocal.count == 120)
  }

  @Test("Coarsened exact matching for everybody")
  func everybody() throws {
    let match = try CoarsenedExactMatching(estimand: .ate).match(
      treatment: lalonde.treatment, covariates: covariates())
    #expect(close(match.comparison.effectiveSampleSize, 63.776050, .init(relative: 1e-7)))
    let (difference, gcomp) = try effects(match)
    #expect(close(difference, 1331.365759360, .published))
    #expect(close(gcomp, 1588.309738824, .published))
    #expect(match.population == "ATE among the 140 of 614 units in a stratum with both groups")
  }

  @Test("Exact matching on factors")
  func exact() throws {
    let match = try CoarsenedExactMatching().match(
      treatment: lalonde.treatment, covariates: covariates(["race", "married", "nodegree"], nil))
    #expect(close(match.weights, Golden.numbers(lalonde.golden["w_exact"]), .closedForm))
    #expect(samePartition(match, lalonde.golden["s_exact"] ?? []))
    #expect(match.certificate.checks.contains { $0.rule == "exact" && $0.worst == 0 })
  }

  @Test("Rules for bins agree with R's")
  func bins() throws {
    // The numbers of bins are those of R 4's nclass.Sturges, nclass.scott and nclass.FD.
    let rules: [(String, [Int])] = [
      ("age", [11, 10, 14]), ("educ", [11, 17, 26]), ("re74", [11, 14, 19]),
      ("re75", [11, 19, 33]),
    ]
    for (name, counts) in rules {
      let values = lalonde.column(name)
      for (rule, count) in zip([Coarsening.sturges, .scott, .freedmanDiaconis], counts) {
        let expected = try Coarsening.bins(count).codes(values, name: name)
        #expect(try rule.codes(values, name: name) == expected)
      }
    }
    let values: [Double] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
    #expect(try Coarsening.bins(4).codes(values, name: "x") == [0, 0, 1, 1, 2, 2, 3, 3, 3])
    #expect(try Coarsening.quantiles(4).codes(values, name: "x") == [0, 0, 1, 1, 2, 2, 3, 3, 3])
    #expect(try Coarsening.scott.codes([3, 3, 3], name: "x") == [0, 0, 0])
    #expect(try Coarsening.bins(10).codes([0, 0.31, 0.61, 0.71, 1], name: "x") == [0, 3, 6, 7, 9])
  }

  @Test("Empty subclasses are filled from the nearest with units to spare")
  func filling() throws {
    var codes = [0, 0, 0, 3]
    Subclassification.fill(&codes, subclasses: 4)
    #expect(codes == [0, 1, 2, 3])
    codes = [1, 1, 3, 3, 3]
    Subclassification.fill(&codes, subclasses: 4)
    #expect(codes == [0, 1, 2, 3, 3])
    var stream = RandomStream(seed: 3, name: "subclasses")
    for _ in 0..<200 {
      let n = 12 + Int(stream.uniform() * 20)
      let treatment = (0..<n).map { $0 < 6 || ($0 >= 12 && stream.uniform() < 0.3) }
      let score = (0..<n).map { _ in (stream.uniform() * 4).rounded() }
      for estimand in [Estimand.att, .atc, .ate] {
        let match = try Subclassification(estimand: estimand).match(
          treatment: treatment, distance: .score(score))
        // Each subclass has both groups, and the target's weights stay spread as the target is.
        for subclass in 1...6 {
          let rows = (0..<n).filter { match.subclass[$0] == Int32(subclass) }
          let shares = [true, false].map { group in
            rows.filter { treatment[$0] == group }.reduce(0) { $0 + match.weights[$1] }
              / Double(treatment.count { $0 == group })
          }
          #expect(shares[0] > 0)
          #expect(close(shares[0], shares[1], .closedForm))
        }
      }
    }
  }

  @Test("The order of rows and a duplicated sample change nothing")
  func properties() throws {
    let order = Array((0..<614).reversed())
    let turned = covariates().map { covariate -> CoarsenedCovariate in
      switch covariate.kind {
      case .factor(let factor):
        CoarsenedCovariate(name: covariate.name, .factor(factor.selecting(order)))
      case .numeric(let values, let rule):
        CoarsenedCovariate(name: covariate.name, .numeric(order.map { values[$0] }, rule))
      }
    }
    let first = try CoarsenedExactMatching().match(
      treatment: lalonde.treatment, covariates: covariates())
    let second = try CoarsenedExactMatching().match(
      treatment: order.map { lalonde.treatment[$0] }, covariates: turned)
    #expect(close(order.map { first.weights[$0] }, second.weights, .closedForm))
    let once = try Subclassification(estimand: .ate).match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    let reversed = try Subclassification(estimand: .ate).match(
      treatment: order.map { lalonde.treatment[$0] },
      distance: .score(order.map { lalonde.score[$0] }))
    #expect(close(order.map { once.weights[$0] }, reversed.weights, .closedForm))
  }

  @Test("Bad input is refused")
  func badInput() throws {
    func code(_ body: () throws(SiblingError) -> Match) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try body()
        return nil
      } catch { return error.code }
    }
    let treatment = [true, false, true, false]
    let score = MatchingDistance.score([1, 2, 3, 4])
    func column(_ values: [Double], _ rule: Coarsening? = nil) -> [CoarsenedCovariate] {
      [CoarsenedCovariate(name: "x", .numeric(values, rule))]
    }
    #expect(
      code { () throws(SiblingError) in
        try Subclassification(subclasses: 3).match(treatment: treatment, distance: score)
      } == .invalidOption)
    #expect(
      code { () throws(SiblingError) in
        try Subclassification(estimand: .ato).match(treatment: treatment, distance: score)
      } == .invalidOption)
    let bad: [(Estimand, [CoarsenedCovariate], SiblingError.Code)] = [
      (.att, [], .invalidOption), (.att, column([1, 2, 3, 4]), .noMatches),
      (.att, column([1, 2, .nan, 4]), .missingValue), (.att, column([1, 2]), .sizeMismatch),
      (.att, column([1, 2, 3, 4], .bins(0)), .invalidOption),
      (.att, column([1, 2, 3, 4], .quantiles(0)), .invalidOption),
      (.att, column([-1.7e308, 1.7e308, 0, 0], .sturges), .badValue),
      (.atm, column([1, 1, 1, 1]), .invalidOption),
    ]
    for (estimand, covariates, expected) in bad {
      #expect(
        code { () throws(SiblingError) in
          try CoarsenedExactMatching(estimand: estimand).match(
            treatment: treatment, covariates: covariates)
        } == expected)
    }
    #expect(
      code { () throws(SiblingError) in
        try CoarsenedExactMatching().match(
          treatment: [true, true], covariates: column([1, 1]))
      } == .constantTreatment)
  }
}
