import Statistics

/// Least squares on a natural cubic spline, its basis made orthonormal over the data.
struct SplineProjection {
  /// Orthonormal columns over the data, and the same functions over the grid.
  private let data: [[Double]]
  private let grid: [[Double]]

  init(_ x: [Double], degreesOfFreedom: Int, grid points: [Double]) throws(SiblingError) {
    let (low, high) = (x[0], x[x.count - 1])
    let pieces = degreesOfFreedom - 1
    let knots = (0...pieces).map { Self.quantile(x, Double($0) / Double(pieces)) }
    guard zip(knots, knots.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw SiblingError(
        .badValue,
        "events happen at too few times for a smooth with \(degreesOfFreedom) degrees of"
          + " freedom", help: "choose fewer degrees of freedom")
    }
    func unit(_ value: Double) -> Double { (value - low) / (high - low) }
    let places = knots.map(unit)
    var data = Self.basis(x.map(unit), places)
    var grid = Self.basis(points.map(unit), places)
    // Gram–Schmidt twice: what it does to the columns of the data it does to those of the grid.
    for j in data.indices {
      for _ in 0..<2 {
        for i in 0..<j {
          let share = Self.product(data[i], data[j])
          for k in x.indices { data[j][k] -= share * data[i][k] }
          for k in points.indices { grid[j][k] -= share * grid[i][k] }
        }
      }
      let length = Self.product(data[j], data[j]).squareRoot()
      guard length > 1e-10 * Double(x.count).squareRoot() else {
        throw SiblingError(
          .badValue,
          "events happen at too few times for a smooth with \(degreesOfFreedom) degrees"
            + " of freedom", help: "choose fewer degrees of freedom")
      }
      for k in x.indices { data[j][k] /= length }
      for k in points.indices { grid[j][k] /= length }
    }
    self.data = data
    self.grid = grid
  }

  /// The fitted values on the grid.
  func fitted(_ y: [Double]) -> [Double] {
    let shares = data.map { Self.product($0, y) }
    var result = [Double](repeating: 0, count: grid.first?.count ?? 0)
    for (share, column) in zip(shares, grid) {
      for k in result.indices { result[k] += share * column[k] }
    }
    return result
  }

  /// The variance of the fitted values on the grid when the data have variance one.
  var leverage: [Double] {
    (0..<(grid.first?.count ?? 0)).map { k in grid.reduce(0) { $0 + $1[k] * $1[k] } }
  }

  /// A constant, a line, and for each further knot a cubic that is straight beyond the last two.
  private static func basis(_ u: [Double], _ knots: [Double]) -> [[Double]] {
    let last = knots[knots.count - 1]
    func cube(_ value: Double) -> Double { value > 0 ? value * value * value : 0 }
    func piece(_ value: Double, _ knot: Double) -> Double {
      (cube(value - knot) - cube(value - last)) / (last - knot)
    }
    var columns = [u.map { _ in 1.0 }, u]
    for knot in knots.dropLast(2) {
      columns.append(u.map { piece($0, knot) - piece($0, knots[knots.count - 2]) })
    }
    return columns
  }

  /// The quantile of ascending values, straight between order statistics.
  private static func quantile(_ x: [Double], _ share: Double) -> Double {
    let place = share * Double(x.count - 1)
    let below = min(Int(place), x.count - 1)
    let above = min(below + 1, x.count - 1)
    return x[below] + (place - Double(below)) * (x[above] - x[below])
  }

  private static func product(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for k in a.indices { sum += a[k] * b[k] }
    return sum
  }
}
