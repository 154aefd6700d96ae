import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Generalised full matching")
struct QuickTests {
  /// The least possible largest distance within a set, trying every division of few units.
  private func leastWidest(_ design: SmallDesign) -> Double {
    var best = Double.infinity
    var sets: [[Int]] = []
    func place(_ row: Int, _ widest: Double) {
      guard widest < best else { return }
      guard row < design.count else {
        let isValid = sets.allSatisfy { set in
          set.contains { design.treatment[$0] } && set.contains { !design.treatment[$0] }
        }
        if isValid { best = widest }
        return
      }
      for index in sets.indices {
        let wider = sets[index].reduce(widest) { max($0, design.distance($1, row)) }
        sets[index].append(row)
        place(row + 1, wider)
        sets[index].removeLast()
      }
      sets.append([row])
      place(row + 1, widest)
      sets.removeLast()
    }
    place(0, 0)
    return best
  }

  @Test("Everybody is in a set of both groups, within four times the least largest distance")
  func bound() throws {
    for round in 0..<200 {
      var stream = RandomStream(seed: UInt64(round), name: "quick")
      var design = SmallDesign(
        &stream, treated: 1 + stream.integer(below: 3), comparison: 1 + stream.integer(below: 4),
        dimensions: 1 + round % 2)
      design.exact = nil
      let match = try GeneralizedFullMatching(estimand: .ate).match(
        treatment: design.treatment, distance: design.distance)
      #expect(match.subclass.allSatisfy { $0 > 0 })
      var widest = 0.0
      for one in 0..<design.count {
        for other in 0..<one where match.subclass[one] == match.subclass[other] {
          widest = max(widest, design.distance(one, other))
        }
      }
      #expect(widest <= 4 * leastWidest(design) + 1e-12, "round \(round)")
      if design.columns.count == 1 {
        let check = match.certificate.checks.first { $0.rule == "distance within a set" }
        #expect(check?.worst == widest)
      }
    }
  }

  @Test("Large samples: sets stay small, exact strata apart, discards out")
  func large() throws {
    var stream = RandomStream(seed: 3, name: "quick large")
    let n = 20_000
    let treatment = (0..<n).map { _ in stream.uniform() < 0.3 }
    let score = treatment.map { stream.normal() + ($0 ? 0.5 : 0) }
    let other = (0..<n).map { _ in stream.normal() }
    let strata = Factor(
      codes: (0..<n).map { _ in Int32(stream.integer(below: 3)) }, levels: ["a", "b", "c"])
    for distance in [
      MatchingDistance.score(score), .coordinates(Matrix(columns: [score, other])),
    ] {
      let match = try GeneralizedFullMatching().match(
        treatment: treatment, distance: distance, exact: strata)
      #expect(match.treated.unmatched == 0)
      #expect(match.comparison.unmatched == 0)
      var level = [Int32](repeating: -1, count: Int(match.subclass.max() ?? 0) + 1)
      for (own, code) in zip(match.subclass, strata.codes) {
        if level[Int(own)] < 0 { level[Int(own)] = code }
        #expect(level[Int(own)] == code)
      }
      let again = try GeneralizedFullMatching().match(
        treatment: treatment, distance: distance, exact: strata)
      #expect(again == match)
    }
    let discarded = try GeneralizedFullMatching(discard: .both).match(
      treatment: treatment, distance: .score(score))
    #expect(zip(discarded.discarded, discarded.subclass).allSatisfy { $0 == ($1 < 0) })
  }

  @Test("Bad input is refused")
  func badInput() {
    func code(
      _ matching: GeneralizedFullMatching, _ treatment: [Bool], _ score: [Double],
      _ exact: Factor? = nil
    ) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try matching.match(treatment: treatment, distance: .score(score), exact: exact)
        return nil
      } catch { return error.code }
    }
    #expect(code(.init(estimand: .ato), [true, false], [1, 2]) == .invalidOption)
    #expect(code(.init(), [true, true], [1, 2]) == .constantTreatment)
    #expect(code(.init(), [true, false], [1, .infinity]) == .badValue)
    #expect(code(.init(), [true, false], [1]) == .sizeMismatch)
    #expect(
      code(.init(), [true, false], [1, 2], Factor(codes: [0, 1], levels: ["a", "b"])) == .noMatches)
    #expect(code(.init(), [true, false, false], [2, 2, 2]) == nil)
  }
}

@Suite("Coarsened exact matching pruned to pairs")
struct PrunedStrataTests {
  @Test("As many pairs as each stratum allows, the closest of them")
  func pairs() throws {
    for round in 0..<100 {
      var stream = RandomStream(seed: UInt64(round), name: "pruned")
      var design = SmallDesign(
        &stream, treated: 2 + stream.integer(below: 3), comparison: 1 + stream.integer(below: 5),
        dimensions: 2)
      design.antiExact = []
      design.covariate = nil
      design.caliper = nil
      design.exact = Factor(
        codes: design.treatment.map { _ in Int32(stream.integer(below: 2)) }, levels: ["a", "b"])
      let strata = try #require(design.exact)
      let rows = design.treatment.indices
      let best = design.bestPairs(
        focal: rows.filter { design.treatment[$0] }, pool: rows.filter { !design.treatment[$0] },
        each: 1)
      do throws(SiblingError) {
        let match = try CoarsenedExactMatching().matchPairs(
          treatment: design.treatment,
          covariates: [CoarsenedCovariate(name: "site", .factor(strata))],
          distance: design.distance)
        #expect(match.pairs.count == best.pairs)
        #expect(match.treated.matched == match.comparison.matched)
        #expect(match.weights.allSatisfy { $0 == 0 || $0 == 1 })
        let cost = match.pairs.reduce(0) { $0 + $1.distance }
        #expect((cost - best.cost).magnitude <= 1e-10 * max(1, best.cost))
      } catch {
        #expect(error.code == .noMatches && best.pairs == 0)
      }
    }
    var code: SiblingError.Code?
    do throws(SiblingError) {
      _ = try CoarsenedExactMatching(estimand: .ate).matchPairs(
        treatment: [true, false],
        covariates: [CoarsenedCovariate(name: "x", .numeric([1, 1], nil))],
        distance: .score([1, 2]))
    } catch { code = error.code }
    #expect(code == .invalidOption)
  }
}
