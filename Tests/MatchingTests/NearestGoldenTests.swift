import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Nearest neighbours on the NSW–PSID data, against MatchIt 4.7.2")
struct NearestGoldenTests {
  let lalonde: Lalonde

  init() throws { lalonde = try Lalonde() }

  struct Specification: Sendable {
    var matching: NearestNeighborMatching
    var name: String
    var pairs: String?
    var columns = ["m.match.matrix"]
    var linear = false
    var exact = false
    var sizes: (treated: Int, comparison: Int)
    var effective: Double
  }

  static let specifications = [
    Specification(
      matching: .init(), name: "nearest", pairs: "matchit_pairs_nearest.csv", sizes: (185, 185),
      effective: 185),
    Specification(
      matching: .init(caliper: Caliper(0.2)), name: "nearest_cal",
      pairs: "matchit_pairs_nearest_cal.csv", linear: true, sizes: (117, 117), effective: 117),
    Specification(
      matching: .init(caliper: Caliper(0.2)), name: "nearest_cal_ps", pairs: nil,
      sizes: (113, 113), effective: 113),
    Specification(
      matching: .init(replacement: true, caliper: Caliper(0.2)), name: "nearest_replace",
      pairs: "matchit_pairs_nearest_replace.csv", sizes: (184, 82), effective: 46.8919667590028),
    Specification(
      matching: .init(ratio: 2), name: "nearest_ratio2", pairs: "matchit_pairs_nearest_ratio2.csv",
      columns: ["X1", "X2"], sizes: (185, 370), effective: 370),
    Specification(
      matching: .init(caliper: Caliper(0.2)), name: "nearest_exact_race",
      pairs: "matchit_pairs_nearest_exact_race.csv", exact: true, sizes: (113, 113),
      effective: 113),
  ]

  @Test("Pairs, weights, subclasses and sizes", arguments: specifications.indices)
  func peer(index: Int) throws {
    let specification = Self.specifications[index]
    let match = try specification.matching.match(
      treatment: lalonde.treatment,
      distance: .score(specification.linear ? lalonde.linear : lalonde.score),
      exact: specification.exact ? lalonde.race : nil)
    if let file = specification.pairs {
      let golden = try lalonde.goldenPairs(file, columns: specification.columns)
      #expect(comparisonRows(match, focal: 185) == golden)
    }
    let weights = Golden.numbers(lalonde.golden["w_" + specification.name])
    #expect(close(match.weights, weights, .closedForm))
    if let sets = lalonde.golden["s_" + specification.name] {
      #expect(match.subclass == sets.map { Int32($0) ?? -1 })
    } else {
      #expect(match.subclass.allSatisfy { $0 == -1 })
    }
    #expect(match.treated.matched == specification.sizes.treated)
    #expect(match.comparison.matched == specification.sizes.comparison)
    #expect(close(match.comparison.effectiveSampleSize, specification.effective))
  }

  @Test("With replacement, and exact race, without a caliper")
  func withoutCaliper() throws {
    let replaced = try NearestNeighborMatching(replacement: true).match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    #expect(replaced.treated.matched == 185)
    #expect(replaced.comparison.matched == 82)
    #expect(close(replaced.comparison.effectiveSampleSize, 46.312585, .init(relative: 1e-7)))
    let exact = try NearestNeighborMatching().match(
      treatment: lalonde.treatment, distance: .score(lalonde.score), exact: lalonde.race)
    #expect(exact.treated.matched == 116)
    #expect(exact.comparison.matched == 116)
    #expect(exact.population == "ATT among the 116 of 185 treated with an exact counterpart")
  }

  @Test(
    "Sizes with a caliper, by order",
    arguments: zip(
      [MatchingOrder.largest, .smallest, .closest, .farthest, .data], [113, 109, 111, 112, 111]))
  func orders(order: MatchingOrder, size: Int) throws {
    let match = try NearestNeighborMatching(order: order, caliper: Caliper(0.2)).match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    #expect(match.treated.matched == size)
    let free = try NearestNeighborMatching(order: order).match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    #expect(free.treated.matched == 185)
    // Without a caliper every order uses the same comparisons, mostly in other pairs.
    let first = try NearestNeighborMatching().match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    let same = zip(first.pairs, free.pairs).count { $0.comparisonRow == $1.comparisonRow }
    #expect(order == .largest ? same == 185 : (8...13).contains(same))
    #expect(free.weights == first.weights)
  }

  @Test("Discarding and words for who is left")
  func words() throws {
    let match = try NearestNeighborMatching(caliper: Caliper(0.2), discard: .both).match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    #expect(match.treated.discarded == 8)
    #expect(match.discarded.count { $0 } == 8 + match.comparison.discarded)
    #expect(match.population.hasPrefix("ATT among the "))
    #expect(match.population.hasSuffix("inside common support, within the caliper"))
    let all = try NearestNeighborMatching().match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    #expect(all.population == "ATT among all 185 treated")
  }

  @Test("A variable ratio shares the matches out by score")
  func variableRatio() throws {
    let match = try NearestNeighborMatching(ratio: 2, minimumRatio: 1, maximumRatio: 3).match(
      treatment: lalonde.treatment, distance: .score(lalonde.score))
    let counts = comparisonRows(match, focal: 185).map(\.count)
    #expect(counts.count { $0 == 1 } == 92)
    #expect(counts.count { $0 == 2 } == 1)
    #expect(counts.count { $0 == 3 } == 92)
    let order = Sorting.descendingOrder(Array(lalonde.score[0..<185])).map { counts[Int($0)] }
    #expect(order == order.sorted())
    let discarded = try NearestNeighborMatching(
      ratio: 1.7, maximumRatio: 3, discard: .both
    ).match(treatment: lalonde.treatment, distance: .score(lalonde.score))
    let left = comparisonRows(discarded, focal: 185).map(\.count)
    #expect((0...3).map { size in left.count { $0 == size } } == [8, 112, 1, 64])
  }
}
