internal import LinearAlgebra

extension RandomizationInference {
  /// The estimates under all assignments worked through, ready to be compared under any null.
  struct Reference: Sendable {
    let observed: LaunchProducts.Draw
    let draws: [LaunchProducts.Draw]
    /// The coefficient's part of it.
    private let coefficient: ExchangeReference
    var isExact: Bool { coefficient.isExact }
    var undefined: Int { coefficient.undefined }
    var attainable: Double { coefficient.attainable }

    init(_ products: LaunchProducts, _ exchanges: LaunchExchanges) {
      observed = products.observed
      draws = Parallel.mapBlocks(exchanges.blocks) { block in
        var part: [LaunchProducts.Draw] = []
        exchanges.forEach(inBlock: block) { part.append(products.draw($0)) }
        return part
      }.flatMap { $0 }
      coefficient = ExchangeReference(
        observed: observed.outcome,
        draws: draws.map {
          $0.isDefined ? .init(outcome: $0.outcome, treatment: $0.treatment) : .undefined
        }, isExact: exchanges.isExact, scale: observed.v0.squareRoot())
    }

    /// Whether the estimate has a standard error to be divided by.
    var hasError: Bool { observed.v0 > 1e-24 * observed.outcome * observed.outcome }

    func coefficientP(_ null: Double) -> Double { coefficient.pValue(null) }

    func coefficientInterval(_ level: Double) -> ConfidenceInterval { coefficient.interval(level) }

    func studentizedP(_ null: Double) -> Double {
      let effect = observed.outcome - null
      let bar = effect * effect / observed.v0 * (1 - 2 * ExchangeReference.tie)
      var count = 0
      for draw in draws {
        let value = draw.outcome - null * draw.treatment
        // A zero variance leaves an infinite statistic, and an undefined one counts too.
        if !(value * value < bar * draw.variance(null)) { count += 1 }
      }
      return coefficient.share(count)
    }

    /// The nearest nulls on both sides of the estimate at which the t test rejects.
    func studentizedInterval(_ level: Double) -> ConfidenceInterval {
      NullInversion(
        estimate: observed.outcome, scale: observed.v0.squareRoot(), level: level
      ).interval { studentizedP($0) }
    }
  }
}

/// The nulls nearest to an estimate that a test rejects.
struct NullInversion {
  var estimate: Double
  /// A length to step by at first, such as a standard error.
  var scale: Double
  var level: Double

  /// The interval between the nearest rejected nulls; infinite where none is met within 10⁹ steps.
  func interval(_ p: (Double) -> Double) -> ConfidenceInterval {
    ConfidenceInterval(low: end(-1, p), high: end(1, p), level: level)
  }

  private func end(_ side: Double, _ p: (Double) -> Double) -> Double {
    let alpha = (1 - level) * (1 + 1e-12)
    var inside = 0.0
    var outside = scale / 4
    while p(estimate + side * outside) > alpha {
      inside = outside
      outside *= inside < 4 * scale ? 1.25 : 2
      guard outside < 1e9 * scale else { return side * .infinity }
    }
    for _ in 0..<70 {
      let middle = inside + (outside - inside) / 2
      guard middle > inside, middle < outside else { break }
      if p(estimate + side * middle) > alpha { inside = middle } else { outside = middle }
    }
    return estimate + side * inside
  }
}
