internal import Glibc
import LinearAlgebra
import Statistics

/// The scores of Gray's test for one cause with their covariance, summed over strata.
///
/// With h_r = Y_r/S_r(t−), h their sum and dF₀ = d/h, the score of group k is
/// Σ L(d_k − d R_k/R). Its covariance is Σ_r Σ_t a_kr a_lr dF₀/h_r + b_kr b_lr dF_r*/h_r, F_r* the
/// incidence of other causes, where d_kr = L h_k(1{k = r} − h_r/h), c_kr sums d_kr dF₀/(1 − F₀(t−))
/// over later times, q_r = (1 − F₀)/S_r, a_kr = d_kr + (1 − q_r)c_kr and b_kr = −q_r c_kr. Ties
/// multiply the first part by 1 − (d − 1)/(h S_r(t−) − 1), the second by 1 − (d_r* − 1)/(Y_r − 1).
struct GraySums {
  private let groups: Int
  private(set) var score: [Double]
  private(set) var expected: [Double]
  private(set) var variance: Matrix
  private(set) var events = 0.0

  init(groups: Int) {
    self.groups = groups
    score = [Double](repeating: 0, count: groups)
    expected = score
    variance = Matrix(rows: groups, columns: groups)
  }

  mutating func add(_ table: GroupExits, cause: Int, rho: Double) {
    let path = Path(table, cause: cause, rho: rho)
    for k in 0..<groups {
      score[k] += path.score[k]
      expected[k] += path.expected[k]
    }
    events += path.events
    addVariance(table, cause, path)
  }

  /// Runs back through the times, so that what comes later is known.
  private mutating func addVariance(_ table: GroupExits, _ cause: Int, _ path: Path) {
    let g = groups
    var later = [Double](repeating: 0, count: g * g)
    var own = later
    var (a, b) = ([Double](repeating: 0, count: g), [Double](repeating: 0, count: g))
    for t in stride(from: table.count - 1, through: 0, by: -1) {
      let total = path.total[t]
      guard total > 0 else { continue }
      let (jump, before) = (path.jump[t], path.left[t])
      for r in 0..<g {
        let h = path.share[t * g + r]
        for k in 0..<g {
          let mine = (k == r ? 1 : 0) - h / total
          own[k + r * g] = path.weight[t] * path.share[t * g + k] * mine
        }
        guard h > 0 else { continue }
        let after = path.after[t * g + r]
        let q = after > 0 ? (before - jump) / after : 0
        for k in 0..<g {
          b[k] = -q * later[k + r * g]
          a[k] = own[k + r * g] + later[k + r * g] + b[k]
        }
        let start = path.before[t * g + r]
        let first = jump / h * Self.tied(path.exits[t], total * start)
        let n = table.atRisk[t * g + r]
        let others =
          table.exits[t * g + r] - table.byCause[(t * g + r) * table.causes + cause]
        let second = start * others / n / h * Self.tied(others, n)
        for k in 0..<g {
          for l in 0..<g { variance[k, l] += first * a[k] * a[l] + second * b[k] * b[l] }
        }
      }
      guard before > 0 else { continue }
      for i in 0..<(g * g) { later[i] += own[i] * jump / before }
    }
  }

  private static func tied(_ d: Double, _ n: Double) -> Double {
    d > 1 && n > 1 ? 1 - (d - 1) / (n - 1) : 1
  }
}

/// What one pass forward through the times of a stratum gives.
private struct Path {
  /// For each time and group Y/S(t−), S(t−) and S(t).
  private(set) var share: [Double]
  private(set) var before: [Double]
  private(set) var after: [Double]
  /// For each time the sum of the shares, the jump of F₀, 1 − F₀(t−), its weight and its exits.
  private(set) var total: [Double] = []
  private(set) var jump: [Double] = []
  private(set) var left: [Double] = []
  private(set) var weight: [Double] = []
  private(set) var exits: [Double] = []
  private(set) var score: [Double]
  private(set) var expected: [Double]
  private(set) var events = 0.0

  init(_ table: GroupExits, cause: Int, rho: Double) {
    let g = table.groups
    share = [Double](repeating: 0, count: table.count * g)
    (before, after) = (share, share)
    score = [Double](repeating: 0, count: g)
    expected = score
    var survival = [Double](repeating: 1, count: g)
    var incidence = [Double](repeating: 0, count: g)
    var remaining = 1.0
    var weighted = score
    for t in 0..<table.count {
      var (sum, weightedSum, d) = (0.0, 0.0, 0.0)
      for r in 0..<g {
        let n = table.atRisk[t * g + r]
        let gone = table.byCause[(t * g + r) * table.causes + cause]
        let h = n > 0 && survival[r] > 0 ? n / survival[r] : 0
        share[t * g + r] = h
        before[t * g + r] = survival[r]
        weighted[r] = h * (1 - incidence[r])
        sum += h
        weightedSum += weighted[r]
        d += gone
        if n > 0 {
          incidence[r] += survival[r] * gone / n
          survival[r] *= RiskSteps.surviving(n, table.exits[t * g + r])
        }
        after[t * g + r] = survival[r]
      }
      let factor = rho == 0 ? 1 : pow(Swift.max(0, remaining), rho)
      let step = sum > 0 ? d / sum : 0
      total.append(sum)
      jump.append(step)
      left.append(remaining)
      weight.append(factor)
      exits.append(d)
      events += d
      if weightedSum > 0 {
        for r in 0..<g {
          let part = factor * d * weighted[r] / weightedSum
          expected[r] += part
          score[r] += factor * table.byCause[(t * g + r) * table.causes + cause] - part
        }
      }
      remaining -= step
    }
  }
}
