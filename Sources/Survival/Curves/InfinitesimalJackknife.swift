import Statistics

/// The infinitesimal-jackknife variance of a cumulative hazard or of −log S, in linear time.
///
/// A row's influence is the jump at its own event less the part C(t) of the summed losses that it
/// spent at risk (`HazardSteps`). So a cluster's influence is H − C(t)·W, where W is its weight still
/// at risk and H changes only when one of its rows enters or leaves; the sum of squares over clusters
/// is kept by updating ΣH², ΣHW and ΣW².
struct InfinitesimalJackknife: Sendable {
  private let codes: [Int32]?
  private let clusters: Int
  /// Weights of cells whose squares are those of their people; nil where rows are people.
  private let roots: [Double]?

  init(cluster: Factor?, rows: Int, roots: [Double]? = nil) {
    codes = cluster?.codes
    clusters = cluster?.levels.count ?? rows
    self.roots = cluster == nil ? roots : nil
  }

  /// With few clusters the influences nearly cancel, so each one is squared by itself.
  private static let squaredOneByOne = 32

  /// The standard error of the sum just after each time; zero from where −log S is infinite.
  func standardErrors(_ steps: RiskSteps, _ hazard: HazardSteps) -> [Double] {
    var state = State(clusters: clusters)
    var result = [Double](repeating: 0, count: hazard.jump.count)
    let base = steps.rows.startIndex
    if steps.entrants == nil {
      for row in steps.rows { state.enter(code(row), weight(steps, row), since: 0) }
    }
    var cumulative = 0.0
    for k in result.indices {
      if let entrants = steps.entrants {
        for position in entrants.begins[k]..<entrants.begins[k + 1] {
          let row = entrants.rows[position]
          state.enter(code(row), weight(steps, row), since: cumulative)
        }
      }
      guard hazard.hazard[k] < .infinity else { break }
      let jump = hazard.jump[k]
      cumulative += hazard.loss[k]
      for position in steps.begins[k]..<steps.begins[k + 1] {
        let row = steps.rows[base + position]
        state.leave(
          code(row), weight(steps, row), at: cumulative, jump: steps.event[Int(row)] ? jump : 0)
      }
      let variance =
        clusters <= Self.squaredOneByOne
        ? state.sumOfSquares(cumulative) : state.quickSumOfSquares(cumulative)
      result[k] = Swift.max(0, variance).squareRoot()
    }
    return result
  }

  @inline(__always)
  private func code(_ row: Int32) -> Int { codes.map { Int($0[Int(row)]) } ?? Int(row) }

  @inline(__always)
  private func weight(_ steps: RiskSteps, _ row: Int32) -> Double {
    (roots ?? steps.weights).map { $0[Int(row)] } ?? 1
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
