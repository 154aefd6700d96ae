import LinearAlgebra
public import Statistics

/// Discrete-time survival: the probability of the event in each period, given that it has not come.
///
/// With η = baseline(period) + xβ the probability is 1 − exp(−e^η) (complementary log-log: β are the log
/// hazard ratios of a proportional hazard seen period by period) or 1/(1 + e^{−η}) (logit: log odds
/// ratios). Times are taken to whole periods: a time t belongs to period ⌈t/interval⌉; a row is at risk
/// from the period in which its follow-up starts, and a censored row is taken to have survived its
/// last one. The likelihood is that of one row a person and period, which is never made; standard
/// errors are, as for a generalised linear model of such rows, from the expected information.
///
/// Prentice & Gloeckler (1978), doi:10.2307/2529588; Allison (1982), doi:10.2307/270718.
/// - Complexity: O(n p (p + periods)) a Newton step.
public struct DiscreteHazard: Sendable {
  /// The link.
  public enum Link: String, Sendable, CaseIterable {
    /// Complementary log-log.
    case cloglog = "cloglog"
    /// Logit.
    case logit = "logit"
  }

  /// How the baseline depends on the period.
  public enum Baseline: Sendable, Equatable {
    /// One parameter a period; periods without events have probability zero and no parameter.
    case factor
    /// A line in the period.
    case linear
    /// A line in the period's logarithm.
    case log
    /// A restricted cubic spline of the period with so many inner knots at quantiles of the events'.
    case spline(knots: Int)
  }

  /// The link.
  public var link: Link
  /// How the baseline depends on the period.
  public var baseline: Baseline
  /// The length of a period, in units of time.
  public var interval: Double
  /// Whether a robust variance is made; nil: with a cluster or weights that are not whole.
  public var robust: Bool?

  /// A model; by default complementary log-log with one parameter a period of length 1.
  public init(
    link: Link = .cloglog, baseline: Baseline = .factor, interval: Double = 1,
    robust: Bool? = nil
  ) {
    self.link = link
    self.baseline = baseline
    self.interval = interval
    self.robust = robust
  }

  /// The most periods that are taken.
  static let mostPeriods = 1000

  /// Fits the model.
  ///
  /// An intercept in the design is left out, the baseline has its own. Terms: those of the baseline
  /// (`period1`, … or `(Intercept)`, `period`, `log(period)`, `spline1`, …), then the covariates.
  /// - Throws: as ``SurvivalRegression/fit(_:_:weights:offset:cluster:)``; `invalid-option` for an
  ///   interval that is not above zero or leaves more than 1000 periods, or knots outside 0…20.
  public func fit(
    _ times: SurvivalTimes, _ design: DesignMatrix, weights: [Double]? = nil,
    offset: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) -> ParametricFit {
    let input = try LikelihoodInput(
      times, design.removingIntercept(), weights: weights, offset: offset, cluster: cluster)
    let (pieces, numbers, empty) = try periods(input)
    let shape = try shape(input, pieces, numbers)
    let columns = try LikelihoodColumns(input.design, centring: true)
    var likelihood = BaselineLikelihood(
      link: link == .cloglog ? .cloglog : .logit, rows: FailureTimeRows(input), pieces: pieces,
      columns: columns, baseline: Matrix.product(shape.functions, shape.back))
    var risk = 0.0
    for i in 0..<input.count { risk += Double(pieces.end[i] - pieces.first[i]) }
    let share = Swift.min(0.9, Double(input.events) / risk)
    let level = logarithm(share / (1 - share))
    var start = [Double](repeating: 0, count: columns.count + shape.names.count)
    for k in shape.names.indices where baseline == .factor || k == 0 {
      start[columns.count + k] = level
    }
    var solution = LikelihoodMaximiser().maximise(likelihood, from: start)
    // Standard errors are those of a generalised linear model of the rows a person and period.
    likelihood.expected = true
    solution.value.information = likelihood.evaluate(at: solution.parameters).information
    var notes = columns.notes
    if empty > 0 {
      notes.append(
        "\(empty) periods have no event: their probability is zero and they have no parameter")
    }
    return try ParametricFit.make(
      likelihood, solution, input,
      BaselineFit.parts(
        columns, baseline: shape.back, names: shape.names, intercept: shape.intercept,
        scale: link == .cloglog ? "log hazard ratio" : "log odds ratio of the event in a period",
        model: "discrete-time", notes: notes, robust: robust))
  }
}

extension DiscreteHazard {
  /// The rows' periods; which of them are modelled; how many have no event and so are not.
  private func periods(
    _ input: LikelihoodInput
  ) throws(SiblingError) -> (TimePieces, numbers: [Int], empty: Int) {
    guard interval > 0, interval.isFinite else {
      throw SiblingError(
        .invalidOption, "the interval must be above zero", help: "such as 1 for weeks",
        column: "interval")
    }
    let longest = input.time.reduce(0) { Swift.max($0, $1) } / interval
    guard longest <= Double(Self.mostPeriods) else {
      throw SiblingError(
        .invalidOption, "there would be more than \(Self.mostPeriods) periods",
        help: "take a longer interval, such as 7 for weeks when time is in days",
        column: "interval")
    }
    let stops = input.time.map { Swift.max(1, Int(Self.steady($0 / interval).rounded(.up))) }
    let starts = input.start.map { start in
      start.map { Int(Self.steady($0 / interval).rounded(.down)) }
    }
    let last = stops.reduce(1) { Swift.max($0, $1) }
    var hasEvent = [Bool](repeating: baseline != .factor, count: last)
    for i in stops.indices where input.event[i] { hasEvent[stops[i] - 1] = true }
    if baseline == .factor { try refuseCertainPeriods(stops, starts, input.event, last) }
    // How many modelled periods come before each.
    var before = [Int32](repeating: 0, count: last + 1)
    for k in 0..<last { before[k + 1] = before[k] + (hasEvent[k] ? 1 : 0) }
    let numbers = (0..<last).filter { hasEvent[$0] }.map { $0 + 1 }
    let none = [Double](repeating: 0, count: stops.count)
    let pieces = TimePieces(
      first: stops.indices.map { before[Swift.min(starts?[$0] ?? 0, stops[$0] - 1)] },
      end: stops.map { before[$0] }, firstTime: none, lastTime: none,
      lengths: numbers.map { _ in interval })
    return (pieces, numbers, last - numbers.count)
  }

  /// A period in which everyone still at risk has the event has an infinite parameter.
  private func refuseCertainPeriods(
    _ stops: [Int], _ starts: [Int]?, _ event: [Bool], _ last: Int
  ) throws(SiblingError) {
    var change = [Int](repeating: 0, count: last + 1)
    var events = [Int](repeating: 0, count: last)
    for i in stops.indices {
      change[Swift.min(starts?[i] ?? 0, stops[i] - 1)] += 1
      change[stops[i]] -= 1
      if event[i] { events[stops[i] - 1] += 1 }
    }
    var atRisk = 0
    for k in 0..<last {
      atRisk += change[k]
      guard events[k] > 0, events[k] == atRisk else { continue }
      throw SiblingError(
        .separation,
        "everyone still at risk in period \(k + 1) has the event: its probability is one and its"
          + " parameter infinite",
        help: "use a baseline that is linear, log or spline, or a longer interval")
    }
  }

  /// A quotient that is whole but for rounding, made whole.
  private static func steady(_ value: Double) -> Double {
    let whole = value.rounded()
    return (value - whole).magnitude < 1e-9 * Swift.max(1, whole) ? whole : value
  }

  /// The baseline's functions of the period, and the matrix that makes them well conditioned.
  private struct Shape {
    var names: [String]
    var functions: Matrix
    var back: Matrix
    var intercept: [Double]
  }

  private func shape(
    _ input: LikelihoodInput, _ pieces: TimePieces, _ numbers: [Int]
  ) throws(SiblingError) -> Shape {
    let periods = numbers.map(Double.init)
    let ones = periods.map { _ in 1.0 }
    var (names, columns) = (["(Intercept)"], [ones])
    switch baseline {
    case .factor:
      let identity = Matrix.identity(numbers.count)
      return Shape(
        names: numbers.map { "period\($0)" }, functions: identity, back: identity,
        intercept: ones)
    case .linear:
      names.append("period")
      columns.append(periods)
    case .log:
      names.append("log(period)")
      columns.append(periods.map(logarithm))
    case .spline(let knots):
      guard (0...20).contains(knots) else {
        throw SiblingError(.invalidOption, "knots must number 0 to 20", column: "knots")
      }
      let events = input.event.indices.filter { input.event[$0] }
      let spline = try RestrictedCubicSpline(
        at: events.map { periods[Int(pieces.end[$0]) - 1] }, inner: knots, "event period")
      let values = periods.map { spline.evaluate($0).values }
      for k in 0..<spline.count {
        names.append("spline\(k + 1)")
        columns.append(values.map { $0[k] })
      }
    }
    let functions = Matrix(columns: columns)
    // Centred and scaled columns, then an orthonormal basis of them.
    let n = Double(periods.count)
    var standard = Matrix.identity(names.count)
    for j in 1..<names.count {
      let mean = columns[j].reduce(0, +) / n
      let spread = (columns[j].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot()
      guard spread > 0 else { continue }
      standard[0, j] = -mean / spread
      standard[j, j] = 1 / spread
    }
    let gram = Gram.product(Matrix.product(functions, standard)).scaled(by: 1 / n)
    guard let factor = try? Cholesky(gram) else {
      throw SiblingError(
        .badDesign, "there are too few periods for this baseline",
        help: "take a simpler baseline or a shorter interval", column: "baseline")
    }
    let inverse = factor.solveLower(.identity(names.count))
    return Shape(
      names: names, functions: functions,
      back: Matrix.product(standard, inverse, transposeRight: true),
      intercept: [1] + [Double](repeating: 0, count: names.count - 1))
  }
}
