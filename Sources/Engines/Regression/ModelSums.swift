internal import Glibc
internal import LinearAlgebra
public import Statistics
public import Tables

/// The mean of a generalised linear model as expressions of its linear predictor.
///
/// Predictors are held where no engine's exponential overflows: logit within ±30, probit within ±37,
/// complementary log-log within −300 and 6.5, log within ±300.
public struct ModelMean: Sendable {
  /// The family.
  public let family: Family
  /// The link.
  public let link: Link
  /// What the names of its layers begin with, so that two models can stand in one query.
  public let prefix: String

  /// The mean of a model; nil for links that have none here.
  public init?(_ family: Family, _ link: Link, prefix: String = "") {
    self.prefix = prefix
    switch (family, link) {
    case (.gaussian, .identity), (.binomial, .logit), (.binomial, .probit),
      (.binomial, .complementaryLogLog), (.poisson, .log):
      (self.family, self.link) = (family, link)
    default: return nil
    }
  }

  /// Layers that give `mean` (and for probabilities its `complement`) from a linear predictor, and what
  /// scores need: `factor` = (dμ/dη)/V(μ) and `information` = (dμ/dη)²/V(μ) of a row.
  public func layers(_ predictor: RowExpression) -> [[NamedExpression]] {
    func named(_ name: String, _ expression: RowExpression) -> NamedExpression {
      NamedExpression(prefix + name, expression)
    }
    func value(_ name: String) -> RowExpression { self[name] }
    let (one, raw, eta) = (RowExpression.constant(1), value("raw"), value("eta"))
    switch (family, link) {
    case (.binomial, .logit):
      let e = value("e")
      return [
        [named("raw", predictor)], [named("eta", .clamped(raw, bound: 30))],
        [named("e", .function(.exponential, -eta))],
        [named("mean", one / (one + e)), named("complement", e / (one + e))],
        [named("factor", one), named("information", value("mean") * value("complement"))],
      ]
    case (.binomial, .probit):
      let (p, q, f) = (value("p"), value("q"), value("f"))
      return [[named("raw", predictor)], [named("eta", .clamped(raw, bound: 37))]]
        + NormalExpression.layers(prefix) + [
          [
            named("mean", p), named("complement", q), named("factor", f / (p * q)),
            named("information", f * f / (p * q)),
          ]
        ]
    case (.binomial, _):
      let z = value("z")
      let held = RowExpression.chosen(
        .comparison(.greater, raw, .constant(6.5)), then: .constant(6.5),
        otherwise: .clamped(raw, bound: 300))
      return [
        [named("raw", predictor)], [named("eta", held)],
        [named("z", .function(.exponential, eta))],
        [named("complement", .function(.exponential, -z)), named("mean", Self.oneLessExp(z))],
        [named("factor", z / value("mean"))],
        [named("information", value("factor") * z * value("complement"))],
      ]
    case (.poisson, _):
      return [
        [named("raw", predictor)], [named("eta", .clamped(raw, bound: 300))],
        [named("mean", .function(.exponential, eta))],
        [named("factor", one), named("information", value("mean"))],
      ]
    default:
      return [
        [named("mean", predictor)], [named("factor", one), named("information", one)],
      ]
    }
  }

  /// A value of ``layers(_:)``: `mean`, `complement`, `factor` or `information`.
  public subscript(_ name: String) -> RowExpression { .name(prefix + name) }

  /// 1 − exp(−z), by its series where the difference would lose digits.
  private static func oneLessExp(_ z: RowExpression) -> RowExpression {
    var series = RowExpression.constant(1)
    for k in stride(from: 11, through: 2, by: -1) {
      series = .constant(1) - z * series / .constant(Double(k))
    }
    return .chosen(
      .comparison(.less, z, .constant(0.1)), then: z * series,
      otherwise: .constant(1) - .function(.exponential, -z))
  }

  /// A row's log-likelihood without what does not depend on the mean.
  func kernel(_ y: RowExpression) -> RowExpression {
    let (mean, complement) = (self["mean"], self["complement"])
    switch (family, link) {
    case (.binomial, .logit): return y * self["eta"] + .function(.logarithm, complement)
    case (.binomial, .probit):
      return y * .function(.logarithm, mean) + (.constant(1) - y)
        * .function(.logarithm, complement)
    case (.binomial, _):
      return y * .function(.logarithm, mean) - (.constant(1) - y) * self["z"]
    case (.poisson, _): return y * self["eta"] - mean
    default: return .constant(-0.5) * (y - mean) * (y - mean)
    }
  }

  /// The outcome less its mean; for probabilities without cancellation.
  func residual(_ y: RowExpression) -> RowExpression {
    let mean = self["mean"]
    guard family == .binomial else { return y - mean }
    return y * self["complement"] - (.constant(1) - y) * mean
  }

  /// The linear predictor at a mean.
  func predictor(_ mean: Double) -> Double {
    switch link {
    case .log: Glibc.log(mean)
    case .logit: Glibc.log(mean) - Glibc.log(1 - mean)
    case .probit: Normal.standard.quantile(mean)
    case .complementaryLogLog: Glibc.log(-Glibc.log(1 - mean))
    case .identity: mean
    }
  }
}

/// The log-likelihood of a generalised linear model by one aggregate of an engine for each point: value,
/// score and Fisher's information in p(p + 1)/2 + p + 1 sums.
public struct ModelSums: SmoothObjective {
  let prepared: PreparedDesign
  let model: ModelMean
  /// The columns that take part, by position.
  let kept: [Int]

  var columns: [RowExpression] { kept.map { prepared.columns[$0] } }

  /// The sums of the columns, by code where there is one.
  var designSums: DesignSums {
    DesignSums(columns, prepared.coding?.selecting(kept), code: prepared.code)
  }

  /// The layers up to a row's score `u` and information `v`, weights included.
  func layers(_ coefficients: [Double]) -> [[NamedExpression]] {
    let weight = prepared.weights ?? .constant(1)
    let predictor = RowExpression.predictor(columns, coefficients, offset: prepared.offset)
    return prepared.layers + model.layers(predictor) + [
      [
        NamedExpression("u", weight * model.residual(prepared.response) * model["factor"]),
        NamedExpression("v", weight * model["information"]),
      ]
    ]
  }

  /// Value, score and information at coefficients of the standardised columns, in one aggregate.
  ///
  /// - Throws: the engine's failures.
  public func evaluate(at coefficients: [Double]) throws(SiblingError) -> ObjectiveValue {
    let design = designSums
    let weight = prepared.weights ?? .constant(1)
    let value = NamedExpression("value", weight * model.kernel(prepared.response))
    let cells = try prepared.rows.aggregate(
      layers: layers(coefficients), keys: design.keys,
      sums: [value] + design.sums(.name("u"), .name("v")))
    let (gradient, information) = try design.read(cells, Array(0..<cells.count), from: 1)
    return ObjectiveValue(
      value: cells.sums[0].reduce(0, +), gradient: gradient, information: information)
  }
}

/// An objective that tells of its steps.
struct ToldObjective<Wrapped: SmoothObjective>: SmoothObjective {
  let wrapped: Wrapped
  let tell: ((String) -> Void)?
  let title: String
  let counter = StepCounter()

  func evaluate(at coefficients: [Double]) throws(SiblingError) -> ObjectiveValue {
    counter.count += 1
    tell?("\(title), step \(counter.count)")
    return try wrapped.evaluate(at: coefficients)
  }
}

/// How many steps there were.
final class StepCounter {
  var count = 0
}
