/// Kernels and what the limit distribution of the density estimate makes of them.
extension LocalPolynomialDensityTest.Kernel {
  /// The weight at a distance in bandwidths.
  func weight(_ u: Double) -> Double {
    let size = u.magnitude
    guard size <= 1 else { return 0 }
    return switch self {
    case .triangular: 1 - size
    case .uniform: 0.5
    case .epanechnikov: 0.75 * (1 - size * size)
    }
  }

  /// ∫ uᵏ K(u) du from t to 1, for 0 ≤ t.
  func moment(_ power: Int, from t: Double = 0) -> Double {
    func integral(_ power: Int) -> Double {
      let k = Double(power + 1)
      return (1 - DensityLimit.power(t, power + 1)) / k
    }
    return switch self {
    case .triangular: integral(power) - integral(power + 1)
    case .uniform: 0.5 * integral(power)
    case .epanechnikov: 0.75 * (integral(power) - integral(power + 2))
    }
  }
}

/// How polynomial columns are laid out.
struct DensityColumns: Sendable {
  var model: LocalPolynomialDensityTest.Model
  var degree: Int

  var count: Int { model == .unrestricted ? 2 * (degree + 1) : degree + 2 }
  /// The columns whose coefficients are the slopes to the left and right.
  var leftSlope: Int { 1 }
  var rightSlope: Int { model == .unrestricted ? degree + 2 : 2 }

  /// The power of u in a column on a side, or nil where the column is nought there.
  func power(_ column: Int, isRight: Bool) -> Int? {
    if model == .unrestricted {
      let own = isRight ? column - (degree + 1) : column
      return (0...degree).contains(own) ? own : nil
    }
    if column == 0 { return 0 }
    if column == leftSlope { return isRight ? nil : 1 }
    if column == rightSlope { return isRight ? 1 : nil }
    return column - 1
  }
}
