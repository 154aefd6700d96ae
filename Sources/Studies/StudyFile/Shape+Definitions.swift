internal import Cohorts

// Definitions of outcomes in the study file.

extension Shape {
  /// A definition: a name of the library, or a mapping.
  static let outcomeDefinition = Shape.named(
    OutcomeDefinition.library.map(\.name),
    .fields(
      "outcome definition",
      [
        Field(
          "use", .scalar(.choice(OutcomeDefinition.library.map(\.name))),
          "Definition of the library to begin with; the other keys change it."),
        Field("name", .scalar(.text), "Name of its columns; that of 'use' if absent."),
        Field("label", .scalar(.text), "What it is called in the report."),
        Field("source", .scalar(.text), "Where the rules come from."),
        Field(
          "kind", .scalar(.choice(OutcomeDefinition.Kind.allCases.map(\.rawValue))),
          "What has to happen; sustained when a duration is given."),
        Field("weeks", .scalar(.integer), "Weeks that a sustained job must last."),
        Field("days", .scalar(.integer), "Days that it must last, instead of weeks."),
        Field("months", .scalar(.integer), "Calendar months that it must last, instead of weeks."),
        Field(
          "window", .scalar(.integer),
          "Weeks within which the days of work must fall; without it they form one run."),
        Field(
          "permitted-gap", .scalar(.integer),
          "Days without work that do not end a run; they don't count as work."),
        Field("min-hours", .scalar(.number), "Least hours a week, on every counted day."),
        Field("below-hours", .scalar(.number), "Hours a week that the work must stay below."),
        Field(
          "boundary", .scalar(.choice(OutcomeDefinition.Boundary.allCases.map(\.rawValue))),
          "Where hours exactly at a limit belong: above it (ge) or below it (gt)."),
        Field(
          "per", .scalar(.choice(OutcomeDefinition.Unit.allCases.map(\.rawValue))),
          "Whether a person's jobs are united (client) or each must qualify alone (job)."),
        Field(
          "paid-hours", .scalar(.number), "Paid hours before a job counts as started."),
        Field("start-by", .scalar(.integer), "Last day of a start, in days after time zero."),
        Field(
          "horizon", .scalar(.integer),
          "Day by which it must have come about, in days after time zero; the follow-up if absent."),
        Field(
          "time-zero", .scalar(.choice(OutcomeDefinition.TimeZero.allCases.map(\.rawValue))),
          "From which day time runs; acceptance if absent."),
        Field("competitive-only", .scalar(.flag), "Whether only competitive jobs count."),
        Field(
          "verification",
          .list(
            .scalar(.choice(JobVerification.allCases.filter { $0 != .none }.map(\.rawValue)))),
          "Evidence that is accepted; without it the outcome is unknown, not no."),
        Field(
          "eligible", .scalar(.choice(OutcomeDefinition.Eligibility.allCases.map(\.rawValue))),
          "Whose outcome it is, among those accepted."),
        Field(
          "furlough-counts", .scalar(.flag), "Whether days on furlough are work; true if absent."),
        Field(
          "earlier-jobs-count", .scalar(.flag),
          "Whether jobs that began before time zero count, from then on."),
      ]))
}
