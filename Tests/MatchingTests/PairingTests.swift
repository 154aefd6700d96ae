import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Nearest neighbours between coordinates")
struct PairingTests {
  let lalonde: Lalonde

  init() throws { lalonde = try Lalonde() }

  @Test("Mahalanobis matching on the NSW–PSID data has the published sum of distances")
  func mahalanobis() throws {
    let coordinates = try CovariateDistance(.mahalanobis).coordinates(
      columns: lalonde.distanceCovariates, treatment: lalonde.treatment)
    let match = try NearestNeighborMatching().match(
      treatment: lalonde.treatment, distance: .coordinates(coordinates))
    let sum = match.pairs.reduce(0) { $0 + $1.distance }
    #expect(close(sum, 343.2444168170, .init(relative: 1e-12)))
    #expect(match.pairs.count == 185)
    #expect(match.certificate.checks.map(\.rule) == ["common support", "reuse"])
    for pair in match.pairs {
      let gap = distance(coordinates, pair.treatedRow, pair.comparisonRow)
      #expect(close(pair.distance, gap, .closedForm))
    }
  }

  @Test("Mahalanobis pairs within a caliper on the score, against MatchIt 4.7.2")
  func withinCaliper() throws {
    let names = ["age", "educ", "re74"]
    let coordinates = try CovariateDistance(.mahalanobis).coordinates(
      columns: names.map { .init(name: $0, numbers: lalonde.column($0)) },
      treatment: lalonde.treatment)
    let match = try NearestNeighborMatching(caliper: Caliper(0.2)).match(
      treatment: lalonde.treatment, distance: .score(lalonde.score),
      pairing: .coordinates(coordinates))
    // Six treated have another of two comparisons with the same three covariates: the peer decides
    // such ties now one way, now the other, and here the last row wins.
    let golden = try lalonde.goldenPairs(
      "matchit_pairs_nearest_mahvars.csv", columns: ["m.match.matrix"])
    let found = comparisonRows(match, focal: 185)
    #expect(golden.indices.count { golden[$0] != found[$0] } == 6)
    #expect(Set(golden.joined()) == Set(found.joined()))
    for row in golden.indices {
      #expect(golden[row].count == found[row].count)
    }
    var sums = (golden: 0.0, found: 0.0)
    for row in golden.indices {
      sums.golden += golden[row].reduce(0) { $0 + distance(coordinates, row, $1) }
      sums.found += found[row].reduce(0) { $0 + distance(coordinates, row, $1) }
    }
    #expect(close(sums.found, sums.golden, .init(relative: 1e-12)))
    #expect(match.certificate.checks.map(\.rule) == ["common support", "caliper", "reuse"])
    #expect(match.pairs.count == 113)
  }

  @Test("Settings that need a score are refused in words")
  func refusals() {
    let treatment = [true, false, true, false]
    let points = MatchingDistance.coordinates(Matrix(columns: [[0, 1, 2, 3]]))
    func message(
      _ matching: NearestNeighborMatching, _ distance: MatchingDistance,
      pairing: MatchingDistance? = nil
    ) -> String? {
      do throws(SiblingError) {
        _ = try matching.match(treatment: treatment, distance: distance, pairing: pairing)
        return nil
      } catch {
        return "\(error.code.rawValue): \(error.message)"
      }
    }
    let needs = "needs a score, and this distance has none"
    #expect(message(.init(), points) == nil)
    #expect(
      message(.init(caliper: Caliper(0.2)), points)
        == "invalid-option: a caliper in standard deviations \(needs)")
    #expect(message(.init(caliper: Caliper(1, .raw)), points) == nil)
    #expect(message(.init(order: .largest), points)?.hasSuffix(needs) == true)
    #expect(message(.init(order: .smallest), points)?.hasSuffix(needs) == true)
    #expect(message(.init(ratio: 1.5, maximumRatio: 2), points)?.hasSuffix(needs) == true)
    #expect(message(.init(discard: .both), points)?.hasSuffix(needs) == true)
    #expect(
      message(.init(), points, pairing: points)?.hasPrefix("invalid-option: a second distance")
        == true)
    #expect(message(.init(), .score([0.1, 0.2, 0.3, 0.4]), pairing: points) == nil)
    func bad(_ columns: [[Double]]) -> String? {
      message(.init(), .coordinates(Matrix(columns: columns)))?.split(separator: ":").first
        .map(String.init)
    }
    #expect(bad([[0, 1, .nan, 3]]) == "missing-value")
    #expect(bad([[0, 1, .infinity, 3]]) == "bad-value")
    #expect(bad([[0, 1, 2, 1e200]]) == "bad-value")
    #expect(bad([[0, 1, 2]]) == "size-mismatch")
    #expect(bad([]) == "size-mismatch")
    #expect(
      message(.init(), .coordinates(Matrix(rows: 4, columns: 0)))?.hasPrefix("bad-design") == true)
    #expect(
      message(.init(caliper: Caliper(0.5, .raw)), points)
        == "no-matches: no focal unit found a match")
    // A score for pairing is a coordinate.
    #expect(
      message(.init(), .score([0.1, 0.2, 0.3, 0.4]), pairing: .score([1, 2, 3, .nan]))?
        .hasPrefix("missing-value") == true)
  }
}
