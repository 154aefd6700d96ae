internal import Glibc
internal import Statistics

/// The difference of two groups of sites in a share, judged by exchanging which sites are in which.
///
/// If the groups' sites are alike, every choice of as many sites was as likely to be the treated
/// ones (Fisher's randomisation test with sites as units). All choices are tried where there are few
/// enough, else seeded draws of them.
struct SiteShareExchange {
  /// For each site, those in the stretch and all.
  var inside, total: [Int]
  /// Whether each site is one of the treated.
  var isTreated: [Bool]
  var draws = 9999
  var seed: UInt64 = 1

  /// What the exchanges say.
  struct Result {
    /// The treated sites' share less the others'.
    var difference: Double
    /// The share of choices whose difference is as far from zero.
    var pValue: Double
    /// The smallest p-value that there could be.
    var attainable: Double
    /// The standard deviation of the difference over the choices.
    var deviation: Double
    var treated, others: Int
    var isEnumerated: Bool
  }

  /// The test; nil where a group has no site with anything to count.
  func test() -> Result? {
    let sites = total.indices.filter { total[$0] > 0 }
    let treated = sites.filter { isTreated[$0] }
    guard !treated.isEmpty, treated.count < sites.count else { return nil }
    let (counts, sizes) = (sites.map { Double(inside[$0]) }, sites.map { Double(total[$0]) })
    let (sumCount, sumSize) = (counts.reduce(0, +), sizes.reduce(0, +))
    func difference(_ chosen: [Int]) -> Double {
      let (count, size) = chosen.reduce((0.0, 0.0)) { ($0.0 + counts[$1], $0.1 + sizes[$1]) }
      return count / size - (sumCount - count) / (sumSize - size)
    }
    let own = sites.indices.filter { isTreated[sites[$0]] }
    let seen = difference(own)
    let reach = abs(seen) * (1 - 1e-10) - 1e-14
    let choices = Self.choices(own.count, of: sites.count)
    var (asFar, sum, squares, number) = (0, 0.0, 0.0, 0)
    // The largest difference so far, and how many choices have it.
    var (largest, atLargest) = (0.0, 0)
    func note(_ value: Double) {
      if abs(value) > largest * (1 + 1e-10) {
        (largest, atLargest) = (abs(value), 1)
      } else if abs(value) >= largest * (1 - 1e-10) {
        atLargest += 1
      }
      if abs(value) >= reach { asFar += 1 }
      sum += value
      squares += value * value
      number += 1
    }
    let isEnumerated = choices <= 20_000
    if isEnumerated {
      var chosen = Array(0..<own.count)
      repeat { note(difference(chosen)) } while Self.advance(&chosen, sites.count)
    } else {
      let stream = RandomStream(seed: seed, name: "site-share-exchange")
      for draw in 0..<draws {
        var own = stream.substream(UInt64(draw))
        note(difference(own.sample(treated.count, of: sites.count)))
      }
    }
    let mean = sum / Double(number)
    return Result(
      difference: seen,
      pValue: isEnumerated
        ? Double(asFar) / Double(number) : Double(asFar + 1) / Double(number + 1),
      attainable: isEnumerated
        ? Double(atLargest) / Double(number) : 1 / Double(draws + 1),
      deviation: max(0, squares / Double(number) - mean * mean).squareRoot(),
      treated: own.count, others: sites.count - own.count, isEnumerated: isEnumerated)
  }

  /// The number of ways to choose, as a double: it may be huge.
  private static func choices(_ chosen: Int, of all: Int) -> Double {
    let few = min(chosen, all - chosen)
    return (0..<few).reduce(1.0) { ($0 * Double(all - $1) / Double($1 + 1)).rounded() }
  }

  /// The next choice in lexicographic order; false after the last.
  private static func advance(_ chosen: inout [Int], _ all: Int) -> Bool {
    var place = chosen.count - 1
    while place >= 0, chosen[place] == all - chosen.count + place { place -= 1 }
    guard place >= 0 else { return false }
    chosen[place] += 1
    for later in (place + 1)..<max(place + 1, chosen.count) {
      chosen[later] = chosen[later - 1] + 1
    }
    return true
  }
}
