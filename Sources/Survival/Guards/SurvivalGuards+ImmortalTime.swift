/// How many people's treatment is known only after time zero.
public struct ImmortalTime: Sendable, Equatable {
  /// Rows with a start of treatment at any time.
  public let treated: Int
  /// Rows whose treatment begins after time zero (or after they come under observation).
  public let late: Int
  /// Their mean wait, in the unit of time.
  public let meanWait: Double
  /// The first of them.
  public let firstRow: Int?
  /// Rows whose treatment begins at or after the end of their follow-up.
  public let afterEnd: Int
}

extension SurvivalGuards {
  /// Who would be counted as treated before treatment began.
  ///
  /// `treatedFrom` is the time since time zero at which treatment began; NaN means never. Until then a
  /// row that counts as treated can't have had the event: the time is immortal, and treatment looks
  /// better than it is. Suissa (2008), doi:10.1093/aje/kwm324.
  public func immortalTime(_ times: SurvivalTimes, treatedFrom: [Double]) -> ImmortalTime {
    var (treated, late, wait, afterEnd) = (0, 0, 0.0, 0)
    var first: Int?
    for (row, from) in treatedFrom.enumerated() where !from.isNaN {
      treated += 1
      let begin = Swift.max(0, times.start?[row] ?? 0)
      guard from > begin else { continue }
      late += 1
      wait += from - begin
      if first == nil { first = row }
      if from >= times.time[row] { afterEnd += 1 }
    }
    return ImmortalTime(
      treated: treated, late: late, meanWait: late > 0 ? wait / Double(late) : 0, firstRow: first,
      afterEnd: afterEnd)
  }

  /// What a comparison from time zero would do with them.
  public func immortalTime(_ found: ImmortalTime) -> GuardFinding? {
    guard found.late > 0 else { return nil }
    return GuardFinding(
      kind: .immortalTime,
      sentence: "\(found.late) of \(found.treated) treated people began treatment after time zero:"
        + " counted as treated from the start they could not have the event while they waited,"
        + " and treatment would look better than it is (immortal time)")
  }
}
