import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

/// A matching problem drawn at random, with every setting that the rules know.
private struct Draw {
  var matching: NearestNeighborMatching
  var plain: PlainNearest
  var exact: Factor?
  var prefer: Factor?
  var antiExact: [Factor] = []
  var calipers: [CovariateCaliper] = []

  /// Tied scores, and points on a coarse grid; all distances between them are exact.
  init(_ stream: inout NearestRulesTests.Stream, world: NearestRulesTests.World) {
    let rows = world.treatment.count
    let kind = stream.next(3)
    matching = NearestNeighborMatching(estimand: stream.next(2) == 0 ? .att : .atc)
    let orders: [MatchingOrder?] = [
      nil, .data, .closest, .farthest, .random(seed: 5), .largest, .smallest,
    ]
    matching.order = orders[stream.next(kind == 2 ? 5 : 7)]
    matching.ratio = Double(1 + stream.next(3))
    switch stream.next(5) {
    case 0: matching.replacement = true
    case 1:
      matching.replacement = true
      matching.reuseLimit = 1 + stream.next(3)
    case 2 where kind != 2:
      matching.ratio = 1.5
      matching.minimumRatio = 1
      matching.maximumRatio = 2 + stream.next(3)
    default: break
    }
    let calipers: [Caliper?] = [
      nil, Caliper(0.25, .raw), Caliper(-0.125, .raw), Caliper(0.4), Caliper(-0.1),
    ]
    matching.caliper = calipers[stream.next(kind == 2 ? 3 : 5)]
    if kind == 2, matching.caliper != nil { matching.caliper?.width *= 8 }
    if kind != 2 { matching.discard = Discard.allCases[stream.next(4)] }
    plain = PlainNearest(
      treatment: world.treatment, score: kind == 2 ? [] : world.score, matching: matching)
    if kind > 0 {
      plain.points = (0..<rows).map { _ in (0..<2).map { _ in Double(stream.next(5)) / 2 } }
    }
    if stream.next(3) == 0 {
      exact = world.strata
      plain.exact = world.strata.codes
    }
    if stream.next(4) == 0 {
      antiExact = [world.site]
      plain.antiExact = world.site.codes
    }
    if stream.next(3) == 0 {
      let sites = Factor(
        codes: (0..<rows).map { _ in Int32(stream.next(4)) }, levels: ["n", "s", "e", "w"])
      prefer = sites
      plain.prefer = sites.codes
    }
    for index in 0..<stream.next(3) {
      let values = index == 0 ? world.age : (0..<rows).map { _ in Double(stream.next(6)) }
      let caliper = [Caliper(2, .raw), Caliper(-1, .raw), Caliper(0.8)][stream.next(3)]
      plain.covariates.append((values, caliper))
      self.calipers.append(CovariateCaliper(name: "x\(index)", values: values, caliper: caliper))
    }
  }

  var points: MatchingDistance? {
    plain.points.map { points in
      .coordinates(Matrix(columns: (0..<2).map { column in points.map { $0[column] } }))
    }
  }

  func match() throws(SiblingError) -> Match {
    let score = MatchingDistance.score(plain.score)
    return try matching.match(
      treatment: plain.treatment, distance: plain.score.isEmpty ? points ?? score : score,
      pairing: plain.score.isEmpty ? nil : points, exact: exact, prefer: prefer,
      antiExact: antiExact, covariateCalipers: calipers)
  }
}

@Suite("Nearest neighbours, designs drawn at random")
struct NearestDesignTests {
  @Test("The same pairs as the plain reading of the rules", arguments: 0..<300)
  func plainReading(seed: Int) throws {
    var stream = NearestRulesTests.Stream(state: UInt64(seed) &* 104_729 &+ 11)
    for _ in 0..<12 {
      let rows = 10 + stream.next(70)
      let world = NearestRulesTests.world(
        seed: stream.next(1 << 20), rows: rows, distinct: 2 + stream.next(20),
        share: 2 + stream.next(3))
      let draw = Draw(&stream, world: world)
      let expected = draw.plain.chosen()
      var found = [[Int]](repeating: [], count: rows)
      do throws(SiblingError) {
        let match = try draw.match()
        let isATT = draw.matching.estimand == .att
        for pair in match.pairs {
          found[isATT ? pair.treatedRow : pair.comparisonRow].append(
            isATT ? pair.comparisonRow : pair.treatedRow)
        }
        if let prefer = draw.prefer {
          let within = match.pairs.count {
            prefer.codes[$0.treatedRow] == prefer.codes[$0.comparisonRow]
          }
          #expect(match.certificate.preferred == within)
        } else {
          #expect(match.certificate.preferred == nil)
        }
      } catch {
        #expect(error.code == .noMatches || error.code == .noOverlap, "\(error.message)")
      }
      #expect(found == expected, "seed \(seed), \(draw.matching), prefer \(draw.prefer != nil)")
    }
  }

  @Test("No rule is ever broken, whatever the design", arguments: 0..<150)
  func constraints(seed: Int) throws {
    var stream = RandomStream(seed: UInt64(seed), name: "designs")
    func uniform() -> Double { Double(stream.next() >> 11) * 0x1p-53 }
    func below(_ bound: Int) -> Int { Int(stream.next() % UInt64(bound)) }
    let n = 60 + below(240)
    var treatment = (0..<n).map { _ in uniform() < 0.4 }
    for row in 0..<8 { treatment[row] = row % 2 == 0 }
    let columns = (0..<3).map { column in
      (0..<n).map { uniform() * 10 + (treatment[$0] ? Double(column) : 0) }
    }
    let region = Factor(codes: (0..<n).map { _ in Int32(below(3)) }, levels: ["a", "b", "c"])
    let site = Factor(codes: (0..<n).map { _ in Int32(below(5)) }, levels: (0..<5).map { "\($0)" })
    let score = columns[0].indices.map { (columns[0][$0] + columns[1][$0]) / 25 }
    let metric = CovariateDistance.Metric.allCases[below(4)]
    let coordinates = try CovariateDistance(metric).coordinates(
      columns: columns.enumerated().map { .init(name: "x\($0.offset)", numbers: $0.element) }
        + [.init(name: "site", factor: site)], treatment: treatment)
    let hasScore = below(2) == 0
    let widths = [0.5 + uniform() * 4, below(4) == 0 ? -1 : 1 + uniform() * 4]
    let reach = hasScore ? 0.05 + uniform() * 0.3 : 1 + uniform() * 3
    let reuse = below(2) == 0 ? 1 : 1 + below(3)
    let matching = NearestNeighborMatching(
      ratio: Double(1 + below(3)), replacement: reuse > 1, reuseLimit: reuse,
      order: [.data, .closest, .farthest, .random(seed: 1)][below(4)],
      caliper: Caliper(reach, .raw), discard: hasScore ? .both : .none)
    let pairs: [Match.Pair]
    do throws(SiblingError) {
      pairs =
        try matching.match(
          treatment: treatment, distance: hasScore ? .score(score) : .coordinates(coordinates),
          pairing: hasScore ? .coordinates(coordinates) : nil, exact: region,
          prefer: below(2) == 0 ? site : nil, antiExact: below(2) == 0 ? [] : [site],
          covariateCalipers: (0..<2).map {
            .init(name: "x\($0)", values: columns[$0], caliper: Caliper(widths[$0], .raw))
          }
        ).pairs
    } catch {
      #expect(error.code == .noMatches)
      return
    }
    var uses: [Int: Int] = [:]
    for pair in pairs {
      let (one, other) = (pair.treatedRow, pair.comparisonRow)
      #expect(treatment[one] && !treatment[other])
      #expect(region.codes[one] == region.codes[other])
      #expect(abs(columns[0][one] - columns[0][other]) <= widths[0])
      let gap = abs(columns[1][one] - columns[1][other])
      #expect(widths[1] < 0 ? gap > 1 : gap <= widths[1])
      let apart = distance(coordinates, one, other)
      #expect((hasScore ? abs(score[one] - score[other]) : apart) <= reach)
      #expect(close(pair.distance, apart, .closedForm))
      uses[other, default: 0] += 1
      #expect(uses[other, default: 0] <= reuse)
    }
    #expect(Set(pairs.map { [$0.treatedRow, $0.comparisonRow] }).count == pairs.count)
  }
}
