internal import Glibc
internal import LinearAlgebra

/// The log-likelihood of a generalised linear model as sums over rows, in a standardised basis.
///
/// The information is Fisher's, so Newton's method on it is Fisher scoring.
struct LikelihoodPass: SmoothObjective, Sendable {
  var family: Family
  var link: Link
  var design: Matrix
  var basis: ColumnBasis
  var response: [Double]
  var weights: [Double]?
  var offset: [Double]?

  func evaluate(at coefficients: [Double]) -> ObjectiveValue {
    let sums = withRows { rows in
      Gram.pass(design, basis: basis, coefficients: coefficients) { range, eta, root in
        rows.scores(range, eta, root)
      }
    }
    return ObjectiveValue(
      value: sums.value, gradient: sums.gradient, information: sums.product)
  }

  /// The linear predictor of every row, offset included.
  func predictor(_ coefficients: [Double]) -> [Double] {
    [Double](unsafeUninitializedCapacity: response.count) { output, initialized in
      nonisolated(unsafe) let out = output
      withRows { rows in
        _ = Gram.pass(design, basis: basis, coefficients: coefficients, order: .values) {
          range, eta, _ in
          for i in 0..<range.count {
            out[range.lowerBound + i] = eta[i] + (rows.offset?[range.lowerBound + i] ?? 0)
          }
          return 0
        }
      }
      initialized = response.count
    }
  }

  /// Starting sums: the weighted regression of the link of a mean near each response.
  func start() -> ObjectiveValue {
    let zeros = [Double](repeating: 0, count: basis.count)
    let sums = withRows { rows in
      Gram.pass(design, basis: basis, coefficients: zeros) { range, eta, root in
        rows.starts(range, eta, root)
      }
    }
    return ObjectiveValue(value: sums.value, gradient: sums.gradient, information: sums.product)
  }

  private func withRows<T>(_ body: (Rows) -> T) -> T {
    response.withUnsafeBufferPointer { y in
      (weights ?? []).withUnsafeBufferPointer { w in
        (offset ?? []).withUnsafeBufferPointer { o in
          body(
            Rows(
              family: family, link: link, response: y, weights: weights == nil ? nil : w,
              offset: offset == nil ? nil : o))
        }
      }
    }
  }

  /// The rows' data as pointers that worker threads read.
  struct Rows: @unchecked Sendable {
    var family: Family
    var link: Link
    var response: UnsafeBufferPointer<Double>
    var weights: UnsafeBufferPointer<Double>?
    var offset: UnsafeBufferPointer<Double>?
  }
}

extension LikelihoodPass.Rows {
  /// Turns predictors into scores and root weights; returns the log-likelihood of the rows.
  func scores(
    _ range: Range<Int>, _ eta: UnsafeMutablePointer<Double>, _ root: UnsafeMutablePointer<Double>
  ) -> Double {
    if let offset {
      for i in 0..<range.count { eta[i] += offset[range.lowerBound + i] }
    }
    if weights == nil, family == .binomial, link == .logit {
      return logitScores(range, eta, root)
    }
    var value = 0.0
    for i in 0..<range.count {
      let row = range.lowerBound + i
      let weight = weights?[row] ?? 1
      guard weight > 0 else {
        eta[i] = 0
        root[i] = 0
        continue
      }
      let (y, predictor) = (response[row], eta[i])
      let at = family.point(predictor, link)
      value += weight * family.kernel(y, predictor, link)
      let residual =
        family == .binomial ? y * at.complement - (1 - y) * at.mean : y - at.mean
      eta[i] = weight * residual * at.scoreFactor
      root[i] = (weight * at.weight).squareRoot()
    }
    return value
  }

  /// The logit without weights, the inner loop of every propensity score.
  ///
  /// The logarithms of 1 + exp(−|η|), each in (1, 2], are taken of products, which is as exact as
  /// their sum and spares one logarithm a row.
  private func logitScores(
    _ range: Range<Int>, _ eta: UnsafeMutablePointer<Double>, _ root: UnsafeMutablePointer<Double>
  ) -> Double {
    guard let base = response.baseAddress else { return 0 }
    let y = base + range.lowerBound
    for i in 0..<range.count { root[i] = exp(-eta[i].magnitude) }
    var (linear, product) = (0.0, 1.0)
    for i in 0..<range.count {
      let (predictor, small) = (eta[i], root[i])
      let larger = 1 / (1 + small)
      let smaller = small * larger
      linear += y[i] * predictor - max(predictor, 0)
      product *= 1 + small
      eta[i] = y[i] - (predictor >= 0 ? larger : smaller)
      root[i] = (smaller * larger).squareRoot()
    }
    return linear - log(product)
  }

  /// As `scores`, for the working response at a mean near y instead of at a predictor.
  func starts(
    _ range: Range<Int>, _ eta: UnsafeMutablePointer<Double>, _ root: UnsafeMutablePointer<Double>
  ) -> Double {
    for i in 0..<range.count {
      let row = range.lowerBound + i
      let weight = weights?[row] ?? 1
      let y = response[row]
      let mean: Double =
        switch family {
        case .gaussian: link == .log ? max(y, 1e-3) : y
        case .binomial: (y + 0.5) / 2
        case .poisson: y + 0.1
        }
      let predictor = link.predictor(mean)
      let working = weight * family.point(predictor, link).weight
      eta[i] = weight > 0 ? working * (predictor - (offset?[row] ?? 0)) : 0
      root[i] = working.squareRoot()
    }
    return 0
  }
}
