internal import Statistics
internal import Survival
internal import Tables

/// Survival responses with causes of exit, as the Survival room takes them.
enum CompetingBinding {
  /// Follow-up and causes of a formula bound with `causes: true`.
  struct Response {
    var times: SurvivalTimes
    /// The causes that occur; −1 is censored.
    var causes: Factor
    var notes: [String]
  }

  /// The times and causes of a bound `Surv(…)`.
  ///
  /// - Throws: `formulaSyntax` when the left side has no cause; what is wrong with the times.
  static func response(_ frame: ModelFrame) throws(SiblingError) -> Response {
    guard let causes = frame.survival?.causes else {
      throw SiblingError(
        .formulaSyntax, "the left side of the formula must be Surv(time, cause)",
        help: "for example Surv(weeks, cause) ~ arm; 0 or the first level is censored")
    }
    let bound = try SurvivalBinding.times(frame)
    let ends = Factor(
      codes: causes.codes.map { $0 - 1 }, levels: Array(causes.levels.dropFirst())
    ).droppingUnusedLevels()
    guard !ends.levels.isEmpty else {
      throw SiblingError(
        .noEvents, "no row ends with any cause",
        help: "0 or the first level is censored; 1, 2, … or the other levels are causes")
    }
    try checkNumber(ends.levels.count)
    return Response(times: bound.times, causes: ends, notes: bound.notes)
  }

  /// Refuses a column of so many different values that it can't be one of causes or states.
  ///
  /// - Throws: `badValue`.
  static func checkNumber(_ levels: Int) throws(SiblingError) {
    guard levels > 60 else { return }
    throw SiblingError(
      .badValue, "the last column of Surv(…) has \(levels) different values, too many for causes",
      help: "it says how rows end: 0 or the first level for censored, then causes or states")
  }
}
