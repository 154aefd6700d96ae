extension OutcomeDefinition {
  /// The rules in words, as the report prints them: every setting that is not the default of all.
  public var rule: String {
    var parts: [String] = []
    switch kind {
    case .engagement: parts.append("engagement with the service")
    case .jobStart:
      parts.append("a job that starts")
      if paidHours > 0 {
        parts.append("counted once \(Self.plain(paidHours)) hours have been paid")
      }
    case .sustained:
      parts.append("work for \(duration.words)" + (windowWeeks == nil ? " in a row" : ""))
      if let windowWeeks { parts.append("within \(windowWeeks) weeks") }
      if let gap = permittedGapDays {
        parts.append(
          gap == 0
            ? "no break permitted" : "breaks of up to \(gap) days permitted, which do not count")
      }
    }
    if let hours { parts.append(hours.words) }
    if kind == .sustained, per == .job { parts.append("in one job") }
    if competitiveOnly { parts.append("competitive jobs only") }
    if let verification {
      let evidence = JobVerification.allCases.filter { verification.contains($0) }.map {
        $0 == .rti ? "RTI" : $0.rawValue.replacing("_", with: "-")
      }
      parts.append("evidence by " + evidence.joined(separator: " or "))
    }
    if !furloughCounts { parts.append("days on furlough not counted") }
    if earlierJobsCount { parts.append("jobs from before time zero counted from then on") }
    if eligible == .outOfWorkAtEntry { parts.append("only people out of work at entry") }
    let zero = timeZero == .referral ? "referral" : "acceptance"
    if let startByDays { parts.append("started by day \(startByDays) after \(zero)") }
    if let horizonDays { parts.append("attained by day \(horizonDays) after \(zero)") }
    switch timeZero {
    case .acceptance: break
    case .referral: parts.append("time runs from referral")
    case .acceptanceElseReferral:
      parts.append("time runs from acceptance, else referral")
    }
    return parts.joined(separator: ", ")
  }

  static func plain(_ number: Double) -> String {
    number == number.rounded() && number.magnitude < 1e9 ? "\(Int(number))" : "\(number)"
  }
}

extension OutcomeDefinition.Span {
  var words: String {
    let unit =
      switch self {
      case .days: "day"
      case .weeks: "week"
      case .months: "month"
      }
    return "\(count) \(unit)" + (count == 1 ? "" : "s")
  }
}

extension OutcomeDefinition.HoursBand {
  var words: String {
    let least = low.map { limit in
      boundary == .ge
        ? "\(OutcomeDefinition.plain(limit)) hours a week or more"
        : "more than \(OutcomeDefinition.plain(limit)) hours a week"
    }
    let most = high.map { limit in
      boundary == .ge
        ? "below \(OutcomeDefinition.plain(limit)) hours a week"
        : "\(OutcomeDefinition.plain(limit)) hours a week or less"
    }
    return [least, most].compactMap { $0 }.joined(separator: " and ")
  }
}
