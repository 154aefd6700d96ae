internal import Glibc
internal import LinearAlgebra

/// Polynomials fitted to the empirical distribution function on either side of the threshold.
struct DensityFit: Sendable {
  /// The slopes: densities just left and just right of the threshold.
  let left: Double
  let right: Double
  /// Their jackknife variances and covariance.
  let leftVariance: Double
  let rightVariance: Double
  let covariance: Double
  /// Coefficients on the scale of the variable, in the order of the columns.
  let coefficients: [Double]
  /// Observations and distinct values within the bandwidth, left and right.
  let leftUsed: (observations: Int, distinct: Int)
  let rightUsed: (observations: Int, distinct: Int)

  /// How the polynomials are fitted.
  struct Plan {
    var columns: DensityColumns
    var kernel: LocalPolynomialDensityTest.Kernel
    var leftBandwidth: Double
    var rightBandwidth: Double
    var handlesMassPoints: Bool
  }

  /// The fit; nil where a side has too few distinct values.
  init?(_ sample: DensitySample, _ plan: Plan) {
    let columns = plan.columns
    let (leftWidth, rightWidth) = (plan.leftBandwidth, plan.rightBandwidth)
    guard leftWidth > 0, rightWidth > 0, leftWidth.isFinite, rightWidth.isFinite else {
      return nil
    }
    let window = sample.window(left: leftWidth, right: rightWidth)
    let size = Double(sample.observations)
    let count = columns.count
    // Each distinct value's columns times its kernel weight, for one observation.
    var rows = [Double](repeating: 0, count: window.count * count)
    var gram = Matrix(rows: count, columns: count)
    var moments = [Double](repeating: 0, count: count)
    var used = [(observations: 0, distinct: 0), (observations: 0, distinct: 0)]
    var values = [Double](repeating: 0, count: count)
    for (place, index) in window.enumerated() {
      let isRight = index >= sample.split
      let width = isRight ? rightWidth : leftWidth
      let u = sample.values[index] / width
      let weight = plan.kernel.weight(u) / width
      used[isRight ? 1 : 0].observations += sample.counts[index]
      used[isRight ? 1 : 0].distinct += 1
      let repeats = Double(sample.counts[index])
      let height = plan.handlesMassPoints ? sample.atLast(index) : sample.inTurn(index)
      for j in 0..<count {
        values[j] = columns.power(j, isRight: isRight).map { DensityLimit.power(u, $0) } ?? 0
        rows[place * count + j] = weight * values[j]
      }
      for j in 0..<count where values[j] != 0 {
        let scaled = repeats * weight * values[j]
        moments[j] += scaled * height
        for k in 0...j { gram[j, k] += scaled * values[k] }
      }
    }
    for j in 0..<count { for k in 0..<j { gram[k, j] = gram[j, k] } }
    (leftUsed, rightUsed) = (used[0], used[1])
    guard used[0].distinct > columns.degree, used[1].distinct > columns.degree,
      let factor = try? Cholesky(gram.scaled(by: 1 / size))
    else { return nil }
    let solution = factor.solve(moments.map { $0 / size })
    var scaled = solution
    for j in 0..<count {
      let isRight = columns.power(j, isRight: false) == nil
      let power = columns.power(j, isRight: isRight) ?? 0
      scaled[j] /= pow(isRight ? rightWidth : leftWidth, Double(power))
    }
    coefficients = scaled
    (left, right) = (scaled[columns.leftSlope], scaled[columns.rightSlope])
    let contrasts = [(columns.leftSlope, leftWidth), (columns.rightSlope, rightWidth)].map {
      slope, width in factor.solve((0..<count).map { $0 == slope ? 1 / width : 0 })
    }
    let spread = Self.spread(sample, plan, window, rows, contrasts)
    let scale = 1 / (size * size * (size - 1) * (size - 1))
    leftVariance = spread.left * scale
    rightVariance = spread.right * scale
    covariance = spread.both * scale
  }

  /// Sums of squares and products over observations of what each adds to the slopes.
  ///
  /// An observation adds through the distribution function at every value above it. Equal values that are
  /// taken as one point leave out one of themselves, the observation's own. Observations outside the window
  /// add nothing: a constant has no slope.
  private static func spread(
    _ sample: DensitySample, _ plan: Plan, _ window: Range<Int>, _ rows: [Double],
    _ contrasts: [[Double]]
  ) -> (left: Double, right: Double, both: Double) {
    let count = plan.columns.count
    var above = (0.0, 0.0)
    var sums = (left: 0.0, right: 0.0, both: 0.0)
    for place in (0..<window.count).reversed() {
      var own = (0.0, 0.0)
      for j in 0..<count {
        own.0 += contrasts[0][j] * rows[place * count + j]
        own.1 += contrasts[1][j] * rows[place * count + j]
      }
      let number = Double(sample.counts[window.lowerBound + place])
      if plan.handlesMassPoints {
        let (a, b) = (above.0 + (number - 1) * own.0, above.1 + (number - 1) * own.1)
        sums.left += number * a * a
        sums.right += number * b * b
        sums.both += number * a * b
      } else {
        // Σ over k below the count of (above + k own)²
        let (first, second) = (
          number * (number - 1) / 2, number * (number - 1) * (2 * number - 1) / 6
        )
        sums.left += number * above.0 * above.0 + 2 * first * above.0 * own.0
        sums.left += second * own.0 * own.0
        sums.right += number * above.1 * above.1 + 2 * first * above.1 * own.1
        sums.right += second * own.1 * own.1
        sums.both += number * above.0 * above.1
        sums.both += first * (above.0 * own.1 + above.1 * own.0) + second * own.0 * own.1
      }
      above.0 += number * own.0
      above.1 += number * own.1
    }
    return sums
  }
}
