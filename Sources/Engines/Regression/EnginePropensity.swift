public import Matching
public import Statistics
public import Tables

/// Probabilities of treatment and the weights made of them, for rows that an engine has.
///
/// The model is fitted from sums; a row's probability and weight are then expressions over the frame's own
/// rows, for any number of further queries. The counterpart of `PropensityScore` with `PropensityWeights`.
public struct EnginePropensity {
  /// The rows.
  public let frame: EngineFrame
  /// The regression behind the probabilities.
  public let fit: EngineRegressionFit
  /// Whose effect the weights are for.
  public let estimand: Estimand
  /// 1 where the row is treated, else 0.
  public let treated: RowExpression
  /// The rows of both groups.
  public let counts: (treated: Int, comparison: Int)
  /// The treated share of the rows, by sampling weights.
  public let treatedShare: Double
  /// Whether weights are multiplied by the share of the row's group.
  public let stabilizes: Bool
  /// Weights above this are set to it; nil for none.
  public let cap: Double?

  /// Fits the frame's outcome, the treatment, on its design.
  ///
  /// With `trimQuantile` weights above that quantile (type 3) are capped, which takes about six more passes.
  /// - Throws: `badDesign` when the outcome is not 0 and 1, `constantTreatment`; as ``EngineRegression/fit(_:response:name:)``.
  public static func fit(
    _ frame: EngineFrame, estimand: Estimand = .att, link: Link = .logit,
    trimQuantile: Double? = nil, stabilizes: Bool = false, name: String = "score_rows"
  ) throws(SiblingError) -> EnginePropensity {
    guard let treated = frame.response else {
      throw SiblingError(
        .formulaSyntax, "the formula needs the treatment on its left side",
        help: "for example treat ~ age + educ")
    }
    let (counts, share) = try groups(frame, treated)
    let fit = try EngineRegression(family: .binomial, link: link).fit(frame, name: name)
    let plain = EnginePropensity(
      frame: frame, fit: fit, estimand: estimand, treated: treated, counts: counts,
      treatedShare: share, stabilizes: stabilizes, cap: nil)
    guard let trimQuantile else { return plain }
    guard trimQuantile > 0.5, trimQuantile < 1 else {
      throw SiblingError(
        .invalidOption, "the trimming quantile must lie between 0.5 and 1",
        help: "0.99 caps the largest hundredth of the weights.")
    }
    let cap = try plain.quantile(trimQuantile)
    return EnginePropensity(
      frame: frame, fit: fit, estimand: estimand, treated: treated, counts: counts,
      treatedShare: share, stabilizes: stabilizes, cap: cap)
  }

  /// A coefficient for each column of the design; NaN for dropped ones.
  public var coefficients: [Double] { fit.coefficients }

  /// The mean of the model, for scores of its coefficients; its layers are among ``layers``.
  public var model: ModelMean { Self.model(fit) }

  private static func model(_ fit: EngineRegressionFit) -> ModelMean {
    ModelMean(.binomial, fit.model.link, prefix: "score_") ?? fit.model
  }

  /// The columns of the design that take part, as given.
  public var columns: [RowExpression] { fit.keptColumns.map { frame.design.columns[$0] } }

  /// Layers over the frame's rows that give `score`, the probability of treatment, and `coscore`, its
  /// complement.
  public var layers: [[NamedExpression]] {
    let model = model
    let given = coefficients
    let predictor = RowExpression.predictor(
      columns, fit.keptColumns.map { given[$0] }, offset: frame.formula.offset)
    return model.layers(predictor) + [
      [NamedExpression("score", model["mean"]), NamedExpression("coscore", model["complement"])]
    ]
  }

  /// The probability of treatment, after ``layers``.
  public var score: RowExpression { .name("score") }

  /// The weight of a row, after ``layers``, capped and stabilised as asked; times the frame's weight when
  /// `sampling`.
  public func weight(sampling: Bool = false) -> RowExpression {
    var weight = uncapped
    if let cap {
      let capped = RowExpression.chosen(
        .comparison(.greater, uncapped, .constant(cap)), then: .constant(cap), otherwise: uncapped)
      switch estimand {
      case .att: weight = .chosen(treated, then: uncapped, otherwise: capped)
      case .atc: weight = .chosen(treated, then: capped, otherwise: uncapped)
      default: weight = capped
      }
    }
    if sampling, let own = frame.weights { weight = weight * own }
    return weight
  }

  private var uncapped: RowExpression {
    let (p, q, one) = (
      RowExpression.name("score"), RowExpression.name("coscore"), RowExpression.constant(1)
    )
    var (inside, outside): (RowExpression, RowExpression)
    switch estimand {
    case .ate: (inside, outside) = (one / p, one / q)
    case .att: (inside, outside) = (one, p / q)
    case .atc: (inside, outside) = (q / p, one)
    case .ato: (inside, outside) = (q, p)
    case .atm:
      let least = RowExpression.chosen(.comparison(.less, p, q), then: p, otherwise: q)
      (inside, outside) = (least / p, least / q)
    }
    if stabilizes {
      inside = inside * .constant(treatedShare)
      outside = outside * .constant(1 - treatedShare)
    }
    return .chosen(treated, then: inside, otherwise: outside)
  }

  /// How many rows each group has, and the treated share by sampling weights.
  private static func groups(
    _ frame: EngineFrame, _ treated: RowExpression
  ) throws(SiblingError) -> ((treated: Int, comparison: Int), Double) {
    let weight = frame.weights ?? .constant(1)
    let isOne = RowExpression.comparison(.equal, treated, .constant(1))
    let isZero = RowExpression.comparison(.equal, treated, .constant(0))
    let cells = try frame.data.aggregate(sums: [
      NamedExpression("ones", isOne), NamedExpression("zeros", isZero),
      NamedExpression("wone", weight * isOne), NamedExpression("w", weight),
    ])
    let values = cells.sums.map { $0.first ?? 0 }
    let (ones, zeros) = (Int(values[0].rounded()), Int(values[1].rounded()))
    let name = frame.formula.formula.responseName ?? "the treatment"
    guard ones + zeros == cells.rowCount else {
      throw SiblingError(
        .badDesign, "the treatment '\(name)' must have two values",
        help: "name the treated level with --treated LEVEL, or write a comparison such as dose > 0",
        column: frame.formula.formula.responseColumn)
    }
    guard ones > 0, zeros > 0 else {
      throw SiblingError(
        .constantTreatment,
        "every row has the same treatment: '\(name)' is \(ones > 0 ? 1 : 0) throughout",
        help: "the rows must hold a treated and a comparison group; check --where and --treated",
        column: frame.formula.formula.responseColumn)
    }
    return ((ones, zeros), values[2] / values[3])
  }

  /// A quantile (type 3) of the weights that may be capped.
  private func quantile(_ probability: Double) throws(SiblingError) -> Double {
    var rows = frame.data
    if let weights = frame.weights {
      rows.restrict(to: .comparison(.greater, weights, .constant(0)))
    }
    switch estimand {
    case .att: rows.restrict(to: treated.negated)
    case .atc: rows.restrict(to: treated)
    default: break
    }
    return try OrderStatistic(rows, layers: layers, value: uncapped).quantile(probability)
  }

  /// Forgets the temporary table of the fit; the layers stay good.
  public func release() { fit.release() }
}
