import LinearAlgebra
import Statistics

extension GroupSums {
  /// The sums of a test without strata, left truncation or single rows' influences.
  init(_ test: LogRank, _ table: EventTable, levels: Int) {
    let width = table.width
    var atRisk = [CompensatedSum](repeating: CompensatedSum(), count: levels)
    // From the latest time back, so that numbers at risk are running sums.
    var steps: [(place: Int, n: [Double], total: Double, d: Double)] = []
    for place in stride(from: width - 1, through: 0, by: -1) {
      var d = 0.0
      for k in 0..<levels {
        let died = table.events[k * width + place]
        atRisk[k].add(died + table.censored[k * width + place])
        d += died
      }
      guard d > 0 else { continue }
      let n = atRisk.map(\.value)
      steps.append((place, n, n.reduce(0, +), d))
    }
    let omegas = test.isPlain ? nil : test.weights(steps.map { ($0.total, $0.d) })
    var observed = [Double](repeating: 0, count: levels)
    var expected = observed
    var variance = Matrix(rows: levels, columns: levels)
    var share = observed
    for (g, step) in steps.enumerated() where step.total > 0 {
      let (n, d) = (step.total, step.d)
      let omega = omegas?[g] ?? 1
      let v = n > 1 ? omega * omega * d * Swift.max(0, n - d) / (n - 1) : 0
      for k in 0..<levels {
        share[k] = step.n[k] / n
        observed[k] += omega * table.events[k * width + step.place]
        expected[k] += omega * d * share[k]
      }
      for j in 0..<levels {
        for k in 0..<levels {
          variance[j, k] += v * share[j] * ((j == k ? 1 : 0) - share[k])
        }
      }
    }
    self.init(observed: observed, expected: expected, variance: variance)
  }

  private init(observed: [Double], expected: [Double], variance: Matrix) {
    self.observed = observed
    self.expected = expected
    self.variance = variance
  }
}
