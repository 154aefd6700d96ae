internal import Glibc
internal import Statistics

/// Counts out of totals by site, with the tests over all tables that have the same margins.
struct MarginTable {
  let counts: [Int]
  let totals: [Int]
  let count: Int
  let total: Int
  private let share: Double

  init(_ sites: [SiteCount]) {
    counts = sites.map(\.count)
    totals = sites.map { Int($0.base) }
    count = counts.reduce(0, +)
    total = totals.reduce(0, +)
    share = Double(count) / Double(total)
  }

  /// What one site adds to χ².
  private func part(_ site: Int, _ count: Int) -> Double {
    let expected = Double(totals[site]) * share
    let distance = Double(count) - expected
    return distance * distance / (expected * (1 - share))
  }

  var statistic: Double { counts.indices.reduce(0) { $0 + part($1, counts[$1]) } }

  var smallestExpected: Double {
    Double(totals.min() ?? 0) * min(share, 1 - share)
  }

  /// What a table's χ² must reach to count as no smaller; sums in another order differ by rounding.
  private var threshold: Double { statistic * (1 - 1e-9) - 1e-12 }

  /// The probability of a χ² no smaller over all tables; nil when there are more than `most`.
  func exactPValue(most: Int) -> Double? {
    guard tables(atMost: most) else { return nil }
    // What can still be placed in the sites after each.
    var room = [Int](repeating: 0, count: totals.count + 1)
    for site in totals.indices.reversed() { room[site] = room[site + 1] + totals[site] }
    let threshold = threshold
    var probability = 0.0
    func visit(_ site: Int, _ left: Int, _ statistic: Double, _ logMass: Double) {
      guard site < totals.count else {
        if statistic >= threshold { probability += exp(logMass) }
        return
      }
      let law = Hypergeometric(
        marked: left, unmarked: room[site] - left, drawn: totals[site])
      for value in max(0, left - room[site + 1])...min(totals[site], left) {
        visit(
          site + 1, left - value, statistic + part(site, value), logMass + law.logMass(value))
      }
    }
    visit(0, count, 0, 0)
    return min(1, probability)
  }

  /// Whether there are no more tables than `most`.
  private func tables(atMost most: Int) -> Bool {
    // Sums of counts up to the total: too many of them mean too many tables.
    guard count <= most, most > 0 else { return false }
    var ways = [Double](repeating: 0, count: count + 1)
    ways[0] = 1
    for size in totals {
      var (next, window) = (ways, 0.0)
      for sum in ways.indices {
        window += ways[sum]
        if sum > size { window -= ways[sum - size - 1] }
        next[sum] = window
      }
      ways = next
      // Beyond this the number of ways is no longer exact, and far too large anyway.
      if (ways.max() ?? 0) > 1e15 { return false }
    }
    return ways[count] <= Double(most)
  }

  /// The share of random tables, the observed one among them, whose χ² is no smaller.
  func randomPValue(draws: Int, seed: UInt64) -> Double {
    let base = RandomStream(seed: seed, name: "rate-heterogeneity")
    let threshold = threshold
    var reached = 1
    for draw in 0..<draws {
      var stream = base.substream(UInt64(draw))
      var (left, room, sum) = (count, total, 0.0)
      for site in totals.indices {
        let law = Hypergeometric(marked: left, unmarked: room - left, drawn: totals[site])
        let value = Int(law.quantile(stream.uniform()))
        sum += part(site, value)
        left -= value
        room -= totals[site]
      }
      if sum >= threshold { reached += 1 }
    }
    return Double(reached) / Double(draws + 1)
  }
}
