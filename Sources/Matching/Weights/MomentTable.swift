internal import LinearAlgebra
internal import Statistics

/// The moments of all rows with their groups, base weights and units of measurement.
struct MomentTable: Sendable {
  /// The names of the moments.
  var names: [String]
  /// A column of ones, then one a moment.
  var matrix: Matrix
  /// Whether each row is treated.
  var treatment: [Bool]
  /// Sampling weights; all one without.
  var sampling: [Double]
  /// The denominator of each moment's standardised mean difference; 0 where it is constant.
  var scale: [Double]

  /// Checks the columns and measures their spread.
  ///
  /// - Throws: `constantTreatment`, `sizeMismatch`, `missingValue`, `badValue`, `badWeight`.
  init(
    _ moments: DesignMatrix, treatment: [Bool], sampling: [Double]?, estimand: Estimand
  ) throws(SiblingError) {
    let groups = try Inputs.groups(treatment)
    let main = moments.removingIntercept()
    try Inputs.length(main.rows, expected: treatment.count, of: "the covariates' design")
    if let sampling { try Inputs.weights(sampling, treatment: treatment) }
    let n = treatment.count
    var storage = [Double](repeating: 1, count: n)
    storage.reserveCapacity(n * (main.columns + 1))
    storage += main.matrix.storage
    let matrix = Matrix(rows: n, columns: main.columns + 1, storage: storage)
    let kept = sampling.map { $0.map { $0 > 0 } }
    let measured = Parallel.mapBlocks(main.columns) { place in
      Self.spread(matrix, place + 1, treatment, kept, groups, estimand)
    }
    for place in measured.indices where !measured[place].isFinite {
      try Inputs.finite(
        main.matrix.column(place), expected: n, column: main.names[place])
      throw SiblingError(
        .badValue, "\(main.names[place]) is too large to square",
        help: "Measure it in a larger unit.", column: main.names[place])
    }
    self.matrix = matrix
    self.names = main.names
    self.treatment = treatment
    self.sampling = sampling ?? [Double](repeating: 1, count: n)
    scale = measured
  }

  /// The denominator that the balance table uses; that of all rows where a group has no spread.
  private static func spread(
    _ matrix: Matrix, _ column: Int, _ treatment: [Bool], _ kept: [Bool]?,
    _ groups: Inputs.Groups, _ estimand: Estimand
  ) -> Double {
    let n = matrix.rows
    return matrix.storage.withUnsafeBufferPointer { x in
      let start = column * n
      // 0 the comparisons, 1 the treated.
      var (counts, sums, squares) = ([0.0, 0.0], [0.0, 0.0], [0.0, 0.0])
      var values: (first: Double, second: Double?, isBinary: Bool)?
      // Rows without weight must hold numbers too, since their weight is multiplied by them.
      for row in 0..<n where !x[start + row].isFinite { return .nan }
      for row in 0..<n where kept?[row] ?? true {
        let (value, group) = (x[start + row], treatment[row] ? 1 : 0)
        counts[group] += 1
        sums[group] += value
        guard let known = values else {
          values = (value, nil, true)
          continue
        }
        if known.isBinary, value != known.first {
          if let second = known.second {
            if value != second { values = (known.first, second, false) }
          } else {
            values = (known.first, value, true)
          }
        }
      }
      let isBinary = values?.isBinary ?? true
      let means = [sums[0] / counts[0], sums[1] / counts[1]]
      for row in 0..<n where kept?[row] ?? true {
        let group = treatment[row] ? 1 : 0
        let gap = x[start + row] - means[group]
        squares[group] += gap * gap
      }
      let variances = [0, 1].map { squares[$0] / (counts[$0] - (isBinary ? 0 : 1)) }
      let total = counts[0] + counts[1]
      let shift = means[1] - means[0]
      let pooled = (squares[0] + squares[1] + shift * shift * counts[0] * counts[1] / total) / total
      let variance =
        switch estimand {
        case .att: variances[1]
        case .atc: variances[0]
        case .ate, .ato, .atm: (variances[0] + variances[1]) / 2
        }
      guard pooled.isFinite else { return .nan }
      let size = max(means[0].magnitude, means[1].magnitude)
      guard pooled.squareRoot() > 1e-11 * size else { return 0 }
      let own = variance.squareRoot()
      return own.isFinite && own > 1e-8 * pooled.squareRoot() ? own : pooled.squareRoot()
    }
  }

  /// The means of all moments under row weights.
  func means(_ weights: [Double]) -> [Double] {
    let sums = matrix.transposedTimes(weights)
    return sums.dropFirst().map { $0 / sums[0] }
  }

  /// The sampling weights of one group, zero elsewhere.
  func sampling(of group: Bool) -> [Double] {
    zip(sampling, treatment).map { $1 == group ? $0 : 0 }
  }

  /// The rows of one group that count.
  func rows(of group: Bool) -> [Int] {
    treatment.indices.filter { treatment[$0] == group && sampling[$0] > 0 }
  }

  /// The names of moments that no weights can change.
  var constants: [String] { names.indices.filter { scale[$0] == 0 }.map { names[$0] } }
}
