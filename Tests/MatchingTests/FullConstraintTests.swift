import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Full matching with rules for pairs and set sizes")
struct FullConstraintTests {
  static let minima: [Double?] = [nil, nil, 1.0 / 3, 0.5, 1, 2]
  static let maxima: [Double?] = [nil, nil, 0.5, 1, 2, 3]

  @Test("The published objectives from converged scores", arguments: [Link.logit, .probit])
  func published(link: Link) throws {
    let lalonde = try Lalonde()
    let fit = try PropensityScore(link: link).fit(lalonde.design, treatment: lalonde.treatment)
    let match = try FullMatching().match(
      treatment: lalonde.treatment, distance: .score(fit.score))
    let golden = link == .logit ? 2.1416162168770 : 2.16978146
    let digits = Tolerance(relative: link == .logit ? 1e-8 : 3e-9)
    #expect(close(match.certificate.objective?.primal ?? 0, golden, digits))
    // A caliper that binds nobody sends the same points through the network.
    let network = try FullMatching(caliper: Caliper(10, .raw)).match(
      treatment: lalonde.treatment, distance: .score(fit.score))
    #expect(
      close(
        network.certificate.objective?.primal ?? 0, match.certificate.objective?.primal ?? 1,
        .init(relative: 1e-10)))
  }

  @Test("Equal to trying everything, refusing what nothing can do", arguments: 0..<6)
  func small(block: Int) throws {
    for round in (block * 100)..<(block * 100 + 100) {
      var stream = RandomStream(seed: UInt64(round), name: "full rules")
      let design = SmallDesign(
        &stream, treated: 1 + stream.integer(below: 4), comparison: 1 + stream.integer(below: 3),
        dimensions: 1 + round % 2)
      let minimum = Self.minima[stream.integer(below: 6)]
      let maximum = Self.maxima[stream.integer(below: 6)]
      if let minimum, let maximum, minimum > maximum { continue }
      let best = design.bestStars(minimum: minimum, maximum: maximum)
      do throws(SiblingError) {
        let match = try FullMatching(
          estimand: .ate, minimumRatio: minimum, maximumRatio: maximum, caliper: design.caliper
        ).match(
          treatment: design.treatment, distance: design.distance, exact: design.exact,
          antiExact: design.antiExact, covariateCalipers: design.calipers)
        let objective = match.certificate.objective ?? .init(primal: -1, dual: 0)
        #expect((objective.primal - best).magnitude <= 1e-10 * max(1, best), "round \(round)")
        #expect(objective.gap.magnitude <= 1e-10 * max(1, best), "round \(round)")
        #expect(match.pairs.allSatisfy { design.allows($0.treatedRow, $0.comparisonRow) })
      } catch {
        #expect(best == .infinity, "round \(round): \(error)")
        #expect(error.code == .badDesign || error.code == .noMatches)
      }
    }
  }

  @Test("Sizes keep their limits, by the line and by the network")
  func sizes() throws {
    let lalonde = try Lalonde()
    let limits: [(Double?, Double?)] = [(nil, 4), (0.5, 5), (1, 3), (2, 3), (0.2, nil)]
    for (minimum, maximum) in limits {
      var full = FullMatching(minimumRatio: minimum, maximumRatio: maximum)
      let line = try full.match(treatment: lalonde.treatment, distance: .score(lalonde.score))
      full.caliper = Caliper(2, .raw)
      let network = try full.match(
        treatment: lalonde.treatment, distance: .score(lalonde.score))
      for match in [line, network] {
        #expect(match.subclass.allSatisfy { $0 > 0 })
        var sets = [(treated: Int, comparison: Int)](
          repeating: (0, 0), count: Int(match.subclass.max() ?? 0) + 1)
        for (own, isTreated) in zip(match.subclass, lalonde.treatment) {
          if isTreated { sets[Int(own)].treated += 1 } else { sets[Int(own)].comparison += 1 }
        }
        for set in sets.dropFirst() {
          let ratio = Double(set.comparison) / Double(set.treated)
          #expect(min(set.treated, set.comparison) == 1)
          #expect(ratio >= minimum ?? 0 && ratio <= maximum ?? .infinity)
        }
      }
      #expect(
        close(
          line.certificate.objective?.primal ?? 0, network.certificate.objective?.primal ?? 1,
          .init(relative: 1e-10)))
    }
  }

  @Test("Units without a partner are left out and counted")
  func leftOut() throws {
    let match = try FullMatching(estimand: .ate, caliper: Caliper(1, .raw)).match(
      treatment: [true, true, false, false, false], distance: .score([0, 50, 0.5, 1, 9]))
    #expect(match.treated.matched == 1)
    #expect(match.comparison.matched == 2)
    #expect(match.unmatchedFocal == [1, 4])
    #expect(match.population == "ATE among the 3 of 5 units that found a match")
    #expect(match.caliper == 1)
  }

  @Test("Sizes that can't be kept are refused with those that can")
  func refusals() throws {
    func error(_ full: FullMatching, _ treated: Int, _ comparison: Int) -> SiblingError? {
      let treatment = (0..<(treated + comparison)).map { $0 < treated }
      let score = treatment.indices.map { Double($0 * 37 % 11) }
      do throws(SiblingError) {
        _ = try full.match(treatment: treatment, distance: .score(score))
        return nil
      } catch { return error }
    }
    let wide = error(.init(maximumRatio: 2), 3, 8)
    #expect(wide?.code == .badDesign)
    #expect(wide?.help?.contains("not be above 2, the maximum not below 3 ") == true)
    #expect(error(.init(minimumRatio: 2, maximumRatio: 3), 3, 8) == nil)
    let narrow = error(.init(minimumRatio: 1), 8, 3)
    #expect(narrow?.help?.contains("not be above 1/3 (0.3333), the maximum not below 0.5") == true)
    #expect(error(.init(minimumRatio: 0.3333, maximumRatio: 0.5), 8, 3) == nil)
    for ratio in [0, -1, 0.7, 1.5, .nan, .infinity, 1e300, 1e-300] {
      #expect(error(.init(minimumRatio: ratio), 3, 8)?.code == .invalidOption, "\(ratio)")
    }
    #expect(error(.init(minimumRatio: 3, maximumRatio: 2), 3, 8)?.code == .invalidOption)
    #expect(error(.init(minimumRatio: 0.5, maximumRatio: 1e9), 1, 1) == nil)
    // A caliper that leaves one comparison with three treated asks for that many.
    let close = error(.init(minimumRatio: 0.5, caliper: Caliper(100, .raw)), 3, 1)
    #expect(close?.code == .badDesign)
    #expect(close?.help?.contains("a minimum of 1/3 (0.3333) and a maximum of 1 ") == true)
  }

  @Test("Coordinates: order of rows and scale don't change the optimum")
  func invariance() throws {
    var stream = RandomStream(seed: 12, name: "full coordinates")
    let n = 500
    let treatment = (0..<n).map { _ in stream.uniform() < 0.3 }
    let columns = (0..<3).map { _ in (0..<n).map { _ in stream.normal() } }
    let order = stream.permutation(n)
    func cost(_ columns: [[Double]], _ treatment: [Bool]) throws -> Double {
      let match = try FullMatching(minimumRatio: 0.25, maximumRatio: 6).match(
        treatment: treatment, distance: .coordinates(Matrix(columns: columns)))
      return match.certificate.objective?.primal ?? -1
    }
    let base = try cost(columns, treatment)
    let turned = try cost(
      columns.map { column in order.map { column[$0] } }, order.map { treatment[$0] })
    #expect(close(turned, base, .closedForm))
    #expect(close(try cost(columns.map { $0.map { $0 / 64 } }, treatment), base / 64, .closedForm))
  }
}
