/// The minimiser of ½x′Qx + q′x + λ‖x‖₁ for a positive definite Q, exactly.
///
/// An active set of non-zero entries with their signs grows and shrinks until the conditions of
/// optimality hold (Lee, Battle, Raina & Ng 2006, Advances in Neural Information Processing
/// Systems 19): finite, whatever ties there are.
/// - Complexity: O(k³) a step for k non-zero entries; meant for tens of them.
public struct SmallLassoProgram: Sendable {
  private let quadratic: Matrix
  private let linear: [Double]

  /// A program; Q must be symmetric and positive definite.
  public init(quadratic: Matrix, linear: [Double]) {
    precondition(quadratic.rows == linear.count && quadratic.columns == linear.count, "sizes")
    self.quadratic = quadratic
    self.linear = linear
  }

  /// The gradient of the smooth part, Qx + q.
  public func gradient(_ x: [Double]) -> [Double] {
    linear.indices.map { i in
      linear.indices.reduce(linear[i]) { $0 + quadratic[i, $1] * x[$1] }
    }
  }

  /// ½x′Qx + q′x.
  public func smoothValue(_ x: [Double]) -> Double {
    zip(x, zip(gradient(x), linear)).reduce(0) { $0 + $1.0 * ($1.1.0 + $1.1.1) / 2 }
  }

  private func value(_ x: [Double], _ penalty: Double) -> Double {
    smoothValue(x) + penalty * x.reduce(0) { $0 + $1.magnitude }
  }

  /// The minimiser under a penalty λ ≥ 0.
  ///
  /// - Throws: `notPositiveDefinite`; `notConverged` should rounding keep the active set moving.
  public func minimize(penalty: Double) throws(LinearAlgebraError) -> [Double] {
    let n = linear.count
    var x = [Double](repeating: 0, count: n)
    var signs = [Double](repeating: 0, count: n)
    let slack = 1e-13 * linear.reduce(penalty) { max($0, $1.magnitude) }
    for _ in 0..<(100 * (n + 1)) {
      let slope = gradient(x)
      let next = (0..<n).filter { signs[$0] == 0 }.max { slope[$0].magnitude < slope[$1].magnitude }
      let isSettled = (0..<n).allSatisfy {
        signs[$0] == 0 || (slope[$0] + penalty * signs[$0]).magnitude <= slack
      }
      if isSettled {
        guard let next, slope[next].magnitude > penalty + slack else { return x }
        signs[next] = slope[next] > 0 ? -1 : 1
      }
      let active = (0..<n).filter { signs[$0] != 0 }
      let factor = try Cholesky(quadratic.selecting(both: active))
      let target = factor.solve(active.map { -linear[$0] - penalty * signs[$0] })
      // Along the way to the target a sign may change: the best of those places is taken.
      var shares: [Double] = [1]
      for (k, i) in active.enumerated() where x[i] != 0 && x[i] * target[k] < 0 {
        shares.append(x[i] / (x[i] - target[k]))
      }
      var best: (value: Double, x: [Double])?
      for share in shares.sorted() {
        var trial = x
        for (k, i) in active.enumerated() {
          trial[i] = share == 1 ? target[k] : x[i] + share * (target[k] - x[i])
          if share < 1, (trial[i]).magnitude <= 1e-15 * x[i].magnitude { trial[i] = 0 }
        }
        let found = value(trial, penalty)
        if best.map({ found < $0.value }) ?? true { best = (found, trial) }
      }
      if let best { x = best.x }
      for i in active { signs[i] = x[i] > 0 ? 1 : x[i] < 0 ? -1 : 0 }
    }
    throw .notConverged(code: n)
  }
}
