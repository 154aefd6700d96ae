internal import Statistics
internal import Survival
internal import Tables

/// `--times` and `--by` of `aft` and `flexible`: mean predicted survival.
struct SurvivalPrediction: Sendable {
  private var times: [Double]
  private var arms: String?

  /// The most levels of a column that is set to each of them.
  private static let mostLevels = 20

  /// - Throws: `invalidOption`, located.
  init(_ options: OptionValues, _ request: ParametricRequest) throws(SiblingError) {
    times = try options.numbers(.predictedTimes).sorted()
    arms = options.text(.standardizedBy)
    if times.contains(where: { $0 <= 0 }) {
      throw options.wrong(.predictedTimes, "takes times above zero")
    }
    if times.isEmpty, arms != nil {
      throw options.wrong(.standardizedBy, "applies to --times only")
    }
    if !times.isEmpty, request.exponentiate || request.wantsStatistics {
      throw options.wrong(
        .predictedTimes, "can't be combined with --exponentiate or --statistics")
    }
  }

  /// Whether survival is printed instead of coefficients.
  var isWanted: Bool { !times.isEmpty }

  /// Columns that must not miss a value.
  var columns: [String] { arms.map { [$0] } ?? [] }

  /// The rows of mean survival.
  ///
  /// - Throws: what is wrong with the column, located.
  func output(
    _ fit: ParametricFit, _ data: ParametricRequest.Data, _ request: ParametricRequest
  ) throws(SiblingError) -> AnalysisOutput {
    var labels: [String] = []
    var rows: [MeanSurvival] = []
    for (label, design) in try designs(data) {
      let means = try fit.meanSurvival(
        design, offset: data.offset, weights: data.weights, at: times,
        level: request.settings.level)
      labels += means.map { _ in label }
      rows += means
    }
    return AnalysisOutput(
      columns: [
        .texts("arm", labels), .numbers("time", rows.map(\.time)),
        .numbers("survival", rows.map(\.survival)),
        .numbers("std.error", rows.map(\.standardError)),
        .numbers("conf.low", rows.map(\.interval.low)),
        .numbers("conf.high", rows.map(\.interval.high)),
      ], notes: data.notes + fit.notes, observations: fit.observations, events: fit.events)
  }

  /// The design with the column at each of its levels, or as it is.
  private func designs(
    _ data: ParametricRequest.Data
  ) throws(SiblingError) -> [(String, DesignMatrix)] {
    guard let arms else { return [("all", data.design)] }
    let frame = data.bound.frame
    guard frame.formula.columnNames.contains(arms) else {
      throw SiblingError(
        .unknownColumn, "the formula has no column '\(arms)' to set",
        help: "name a column of the formula",
        suggestion: nearestName(to: arms, among: frame.formula.columnNames), column: arms)
    }
    let factor = try frame.factor(of: arms)
    var values: [Double] = factor.levels.indices.map(Double.init)
    if let numbers = try? frame.numbers(of: arms) {
      values = Set(numbers).sorted()
    } else if factor.levels.count > 2 {
      throw SiblingError(
        .invalidOption, "a column of words needs two levels to be compared",
        help: "derive a column of 0 and 1, or keep two levels with --where", column: arms)
    }
    guard values.count <= Self.mostLevels, values.count == factor.levels.count else {
      throw SiblingError(
        .invalidOption, "'\(arms)' has more than \(Self.mostLevels) values",
        help: "name a treatment or a group", column: arms)
    }
    var result: [(String, DesignMatrix)] = []
    for (value, level) in zip(values, factor.levels) {
      result.append(("\(arms)=\(level)", try frame.design(settingColumn: arms, to: value)))
    }
    return result
  }
}
