internal import Statistics

/// Weighted sums over rows, and the errors of statistics from their contributions.
struct ManskiSums {
  let outcome: [Double]
  let treatment: [Bool]
  let weights: [Double]?
  let cluster: Factor?
  var total = 0.0
  var treatedShare = 0.0
  var treatedRows = 0
  var comparisonRows = 0

  init(_ outcome: [Double], _ treatment: [Bool], _ weights: [Double]?, _ cluster: Factor?) {
    (self.outcome, self.treatment, self.weights, self.cluster) = (
      outcome, treatment, weights, cluster
    )
    var treated = 0.0
    for row in outcome.indices {
      let weight = weights?[row] ?? 1
      guard weight > 0 else { continue }
      total += weight
      if treatment[row] {
        treated += weight
        treatedRows += 1
      } else {
        comparisonRows += 1
      }
    }
    treatedShare = treated / total
  }

  func filled(_ row: Int, _ value: Double) -> Double {
    outcome[row].isNaN ? value : outcome[row]
  }

  /// The groups' means with missing outcomes read as given.
  func means(treated: Double, comparison: Double) -> (treated: Double, comparison: Double) {
    var (one, zero) = (0.0, 0.0)
    for row in outcome.indices {
      let weight = weights?[row] ?? 1
      if treatment[row] {
        one += weight * filled(row, treated)
      } else {
        zero += weight * filled(row, comparison)
      }
    }
    return (one / (total * treatedShare), zero / (total * (1 - treatedShare)))
  }

  /// The standard error of a mean-like statistic from each row's centred contribution, summed within
  /// clusters; a factor m/(m − 1) for m rows or clusters.
  func error(_ contribution: (Int) -> Double) -> Double {
    var sums = [Double](repeating: 0, count: cluster?.levels.count ?? 0)
    var used = [Bool](repeating: false, count: sums.count)
    var (squares, count) = (0.0, 0.0)
    for row in outcome.indices {
      let weight = weights?[row] ?? 1
      guard weight > 0 else { continue }
      let part = weight * contribution(row) / total
      if let cluster {
        sums[Int(cluster.codes[row])] += part
        used[Int(cluster.codes[row])] = true
      } else {
        squares += part * part
        count += 1
      }
    }
    if cluster != nil {
      squares = sums.reduce(0) { $0 + $1 * $1 }
      count = Double(used.count { $0 })
    }
    return count > 1 ? (squares * count / (count - 1)).squareRoot() : .infinity
  }
}
