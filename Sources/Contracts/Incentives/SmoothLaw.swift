internal import Statistics

/// A smooth law of durations around a threshold, as expected counts of narrow cells.
struct SmoothLaw: Sendable {
  /// The cells' distances from the threshold, where their jobs stand.
  private let places: [Double]
  /// Jobs expected in each.
  private let means: [Double]
  /// Cells that the width is wide.
  private let step: Int
  /// The cell that begins at the threshold.
  private let first: Int
  /// What lies outside the cells stays as it is.
  private let below: (values: [Double], counts: [Int])
  private let above: (values: [Double], counts: [Int])

  /// Jobs expected in the width before the threshold.
  var expectedBefore: Double { means[(first - step)..<first].reduce(0, +) }

  /// A law fitted to the sample as far as the bandwidths reach; nil where none can be fitted.
  init?(
    _ sample: DensitySample, _ found: LocalPolynomialDensityTest.Result, width: Double
  ) {
    // Whole days are kept as days; anything finer is put in cells of a fiftieth of the width.
    var gap = Double.infinity
    for (one, next) in zip(sample.values, sample.values.dropFirst()) {
      if next - one > width * 1e-6 { gap = min(gap, next - one) }
    }
    let parts = Int(min(50, max(1, (width / gap).rounded())))
    let cell = width / Double(parts)
    step = parts
    func cells(_ reach: Double, _ farthest: Double) -> Int {
      Int(min(20_000, (min(reach, max(farthest, 0)) / cell).rounded(.up)))
    }
    let before = cells(max(found.left.bandwidth, 2 * width), -(sample.values.first ?? 0))
    let after = cells(max(found.right.bandwidth, 2 * width), (sample.values.last ?? 0) + cell)
    guard before > parts + 8, after > parts + 8 else { return nil }
    first = before
    let count = before + after
    var counts = [Double](repeating: 0, count: count)
    var outside = (below: ([Double](), [Int]()), above: ([Double](), [Int]()))
    for (value, number) in zip(sample.values, sample.counts) {
      let index = (value / cell + 1e-6).rounded(.down) + Double(before)
      if index < 0 {
        outside.below.0.append(value)
        outside.below.1.append(number)
      } else if index >= Double(count) {
        outside.above.0.append(value)
        outside.above.1.append(number)
      } else {
        counts[Int(index)] += Double(number)
      }
    }
    let window = (before - parts)..<(before + parts)
    let design = CounterfactualDesign(
      count: count, isFitted: (0..<count).map { !window.contains($0) }, round: [])
    var best: CounterfactualFit?
    for degree in 1...7 where degree + 1 < design.fitted {
      guard let fit = design.fit(counts, degree: degree, model: .poisson) else { continue }
      if let best, best.criterion <= fit.criterion { continue }
      best = fit
    }
    guard let best else { return nil }
    means = best.means
    places = (0..<count).map { Double($0 - before) * cell }
    below = (outside.below.0, outside.below.1)
    above = (outside.above.0, outside.above.1)
  }

  /// Counts of the cells, drawn.
  func draw(_ stream: inout RandomStream) -> [Int] {
    means.map { mean in
      mean > 0 ? Int(min(1e12, Poisson(mean: mean).quantile(stream.uniform()))) : 0
    }
  }

  /// Counts after each job in the width before the threshold moved by the width with probability `share`.
  func moving(_ share: Double, _ counts: [Int], _ stream: inout RandomStream) -> [Int] {
    var result = counts
    for cell in (first - step)..<first where counts[cell] > 0 {
      let law = Binomial(trials: counts[cell], probability: min(1, max(0, share)))
      let moved = Int(law.quantile(stream.uniform()))
      result[cell] -= moved
      result[cell + step] += moved
    }
    return result
  }

  /// The cells' counts with what lies outside them; nil where nothing is left.
  func sample(_ counts: [Int]) -> DensitySample? {
    let kept = counts.indices.filter { counts[$0] > 0 }
    return try? DensitySample(
      values: below.values + kept.map { places[$0] } + above.values,
      counts: below.counts + kept.map { counts[$0] } + above.counts)
  }
}
