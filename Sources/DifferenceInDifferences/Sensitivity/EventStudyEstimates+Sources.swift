internal import LinearAlgebra
public import Statistics

extension EventStudyResult {
  /// The effects by event time with their covariance, for sensitivity to parallel trends.
  ///
  /// - Throws: `badDesign` where event times are binned, not identified or leave gaps.
  public func estimates(reference: Double) throws(SiblingError) -> EventStudyEstimates {
    let used = rows.filter { $0.estimate.standardError != nil }
    if let lost = rows.first(where: { $0.estimate.standardError == nil && !$0.isReference }) {
      throw SiblingError(
        .badDesign,
        "\(lost.estimate.term) has no standard error: it rests on one or two units, or can't be told"
          + " from unit and period effects.",
        help: "Leave such event times out (--leads, --lags), or use group-time effects.")
    }
    return try EventStudyEstimates(
      eventTimes: used.map(\.eventTime), estimates: used.map(\.estimate.estimate),
      covariance: covariance, reference: reference)
  }
}

extension GroupTimeResult {
  /// Averages by event time with their covariance, for sensitivity to parallel trends.
  ///
  /// Only with a universal base are all effects before treatment measured from one reference, the
  /// last period that is free of anticipation. `balance` as in `aggregate`; event times outside
  /// the range are left out.
  /// - Throws: `badDesign` for a varying base, for averages that rest on a cohort of one or two units
  ///   and for event times that leave gaps.
  public func dynamicEstimates(
    balance: Double? = nil, eventTimes range: ClosedRange<Double>? = nil
  ) throws(SiblingError) -> EventStudyEstimates {
    guard let reference = cells.filter(\.isBase).map(\.eventTime).max() else {
      throw SiblingError(
        .badDesign, "Sensitivity to parallel trends needs effects measured from one period.",
        help: "Use a universal base.")
    }
    let found = try averages(.dynamic, balance: balance)
    let kept = found.parts.indices.dropLast().filter { place in
      let time = found.parts[place].position
      return time != reference && (range?.contains(time) ?? true)
    }
    if let lost = kept.first(where: { found.table.rows[$0].standardError == nil }) {
      throw SiblingError(
        .badDesign,
        "\(found.parts[lost].term) rests on a cohort of one or two units, which gives no standard"
          + " error.",
        help: "Leave it out (--leads, --lags), pool cohorts, or use randomisation inference.")
    }
    let parts = kept.map { found.parts[$0] }
    guard !parts.isEmpty else {
      throw SiblingError(.badDesign, "No effect besides the reference could be estimated.")
    }
    return try EventStudyEstimates(
      eventTimes: parts.map(\.position), estimates: parts.map(\.value),
      covariance: uncertainty.covariance(parts.map(\.form)), reference: reference)
  }
}
