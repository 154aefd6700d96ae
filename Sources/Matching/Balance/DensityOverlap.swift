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
  private let treatedGrid: Grid
  private let comparisonGrid: Grid

  /// A group's grids: the bins, and within them the points on which the density is kept.
  private struct Grid {
    let low: Double
    let high: Double
    let floor: Double
    let width: Double
    let reach: Double

    init(low: Double, high: Double, bandwidth h: Double) {
      self.low = low
      self.high = high
      floor = low - 7 * h
      reach = high + 7 * h - floor
      width = reach / Double(DensityOverlap.points - 1)
    }
  }

  /// Nil when the smaller group has no spread that numbers can hold, for then there is no bandwidth.
  ///
  /// `deviation` is the n − 1 standard deviation of the smaller group.
  init?(
    values: [Double], order: [Int32], treatment: [Bool], groups: Inputs.Groups, deviation: Double
  ) {
    let smaller = groups.treated < groups.comparison
    let count = min(groups.treated, groups.comparison)
    guard count > 1 else { return nil }
    // The order statistics that the quartiles of the smaller group rest on.
    let places = [0.25, 0.75].map { $0 * Double(count - 1) }
    var statistics = [Double](repeating: 0, count: 4)
    let wanted = places.flatMap { [Int($0), min(Int($0) + 1, count - 1)] }
    var seen = 0
    for row in order where treatment[Int(row)] == smaller {
      for (slot, place) in wanted.enumerated() where place == seen {
        statistics[slot] = values[Int(row)]
      }
      seen += 1
      if seen > wanted[3] { break }
    }
    let quartile = [0, 1].map { side in
      let share = places[side] - Double(Int(places[side]))
      return statistics[2 * side] + share * (statistics[2 * side + 1] - statistics[2 * side])
    }
    let range = quartile[1] - quartile[0]
    // Half the group on one value: the interquartile range says nothing, the SD still does.
    let spread = range > 0 ? min(deviation, range / 1.34) : deviation
    guard spread > 0 else { return nil }
    let h = 1.06 * spread * pow(Double(count), -0.2)
    func grid(_ group: Bool) -> Grid? {
      guard let first = order.first(where: { treatment[Int($0)] == group }),
        let last = order.last(where: { treatment[Int($0)] == group })
      else { return nil }
      return Grid(low: values[Int(first)], high: values[Int(last)], bandwidth: h)
    }
    // Values so large, or so close for their size, that the grid has no width, have no density.
    guard h.isNormal, let one = grid(true), let zero = grid(false),
      [one, zero].allSatisfy({ $0.width.isNormal && (1 / $0.width).isNormal })
    else { return nil }
    treatedGrid = one
    comparisonGrid = zero
    bandwidth = h
    self.values = values
    self.treatment = treatment
  }

  /// The overlap coefficients of all rows alike, and under weights.
  func coefficients(weights: [Double]) -> (unadjusted: Double, adjusted: Double) {
    let bins = binned(weights)
    return (area(bins[0], bins[1]), area(bins[2], bins[3]))
  }

  /// Each row's mass shared linearly between the two nearest points of its group's grid.
  ///
  /// Comparisons and treated unweighted, then both weighted; one pass fills all four.
  private func binned(_ weights: [Double]) -> [[Double]] {
    let points = DensityOverlap.points
    var bins = [Double](repeating: 0, count: 4 * points)
    let floors = [comparisonGrid.floor, treatedGrid.floor]
    let inverses = [1 / comparisonGrid.width, 1 / treatedGrid.width]
    values.withUnsafeBufferPointer { values in
      treatment.withUnsafeBufferPointer { treatment in
        weights.withUnsafeBufferPointer { weights in
          bins.withUnsafeMutableBufferPointer { bins in
            for row in 0..<values.count {
              let group = treatment[row] ? 1 : 0
              let place = (values[row] - floors[group]) * inverses[group]
              let below = min(points - 2, Int(place))
              let share = place - Double(below)
              let slot = group * points + below
              bins[slot] += 1 - share
              bins[slot + 1] += share
              bins[slot + 2 * points] += weights[row] * (1 - share)
              bins[slot + 2 * points + 1] += weights[row] * share
            }
          }
        }
      }
    }
    return (0..<4).map { part in
      let own = bins[(part * points)..<((part + 1) * points)]
      let total = own.reduce(0, +)
      return own.map { $0 / total }
    }
  }

  private func area(_ comparison: [Double], _ treated: [Double]) -> Double {
    let zero = Density(comparison, comparisonGrid, bandwidth)
    let one = Density(treated, treatedGrid, bandwidth)
    let low = min(treatedGrid.low, comparisonGrid.low) - 4 * bandwidth
    let high = max(treatedGrid.high, comparisonGrid.high) + 4 * bandwidth
    let step = (high - low) / Double(DensityOverlap.cells)
    var area = 0.0
    for cell in 0..<DensityOverlap.cells {
      let middle = low + (Double(cell) + 0.5) * step
      area += min(one.value(at: middle), zero.value(at: middle))
    }
    return min(1, area * step)
  }

  /// A density on 512 points from three bandwidths below a group's least value to three above.
  private struct Density {
    let low: Double
    let step: Double
    let heights: [Double]

    init(_ bins: [Double], _ grid: Grid, _ h: Double) {
      let points = DensityOverlap.points
      low = grid.low - 3 * h
      step = (grid.high + 3 * h - low) / Double(points - 1)
      let smooth = Density.smoothed(bins, h, spacing: 2 * grid.reach / Double(2 * points - 1))
      // The output grid lies inside the bins' grid.
      var heights = [Double](repeating: 0, count: points)
      for point in 0..<points {
        let place = (low + Double(point) * step - grid.floor) / grid.width
        let below = max(0, min(points - 2, Int(place)))
        let share = place - Double(below)
        heights[point] = smooth[below] + share * (smooth[below + 1] - smooth[below])
      }
      self.heights = heights
    }

    /// The bins folded with the Gaussian kernel, whose tail beyond nine bandwidths is nothing.
    private static func smoothed(_ bins: [Double], _ h: Double, spacing: Double) -> [Double] {
      let points = DensityOverlap.points
      let scale = 1 / (h * (2 * Double.pi).squareRoot())
      var kernel: [Double] = []
      while kernel.count < points {
        let z = Double(kernel.count) * spacing / h
        if z > 9 { break }
        kernel.append(scale * exp(-z * z / 2))
      }
      var smooth = [Double](repeating: 0, count: points)
      for (place, mass) in bins.enumerated() where mass > 0 {
        let reach = kernel.count - 1
        for point in max(0, place - reach)...min(points - 1, place + reach) {
          smooth[point] += mass * kernel[abs(point - place)]
        }
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
