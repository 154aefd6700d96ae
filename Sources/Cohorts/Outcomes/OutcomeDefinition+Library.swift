internal import Statistics

// Definitions in use, by name. Each says what is established and what is assumed.

extension OutcomeDefinition {
  /// Every named definition: plain ones, the six of the harmoniser, and their variants by hours.
  public static let library: [OutcomeDefinition] = plain + harmonised + variants

  /// The definition of a name.
  public static func named(_ name: String) -> OutcomeDefinition? {
    library.first { $0.name == name }
  }

  /// The six definitions that services of this kind are counted by.
  public static let harmonised: [OutcomeDefinition] = [
    mhepSixWeeks, mhepSixMonths, lcf, ipsGrowBefore, ipsGrowFrom, ipspc,
  ]

  private static let plain: [OutcomeDefinition] = {
    func sustained(_ weeks: Int) -> OutcomeDefinition {
      OutcomeDefinition(
        "sustained_\(weeks)", .sustained, duration: .weeks(weeks),
        label: "In work for \(weeks) weeks",
        source: "plain rule: an unbroken run of any work on record that began after time zero")
    }
    return [
      OutcomeDefinition(
        "engagement", .engagement, label: "Engaged with the service",
        source: "plain rule: a date of engagement on record"),
      OutcomeDefinition(
        "job_start", .jobStart, label: "Started a job",
        source: "plain rule: any job on record that began after time zero"),
      sustained(6), sustained(13), sustained(26),
    ]
  }()

  private static let mhepAssumed =
    " Assumed: any hours, jobs of a person united, no break permitted, any record of the job is"
    + " evidence."

  private static let mhepSixWeeks: OutcomeDefinition = {
    var rule = OutcomeDefinition(
      "mhep-6-weeks", .sustained, duration: .weeks(6), label: "Early MHEP: 6 weeks in work",
      source: "MHEP's contracts of 2016 to 2019 paid for jobs sustained for 6 weeks; paid"
        + " competitive work." + mhepAssumed)
    rule.competitiveOnly = true
    rule.validFrom = day(2016, 4)
    return rule
  }()

  private static let mhepSixMonths: OutcomeDefinition = {
    var rule = OutcomeDefinition(
      "mhep-6-months", .sustained, duration: .months(6), label: "Early MHEP: 6 months in work",
      source: "MHEP's contracts of 2016 to 2019 paid for jobs sustained for 6 months; paid"
        + " competitive work; calendar months." + mhepAssumed)
    rule.competitiveOnly = true
    rule.validFrom = day(2016, 4)
    return rule
  }()

  private static let lcf: OutcomeDefinition = {
    var rule = OutcomeDefinition(
      "lcf-13-weeks", .sustained, duration: .weeks(13), label: "LCF: 13 weeks in work",
      source: "Life Chances Fund projects of MHEP: paid competitive work sustained for at least 13"
        + " weeks." + mhepAssumed)
    rule.competitiveOnly = true
    rule.validFrom = day(2019, 4)
    return rule
  }()

  private static let mhepStart: OutcomeDefinition = {
    var rule = OutcomeDefinition(
      "mhep-job-start", .jobStart, label: "MHEP: started a job",
      source:
        "MHEP's contracts paid for a start in a paid competitive job, after one full day in it."
        + " Assumed: any record of the job is evidence.")
    rule.per = .job
    rule.competitiveOnly = true
    rule.validFrom = day(2016, 4)
    return rule
  }()

  private static let growSource =
    "IPS Grow's reporting tool: the first job counts once 4 hours of paid work are done. Assumed:"
    + " hours are worked evenly over the week, and where they are not recorded at least one a week;"
    + " competitive jobs only, as the fidelity scale has it."

  private static let ipsGrowBefore: OutcomeDefinition = {
    var rule = OutcomeDefinition(
      "ips-grow-before-2024", .jobStart, label: "IPS Grow until March 2024: first job",
      source: growSource + " Everybody on the caseload counts.")
    rule.paidHours = 4
    rule.per = .job
    rule.competitiveOnly = true
    rule.validTo = day(2024, 4) - 1
    return rule
  }()

  private static let ipsGrowFrom: OutcomeDefinition = {
    var rule = ipsGrowBefore
    rule.name = "ips-grow-from-2024"
    rule.label = "IPS Grow from April 2024: first job, out of work at entry"
    rule.source =
      growSource + " From April 2024 only clients out of work at entry count (IPS Grow policy note"
      + " on employment rates); those on sick leave, with a job at risk or seeking a change do not."
    rule.eligible = .outOfWorkAtEntry
    (rule.validFrom, rule.validTo) = (day(2024, 4), nil)
    return rule
  }()

  private static let ipspc: OutcomeDefinition = {
    var rule = OutcomeDefinition(
      "ipspc-13-in-16", .sustained, duration: .weeks(13),
      label: "IPSPC: 13 weeks at 7 hours within 16 weeks",
      source: "DWP's grant guidance on IPS in primary care: at least 7 hours a week for 13 weeks in"
        + " a 16-week period, in competitive work. Assumed: 91 days of work within 112 days, hours"
        + " of jobs held together added. The wage that the guidance asks for is not checked.")
    rule.windowWeeks = 16
    rule.hours = HoursBand(low: 7)
    rule.competitiveOnly = true
    rule.validFrom = day(2023, 4)
    return rule
  }()

  private static let variants: [OutcomeDefinition] = {
    var all: [OutcomeDefinition] = []
    all.append(mhepStart)
    for base in [mhepStart, mhepSixWeeks, mhepSixMonths, lcf] {
      for (suffix, words, band) in [
        ("lt16", "under 16 hours", HoursBand(high: 16)),
        ("ge16", "16 hours or more", HoursBand(low: 16)),
      ] {
        var rule = base
        rule.name += "-\(suffix)"
        rule.label += " at \(words)"
        rule.source +=
          " The tariff has a rate below and one above 16 hours and leaves exactly 16 open: here it"
          + " belongs above, and the hours must hold on every counted day."
        rule.hours = band
        all.append(rule)
      }
    }
    for base in [ipsGrowBefore, ipsGrowFrom] {
      var rule = base
      rule.name = base.name.replacing("ips-grow-", with: "ips-grow-13-weeks-")
      rule.label = base.label.replacing("first job", with: "13 weeks in work")
      rule.kind = .sustained
      rule.duration = .weeks(13)
      rule.paidHours = 0
      rule.per = .client
      rule.source =
        "Assumed: IPS Grow's rules on whose outcome counts, with a job that lasts 13 weeks without a"
        + " break; whether the reporting tool permits breaks is not established."
      all.append(rule)
    }
    return all
  }()

  private static func day(_ year: Int, _ month: Int) -> Int32 {
    CivilDate(year: year, month: month, day: 1)?.days ?? missingDay
  }
}
