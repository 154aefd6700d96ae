internal import Statistics

/// The rows of a balance assessment: who is treated, the weights, and the sums that all covariates
/// share.
struct BalanceSample: Sendable {
  let treatment: [Bool]
  let weights: [Double]
  /// What each row counts for before adjustment: one, or its sampling weight scaled so that those of
  /// a group sum to the rows that have one.
  let base: [Double]
  /// Rows of each group, which is also the sum of `base`.
  let sizes: (treated: Double, comparison: Double)
  /// The sum of the squares of `base` in each group.
  let baseSquares: (treated: Double, comparison: Double)
  /// Σw of each group.
  let totals: (treated: Double, comparison: Double)
  /// Σw² of each group.
  let squares: (treated: Double, comparison: Double)

  /// Sums without rows.
  init(
    sizes: (treated: Double, comparison: Double),
    baseSquares: (treated: Double, comparison: Double),
    totals: (treated: Double, comparison: Double), squares: (treated: Double, comparison: Double)
  ) {
    treatment = []
    weights = []
    base = []
    (self.sizes, self.baseSquares, self.totals, self.squares) = (
      sizes, baseSquares, totals, squares
    )
  }

  init(treatment: [Bool], weights: [Double], sampling: [Double]? = nil) {
    self.treatment = treatment
    self.weights = weights
    var (size, total1, total0, square1, square0) = (0.0, 0.0, 0.0, 0.0, 0.0)
    treatment.withUnsafeBufferPointer { treatment in
      weights.withUnsafeBufferPointer { weights in
        for row in 0..<treatment.count {
          let weight1 = treatment[row] ? weights[row] : 0
          let weight0 = weights[row] - weight1
          size += treatment[row] ? 1 : 0
          total1 += weight1
          total0 += weight0
          square1 += weight1 * weight1
          square0 += weight0 * weight0
        }
      }
    }
    let before = BalanceSample.scaled(sampling, treatment, treated: size)
    base = before.base
    sizes = before.sizes
    baseSquares = before.squares
    totals = (total1, total0)
    squares = (square1, square0)
  }

  /// Sampling weights scaled to the number of rows of each group, with their sums and squares.
  private static func scaled(
    _ sampling: [Double]?, _ treatment: [Bool], treated: Double
  ) -> (
    base: [Double], sizes: (treated: Double, comparison: Double),
    squares: (treated: Double, comparison: Double)
  ) {
    guard let sampling else {
      let sizes = (treated, Double(treatment.count) - treated)
      return ([Double](repeating: 1, count: treatment.count), sizes, sizes)
    }
    var (rows, sums, squares) = ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0))
    for (row, weight) in sampling.enumerated() where weight > 0 {
      if treatment[row] {
        (rows.0, sums.0, squares.0) = (rows.0 + 1, sums.0 + weight, squares.0 + weight * weight)
      } else {
        (rows.1, sums.1, squares.1) = (rows.1 + 1, sums.1 + weight, squares.1 + weight * weight)
      }
    }
    let scale = (rows.0 / sums.0, rows.1 / sums.1)
    let base = zip(sampling, treatment).map { $0 * ($1 ? scale.0 : scale.1) }
    return (base, rows, (squares.0 * scale.0 * scale.0, squares.1 * scale.1 * scale.1))
  }
}

/// The distinct values of a covariate in ascending order, with how much of each group has each.
///
/// Made once a covariate; moments, distribution functions, quantiles and densities of both stages
/// are read from it, so that a covariate is sorted at most once. Covariates of few distinct values
/// are not sorted at all: their rows are counted in a hash table.
struct CovariateDistribution: Sendable {
  /// Distinct values that a hash table still counts faster than a sort of the rows.
  private static let fewest = 4096

  /// The distinct values.
  var values: [Double] = []
  /// Treated rows with each value, as the base weights count them.
  var treated: [Double] = []
  /// Comparison rows with each value, as the base weights count them.
  var comparison: [Double] = []
  /// The weight of the treated rows with each value.
  var treatedWeight: [Double] = []
  /// The weight of the comparison rows with each value.
  var comparisonWeight: [Double] = []

  /// The distribution of finite values.
  /// - Complexity: O(n) time; 24n bytes of scratch when there are more than 4,096 distinct values.
  init(_ column: [Double], _ sample: BalanceSample) {
    if !count(column, sample) { sort(column, sample) }
  }

  /// Counts rows by value in a table of open addresses; false when there are too many values.
  private mutating func count(_ column: [Double], _ sample: BalanceSample) -> Bool {
    let bits = 14
    let mask = 1 << bits - 1
    var slots = [Int32](repeating: -1, count: 1 << bits)
    var keys = [Double](repeating: 0, count: CovariateDistribution.fewest)
    // Comparison and treated rows, then their weights, of each value.
    var masses = [Double](repeating: 0, count: 4 * CovariateDistribution.fewest)
    var used = 0
    let isDone = column.withUnsafeBufferPointer { column in
      sample.treatment.withUnsafeBufferPointer { treatment in
        withWeights(sample) { weights, base in
          slots.withUnsafeMutableBufferPointer { slots in
            keys.withUnsafeMutableBufferPointer { keys in
              masses.withUnsafeMutableBufferPointer { masses in
                for row in 0..<column.count {
                  // −0 and +0 are one value.
                  let value = column[row] + 0
                  var place = Int(
                    truncatingIfNeeded: (value.bitPattern &* 0x9E37_79B9_7F4A_7C15)
                      >> UInt64(64 - bits))
                  var key = Int(slots[place])
                  while key >= 0, keys[key] != value {
                    place = (place + 1) & mask
                    key = Int(slots[place])
                  }
                  if key < 0 {
                    guard used < keys.count else { return false }
                    key = used
                    keys[key] = value
                    slots[place] = Int32(truncatingIfNeeded: key)
                    used += 1
                  }
                  let slot = 4 * key + (treatment[row] ? 1 : 0)
                  masses[slot] += base[row]
                  masses[slot + 2] += weights[row]
                }
                return true
              }
            }
          }
        }
      }
    }
    guard isDone else { return false }
    for key in (0..<used).sorted(by: { keys[$0] < keys[$1] }) {
      values.append(keys[key])
      comparison.append(masses[4 * key])
      treated.append(masses[4 * key + 1])
      comparisonWeight.append(masses[4 * key + 2])
      treatedWeight.append(masses[4 * key + 3])
    }
    return true
  }

  /// Walks the rows in the order of their values and closes an entry at every change.
  private mutating func sort(_ column: [Double], _ sample: BalanceSample) {
    let order = Sorting.order(column)
    let n = column.count
    values = [Double](repeating: 0, count: n)
    (treated, comparison) = (values, values)
    (treatedWeight, comparisonWeight) = (values, values)
    var used = 0
    column.withUnsafeBufferPointer { column in
      order.withUnsafeBufferPointer { order in
        sample.treatment.withUnsafeBufferPointer { treatment in
          withWeights(sample) { weights, base in
            values.withUnsafeMutableBufferPointer { values in
              treated.withUnsafeMutableBufferPointer { treated in
                comparison.withUnsafeMutableBufferPointer { comparison in
                  treatedWeight.withUnsafeMutableBufferPointer { treatedWeight in
                    comparisonWeight.withUnsafeMutableBufferPointer { comparisonWeight in
                      var entry = -1
                      var last = Double.nan
                      for place in 0..<n {
                        let row = Int(order[place])
                        let value = column[row] + 0
                        // Without a branch on the value or the group: neither can be foreseen.
                        entry += value == last ? 0 : 1
                        last = value
                        values[entry] = value
                        let isTreated = treatment[row] ? 1.0 : 0.0
                        let weight = weights[row]
                        treated[entry] += isTreated * base[row]
                        comparison[entry] += (1 - isTreated) * base[row]
                        treatedWeight[entry] += isTreated * weight
                        comparisonWeight[entry] += (1 - isTreated) * weight
                      }
                      used = entry + 1
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    guard used < n else { return }
    values.removeSubrange(used...)
    treated.removeSubrange(used...)
    comparison.removeSubrange(used...)
    treatedWeight.removeSubrange(used...)
    comparisonWeight.removeSubrange(used...)
  }

  private func withWeights<Result>(
    _ sample: BalanceSample,
    _ body: (UnsafeBufferPointer<Double>, UnsafeBufferPointer<Double>) -> Result
  ) -> Result {
    sample.weights.withUnsafeBufferPointer { weights in
      sample.base.withUnsafeBufferPointer { base in body(weights, base) }
    }
  }

  /// Whether there are two values or one.
  var isBinary: Bool { values.count <= 2 }
}
