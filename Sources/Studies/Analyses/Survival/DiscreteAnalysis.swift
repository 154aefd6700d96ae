internal import Statistics
internal import Survival
internal import Tables

/// `discrete`: discrete-time hazards on people and periods.
struct DiscreteAnalysis: VerbAnalysis {
  var request: ParametricRequest
  var model: DiscreteHazard

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    request = try ParametricRequest(formula: formula, options: options)
    let knots = try options.integer(.knots, in: 0...20) ?? 2
    let baseline: DiscreteHazard.Baseline =
      switch try options.choice(.periodBaseline) {
      case "linear": .linear
      case "log": .log
      case "spline": .spline(knots: knots)
      default: .factor
      }
    if options.isGiven(.knots), baseline != .spline(knots: knots) {
      throw options.wrong(.knots, "applies to --baseline spline only")
    }
    model = DiscreteHazard(
      link: DiscreteHazard.Link(rawValue: try options.choice(.discreteLink)) ?? .cloglog,
      baseline: baseline,
      interval: try options.number(
        .interval, in: Double.leastNormalMagnitude...Double.greatestFiniteMagnitude) ?? 1,
      robust: request.robust)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    try request.bind(table) { (data) throws(SiblingError) in
      let fit = try model.fit(
        data.times, data.design, weights: data.weights, offset: data.offset,
        cluster: data.cluster)
      let terms = Set(data.design.removingIntercept().names)
      // A parameter for one period tells how many had the event in it.
      let isByPeriod = model.baseline == .factor
      return request.output(
        fit, notes: data.notes, terms: terms, baselineEvents: isByPeriod ? 0 : fit.events)
    }
  }
}

/// `piecewise`: hazards that are constant between cuts.
struct PiecewiseAnalysis: VerbAnalysis {
  var request: ParametricRequest
  var cuts: [Double]

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    request = try ParametricRequest(formula: formula, options: options)
    cuts = try options.numbers(.cuts)
    guard zip([0] + cuts, cuts).allSatisfy({ $0 < $1 }) else {
      throw options.wrong(.cuts, "takes numbers that ascend from above zero")
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    guard !cuts.isEmpty else {
      throw SiblingError(
        .invalidOption, "--cuts is needed here", help: OptionKey.cuts.help, column: "cuts")
    }
    return try request.bind(table) { (data) throws(SiblingError) in
      let fit = try PiecewiseExponential(cuts: cuts, robust: request.robust).fit(
        data.times, data.design, weights: data.weights, offset: data.offset,
        cluster: data.cluster)
      // The hazard of a piece tells how many had the event in it; the fewest stand for all.
      let ends = zip(data.times.time, data.times.event).filter(\.1).map(\.0)
      let places = ends.map { end in cuts.count { $0 < end } }
      let fewest = (0...cuts.count).map { piece in places.count { $0 == piece } }.min() ?? 0
      return request.output(
        fit, notes: data.notes, terms: Set(fit.names),
        baselineEvents: fewest, baseline: { $0.hasPrefix("(") })
    }
  }
}
