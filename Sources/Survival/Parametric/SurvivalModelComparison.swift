import LinearAlgebra
public import Statistics

/// Parametric families and splines on one formula, by information criteria and against Kaplan–Meier.
///
/// Each model's mean predicted survival in an arm is set beside the arm's Kaplan–Meier curve at the event
/// times, up to the arm's last event; the largest distance over arms and times says what an information
/// criterion does not: whether any of them fits.
public struct SurvivalModelComparison: Sendable {
  /// The inner knots of the splines.
  public var knots: Int
  /// The most times at which curves are compared; more event times are thinned evenly.
  public var mostTimes: Int

  /// A comparison of all families and of splines on three scales.
  public init(knots: Int = 2, mostTimes: Int = 200) {
    self.knots = knots
    self.mostTimes = mostTimes
  }

  /// Fits every model and compares.
  ///
  /// `arms` are the groups whose curves are compared; without them all rows are one. The design brings
  /// its intercept. A model that can't be fitted has no numbers, and a note says why.
  /// - Throws: what is wrong with the data: `size-mismatch`, `missing-value`, `bad-value`,
  ///   `bad-weight`, `bad-interval`, `no-events`.
  public func compare(
    _ times: SurvivalTimes, _ design: DesignMatrix, arms: Factor? = nil,
    weights: [Double]? = nil, offset: [Double]? = nil, at wanted: [Double] = []
  ) throws(SiblingError) -> SurvivalModelTable {
    // What is wrong with the data is told once, not by every model.
    let input = try LikelihoodInput(
      times, design, weights: weights, offset: offset, cluster: nil)
    try Checks.factor(arms, rows: times.count, "arm")
    guard wanted.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw SiblingError(.invalidOption, "times must be above zero", column: "times")
    }
    let groups = (arms ?? Factor(codes: times.time.map { _ in 0 }, levels: ["all"]))
    let used = groups.droppingUnusedLevels()
    let observed = try KaplanMeier().fit(times, by: arms == nil ? nil : used, weights: weights)
    let grid = grid(input, wanted)
    let kaplanMeier = observed.at(times: grid)
    let lastEvents = used.levels.indices.map { group in
      times.time.indices.reduce(0.0) {
        Int(used.codes[$1]) == group && times.event[$1] ? Swift.max($0, times.time[$1]) : $0
      }
    }
    var rows: [SurvivalModelTable.Row] = []
    var notes: [String] = []
    for model in models {
      do {
        let (fit, predicted) = try fitted(model, times, design, weights, offset)
        let means = predicted.means(
          at: grid, groups: used.codes, count: used.levels.count, weights: weights)
        var distance = 0.0
        for (group, curve) in kaplanMeier.enumerated() {
          for k in grid.indices where grid[k] <= lastEvents[group] {
            distance = Swift.max(distance, (means[group][k] - curve.estimate[k]).magnitude)
          }
        }
        rows.append(
          SurvivalModelTable.Row(model: model.name, fit: fit, distance: distance, survival: means))
      } catch {
        notes.append("\(model.name) was not fitted: \(error.message)")
      }
    }
    guard !rows.isEmpty else {
      throw SiblingError(
        .nonConvergence, "none of the models could be fitted", help: notes.first)
    }
    // Sorting keeps the order of models that fit alike.
    let order = rows.indices.sorted {
      (rows[$0].fit.akaike, $0) < (rows[$1].fit.akaike, $1)
    }
    return SurvivalModelTable(
      rows: order.map { rows[$0] }, arms: used.levels, times: grid,
      kaplanMeier: kaplanMeier.map(\.estimate), observations: input.count,
      events: input.events, notes: notes)
  }

  private enum Model {
    case family(FailureTimeFamily)
    case spline(RoystonParmar.Scale)

    var name: String {
      switch self {
      case .family(let family): family.rawValue
      case .spline(let scale): "flexible-\(scale.rawValue)"
      }
    }
  }

  private var models: [Model] {
    FailureTimeFamily.allCases.map { .family($0) }
      + RoystonParmar.Scale.allCases.map { .spline($0) }
  }

  private func fitted(
    _ model: Model, _ times: SurvivalTimes, _ design: DesignMatrix, _ weights: [Double]?,
    _ offset: [Double]?
  ) throws(SiblingError) -> (ParametricFit, PredictedSurvival) {
    switch model {
    case .family(let family):
      let fit = try SurvivalRegression(family: family, robust: false).fit(
        times, design, weights: weights, offset: offset)
      return (
        fit, PredictedSurvival(.family(family), fit.coefficients, design, offset: offset)
      )
    case .spline(let scale):
      let fit = try RoystonParmar(knots: knots, scale: scale, robust: false).fit(
        times, design, weights: weights, offset: offset)
      guard let predictor = fit.predictor else {
        throw SiblingError(.internalError, "a spline can't be predicted from")
      }
      return (
        fit,
        PredictedSurvival(
          predictor, fit.coefficients, design.removingIntercept(), offset: offset)
      )
    }
  }

  /// The times that were asked for, or the event times.
  private func grid(_ input: LikelihoodInput, _ wanted: [Double]) -> [Double] {
    guard wanted.isEmpty else { return wanted.sorted() }
    var distinct: [Double] = []
    let events = input.time.indices.filter { input.event[$0] }.map { input.time[$0] }.sorted()
    for time in events where time != distinct.last { distinct.append(time) }
    guard distinct.count > mostTimes else { return distinct }
    return (0..<mostTimes).map { distinct[$0 * (distinct.count - 1) / (mostTimes - 1)] }
  }
}

/// Models in order of Akaike's criterion, with their mean survival beside Kaplan–Meier.
public struct SurvivalModelTable: Sendable {
  /// One model.
  public struct Row: Sendable {
    /// The family, or `flexible-` and the scale of a spline.
    public let model: String
    /// The fit.
    public let fit: ParametricFit
    /// The largest distance of mean predicted survival from Kaplan–Meier, up to the last event.
    public let distance: Double
    /// For each arm the mean predicted survival at each of the table's times.
    public let survival: [[Double]]
  }

  /// The models that could be fitted, the best first.
  public let rows: [Row]
  /// The arms; `all` when there is one.
  public let arms: [String]
  /// The times of the curves, ascending.
  public let times: [Double]
  /// For each arm the Kaplan–Meier estimate at each time; NaN past its last time.
  public let kaplanMeier: [[Double]]
  /// The rows used.
  public let observations: Int
  /// The rows that ended with the event.
  public let events: Int
  /// Models that could not be fitted, and why.
  public let notes: [String]
}
