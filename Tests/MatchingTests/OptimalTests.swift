import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Optimal pair matching")
struct OptimalTests {
  @Test("The published objective, with its dual; everybody matched once")
  func published() throws {
    let lalonde = try Lalonde()
    let match = try OptimalMatching().match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    let objective = try #require(match.certificate.objective)
    #expect(close(objective.primal, 39.692798784962, .init(relative: 1e-7)))
    #expect(objective.gap.magnitude < 1e-11)
    #expect(match.pairs.count == 185)
    #expect(match.population == "ATT among all 185 treated")
    #expect(match.certificate.smallestCaliper == nil)
    #expect(Set(match.pairs.map(\.comparisonRow)).count == 185)
    let fit = try PropensityScore().fit(lalonde.design, treatment: lalonde.treatment)
    let converged = try OptimalMatching().match(
      treatment: lalonde.treatment, distance: .score(fit.score))
    #expect(close(converged.certificate.objective?.primal ?? 0, 39.692798784962))
  }

  @Test("A caliper takes nothing away that it need not")
  func caliper() throws {
    let lalonde = try Lalonde()
    let narrow = try OptimalMatching(caliper: Caliper(0.2)).match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    let greedy = try NearestNeighborMatching(caliper: Caliper(0.2)).match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    #expect(narrow.pairs.count >= greedy.pairs.count)
    let width = try #require(narrow.certificate.smallestCaliper)
    func matched(_ width: Double) throws -> Match {
      try OptimalMatching(caliper: Caliper(width, .raw)).match(
        treatment: lalonde.treatment, distance: .score(lalonde.score))
    }
    #expect(try matched(width).pairs.count == 185)
    #expect(try matched(width.nextDown).pairs.count < 185)
    #expect(try matched(width).certificate.smallestCaliper == width)
    // On coordinates of one column the general method finds the same.
    let column = Matrix(columns: [lalonde.score])
    let general = try OptimalMatching(caliper: Caliper(narrow.caliper ?? 0, .raw)).match(
      treatment: lalonde.treatment, distance: .coordinates(column))
    #expect(general.pairs.count == narrow.pairs.count)
    #expect(general.certificate.smallestCaliper == width)
    #expect(
      close(
        general.certificate.objective?.primal ?? 0, narrow.certificate.objective?.primal ?? 1,
        .closedForm))
  }

  @Test("Equal to trying everything, with every rule, ratio and kind of distance", arguments: 0..<8)
  func small(block: Int) throws {
    for round in (block * 100)..<(block * 100 + 100) {
      var stream = RandomStream(seed: UInt64(round), name: "optimal pairs")
      let design = SmallDesign(
        &stream, treated: 1 + stream.integer(below: 4), comparison: 1 + stream.integer(below: 6),
        dimensions: 1 + round % 2)
      let each = 1 + stream.integer(below: 3)
      let isATT = stream.integer(below: 3) > 0
      let focal = design.treatment.indices.filter { design.treatment[$0] == isATT }
      let pool = design.treatment.indices.filter { design.treatment[$0] != isATT }
      let best = design.bestPairs(focal: focal, pool: pool, each: each)
      do throws(SiblingError) {
        let match = try OptimalMatching(
          estimand: isATT ? .att : .atc, ratio: each, caliper: design.caliper
        ).match(
          treatment: design.treatment, distance: design.distance, exact: design.exact,
          antiExact: design.antiExact, covariateCalipers: design.calipers)
        let objective = match.certificate.objective ?? .init(primal: -1, dual: 0)
        #expect(match.pairs.count == best.pairs, "round \(round)")
        #expect((objective.primal - best.cost).magnitude <= 1e-10 * max(1, best.cost))
        #expect(objective.gap.magnitude <= 1e-10 * max(1, best.cost), "round \(round)")
        if let caliper = design.caliper, caliper.width >= 0 {
          #expect(match.certificate.smallestCaliper == best.width, "round \(round)")
        }
        #expect(match.pairs.allSatisfy { design.allows($0.treatedRow, $0.comparisonRow) })
        #expect(zip(match.weights, match.subclass).allSatisfy { ($0 > 0) == ($1 > 0) })
      } catch {
        #expect(error.code == .noMatches && best.pairs == 0, "round \(round): \(error)")
      }
    }
  }

  @Test("Order of rows and scale don't change the optimum", arguments: [1, 3])
  func invariance(dimensions: Int) throws {
    var stream = RandomStream(seed: 4, name: "optimal invariance")
    let n = 400
    let treatment = (0..<n).map { _ in stream.uniform() < 0.3 }
    let columns = (0..<dimensions).map { _ in
      (0..<n).map { stream.normal() + (treatment[$0] ? 0.8 : 0) }
    }
    let order = stream.permutation(n)
    func cost(_ columns: [[Double]], _ treatment: [Bool]) throws -> Double {
      let distance: MatchingDistance =
        dimensions == 1 ? .score(columns[0]) : .coordinates(Matrix(columns: columns))
      let match = try OptimalMatching(ratio: 2).match(treatment: treatment, distance: distance)
      return match.certificate.objective?.primal ?? -1
    }
    let base = try cost(columns, treatment)
    let turned = try cost(
      columns.map { column in order.map { column[$0] } },
      order.map { treatment[$0] })
    let scaled = try cost(columns.map { column in column.map { $0 * 1024 } }, treatment)
    #expect(close(turned, base, .closedForm))
    #expect(close(scaled, base * 1024, .closedForm))
  }

  @Test("Line and network agree on larger, tied data; duals prove both", arguments: [40.0, 1e6])
  func larger(distinct: Double) throws {
    var stream = RandomStream(seed: 8, name: "optimal larger")
    let score = (0..<1500).map { _ in (stream.uniform() * distinct).rounded() }
    let treatment = score.map { stream.uniform() < 0.2 + 0.4 * $0 / distinct }
    for ratio in 1...3 {
      let line = try OptimalMatching(ratio: ratio).match(
        treatment: treatment, distance: .score(score))
      let network = try OptimalMatching(ratio: ratio).match(
        treatment: treatment, distance: .coordinates(Matrix(columns: [score])))
      #expect(line.pairs.count == network.pairs.count)
      let objectives = try [line, network].map { try #require($0.certificate.objective) }
      #expect(close(objectives[0].primal, objectives[1].primal, .closedForm))
      for one in objectives { #expect(close(one.primal, one.dual, .converged)) }
    }
  }

  @Test("Bad input is refused, hard input is answered")
  func badInput() throws {
    func code(
      _ matching: OptimalMatching, _ treatment: [Bool], _ distance: MatchingDistance,
      exact: Factor? = nil
    ) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try matching.match(treatment: treatment, distance: distance, exact: exact)
        return nil
      } catch { return error.code }
    }
    let two = [true, false]
    let infinite = Matrix(columns: [[1, .infinity], [0, 1]])
    let far = Matrix(columns: [[-1.7e308, 1.7e308], [0, 1]])
    #expect(code(.init(estimand: .ate), two, .score([1, 2])) == .invalidOption)
    #expect(code(.init(ratio: 0), two, .score([1, 2])) == .invalidOption)
    #expect(code(.init(ratio: .max), two, .score([1, 2])) == .invalidOption)
    #expect(code(.init(), [true, true], .score([1, 2])) == .constantTreatment)
    #expect(code(.init(), two, .score([1])) == .sizeMismatch)
    #expect(code(.init(), two, .score([1, .nan])) == .missingValue)
    #expect(code(.init(), two, .score([1, .infinity])) == .badValue)
    #expect(code(.init(), two, .score([-1.7e308, 1.7e308])) == .badValue)
    #expect(code(.init(), two, .coordinates(infinite)) == .badValue)
    #expect(code(.init(), two, .coordinates(far)) == .badValue)
    #expect(code(.init(), two, .coordinates(Matrix(rows: 2, columns: 0))) == .invalidOption)
    #expect(code(.init(), two, .coordinates(Matrix(rows: 3, columns: 1))) == .sizeMismatch)
    let plane = MatchingDistance.coordinates(Matrix(columns: [[1, 2], [0, 1]]))
    #expect(code(.init(caliper: Caliper(1)), two, plane) == .invalidOption)
    #expect(code(.init(discard: .both), two, plane) == .invalidOption)
    #expect(code(.init(caliper: Caliper(.nan)), two, .score([1, 2])) == .invalidOption)
    #expect(code(.init(discard: .both), two, .score([1, 2])) == .noOverlap)
    let apart = Factor(codes: [0, 1], levels: ["a", "b"])
    #expect(code(.init(), two, .score([1, 2]), exact: apart) == .noMatches)
    #expect(code(.init(caliper: Caliper(0, .raw)), two, .score([1, 2])) == .noMatches)

    // More focal units than others: as many as there are, and the closest.
    let crowd = try OptimalMatching().match(
      treatment: [true, true, true, false], distance: .score([1, 2, 4, 3.9]))
    #expect(crowd.pairs.map(\.treatedRow) == [2])
    #expect(crowd.unmatchedFocal == [0, 1])
    #expect(crowd.population == "ATT among the 1 of 3 treated that found a match")
    // All distances equal, one treated unit, and a caliper of zero with equals.
    for distance in [
      MatchingDistance.score([5, 5, 5, 5]), .coordinates(Matrix(rows: 4, columns: 2)),
    ] {
      let equal = try OptimalMatching(ratio: 2, caliper: Caliper(0, .raw)).match(
        treatment: [false, true, false, false], distance: distance)
      #expect(equal.pairs.count == 2)
      #expect(equal.certificate.objective?.primal == 0)
      #expect(equal.certificate.smallestCaliper == 0)
    }
    // Too few for every focal unit at any caliper.
    let short = try OptimalMatching(ratio: 3, caliper: Caliper(9, .raw)).match(
      treatment: [true, false, false], distance: .score([1, 2, 3]))
    #expect(short.pairs.count == 2)
    #expect(short.certificate.smallestCaliper == .infinity)
  }
}
