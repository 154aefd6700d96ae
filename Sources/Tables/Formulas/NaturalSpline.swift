internal import Statistics

/// A natural cubic spline: cubic between its knots, straight beyond the boundary knots.
///
/// Cubic B-splines (de Boor, *A Practical Guide to Splines*, 1978) projected on the functions whose
/// second derivative is zero at both boundary knots, the constant left out. Interior knots stand at
/// evenly spaced quantiles.
struct NaturalSpline: Sendable {
  let columns: Int
  /// All knots, the boundary knots four times.
  private let knots: [Double]
  /// How each B-spline enters each column: B-splines × columns, column-major.
  private let projection: [Double]

  init(
    _ x: [Double], degrees: Int, knots interior: [Double]?, boundary: [Double]?
  ) throws(SiblingError) {
    guard let least = x.min(), let most = x.max() else {
      throw SiblingError(.noRows, "a spline needs values")
    }
    let (low, high) = (boundary?[0] ?? least, boundary?[1] ?? most)
    guard low < high else {
      throw SiblingError(
        .badDesign, "a spline needs at least two distinct values", help: "leave the spline out")
    }
    var inside: [Double]
    if let interior {
      inside = interior.sorted()
    } else {
      let within = x.filter { $0 >= low && $0 <= high }
      let sorted = Sorting.order(within).map { within[Int($0)] }
      inside = []
      for k in 1..<max(1, degrees) {
        inside.append(Self.quantile(sorted, Double(k) / Double(degrees)))
      }
    }
    guard inside.allSatisfy({ $0 > low && $0 < high }) else {
      throw SiblingError(
        .badDesign, "a spline's interior knots do not fall between its boundary knots",
        help: "the values are bunched at an end: lower df, or give knots = c(…)")
    }
    guard Set(inside).count == inside.count else {
      throw SiblingError(
        .badDesign, "two of a spline's knots fall together",
        help: "the values are bunched: lower df, or give knots = c(…)")
    }
    knots =
      [Double](repeating: low, count: 4) + inside + [Double](repeating: high, count: 4)
    let count = inside.count + 4
    columns = count - 3
    projection = Self.projection(knots, count, low, high)
  }

  /// The columns that satisfy the two boundary conditions, as combinations of the B-splines.
  ///
  /// The second derivatives at the boundary knots, without the first B-spline, are two vectors;
  /// two Householder reflections turn them into the first two axes, and the rest of the reflected
  /// axes span the natural splines.
  private static func projection(
    _ knots: [Double], _ count: Int, _ low: Double, _ high: Double
  ) -> [Double] {
    let size = count - 1
    var conditions = [low, high].map { at in
      (1..<count).map { derivative(knots, $0, 4, 2, at, high) }
    }
    var reflectors: [[Double]] = []
    for step in 0..<2 {
      var v = conditions[step]
      for i in 0..<step { v[i] = 0 }
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard norm > 0 else { continue }
      v[step] += v[step] < 0 ? -norm : norm
      let square = v.reduce(0) { $0 + $1 * $1 }
      let unit = v.map { $0 * (2 / square).squareRoot() }
      reflectors.append(unit)
      for later in step..<2 { reflect(&conditions[later], unit) }
    }
    let columns = count - 3
    var result = [Double](repeating: 0, count: count * columns)
    for spline in 0..<size {
      var axis = [Double](repeating: 0, count: size)
      axis[spline] = 1
      for unit in reflectors { reflect(&axis, unit) }
      for column in 0..<columns { result[column * count + spline + 1] = axis[column + 2] }
    }
    return result
  }

  private static func reflect(_ x: inout [Double], _ unit: [Double]) {
    var dot = 0.0
    for i in x.indices { dot += x[i] * unit[i] }
    for i in x.indices { x[i] -= dot * unit[i] }
  }

  /// The quantile of sorted values by linear interpolation of order statistics (type 7).
  private static func quantile(_ sorted: [Double], _ p: Double) -> Double {
    let position = Double(sorted.count - 1) * p
    // A hair above, so that a rank that rounding put just below a whole number is that number.
    let below = Int((position + 4 * Double.ulpOfOne).rounded(.down))
    let fraction = position - Double(below)
    guard fraction.magnitude > 1e-12, below + 1 < sorted.count else { return sorted[below] }
    return sorted[below] + fraction * (sorted[below + 1] - sorted[below])
  }

  /// A derivative of a B-spline of some order at a point; the last knot belongs to the last piece.
  private static func derivative(
    _ knots: [Double], _ index: Int, _ order: Int, _ times: Int, _ x: Double, _ high: Double
  ) -> Double {
    if order == 1 {
      guard times == 0 else { return 0 }
      let (from, to) = (knots[index], knots[index + 1])
      return from < to && ((x >= from && x < to) || (x == high && to == high)) ? 1 : 0
    }
    let width = knots[index + order - 1] - knots[index]
    let nextWidth = knots[index + order] - knots[index + 1]
    var result = 0.0
    if times > 0 {
      let factor = Double(order - 1)
      if width > 0 {
        result += factor / width * derivative(knots, index, order - 1, times - 1, x, high)
      }
      if nextWidth > 0 {
        result -= factor / nextWidth * derivative(knots, index + 1, order - 1, times - 1, x, high)
      }
      return result
    }
    if width > 0 {
      result += (x - knots[index]) / width * derivative(knots, index, order - 1, 0, x, high)
    }
    if nextWidth > 0 {
      result +=
        (knots[index + order] - x) / nextWidth * derivative(knots, index + 1, order - 1, 0, x, high)
    }
    return result
  }

  func evaluate(_ x: [Double]) -> [Double] {
    let count = knots.count - 4
    let (low, high) = (knots[3], knots[count])
    var result = [Double](repeating: 0, count: x.count * columns)
    // Beyond the boundary knots the curve goes on with its value and slope there.
    var (values, slopes) = ([[Double]](), [[Double]]())
    for at in [low, high] {
      for times in 0...1 {
        let splines = (0..<count).map { Self.derivative(knots, $0, 4, times, at, high) }
        let row = (0..<columns).map { column in
          (0..<count).reduce(0.0) { $0 + splines[$1] * projection[column * count + $1] }
        }
        if times == 0 { values.append(row) } else { slopes.append(row) }
      }
    }
    var piece = 3
    for i in x.indices {
      let at = x[i]
      if at < low || at > high {
        let side = at < low ? 0 : 1
        for column in 0..<columns {
          result[column * x.count + i] =
            values[side][column] + (at - (side == 0 ? low : high)) * slopes[side][column]
        }
        continue
      }
      while piece > 3, at < knots[piece] { piece -= 1 }
      while piece < count - 1, at >= knots[piece + 1] { piece += 1 }
      let local = splines(at, piece)
      for column in 0..<columns {
        let base = column * count + piece - 3
        result[column * x.count + i] =
          local.0 * projection[base] + local.1 * projection[base + 1]
          + local.2 * projection[base + 2] + local.3 * projection[base + 3]
      }
    }
    return result
  }

  /// The four cubic B-splines that are not zero between `knots[piece]` and the next knot.
  private func splines(_ x: Double, _ piece: Int) -> (Double, Double, Double, Double) {
    var b = (1.0, 0.0, 0.0, 0.0)
    func left(_ k: Int) -> Double { x - knots[piece + 1 - k] }
    func right(_ k: Int) -> Double { knots[piece + k] - x }
    // Order 2.
    var term = b.0 / (right(1) + left(1))
    b = (right(1) * term, left(1) * term, 0, 0)
    // Order 3.
    term = b.0 / (right(1) + left(2))
    var saved = left(2) * term
    let first = right(1) * term
    term = b.1 / (right(2) + left(1))
    b = (first, saved + right(2) * term, left(1) * term, 0)
    // Order 4.
    term = b.0 / (right(1) + left(3))
    let start = right(1) * term
    saved = left(3) * term
    term = b.1 / (right(2) + left(2))
    let second = saved + right(2) * term
    saved = left(2) * term
    term = b.2 / (right(3) + left(1))
    return (start, second, saved + right(3) * term, left(1) * term)
  }
}
