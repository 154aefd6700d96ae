internal import Matching
internal import Statistics
internal import Tables

extension EffectProblem {
  /// Layers that give `p` the probability of treatment, `w` the weight that makes the groups alike times the
  /// sampling weight, and `rho` what a unit of the score's linear predictor does to it, as a share of it.
  ///
  /// The weights of `PropensityWeights`, and their derivatives. A weight at the cap is fixed.
  func weightLayers() -> [[NamedExpression]] {
    if settings.isUnadjusted { return [[NamedExpression("w", sampling)]] }
    var layers = ArmLogit.means(score.expressions, [coefficients], arm: nil, name: "p")
    let (plain, rho) = Self.odds(settings.estimand, isTreated: Self.t, p: .name("p"))
    var weight = plain
    if settings.stabilizes {
      let total = arms[0].weight + arms[1].weight
      weight =
        weight
        * .chosen(
          Self.t, then: .constant(arms[1].weight / total),
          otherwise: .constant(arms[0].weight / total))
    }
    layers.append([NamedExpression("plain", weight), NamedExpression("slope", rho)])
    guard let cap, let capped = isTrimmed else {
      layers.append([
        NamedExpression("w", .name("plain") * sampling), NamedExpression("rho", .name("slope")),
      ])
      return layers
    }
    let above = RowExpression.both(
      capped, .comparison(.greater, .name("plain"), .constant(cap)))
    layers.append([
      NamedExpression(
        "w", .chosen(above, then: .constant(cap), otherwise: .name("plain")) * sampling),
      NamedExpression("rho", .chosen(above, then: .constant(0), otherwise: .name("slope"))),
    ])
    return layers
  }

  /// The rows whose weights a cap is for: weights of a focal group are all one.
  var isTrimmed: RowExpression? {
    switch settings.estimand {
    case .att: .comparison(.equal, Self.t, .constant(0))
    case .atc: .comparison(.equal, Self.t, .constant(1))
    case .ate, .ato, .atm: .constant(1)
    }
  }

  /// Whether a row belongs to the population asked about, as a factor.
  var focal: RowExpression {
    switch settings.estimand {
    case .att: Self.t
    case .atc: .constant(1) - Self.t
    case .ate, .ato, .atm: .constant(1)
    }
  }

  /// The weight of a row at a probability, and its derivative in the linear predictor over itself.
  static func odds(
    _ estimand: Estimand, isTreated t: RowExpression, p: RowExpression
  ) -> (weight: RowExpression, slope: RowExpression) {
    let one = RowExpression.constant(1)
    let q = one - p
    func by(_ treated: RowExpression, _ comparison: RowExpression) -> RowExpression {
      .chosen(t, then: treated, otherwise: comparison)
    }
    switch estimand {
    case .ate: return (by(one / p, one / q), by(-q, p))
    case .att: return (by(one, p / q), by(.constant(0), one))
    case .atc: return (by(q / p, one), by(.constant(-1), .constant(0)))
    case .ato: return (by(q, p), by(-p, q))
    case .atm:
      let isLow = RowExpression.comparison(.less, p, .constant(0.5))
      return (
        by(
          .chosen(isLow, then: one, otherwise: q / p),
          .chosen(isLow, then: p / q, otherwise: one)),
        by(
          .chosen(isLow, then: .constant(0), otherwise: .constant(-1)),
          .chosen(isLow, then: one, otherwise: .constant(0)))
      )
    }
  }
}
