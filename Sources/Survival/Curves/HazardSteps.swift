internal import Glibc
import Statistics

/// Which estimate of the cumulative hazard, or of survival, a curve is.
public enum CurveEstimator: String, Sendable, CaseIterable {
  /// S is the product of 1 − d/n; its cumulative hazard is Nelson and Aalen's, as in R.
  case kaplanMeier = "kaplan-meier"
  /// H is the sum of d/n, and S = exp(−H).
  case nelsonAalen = "nelson-aalen"
  /// As Nelson–Aalen, but people who have the event at one time have it one after another:
  /// 1/n + 1/(n − 1) + … (R's `ctype = 2`); S = exp(−H).
  case flemingHarrington = "fleming-harrington"
}

/// The increments of one arm's cumulative hazard and what they owe to each row.
///
/// A row of weight w adds w(`jump` − C) to H if it has the event at a time and −wC if it leaves
/// otherwise, with C the sum of `loss` over the times at which it was at risk: the derivative of H
/// in the row's weight.
struct HazardSteps {
  /// The increment at each time; that of −log S for Kaplan–Meier, which may be infinite.
  var hazard: [Double] = []
  /// The increment of Greenwood's variance, or of its counterpart for a sum.
  var variance: [Double] = []
  /// The derivative in a weight of the rows that have the event, beyond that of the others.
  var jump: [Double] = []
  /// Less the derivative in a weight of any row at risk.
  var loss: [Double] = []

  init(_ steps: RiskSteps, _ estimator: CurveEstimator) {
    for k in steps.events.indices {
      let (d, n) = (steps.events[k], steps.atRisk[k])
      guard d > 0 else {
        append(0, 0, 0, 0)
        continue
      }
      switch estimator {
      case .kaplanMeier:
        // Once S is zero nothing can move it; all who were left died together.
        let left = RiskSteps.surviving(n, d)
        guard left > 0 else {
          append(.infinity, .nan, 0, 0)
          continue
        }
        append(-log(left), d / (n * (n - d)), 1 / (n - d), d / n / (n - d))
      case .nelsonAalen: append(d / n, d / (n * n), 1 / n, d / (n * n))
      case .flemingHarrington: oneByOne(d, n, count: steps.deaths(k))
      }
    }
  }

  private mutating func append(_ h: Double, _ v: Double, _ j: Double, _ l: Double) {
    hazard.append(h)
    variance.append(v)
    jump.append(j)
    loss.append(l)
  }

  /// Tied events one after another, each with their mean weight.
  private mutating func oneByOne(_ d: Double, _ n: Double, count: Int) {
    let weight = d / Double(count)
    var (h, v, slope) = (0.0, 0.0, 0.0)
    for j in 0..<count {
      let left = n - Double(j) * weight
      let term = 1 / left
      h += weight * term
      v += weight * term * term
      // The mean weight moves by 1/count when one of the tied weights does.
      slope += (term + Double(j) * weight * term * term) / Double(count)
    }
    append(h, v, slope, v)
  }

  /// The cumulative hazard just after each time.
  var cumulative: [Double] {
    var sum = 0.0
    return hazard.map { step in
      sum += step
      return sum
    }
  }

  /// The standard error of the cumulative hazard just after each time.
  var standardErrors: [Double] {
    var sum = 0.0
    return variance.map { step in
      sum += step
      return sum.squareRoot()
    }
  }
}

extension RiskSteps {
  /// How many rows have the event at a time, whatever their weights; rows of weight zero don't count.
  func deaths(_ k: Int) -> Int {
    guard let weights else { return Int(events[k]) }
    var count = 0
    for position in begins[k]..<begins[k + 1] {
      let row = Int(rows[rows.startIndex + position])
      if event[row], weights[row] > 0 { count += counts?[row] ?? 1 }
    }
    return count
  }

  /// What each cluster (row, without clusters) adds to a cumulative hazard up to time `last`.
  func influences(
    _ steps: HazardSteps, through last: Int, cluster: Factor?, rows count: Int
  ) -> [Double] {
    influences(jump: steps.jump, loss: steps.loss, through: last, cluster: cluster, rows: count)
  }

  /// What each cluster adds to a sum over times whose derivatives in a row's weight are given.
  ///
  /// Without clusters the value of a cell is the root of its people's squared ones, signed.
  func influences(
    jump: [Double], loss: [Double], through last: Int, cluster: Factor?, rows count: Int
  ) -> [Double] {
    var result = [Double](repeating: 0, count: cluster?.levels.count ?? count)
    let base = rows.startIndex
    let weights = cluster == nil ? roots ?? weights : weights
    func add(_ row: Int32, _ value: Double) {
      let weight = weights?[Int(row)] ?? 1
      result[cluster.map { Int($0.codes[Int(row)]) } ?? Int(row)] += weight * value
    }
    var cumulative = 0.0
    for k in times.indices {
      if let entrants, cumulative != 0 {
        for position in entrants.begins[k]..<entrants.begins[k + 1] {
          add(entrants.rows[position], cumulative)
        }
      }
      var own = 0.0
      if k <= last {
        own = jump[k]
        cumulative += loss[k]
      }
      for position in begins[k]..<begins[k + 1] {
        let row = rows[base + position]
        add(row, (event[Int(row)] ? own : 0) - cumulative)
      }
    }
    return result
  }
}
