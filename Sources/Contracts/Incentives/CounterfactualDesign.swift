internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// Bins of a histogram with the columns that a counterfactual is fitted on.
struct CounterfactualDesign: Sendable {
  /// Bins.
  let count: Int
  /// Whether a bin takes part in the fit.
  let isFitted: [Bool]
  /// Columns of round numbers, nought or one, that are fitted.
  let round: [[Double]]
  /// The bins' places on [−1, 1].
  let places: [Double]

  /// A design.
  init(count: Int, isFitted: [Bool], round: [[Double]]) {
    self.count = count
    self.isFitted = isFitted
    self.round = round
    let half = max(1, Double(count - 1)) / 2
    places = (0..<count).map { (Double($0) - Double(count - 1) / 2) / half }
  }

  /// Bins that take part.
  var fitted: Int { isFitted.count { $0 } }

  /// The columns: Legendre's polynomials, which stay well apart, then round numbers.
  func columns(_ degree: Int) -> [[Double]] {
    var result = [[Double](repeating: 1, count: count)]
    if degree > 0 { result.append(places) }
    for k in stride(from: 1, to: degree, by: 1) {
      let (a, b) = (Double(2 * k + 1) / Double(k + 1), Double(k) / Double(k + 1))
      result.append(
        (0..<count).map { a * places[$0] * result[k][$0] - b * result[k - 1][$0] })
    }
    return result + round
  }
}

/// A fitted counterfactual.
struct CounterfactualFit: Sendable {
  /// Expected counts of all bins, round numbers' effects included.
  var means: [Double]
  /// Without them.
  var smooth: [Double]
  /// The Bayesian information criterion over the fitted bins.
  var criterion: Double
  /// The inverse of the information, and the columns: what derivatives are made of.
  var inverse: Matrix
  var columns: [[Double]]
  var model: BunchingEstimator.Model

  /// The derivative of a bin's mean by another fitted bin's count.
  func derivative(_ bin: Int, by other: Int) -> Double {
    let order = columns.count
    var sum = 0.0
    for j in 0..<order {
      for k in 0..<order { sum += columns[j][bin] * inverse[j, k] * columns[k][other] }
    }
    return model == .poisson ? sum * means[bin] : sum
  }
}

extension CounterfactualDesign {
  /// The fit of counts; nil where it is singular or does not settle.
  func fit(
    _ counts: [Double], degree: Int, model: BunchingEstimator.Model
  ) -> CounterfactualFit? {
    let columns = columns(degree)
    switch model {
    case .leastSquares: return leastSquares(counts, columns, degree)
    case .poisson: return poisson(counts, columns, degree)
    }
  }

  private func normal(
    _ columns: [[Double]], weights: [Double]?, response: [Double]
  ) -> (factor: Cholesky, right: [Double])? {
    let order = columns.count
    var gram = Matrix(rows: order, columns: order)
    var right = [Double](repeating: 0, count: order)
    for bin in 0..<count where isFitted[bin] {
      let weight = weights?[bin] ?? 1
      for j in 0..<order where columns[j][bin] != 0 {
        let scaled = weight * columns[j][bin]
        right[j] += scaled * response[bin]
        for k in 0..<order { gram[j, k] += scaled * columns[k][bin] }
      }
    }
    guard gram.storage.allSatisfy(\.isFinite), let factor = try? Cholesky(gram) else { return nil }
    // A pivot that is rounding only means columns that say the same.
    for j in 0..<order {
      let pivot = factor.lower[j, j]
      guard pivot * pivot > 1e-11 * gram[j, j] else { return nil }
    }
    return (factor, right)
  }

  private func sums(_ columns: [[Double]], _ coefficients: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    for (column, coefficient) in zip(columns, coefficients) {
      for bin in 0..<count { result[bin] += coefficient * column[bin] }
    }
    return result
  }

  private func leastSquares(
    _ counts: [Double], _ columns: [[Double]], _ degree: Int
  ) -> CounterfactualFit? {
    guard let system = normal(columns, weights: nil, response: counts) else { return nil }
    let coefficients = system.factor.solve(system.right)
    let means = sums(columns, coefficients)
    let smooth = sums(Array(columns.prefix(degree + 1)), Array(coefficients.prefix(degree + 1)))
    var squares = 0.0
    for bin in 0..<count where isFitted[bin] {
      squares += (counts[bin] - means[bin]) * (counts[bin] - means[bin])
    }
    let size = Double(fitted)
    return CounterfactualFit(
      means: means, smooth: smooth,
      criterion: size * log(max(squares / size, 1e-300)) + Double(columns.count) * log(size),
      inverse: system.factor.inverse, columns: columns, model: .leastSquares)
  }

  private func poisson(
    _ counts: [Double], _ columns: [[Double]], _ degree: Int
  ) -> CounterfactualFit? {
    var means = counts.map { max($0, 0.1) }
    var eta = means.map { log($0) }
    var last = Double.infinity
    for _ in 0..<100 {
      var response = eta
      for bin in 0..<count where isFitted[bin] {
        response[bin] += (counts[bin] - means[bin]) / means[bin]
      }
      guard let system = normal(columns, weights: means, response: response) else { return nil }
      let coefficients = system.factor.solve(system.right)
      eta = sums(columns, coefficients)
      guard eta.allSatisfy({ $0.magnitude < 500 }) else { return nil }
      means = eta.map { exp($0) }
      var deviance = 0.0
      for bin in 0..<count where isFitted[bin] {
        let y = counts[bin]
        deviance += 2 * ((y > 0 ? y * log(y / means[bin]) : 0) - (y - means[bin]))
      }
      if (deviance - last).magnitude <= 1e-12 * (1 + deviance) {
        let smooth = sums(
          Array(columns.prefix(degree + 1)), Array(coefficients.prefix(degree + 1)))
        guard let final = normal(columns, weights: means, response: response) else { return nil }
        return CounterfactualFit(
          means: means, smooth: smooth.map { exp($0) },
          criterion: deviance + Double(columns.count) * log(Double(fitted)),
          inverse: final.factor.inverse, columns: columns, model: .poisson)
      }
      last = deviance
    }
    return nil
  }
}
