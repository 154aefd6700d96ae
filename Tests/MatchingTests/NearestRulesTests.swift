import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Nearest neighbours, rule by rule")
struct NearestRulesTests {
  /// A small linear congruential stream, so that the data do not depend on the room under test.
  struct Stream {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  struct World {
    var treatment: [Bool]
    var score: [Double]
    var strata: Factor
    var site: Factor
    var age: [Double]
  }

  /// Rows with heavily tied scores, in steps that binary fractions hold exactly.
  static func world(seed: Int, rows: Int, distinct: Int, share: Int = 3) -> World {
    var stream = Stream(state: UInt64(seed) &* 7919 &+ 17)
    var treatment = (0..<rows).map { _ in stream.next(share) == 0 }
    treatment[0] = true
    treatment[1] = false
    return World(
      treatment: treatment,
      score: (0..<rows).map { _ in Double(stream.next(distinct)) / 16 },
      strata: Factor(
        codes: (0..<rows).map { _ in Int32(stream.next(3)) }, levels: ["a", "b", "c"]),
      site: Factor(
        codes: (0..<rows).map { _ in Int32(stream.next(4)) }, levels: ["1", "2", "3", "4"]),
      age: (0..<rows).map { _ in Double(stream.next(9)) })
  }

  static let orders: [MatchingOrder] = [.largest, .smallest, .closest, .farthest, .data]

  @Test("The same pairs as the plain reading of the rules", arguments: 0..<24)
  func plainReading(seed: Int) throws {
    let rows = 12 + seed * 3
    let world = Self.world(seed: seed, rows: rows, distinct: 2 + seed % 23, share: 2 + seed % 3)
    let calipers: [Caliper?] = [nil, Caliper(0.25), Caliper(0.125, .raw), Caliper(-0.1, .raw)]
    for (index, order) in Self.orders.enumerated() {
      for caliper in calipers {
        for variant in 0..<6 {
          var matching = NearestNeighborMatching(
            estimand: (seed + index) % 2 == 0 ? .att : .atc,
            ratio: Double(1 + (seed + variant) % 3),
            order: order, caliper: caliper)
          var plain = PlainNearest(
            treatment: world.treatment, score: world.score, matching: matching)
          var exact: Factor?
          var anti: [Factor] = []
          var calipers: [CovariateCaliper] = []
          switch variant {
          case 1:
            exact = world.strata
            plain.exact = world.strata.codes
          case 2:
            anti = [world.site]
            plain.antiExact = world.site.codes
          case 3:
            matching.replacement = true
          case 4:
            matching.replacement = true
            matching.reuseLimit = 2
          case 5:
            exact = world.strata
            plain.exact = world.strata.codes
            plain.covariates = [(world.age, Caliper(3, .raw))]
            calipers = [CovariateCaliper(name: "age", values: world.age, caliper: Caliper(3, .raw))]
          default: break
          }
          plain.matching = matching
          let expected = plain.chosen()
          var found = [[Int]](repeating: [], count: rows)
          do throws(SiblingError) {
            let match = try matching.match(
              treatment: world.treatment, distance: .score(world.score), exact: exact,
              antiExact: anti, covariateCalipers: calipers)
            for pair in match.pairs {
              let att = matching.estimand == .att
              found[att ? pair.treatedRow : pair.comparisonRow].append(
                att ? pair.comparisonRow : pair.treatedRow)
            }
            #expect(match.certificate.pairs == match.pairs.count)
          } catch {
            #expect(error.code == .noMatches)
          }
          #expect(found == expected, "seed \(seed), \(order), variant \(variant)")
        }
      }
    }
  }

  @Test("Row order does not matter when scores are untied", arguments: 0..<6)
  func rowOrder(seed: Int) throws {
    let world = Self.world(seed: seed, rows: 90, distinct: 5)
    let score = world.score.enumerated().map {
      // Square roots, so that no two distances are equal either.
      $0.element + Double($0.offset * 37 % 90 + 2).squareRoot() / 100
    }
    var stream = RandomStream(seed: UInt64(seed), name: "rows")
    let order = stream.permutation(90)
    for matching in [
      NearestNeighborMatching(), .init(ratio: 2, caliper: Caliper(0.3)),
      .init(order: .closest), .init(replacement: true),
    ] {
      let one = try matching.match(
        treatment: world.treatment, distance: .score(score), exact: world.strata)
      let two = try matching.match(
        treatment: order.map { world.treatment[$0] }, distance: .score(order.map { score[$0] }),
        exact: world.strata.selecting(order))
      let back = Set(two.pairs.map { [order[$0.treatedRow], order[$0.comparisonRow]] })
      #expect(back == Set(one.pairs.map { [$0.treatedRow, $0.comparisonRow] }))
    }
  }

  @Test("A random order is a permutation that follows its seed")
  func randomOrder() throws {
    let world = Self.world(seed: 3, rows: 200, distinct: 40)
    func pairs(_ seed: UInt64) throws -> [Match.Pair] {
      try NearestNeighborMatching(order: .random(seed: seed)).match(
        treatment: world.treatment, distance: .score(world.score)
      ).pairs
    }
    #expect(try pairs(1) == pairs(1))
    #expect(try pairs(1) != pairs(2))
    #expect(try pairs(1).count == pairs(2).count)
  }

  @Test("Weights add up and certificates hold", arguments: 0..<10)
  func weights(seed: Int) throws {
    let world = Self.world(seed: seed + 100, rows: 150, distinct: 30)
    let match = try NearestNeighborMatching(
      ratio: 2, replacement: true, reuseLimit: 3, caliper: Caliper(0.3), discard: .both
    ).match(
      treatment: world.treatment, distance: .score(world.score), exact: world.strata,
      antiExact: [world.site],
      covariateCalipers: [
        CovariateCaliper(name: "age", values: world.age, caliper: Caliper(1.5))
      ])
    let checks = match.certificate.checks
    #expect(
      checks.map(\.rule) == ["common support", "caliper", "age", "exact", "anti-exact", "reuse"])
    #expect(checks[1].worst <= checks[1].bound ?? 0)
    #expect(checks[5].worst <= 3)
    var sums = [0.0, 0.0]
    for (row, weight) in match.weights.enumerated() { sums[world.treatment[row] ? 1 : 0] += weight }
    #expect(close(sums[1], Double(match.treated.matched)))
    #expect(close(sums[0], Double(match.comparison.matched)))
    #expect(
      match.treated.all == match.treated.matched + match.treated.unmatched
        + match.treated.discarded)
    #expect(match.unmatchedFocal.count == match.treated.unmatched)
    let raw = try NearestNeighborMatching(replacement: true, normalizesWeights: false).match(
      treatment: world.treatment, distance: .score(world.score))
    #expect(raw.weights.reduce(0, +) == 2 * Double(raw.treated.matched))
  }

  @Test("Settings and data that can't be matched are refused")
  func refusals() {
    let treatment = [true, false, true, false]
    let score = [0.1, 0.2, 0.3, 0.4]
    func code(
      _ matching: NearestNeighborMatching, _ treatment: [Bool], _ score: [Double],
      exact: Factor? = nil
    ) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try matching.match(treatment: treatment, distance: .score(score), exact: exact)
        return nil
      } catch {
        return error.code
      }
    }
    #expect(code(.init(), [true, true], [0.1, 0.2]) == .constantTreatment)
    #expect(code(.init(), [], []) == .noRows)
    #expect(code(.init(), treatment, [0.1]) == .sizeMismatch)
    #expect(code(.init(), treatment, [0.1, .nan, 0.2, 0.3]) == .missingValue)
    #expect(code(.init(), treatment, [0.1, .infinity, 0.2, 0.3]) == .badValue)
    #expect(code(.init(ratio: 0.5), treatment, score) == .invalidOption)
    #expect(code(.init(ratio: 1.5), treatment, score) == .invalidOption)
    #expect(code(.init(ratio: .nan), treatment, score) == .invalidOption)
    #expect(code(.init(minimumRatio: 1), treatment, score) == .invalidOption)
    #expect(code(.init(ratio: 2, maximumRatio: 2), treatment, score) == .invalidOption)
    #expect(code(.init(reuseLimit: 2), treatment, score) == .invalidOption)
    #expect(code(.init(replacement: true, reuseLimit: 0), treatment, score) == .invalidOption)
    #expect(code(.init(estimand: .ate), treatment, score) == .invalidOption)
    #expect(code(.init(caliper: Caliper(.nan)), treatment, score) == .invalidOption)
    #expect(code(.init(caliper: Caliper(0.001)), treatment, score) == .noMatches)
    #expect(code(.init(discard: .both), treatment, [0.8, 0.2, 0.9, 0.4]) == .noOverlap)
    #expect(
      code(.init(), treatment, score, exact: Factor(["a", "b", "a", "b"])) == .noMatches)
    #expect(
      code(.init(), treatment, score, exact: Factor(["a", nil, "a", "b"])) == .missingValue)
    #expect(code(.init(), treatment, score, exact: Factor(["a", "a"])) == .sizeMismatch)
    // One treated unit, and more wanted than there are, are both fine.
    #expect(code(.init(ratio: 5), [true, false, false], [0.5, 0.4, 0.7]) == nil)
  }

  @Test("A certificate refuses a match that breaks a rule")
  func certificate() throws {
    let treatment = [true, false, true, false]
    let constraints = try Constraints(
      treatment: treatment, distance: .score([0.1, 0.15, 0.5, 0.9]),
      exact: Factor(["a", "a", "b", "b"]), antiExact: [], covariateCalipers: [],
      matching: .init(caliper: Caliper(0.2, .raw)))
    func broken(_ pairs: [(Int, Int)], reuse: Int? = 1) -> String? {
      do throws(SiblingError) {
        _ = try MatchCertificate(
          pairs: pairs.map { .init(treatedRow: $0.0, comparisonRow: $0.1, distance: 0, set: 1) },
          constraints: constraints, reuseLimit: reuse)
        return nil
      } catch {
        #expect(error.code == .internalError)
        return error.message
      }
    }
    #expect(broken([(0, 1)]) == nil)
    #expect(broken([(2, 3)])?.hasSuffix(": caliper") == true)
    #expect(broken([(2, 1)])?.hasSuffix(": caliper, exact") == true)
    #expect(broken([(1, 0)])?.hasSuffix(": treatment") == true)
    #expect(broken([(0, 1), (0, 1)])?.hasSuffix(": reuse") == true)
    #expect(broken([(0, 1), (0, 1)], reuse: nil)?.hasSuffix(": one pair made twice") == true)
  }
}
