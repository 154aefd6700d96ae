internal import Contracts
internal import Statistics

/// What verb and study share of an audit of job lengths.
struct BunchingSettings {
  var unit: RoundNumbers.Unit
  /// Lengths that are paid for, in the unit; empty where none were given.
  var thresholds: [Double]
  var rounding: BunchingAudit.Rounding
  var placebos: [Double]?
  var bandwidth: Double?
  var draws: Int
  var seed: UInt64
  var level: Double

  /// Decodes the options of a verb or a section.
  ///
  /// - Throws: `invalidOption`, located.
  init(
    _ options: OptionValues, unit: RoundNumbers.Unit, thresholds key: OptionKey,
    placebo: OptionKey
  ) throws(SiblingError) {
    self.unit = unit
    let common = try CommonSettings(options)
    (seed, level) = (common.seed, common.level)
    rounding =
      BunchingAudit.Rounding(rawValue: try options.choice(.bunchingRound)) ?? .wholeMonths
    draws = try options.integer(.bunchingDraws, in: 1...100_000) ?? 499
    let week = 7 / unit.days
    thresholds = try options.numbers(key)
    let most = 520 * week
    guard thresholds.allSatisfy({ $0 >= 3 * week && $0 <= most }), thresholds.count <= 12 else {
      throw options.wrong(key, "takes up to 12 lengths from three weeks to ten years")
    }
    thresholds = Array(Set(thresholds)).sorted()
    placebos = try Self.placebos(options, placebo, week)
  }

  private static func placebos(
    _ options: OptionValues, _ key: OptionKey, _ week: Double
  ) throws(SiblingError) -> [Double]? {
    guard options.isGiven(key), let text = options.text(key) else { return nil }
    let wrong = options.wrong(key, "takes FROM:TO in whole weeks from 1 to 520, or a list")
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2 {
      guard let from = Int(parts[0]), let to = Int(parts[1]), from >= 1, to <= 520, from <= to
      else { throw wrong }
      return (from...to).map { Double($0) * week }
    }
    guard parts.count == 1 else { throw wrong }
    let listed = try options.numbers(key)
    guard !listed.isEmpty, listed.count <= 520,
      listed.allSatisfy({ $0 > 0 && $0 <= 520 * week })
    else { throw wrong }
    return listed
  }

  /// The audit of one threshold.
  func audit(_ threshold: Double) -> BunchingAudit {
    BunchingAudit(
      threshold: threshold, unit: unit, rounding: rounding, placebos: placebos,
      bandwidth: bandwidth, draws: draws, seed: seed, level: level)
  }
}
