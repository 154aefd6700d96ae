internal import Statistics
internal import Tables

/// `evalue`: the E-value of a published or own estimate; no data are read.
struct EValueAnalysis: VerbAnalysis {
  /// What was estimated.
  var scale: String
  /// The estimate as given; nil for a risk difference.
  var estimate: Double?
  /// The limits as given.
  var interval: ConfidenceInterval?
  /// The E-value.
  var value: EValue

  /// Decodes the options and computes the E-value.
  ///
  /// - Throws: `invalidOption` for an option that is missing, out of place or out of range.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    scale = try options.choice(.ratioScale)
    let level = try CommonSettings(options).level
    let counts: [OptionKey] = [.treatedEvents, .treatedCount, .comparisonEvents, .comparisonCount]
    let isRare = try options.flag(.rare)
    let taken: [OptionKey] =
      switch scale {
      case "rd": counts
      case "smd": [.givenEstimate, .givenError]
      case "difference": [.givenEstimate, .givenError, .givenDeviation]
      case "rr": [.givenEstimate, .givenLow, .givenHigh]
      default: [.givenEstimate, .givenLow, .givenHigh, .rare]
      }
    // Every number is read first, so that one that is none is told as such.
    for key in OptionKey.evalue where key.kind == .number { _ = try options.number(key) }
    for key in counts { _ = try options.integer(key, in: 0...1_000_000_000_000) }
    for key in OptionKey.evalue where options.isGiven(key) && key != .ratioScale {
      guard taken.contains(key) else {
        throw options.wrong(key, "does not apply to the scale '\(scale)'")
      }
    }
    if scale == "rd" {
      var numbers: [Int] = []
      for key in counts {
        _ = try options.required(key)
        numbers.append(try options.integer(key, in: 0...1_000_000_000_000) ?? 0)
      }
      value = try EValue.riskDifference(
        EValue.Counts(
          treatedEvents: numbers[0], treated: numbers[1], comparisonEvents: numbers[2],
          comparison: numbers[3]), level: level)
      estimate =
        Double(numbers[0]) / Double(numbers[1]) - Double(numbers[2]) / Double(numbers[3])
      return
    }
    _ = try options.required(.givenEstimate)
    let given = try options.number(.givenEstimate) ?? .nan
    estimate = given
    if scale == "smd" || scale == "difference" {
      var deviation = 1.0
      if scale == "difference" {
        _ = try options.required(.givenDeviation)
        deviation = try options.number(.givenDeviation) ?? .nan
        guard deviation > 0 else { throw options.wrong(.givenDeviation, "takes a positive number") }
      }
      let error = try options.number(.givenError)
      value = try EValue.standardizedDifference(
        given / deviation, standardError: error.map { $0 / deviation }, level: level)
      return
    }
    let low = try options.number(.givenLow)
    let high = try options.number(.givenHigh)
    interval = try Self.interval(low, high, level, options)
    switch scale {
    case "or": value = try EValue.oddsRatio(given, interval: interval, isRare: isRare)
    case "hr": value = try EValue.hazardRatio(given, interval: interval, isRare: isRare)
    default: value = try EValue.riskRatio(given, interval: interval)
    }
  }

  private static func interval(
    _ low: Double?, _ high: Double?, _ level: Double, _ options: OptionValues
  ) throws(SiblingError) -> ConfidenceInterval? {
    switch (low, high) {
    case (nil, nil): return nil
    case (let low?, let high?): return ConfidenceInterval(low: low, high: high, level: level)
    default:
      throw options.wrong(low == nil ? .givenHigh : .givenLow, "needs both --low and --high")
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: never; a data file can't be given.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput { try runWithoutData() }

  /// The row of the E-value.
  func runWithoutData() throws(SiblingError) -> AnalysisOutput {
    AnalysisOutput(columns: [
      .texts("scale", [scale]), .numbers("estimate", [estimate]),
      .numbers("conf.low", [interval?.low]), .numbers("conf.high", [interval?.high]),
      .numbers("risk.ratio", [value.riskRatio]), .numbers("rr.low", [value.interval?.low]),
      .numbers("rr.high", [value.interval?.high]), .numbers("e.value", [value.point]),
      .numbers("e.value.limit", [value.limit]),
    ])
  }
}
