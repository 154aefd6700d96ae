internal import Glibc

/// The area under two kernel densities at once.
///
/// Densities are Gaussian with one bandwidth for both groups and both stages: Scott's rule,
/// 1.06 · min(SD, IQR/1.34) · n^(−1/5), on the smaller group unweighted (IQR by type-7 quantiles).
/// Values are binned linearly on 512 points reaching seven bandwidths past the group's own range;
/// the area is a midpoint sum over 1,000 cells reaching four bandwidths past the common range.
/// The kernel is laid out on 2 · 512 points over twice the reach, so its steps are 0.1% shorter
/// than the bins': a quirk of R's density before 4.4 that is kept, since published overlap
/// coefficients carry it.
///
/// Silverman, B. W. (1982), https://doi.org/10.2307/2347084.
struct DensityOverlap {
  private static let points = 512
  private static let cells = 1000
  private let values: [Double]
  private let treatment: [Bool]
  private let bandwidth: Double
  private let range: (low: Double, high: Double)
  private let ranges: (treated: (Double, Double), comparison: (Double, Double))

  /// Nil when the smaller group has no spread, for then there is no bandwidth.
  init?(values: [Double], order: [Int32], treatment: [Bool], groups: Inputs.Groups) {
    let smaller = groups.treated < groups.comparison
    var (own, other): ([Double], [Double]) = ([], [])
    for row in order {
      if treatment[Int(row)] == smaller {
        own.append(values[Int(row)])
      } else {
        other.append(values[Int(row)])
      }
    }
    guard own.count > 1, let ownLow = own.first, let ownHigh = own.last,
      let otherLow = other.first, let otherHigh = other.last
    else { return nil }
    let kept = [Bool](repeating: true, count: own.count)
    let deviation = Moments.standardDeviation(own, kept: kept)
    let quartiles = DensityOverlap.quantile(own, 0.75) - DensityOverlap.quantile(own, 0.25)
    // Half the group on one value: the interquartile range says nothing, the SD still does.
    let spread = quartiles > 0 ? min(deviation, quartiles / 1.34) : deviation
    guard spread > 0 else { return nil }
    bandwidth = 1.06 * spread * pow(Double(own.count), -0.2)
    range = (min(ownLow, otherLow), max(ownHigh, otherHigh))
    ranges =
      smaller
      ? ((ownLow, ownHigh), (otherLow, otherHigh)) : ((otherLow, otherHigh), (ownLow, ownHigh))
    self.values = values
    self.treatment = treatment
  }

  /// The overlap coefficient under weights; all rows alike when they are nil.
  func coefficient(weights: [Double]?) -> Double {
    let one = Density(self, treated: true, weights: weights)
    let two = Density(self, treated: false, weights: weights)
    let low = range.low - 4 * bandwidth
    let high = range.high + 4 * bandwidth
    let step = (high - low) / Double(DensityOverlap.cells)
    var area = 0.0
    for cell in 0..<DensityOverlap.cells {
      let middle = low + (Double(cell) + 0.5) * step
      area += min(one.value(at: middle), two.value(at: middle))
    }
    return min(1, area * step)
  }

  /// The type-7 quantile of sorted values.
  private static func quantile(_ sorted: [Double], _ probability: Double) -> Double {
    let place = Double(sorted.count - 1) * probability
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }

  /// A density on 512 points from three bandwidths below a group's least value to three above.
  private struct Density {
    let low: Double
    let step: Double
    let heights: [Double]

    init(_ overlap: DensityOverlap, treated: Bool, weights: [Double]?) {
      let points = DensityOverlap.points
      let h = overlap.bandwidth
      let own = treated ? overlap.ranges.treated : overlap.ranges.comparison
      low = own.0 - 3 * h
      step = (own.1 + 3 * h - low) / Double(points - 1)
      let floor = low - 4 * h
      let reach = own.1 + 7 * h - floor
      let width = reach / Double(points - 1)
      let bins = Density.binned(overlap, treated, weights, floor: floor, width: width)
      let smooth = Density.smoothed(bins, h, spacing: 2 * reach / Double(2 * points - 1))
      // The output grid lies inside the bins' grid.
      var heights = [Double](repeating: 0, count: points)
      for point in 0..<points {
        let place = (low + Double(point) * step - floor) / width
        let below = max(0, min(points - 2, Int(place)))
        let share = place - Double(below)
        heights[point] = smooth[below] + share * (smooth[below + 1] - smooth[below])
      }
      self.heights = heights
    }

    /// The group's mass shared linearly between the two nearest points of the grid.
    private static func binned(
      _ overlap: DensityOverlap, _ treated: Bool, _ weights: [Double]?, floor: Double,
      width: Double
    ) -> [Double] {
      var bins = [Double](repeating: 0, count: DensityOverlap.points)
      var total = 0.0
      for (row, value) in overlap.values.enumerated() where overlap.treatment[row] == treated {
        let weight = weights?[row] ?? 1
        guard weight > 0 else { continue }
        let place = (value - floor) / width
        let below = Int(place)
        bins[below] += weight * (1 - (place - Double(below)))
        bins[below + 1] += weight * (place - Double(below))
        total += weight
      }
      return bins.map { $0 / total }
    }

    /// The bins folded with the Gaussian kernel, whose tail beyond nine bandwidths is nothing.
    private static func smoothed(_ bins: [Double], _ h: Double, spacing: Double) -> [Double] {
      let points = DensityOverlap.points
      let scale = 1 / (h * (2 * Double.pi).squareRoot())
      let kernel = (0..<points).map { offset -> Double in
        let z = Double(offset) * spacing / h
        return z > 9 ? 0 : scale * exp(-z * z / 2)
      }
      var smooth = [Double](repeating: 0, count: points)
      for (place, mass) in bins.enumerated() where mass > 0 {
        for point in 0..<points { smooth[point] += mass * kernel[abs(point - place)] }
      }
      return smooth
    }

    func value(at x: Double) -> Double {
      let place = (x - low) / step
      guard place >= 0, place <= Double(heights.count - 1) else { return 0 }
      let below = min(heights.count - 2, Int(place))
      return heights[below] + (place - Double(below)) * (heights[below + 1] - heights[below])
    }
  }
}
