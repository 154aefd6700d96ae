import Statistics

/// The infinitesimal-jackknife variance of a Kaplan–Meier curve, in linear time.
///
/// With hazard steps h and K = 1/(n(1 − h)), a row's influence on −log S(t) is K at its own event
/// less the part C(t) of Σ hK that it spent at risk. So a cluster's influence is H − C(t)·W, where
/// W is its weight still at risk and H changes only when one of its rows enters or leaves; the sum
/// of squares over clusters is kept by updating ΣH², ΣHW and ΣW².
struct InfinitesimalJackknife: Sendable {
  private let codes: [Int32]?
  private let clusters: Int

  init(cluster: Factor?, rows: Int) {
    codes = cluster?.codes
    clusters = cluster?.levels.count ?? rows
  }

  /// With few clusters the influences nearly cancel, so each one is squared by itself.
  private static let squaredOneByOne = 32

  func standardErrors(_ steps: RiskSteps, _ survival: [Double]) -> [Double] {
    var state = State(clusters: clusters)
    var result = [Double](repeating: 0, count: survival.count)
    let base = steps.rows.startIndex
    if steps.entrants == nil {
      for row in steps.rows { state.enter(code(row), weight(steps, row), since: 0) }
    }
    var cumulative = 0.0
    for k in survival.indices {
      if let entrants = steps.entrants {
        for position in entrants.begins[k]..<entrants.begins[k + 1] {
          let row = entrants.rows[position]
          state.enter(code(row), weight(steps, row), since: cumulative)
        }
      }
      // Once S is zero nothing can move it; all who were left died together.
      guard survival[k] > 0 else { break }
      let (d, n) = (steps.events[k], steps.atRisk[k])
      let jump = d > 0 ? 1 / (n - d) : 0
      if d > 0 { cumulative += d / n * jump }
      for position in steps.begins[k]..<steps.begins[k + 1] {
        let row = steps.rows[base + position]
        state.leave(
          code(row), weight(steps, row), at: cumulative, jump: steps.event[Int(row)] ? jump : 0)
      }
      let variance =
        clusters <= Self.squaredOneByOne
        ? state.sumOfSquares(cumulative) : state.quickSumOfSquares(cumulative)
      result[k] = survival[k] * Swift.max(0, variance).squareRoot()
    }
    return result
  }

  @inline(__always)
  private func code(_ row: Int32) -> Int { codes.map { Int($0[Int(row)]) } ?? Int(row) }

  @inline(__always)
  private func weight(_ steps: RiskSteps, _ row: Int32) -> Double {
    steps.weights.map { $0[Int(row)] } ?? 1
  }

  /// The clusters' running sums.
  private struct State {
    var fixed: [Double]
    var atRisk: [Double]
    var fixedSquared = CompensatedSum()
    var product = CompensatedSum()
    var atRiskSquared = CompensatedSum()

    init(clusters: Int) {
      fixed = [Double](repeating: 0, count: clusters)
      atRisk = [Double](repeating: 0, count: clusters)
    }

    @inline(__always)
    mutating func enter(_ cluster: Int, _ weight: Double, since cumulative: Double) {
      move(cluster, by: weight * cumulative, weight)
    }

    @inline(__always)
    mutating func leave(
      _ cluster: Int, _ weight: Double, at cumulative: Double, jump: Double
    ) {
      move(cluster, by: weight * (jump - cumulative), -weight)
    }

    @inline(__always)
    private mutating func move(_ cluster: Int, by change: Double, _ weight: Double) {
      let (h, w) = (fixed[cluster], atRisk[cluster])
      let (newH, newW) = (h + change, w + weight)
      fixedSquared.add((newH - h) * (newH + h))
      product.add(newH * newW)
      product.add(-h * w)
      atRiskSquared.add((newW - w) * (newW + w))
      fixed[cluster] = newH
      atRisk[cluster] = newW
    }

    func quickSumOfSquares(_ c: Double) -> Double {
      fixedSquared.value - c * (2 * product.value - c * atRiskSquared.value)
    }

    func sumOfSquares(_ c: Double) -> Double {
      var sum = 0.0
      for cluster in fixed.indices {
        let influence = fixed[cluster] - c * atRisk[cluster]
        sum += influence * influence
      }
      return sum
    }
  }
}
