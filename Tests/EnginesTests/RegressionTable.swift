import Statistics
import Tables

/// A made-up table with missing values, weights of zero, clusters and a dependent column.
enum RegressionTable {
  static func make(_ rows: Int, seed: UInt64 = 88_172_645_463_325_252) throws -> Table {
    var random = XorShift(state: seed)
    var numbers: [String: [Double]] = [:]
    var (groups, sites) = ([String?](), [String?]())
    for row in 0..<rows {
      let x = random.uniform() * 4 - 2
      let z = 1000 + (random.uniform() * 10).rounded()
      let place = Int(random.uniform() * 3)
      let eta = -0.4 + 0.7 * x + 0.05 * (z - 1005) + [0, 0.5, -0.8][place]
      // A logistic curve without exponentials: x/(1 + |x|) rises from −1 to 1.
      let p = 0.5 + 0.5 * eta / (1 + eta.magnitude)
      numbers["x", default: []].append(row % 41 == 7 ? .nan : x)
      numbers["twice", default: []].append(row % 41 == 7 ? .nan : 2 * x + 1)
      numbers["z", default: []].append(z)
      numbers["t", default: []].append(random.uniform() < p ? 1 : 0)
      numbers["y", default: []].append(1000 + eta + random.uniform() * (1 + x * x))
      numbers["k", default: []].append((random.uniform() * (2 + eta) * 3).rounded().magnitude)
      numbers["w", default: []].append(row % 29 == 0 ? 0 : (random.uniform() * 5).rounded(.up))
      numbers["d", default: []].append(Double(Int(random.uniform() * 7)))
      numbers["e", default: []].append(random.uniform() + 0.5)
      groups.append(row % 67 == 3 ? nil : ["a", "b", "c"][place])
      sites.append("site \(Int(random.uniform() * 12))")
    }
    return try Table(
      numbers.keys.sorted().map { Column(name: $0, values: .doubles(numbers[$0] ?? [])) } + [
        Column(name: "g", values: .text(Factor(groups))),
        Column(name: "site", values: .text(Factor(sites))),
      ])
  }
}

/// Marsaglia's generator, enough for made-up data.
private struct XorShift {
  var state: UInt64

  mutating func uniform() -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) / 0x1p53
  }
}
