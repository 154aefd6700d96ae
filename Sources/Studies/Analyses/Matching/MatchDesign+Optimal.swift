internal import Matching
internal import Statistics

extension MatchDesign {
  /// A ratio for nearest neighbours, which is whole; full matching has its own.
  ///
  /// - Throws: `invalidOption` for anything but a whole number from 1.
  static func wholeRatio(
    _ options: OptionValues, _ key: OptionKey, _ method: Method
  ) throws(SiblingError) -> Int? {
    guard let value = try options.number(key), method != .full else { return nil }
    guard value >= 1, value <= Double(Int32.max), value == value.rounded() else {
      throw options.wrong(key, "takes a whole number from 1 to \(Int32.max)")
    }
    return Int(value)
  }

  /// Refuses what optimal pair matching can't answer.
  ///
  /// - Throws: `invalidOption`.
  func checkOptimal(_ options: OptionValues) throws(SiblingError) {
    guard estimand == .att || estimand == .atc else {
      throw options.wrong(
        .estimand,
        "is ATT or ATC for optimal pair matching;"
          + " ATE needs full matching, strata or weighting, ATO and ATM need weighting")
    }
    guard nearest.ratio == nearest.ratio.rounded(), nearest.ratio <= Double(Int32.max) else {
      throw options.wrong(.ratio, "takes a whole number for optimal pair matching")
    }
  }

  /// Whether the match consists of pairs rather than strata alone.
  var hasPairs: Bool { method.hasPairs || prunesToPairs }

  /// What limits matched sets, in a phrase.
  var setWords: String {
    var parts: [String] = []
    if let minimum = setRatio.minimum { parts.append("at least \(text(minimum)):1") }
    if let maximum = setRatio.maximum { parts.append("at most \(text(maximum)):1") }
    if let caliper = nearest.caliper {
      parts.append(
        "caliper \(text(caliper.width))" + (isRaw ? "" : " standard deviations of the score"))
    }
    if !exact.isEmpty { parts.append("exact on \(exact.joined(separator: " and "))") }
    return parts.map { ", " + $0 }.joined()
  }
}
