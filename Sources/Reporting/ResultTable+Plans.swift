// Outcomes against plans by quarter, and services beside each other, as result files.

extension ResultTable {
  /// Outcomes by quarter against two plans: `results/performance_quarters.csv`.
  public static var performanceQuarters: ResultTable {
    let own = ["actual"]
    let all = ["cumulative_actual"]
    return ResultTable(
      unchecked: "performance_quarters",
      summary: "Outcomes reached by quarter against the original and the latest plan.",
      columns: [
        .label("contract", "The contract; `all` is every contract"),
        .label("site", "The site that it pays for"), .label("outcome", "The outcome"),
        .label("period", "The quarter"),
        .text("plan_version", "The version that the latest plan comes from"),
        .number("original", "Expected in the original plan; blank where it states nothing"),
        .number("latest", "Expected in the latest plan"),
        .count("actual", "Reached; blank where not reported"),
        .derived("actual.low", from: own, "Lower exact limit of the count's mean")
          .remade(.garwood(.low, "actual", over: nil), otherwise: .coarse(2)),
        .derived("actual.high", from: own, "Upper exact limit of the count's mean")
          .remade(.garwood(.high, "actual", over: nil), otherwise: .coarse(2)),
        .derived("ratio_original", from: own, "Reached over the original plan")
          .remade(.fraction(Fraction("actual", of: ["original"])), otherwise: .coarse(2)),
        .derived("ratio", from: own, "Reached over the latest plan")
          .remade(.fraction(Fraction("actual", of: ["latest"])), otherwise: .coarse(2)),
        .derived("conf.low", from: own, "Lower limit of the ratio, plan taken as fixed")
          .remade(.garwood(.low, "actual", over: "latest"), otherwise: .coarse(2)),
        .derived("conf.high", from: own, "Upper limit of the ratio")
          .remade(.garwood(.high, "actual", over: "latest"), otherwise: .coarse(2)),
        .derived("p.value", from: own, "Exact Poisson test against the latest plan").coarse(1),
        .number("cumulative_original", "The original plan summed to this quarter"),
        .number("cumulative_latest", "The latest plan summed to this quarter"),
        .count("cumulative_before", "Reached before this quarter"),
        .count("cumulative_actual", "Reached to the end of this quarter"),
        .derived("cumulative_actual.low", from: all, "Lower exact limit of its mean")
          .remade(.garwood(.low, "cumulative_actual", over: nil), otherwise: .coarse(2)),
        .derived("cumulative_actual.high", from: all, "Upper exact limit of its mean")
          .remade(.garwood(.high, "cumulative_actual", over: nil), otherwise: .coarse(2)),
        .derived("cumulative_ratio", from: all, "Reached over the latest plan so far")
          .remade(
            .fraction(Fraction("cumulative_actual", of: ["cumulative_latest"])),
            otherwise: .coarse(2)),
        .derived("cumulative.low", from: all, "Lower limit of the ratio so far")
          .remade(
            .garwood(.low, "cumulative_actual", over: "cumulative_latest"), otherwise: .coarse(2)),
        .derived("cumulative.high", from: all, "Upper limit of the ratio so far")
          .remade(
            .garwood(.high, "cumulative_actual", over: "cumulative_latest"), otherwise: .coarse(2)),
      ],
      sums: [
        .inRow(whole: "cumulative_actual", parts: ["cumulative_before", "actual"]),
        .chain(
          from: "cumulative_actual", to: "cumulative_before", within: ["contract", "outcome"]),
        .overRows(label: "contract", total: "all"),
      ])
  }

  /// Outcomes to date against two plans: `results/performance_plans.csv`.
  public static var performancePlans: ResultTable {
    func plan(_ name: String, _ words: String) -> [Column] {
      let counts = ["actual_\(name)"]
      return [
        .number("quarters_\(name)", "Quarters with a target and a count, \(words)"),
        .number("\(name)", "Expected in them, \(words)"),
        .count("actual_\(name)", "Reached in them"),
        .derived("ratio_\(name)", from: counts, "Reached over expected, \(words)")
          .remade(.fraction(Fraction("actual_\(name)", of: [name])), otherwise: .coarse(2)),
        .derived("\(name).low", from: counts, "Lower limit of the ratio, plan taken as fixed")
          .remade(.garwood(.low, "actual_\(name)", over: name), otherwise: .coarse(2)),
        .derived("\(name).high", from: counts, "Upper limit of the ratio")
          .remade(.garwood(.high, "actual_\(name)", over: name), otherwise: .coarse(2)),
        .derived("\(name).p", from: counts, "Exact Poisson test of reached against expected")
          .coarse(1),
        .number("\(name)_whole", "Expected over the whole plan, \(words)"),
      ]
    }
    return ResultTable(
      unchecked: "performance_plans",
      summary: "Outcomes to date against the original and the latest plan.",
      columns: [
        .label("contract", "The contract; `all` is every contract"),
        .label("site", "The site that it pays for"), .label("outcome", "The outcome"),
        .text("from", "The first quarter with a target"),
        .text("to", "The last quarter with a target"),
        .flag("revised", "Whether the two plans differ"),
      ] + plan("original", "original plan") + plan("latest", "latest plan") + [
        .count("outside", "Reached in quarters without a target, in no ratio")
      ],
      sums: [.overRows(label: "contract", total: "all")])
  }

  /// Planned and achieved conversion: `results/performance_conversions.csv`.
  public static var performanceConversions: ResultTable {
    let counts = ["denominator", "numerator"]
    let share = Fraction("numerator", of: ["denominator"])
    return ResultTable(
      unchecked: "performance_conversions",
      summary: "Conversion from stage to stage, planned and achieved, over the same quarters.",
      columns: [
        .label("contract", "The contract; `all` is every contract"),
        .label("site", "The site that it pays for"), .label("from", "The earlier stage"),
        .label("to", "The later stage"), .count("denominator", "Reached at the earlier stage"),
        .count("numerator", "Reached at the later stage"),
        .number("planned", "The share in the latest plan"),
        .derived("rate", from: counts, "The share achieved")
          .remade(.fraction(share), otherwise: .coarse(2)),
        .derived("conf.low", from: counts, "Lower limit (Clopper–Pearson)")
          .remade(.clopperPearson(.low, share), otherwise: .coarse(2)),
        .derived("conf.high", from: counts, "Upper limit (Clopper–Pearson)")
          .remade(.clopperPearson(.high, share), otherwise: .coarse(2)),
        .derived("p.value", from: counts, "Exact binomial test against the planned share").coarse(
          1),
        .derived("refusal", from: counts, "Why no rate is given", type: .text),
      ])
  }

  private static func limits(_ counts: [String]) -> [Column] {
    let names = [
      ("limit_95", "95%, exact"), ("limit_998", "99.8%, exact"),
      ("wide_95", "95%, widened for overdispersion"),
      ("wide_998", "99.8%, widened for overdispersion"),
    ]
    return names.flatMap { name, words in
      [
        Column.derived("\(name).low", from: counts, "Lower control limit, \(words)").coarse(2),
        Column.derived("\(name).high", from: counts, "Upper control limit, \(words)").coarse(2),
      ]
    }
  }

  /// Services' rates with control limits: `results/site_rates.csv`.
  public static var siteRates: ResultTable {
    let counts = ["denominator", "numerator"]
    let share = Fraction("numerator", of: ["denominator"])
    let reached = Fraction("numerator", of: ["target"])
    return ResultTable(
      unchecked: "site_rates",
      summary: "Rates of services beside each other, with control limits of funnel plots.",
      columns: [
        .label("measure", "The rate: a stage over an earlier one, or over its target"),
        .label("cohort", "The kind of clients"), .label("contract", "The contract or project"),
        .label("site", "Its name"), .count("numerator", "The count"),
        .count("denominator", "What it is out of; blank for ratios to a target"),
        .number("target", "The target; blank for shares"),
        .derived("rate", from: counts, "Numerator over denominator or target")
          .remade(.fraction(share), .fraction(reached), otherwise: .coarse(2)),
        .derived("conf.low", from: counts, "Lower exact limit of the service's own rate")
          .remade(
            .clopperPearson(.low, share), .garwood(.low, "numerator", over: "target"),
            otherwise: .coarse(2)),
        .derived("conf.high", from: counts, "Upper exact limit of the service's own rate")
          .remade(
            .clopperPearson(.high, share), .garwood(.high, "numerator", over: "target"),
            otherwise: .coarse(2)),
        .derived("z", from: counts, "Distance from the overall rate in standard deviations").coarse(
          2),
      ] + limits(counts) + [
        .derived("position", from: counts, "Where it lies by the exact limits", type: .text),
        .derived("position_wide", from: counts, "Where it lies by the wider limits", type: .text),
      ])
  }

  /// Control limits along the axis of a funnel plot: `results/site_rate_limits.csv`.
  public static var siteRateLimits: ResultTable {
    let counts = ["denominator", "numerator"]
    return ResultTable(
      unchecked: "site_rate_limits", summary: "The curves of the funnel plots of site_rates.",
      columns: [
        .label("measure", "The rate"), .label("cohort", "The kind of clients"),
        .label("base", "What the rate is out of", type: .number), .hiddenCount("numerator"),
        .hiddenCount("denominator"), .derived("centre", from: counts, "The overall rate").coarse(2),
      ] + limits(counts))
  }

  /// Whether services' rates differ: `results/rate_heterogeneity.csv`.
  public static var rateHeterogeneity: ResultTable {
    let counts = ["denominator", "numerator"]
    func derived(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: counts, meaning).coarse(2)
    }
    return ResultTable(
      unchecked: "rate_heterogeneity",
      summary: "Whether rates of services differ by more than chance, and by how much.",
      columns: [
        .label("measure", "The rate"), .label("cohort", "The kind of clients"),
        .number("n_sites", "Services compared"), .count("numerator", "Their counts added up"),
        .count("denominator", "What they are out of; blank for ratios to a target"),
        .number("target", "Their targets added up; blank for shares"),
        derived("rate", "The overall rate")
          .remade(
            .fraction(Fraction("numerator", of: ["denominator"])),
            .fraction(Fraction("numerator", of: ["target"])), otherwise: .coarse(2)),
        derived("phi", "Overdispersion: mean square of the winsorised z-scores"),
        derived("phi.low", "Lower limit of φ without winsorising (approximate)"),
        derived("phi.high", "Upper limit of φ without winsorising (approximate)"),
        derived("statistic", "Pearson's chi-squared"), derived("df", "Its degrees of freedom"),
        derived("p.value", "p of no difference between services"),
        .text("p.method", "exact, monte-carlo or chi-squared"),
        derived("mean", "Mean rate of such services (random effects, logit scale)"),
        derived("mean.low", "Lower limit (Hartung–Knapp)"),
        derived("mean.high", "Upper limit (Hartung–Knapp)"),
        derived("between_variance", "Variance between services on the logit scale"),
        derived("between.low", "Its lower limit (Q profile)"),
        derived("between.high", "Its upper limit; blank where there is none"),
        derived("i2", "Share of the differences that is not chance"),
        derived("prediction.low", "Lower prediction limit for another such service"),
        derived("prediction.high", "Upper prediction limit"),
      ])
  }

  /// Payments for each outcome: `results/payment_per_outcome.csv`.
  public static var paymentPerOutcome: ResultTable {
    let counts = ["achieved"]
    return ResultTable(
      unchecked: "payment_per_outcome",
      summary: "Payments to date for each outcome achieved. A payment is not a cost.",
      columns: [
        .label("contract", "The contract or project; `all` is every project of the cohort"),
        .label("cohort", "The kind of clients; `all` is everybody"),
        .label("site", "The project's name"), .label("outcome", "The stage, hours bands together"),
        .number("target", "The number planned"), .count("achieved", "The number achieved"),
        .number("paid", "Paid to date, all outcomes together"),
        .derived("paid_per_outcome", from: counts, "Paid to date for each achieved")
          .remade(.fraction(Fraction("paid", of: ["achieved"])), otherwise: .coarse(2)),
        .number("maximum", "Most that may be paid"),
        .number("maximum_per_target", "The maximum for each planned"),
        .number("share_of_maximum", "Paid to date as a share of the maximum"),
        .number("investment", "Committed by investors"),
        .number("paid_over_investment", "Paid to date as a multiple of the investment"),
        .text("outcomes_from", "First month of the outcomes"),
        .text("outcomes_to", "Last month of the outcomes"),
        .text("paid_to", "Latest quarter with a payment"),
        .text("currency", "ISO code"),
        .derived("remark", from: counts, "What stands against reading it", type: .text),
      ])
  }
}
