/// Estimates over a grid of two shares, and the lines along which they are equal.
struct ContourField {
  /// The shares of the treatment's variance, ascending.
  let widths: [Double]
  /// The shares of the outcome's variance, ascending.
  let heights: [Double]
  /// The estimate by width, then height; NaN where there is none.
  private let values: [[Double]]

  /// The grid of a table; nil with fewer than two values a side.
  init?(_ table: ResultTable) {
    func sorted(_ column: String) -> [Double] {
      Set(table.cells(column).compactMap(\.number)).sorted()
    }
    let (widths, heights) = (sorted("r2_treatment"), sorted("r2_outcome"))
    guard widths.count > 1, heights.count > 1 else { return nil }
    let places = [widths, heights].map { shares in
      Dictionary(
        shares.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { a, _ in a })
    }
    var values = [[Double]](
      repeating: [Double](repeating: .nan, count: heights.count), count: widths.count)
    for row in table.rows.indices {
      guard let x = table[row, "r2_treatment"].number, let y = table[row, "r2_outcome"].number,
        let i = places[0][x], let j = places[1][y], let value = table[row, "estimate"].number
      else { continue }
      values[i][j] = value
    }
    (self.widths, self.heights, self.values) = (widths, heights, values)
  }

  /// Whether every point of the grid has an estimate, and they are not all the same.
  var isDrawable: Bool {
    values.allSatisfy { $0.allSatisfy(\.isFinite) } && least < most && (widths.last ?? 1) < 1
      && (widths.first ?? -1) >= 0 && (heights.first ?? -1) >= 0
  }

  var least: Double { values.joined().min() ?? .nan }
  var most: Double { values.joined().max() ?? .nan }
  /// The estimate without an omitted variable, where the grid starts.
  var base: Double { values.first?.first ?? .nan }
  /// Whether some strength leaves nothing of the estimate.
  var reachesNought: Bool { least < 0 && most > 0 }

  /// The points along which the estimate has a value, from left to right.
  ///
  /// Between points of the grid the estimate is linear in √R²_yz and in √(R²_dz/(1 − R²_dz)), so the crossings
  /// are exact.
  func line(at level: Double) -> [(x: Double, y: Double)] {
    var points: [(x: Double, y: Double)] = []
    func crossing(_ a: Double, _ b: Double) -> Double? {
      guard (a - level) * (b - level) <= 0, a != b else { return nil }
      return (level - a) / (b - a)
    }
    let roots = heights.map { $0.squareRoot() }
    let odds = widths.map { ($0 / (1 - $0)).squareRoot() }
    for i in widths.indices {
      for j in 1..<heights.count {
        guard let share = crossing(values[i][j - 1], values[i][j]) else { continue }
        let root = roots[j - 1] + share * (roots[j] - roots[j - 1])
        points.append((widths[i], root * root))
      }
    }
    for j in heights.indices {
      for i in 1..<widths.count {
        guard let share = crossing(values[i - 1][j], values[i][j]) else { continue }
        let root = odds[i - 1] + share * (odds[i] - odds[i - 1])
        points.append((root * root / (1 + root * root), heights[j]))
      }
    }
    return points.sorted { $0.x == $1.x ? $0.y > $1.y : $0.x < $1.x }
  }
}

/// Where labels still have room inside a picture.
struct LabelRoom {
  let left: Double
  let right: Double
  let top: Double
  let bottom: Double
  private var taken: [(left: Double, right: Double, top: Double, bottom: Double)] = []

  init(left: Double, right: Double, top: Double, bottom: Double) {
    (self.left, self.right, self.top, self.bottom) = (left, right, top, bottom)
  }

  /// Keeps labels off a marker.
  mutating func block(x: Double, y: Double, reach: Double) {
    taken.append((x - reach, x + reach, y - reach, y + reach))
  }

  /// The start and baseline of a label of 13 pixels near a marker, right of it if there is room; nil
  /// when there is none anywhere above or below.
  mutating func place(
    _ width: Double, beside x: Double, _ y: Double
  ) -> (x: Double, y: Double)? {
    for step in 0..<60 {
      // 0, −1, +1, −2, +2, … lines of 8 pixels
      let shift = Double((step + 1) / 2) * (step % 2 == 1 ? -8 : 8)
      for start in [x + 10, x - 10 - width] {
        let box = (
          left: start - 2, right: start + width + 2, top: y + shift - 8, bottom: y + shift + 8
        )
        guard box.left >= left, box.right <= right, box.top >= top, box.bottom <= bottom,
          !taken.contains(where: {
            $0.left < box.right && $0.right > box.left && $0.top < box.bottom && $0.bottom > box.top
          })
        else { continue }
        taken.append(box)
        return (start, y + shift + 4.5)
      }
    }
    return nil
  }
}
