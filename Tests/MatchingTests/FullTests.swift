import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Optimal full matching")
struct FullTests {
  @Test("The published objective, with its dual, and weights that balance sets")
  func published() throws {
    let lalonde = try Lalonde()
    for estimand in [Estimand.att, .atc, .ate] {
      let match = try FullMatching(estimand: estimand).match(
        treatment: lalonde.treatment, distance: .score(lalonde.score))
      let objective = try #require(match.certificate.objective)
      #expect(close(objective.primal, 2.1416162168770, .init(relative: 1e-7)))
      #expect(objective.gap.magnitude < 1e-11)
      #expect(match.treated.matched == 185)
      #expect(match.comparison.matched == 429)
      #expect(close(match.pairs.reduce(0) { $0 + $1.distance }, objective.primal, .closedForm))
    }
    let exact = try FullMatching().match(
      treatment: lalonde.treatment, distance: .score(lalonde.score), exact: lalonde.race)
    #expect(
      exact.pairs.allSatisfy {
        lalonde.race.codes[$0.treatedRow] == lalonde.race.codes[$0.comparisonRow]
      })
  }

  /// The least cost of a cover by dynamic programming over all subsets of comparisons covered.
  private func bruteForce(_ treated: [Double], _ comparison: [Double]) -> Double {
    let full = (1 << comparison.count) - 1
    var best = [Double](repeating: .infinity, count: full + 1)
    best[0] = 0
    for one in treated {
      var next = [Double](repeating: .infinity, count: full + 1)
      for covered in 0...full where best[covered] < .infinity {
        for chosen in 1...full {
          var cost = best[covered]
          for (index, other) in comparison.enumerated() where chosen >> index & 1 == 1 {
            cost += (one - other).magnitude
          }
          next[covered | chosen] = min(next[covered | chosen], cost)
        }
      }
      best = next
    }
    return best[full]
  }

  @Test("Equal to brute force, ties included, and every set is a star")
  func small() throws {
    var stream = RandomStream(seed: 11, name: "full matching")
    for round in 0..<400 {
      let treated = 1 + stream.integer(below: 5)
      let comparison = 1 + stream.integer(below: 5)
      let grid = round % 3 == 0 ? 4.0 : 64.0
      let score = (0..<(treated + comparison)).map { _ in (stream.uniform() * grid).rounded() / 8 }
      let treatment = score.indices.map { $0 < treated }
      let match = try FullMatching().match(treatment: treatment, distance: .score(score))
      let objective = try #require(match.certificate.objective)
      let least = bruteForce(Array(score[..<treated]), Array(score[treated...]))
      #expect((objective.primal - least).magnitude < 1e-12)
      #expect(objective.gap.magnitude < 1e-12)
      for set in 1...Int(match.subclass.max() ?? 1) {
        let rows = score.indices.filter { match.subclass[$0] == Int32(set) }
        let inside = rows.count { treatment[$0] }
        #expect(inside == 1 || rows.count - inside == 1)
      }
      #expect(match.subclass.allSatisfy { $0 > 0 })
      let order = Array(score.indices.reversed())
      let turned = try FullMatching().match(
        treatment: order.map { treatment[$0] }, distance: .score(order.map { score[$0] }))
      #expect(
        ((turned.certificate.objective?.primal ?? -1) - objective.primal).magnitude < 1e-12)
    }
  }

  @Test("Large and tied samples are optimal too, by their duals; discards stay out")
  func certificates() throws {
    var stream = RandomStream(seed: 5, name: "full matching")
    for distinct in [1.0, 50, 1e9] {
      let score = (0..<20_000).map { _ in (stream.uniform() * distinct).rounded() }
      let treatment = score.map { stream.uniform() < 0.1 + 0.6 * $0 / distinct }
      let match = try FullMatching(estimand: .ate, discard: .both).match(
        treatment: treatment, distance: .score(score))
      let objective = try #require(match.certificate.objective)
      #expect(objective.gap.magnitude <= 1e-9 * max(1, objective.primal))
      #expect(zip(match.discarded, match.weights).allSatisfy { $0 == ($1 == 0) })
      #expect(match.pairs.count < score.count)
    }
  }

  @Test("Bad input is refused")
  func badInput() {
    let cases: [([Bool], [Double], Estimand, SiblingError.Code)] = [
      ([true, true], [1, 2], .att, .constantTreatment), ([true, false], [1], .att, .sizeMismatch),
      ([true, false], [1, .nan], .att, .missingValue),
      ([true, false], [1, 2], .ato, .invalidOption),
      ([true, false], [-1.7e308, 1.7e308], .att, .badValue),
    ]
    for (treatment, score, estimand, expected) in cases {
      var code: SiblingError.Code?
      do throws(SiblingError) {
        _ = try FullMatching(estimand: estimand).match(
          treatment: treatment, distance: .score(score))
      } catch { code = error.code }
      #expect(code == expected)
    }
    var code: SiblingError.Code?
    do throws(SiblingError) {
      _ = try FullMatching().match(
        treatment: [true, false], distance: .score([1, 2]),
        exact: Factor(codes: [0, 1], levels: ["a", "b"]))
    } catch { code = error.code }
    #expect(code == .noMatches)
  }
}
