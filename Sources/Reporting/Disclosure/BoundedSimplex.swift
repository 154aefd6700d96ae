/// Maximises a linear objective over amounts between nought and bounds that balance in every row.
///
/// The system is A·x = 0, 0 ≤ x ≤ u. Nought is feasible, so there is no first phase, and whatever
/// the method stops at is feasible. Its answers are suggestions: who uses them proves them in whole numbers,
/// so that rounding here can cost a suppression too many but never a secret. Dense, with Bland's rule after steps without gain.
/// After Dantzig, "Upper bounds, secondary constraints, and block triangularity in linear
/// programming", *Econometrica* 23 (1955), doi:10.2307/1907876.
///
/// - Complexity: rows × columns for each pivot.
struct BoundedSimplex {
  /// An amount with its objective, its bound and its coefficients by row.
  struct Column {
    var objective: Double
    var bound: Double
    var entries: [(row: Int, value: Double)]
  }

  private let width: Int
  private let height: Int
  private var tableau: [Double]
  private var reduced: [Double]
  private let bounds: [Double]
  private var isAtBound: [Bool]
  /// The column in each row's place of the basis; from `width` on they are artificial.
  private var basis: [Int]
  private var level: [Double]
  private static let tolerance = 1e-9

  /// The amounts that do best.
  static func maximise(_ columns: [Column], rows: Int) -> [Double] {
    var simplex = BoundedSimplex(columns, rows)
    simplex.run()
    return simplex.amounts
  }

  private init(_ columns: [Column], _ rows: Int) {
    width = columns.count
    height = rows
    tableau = [Double](repeating: 0, count: width * height)
    reduced = columns.map(\.objective)
    bounds = columns.map(\.bound)
    isAtBound = [Bool](repeating: false, count: width)
    basis = (0..<height).map { columns.count + $0 }
    level = [Double](repeating: 0, count: height)
    for (position, column) in columns.enumerated() {
      for entry in column.entries { tableau[entry.row * width + position] = entry.value }
    }
  }

  private var amounts: [Double] {
    var amounts = (0..<width).map { isAtBound[$0] ? bounds[$0] : 0 }
    for (row, column) in basis.enumerated() where column < width { amounts[column] = level[row] }
    return amounts
  }

  private mutating func run() {
    var isBasic = [Bool](repeating: false, count: width)
    var stalled = 0
    for _ in 0..<(20 * (width + height) + 200) {
      guard let entering = entering(isBasic, byIndex: stalled > 20) else { return }
      let direction = isAtBound[entering] ? -1.0 : 1.0
      let (step, leaving) = ratio(entering, direction, byIndex: stalled > 20)
      stalled = step > BoundedSimplex.tolerance ? 0 : stalled + 1
      for row in 0..<height {
        level[row] -= direction * step * tableau[row * width + entering]
      }
      guard let leaving else {
        isAtBound[entering].toggle()
        continue
      }
      let old = basis[leaving]
      if old < width {
        isBasic[old] = false
        // It leaves at the limit that stopped it.
        isAtBound[old] = level[leaving] > bounds[old] / 2 && bounds[old] > 0
      }
      level[leaving] = (isAtBound[entering] ? bounds[entering] : 0) + direction * step
      isAtBound[entering] = false
      isBasic[entering] = true
      basis[leaving] = entering
      pivot(leaving, entering)
    }
  }

  private func entering(_ isBasic: [Bool], byIndex: Bool) -> Int? {
    var best: Int?
    var most = BoundedSimplex.tolerance
    for column in 0..<width where !isBasic[column] && bounds[column] > 0 {
      let gain = isAtBound[column] ? -reduced[column] : reduced[column]
      guard gain > most else { continue }
      if byIndex { return column }
      most = gain
      best = column
    }
    return best
  }

  /// How far a column can go, and the row that stops it; without a row its own bound does.
  private func ratio(
    _ entering: Int, _ direction: Double, byIndex: Bool
  ) -> (step: Double, row: Int?) {
    var step = bounds[entering]
    var leaving: Int?
    var size = 0.0
    for row in 0..<height {
      let slope = direction * tableau[row * width + entering]
      guard slope.magnitude > 1e-7 else { continue }
      let bound = basis[row] < width ? bounds[basis[row]] : 0
      let room = max(0, slope > 0 ? level[row] / slope : (level[row] - bound) / slope)
      let isTie = room <= step + BoundedSimplex.tolerance && leaving != nil
      let isBetter =
        byIndex
        ? basis[row] < leaving.map { basis[$0] } ?? 0 : slope.magnitude > size
      if room < step - BoundedSimplex.tolerance || (leaving == nil && room <= step)
        || (isTie && isBetter)
      {
        step = min(step, room)
        leaving = row
        size = slope.magnitude
      }
    }
    return (step, leaving)
  }

  private mutating func pivot(_ row: Int, _ column: Int) {
    let start = row * width
    let divisor = tableau[start + column]
    tableau.withUnsafeMutableBufferPointer { cells in
      reduced.withUnsafeMutableBufferPointer { reduced in
        for position in 0..<width { cells[start + position] /= divisor }
        for other in 0..<height where other != row {
          let factor = cells[other * width + column]
          guard factor != 0 else { continue }
          for position in 0..<width {
            cells[other * width + position] -= factor * cells[start + position]
          }
        }
        let factor = reduced[column]
        guard factor != 0 else { return }
        for position in 0..<width { reduced[position] -= factor * cells[start + position] }
      }
    }
  }
}
