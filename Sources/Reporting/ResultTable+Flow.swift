// Who went through a service and how far, who was taken on, and how that differs by profile.

extension ResultTable {
  /// The columns of a funnel after its labels.
  private static var funnelColumns: [Column] {
    let known = ["n_reached", "n_not_reached"]
    // A share of the accepted tells how many reached the stage, so it stands and falls with them.
    let accepted = [
      "n_accepted_yes", "n_accepted_no", "n_reached", "n_not_reached", "n_unknown", "n_immature",
    ]
    let reached = Fraction("n_reached", of: known)
    let ofAccepted = Fraction("n_accepted_yes", of: ["n_accepted_yes", "n_accepted_no"])
    return [
      .count("n_at_risk", "People who reached every earlier stage and are eligible"),
      .count("n_reached", "Of them who reached this stage"),
      .count("n_not_reached", "Of them who are known not to have reached it"),
      .count("n_unknown", "Of them of whom evidence is missing"),
      .count("n_immature", "Of them who came too recently to tell"),
      .count("n_skipped", "People at this stage of whom an earlier one is not recorded"),
      .derived("estimate", from: known, "The share of those at risk of whom it is known")
        .remade(.fraction(reached), otherwise: .coarse(2)),
      .derived("conf.low", from: known, "Wilson's lower limit")
        .remade(.wilson(.low, reached), otherwise: .coarse(2)),
      .derived("conf.high", from: known, "Wilson's upper limit")
        .remade(.wilson(.high, reached), otherwise: .coarse(2)),
      .derived("of_accepted", from: accepted, "The share of the accepted of whom it is known")
        .remade(.fraction(ofAccepted), otherwise: .coarse(2)),
      .derived("of_accepted.low", from: accepted, "Wilson's lower limit")
        .remade(.wilson(.low, ofAccepted), otherwise: .coarse(2)),
      .derived("of_accepted.high", from: accepted, "Wilson's upper limit")
        .remade(.wilson(.high, ofAccepted), otherwise: .coarse(2)),
      .hiddenCount("n_accepted_yes"), .hiddenCount("n_accepted_no"),
    ]
  }

  /// The funnel by arm or another group: `results/funnel.csv`.
  public static var funnel: ResultTable {
    let known = ["n_reached", "n_not_reached"]
    return ResultTable(
      unchecked: "funnel",
      summary: "People at each stage of the service, by group, and how sites differ.",
      columns: [
        .label("by", "What the groups are: arm, or a column of the clients"),
        .label("group", "The group"),
        .label("stage", "The stage"),
      ] + funnelColumns + [
        .number("n_sites", "Sites with anybody of whom it is known"),
        .derived("statistic", from: known, "Pearson's chi-squared over the group's sites"),
        .derived("df", from: known, "Its degrees of freedom"),
        .derived("p.value", from: known, "The p-value of no difference between sites"),
        .derived("between_sd", from: known, "Standard deviation of the sites' true shares"),
      ],
      sums: [
        .inRow(
          whole: "n_at_risk", parts: ["n_reached", "n_not_reached", "n_unknown", "n_immature"]),
        .chain(from: "n_reached", to: "n_at_risk", within: ["by", "group"]),
      ])
  }

  /// The funnel of every site: `results/funnel_sites.csv`.
  public static var funnelSites: ResultTable {
    // The sums over an arm's sites stand in the funnel by arm.
    let summed = ["n_at_risk", "n_reached", "n_not_reached", "n_unknown", "n_immature"]
    return ResultTable(
      unchecked: "funnel_sites", summary: "People at each stage of the service, by site.",
      columns: [
        .label("site", "The site"), .label("arm", "Its arm"), .label("stage", "The stage"),
      ] + funnelColumns,
      sums: [
        .inRow(whole: "n_at_risk", parts: Array(summed.dropFirst())),
        .chain(from: "n_reached", to: "n_at_risk", within: ["site"]),
      ] + summed.map { .partition(count: $0, within: ["arm", "stage"]) })
  }

  /// Who did not reach each stage, by rule: `results/funnel_exclusions.csv`.
  public static var funnelExclusions: ResultTable {
    ResultTable(
      unchecked: "funnel_exclusions",
      summary: "Why people did not reach each stage, rules that stopped nobody among them.",
      columns: [
        .label("by", "What the groups are"), .label("group", "The group"),
        .label("stage", "The stage"), .label("rule", "The rule, in words"),
        .count("n_before", "People before the rule"),
        .count("n_excluded", "People whom it stopped"), .count("n_after", "People left"),
      ],
      sums: [
        .inRow(whole: "n_before", parts: ["n_excluded", "n_after"]),
        .chain(from: "n_after", to: "n_before", within: ["by", "group"]),
      ])
  }

  /// The index of accepted people, and its tests: `results/creaming.csv`.
  public static var creaming: ResultTable {
    func derived(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: ["n"], meaning)
    }
    return ResultTable(
      unchecked: "creaming",
      summary:
        "How likely the people taken on were to find work anyway: means by quarter, and tests.",
      columns: [
        .label("term", "mean.index, or what is tested"),
        .label("arm", "The arm, or difference"),
        .label("period", "The calendar quarter; blank for all"),
        derived("estimate", "The mean index, a slope, or a change of the index"),
        derived("std.error", "Its standard error by sites; blank from one site"),
        derived("statistic", "The t statistic"), derived("df", "Its degrees of freedom"),
        derived("p.value", "The two-sided p-value"),
        derived("p.holm", "The p-value adjusted for several signals"),
        derived("conf.low", "The lower confidence limit"),
        derived("conf.high", "The upper confidence limit"),
        .count("n", "People"), .number("n_sites", "Sites"),
        .flag("signal", "Whether the verdict looks at it"),
        .text("note", "Why there is no test"),
        .derived("verdict", from: ["n"], "flagged, not flagged or can't say", type: .text),
      ])
  }

  /// Acceptance by fifths of the index: `results/creaming_acceptance.csv`.
  public static var creamingAcceptance: ResultTable {
    let accepted = Fraction("n_accepted", of: ["n_accepted", "n_declined"])
    return ResultTable(
      unchecked: "creaming_acceptance",
      summary: "Share accepted of the people whom the service decided on, by fifth of the index.",
      columns: [
        .label("arm", "The arm"),
        .label("fifth", "From 1, least likely to find work, to 5", type: .number),
        .derived("mean_index", from: ["n"], "The mean index"),
        .count("n", "People decided on"), .count("n_accepted", "People accepted"),
        .count("n_declined", "People declined by the service"),
        .derived("estimate", from: ["n_accepted", "n_declined"], "The share accepted")
          .remade(.fraction(accepted), otherwise: .coarse(2)),
        .derived("conf.low", from: ["n_accepted", "n_declined"], "Wilson's lower limit")
          .remade(.wilson(.low, accepted), otherwise: .coarse(2)),
        .derived("conf.high", from: ["n_accepted", "n_declined"], "Wilson's upper limit")
          .remade(.wilson(.high, accepted), otherwise: .coarse(2)),
      ],
      sums: [.inRow(whole: "n", parts: ["n_accepted", "n_declined"])])
  }

  /// Access and outcomes by profile: `results/equity.csv`.
  public static var equity: ResultTable {
    let own = ["n_yes", "n_no"]
    let both = own + ["n_rest_yes", "n_rest_no"]
    let share = Fraction("n_yes", of: own)
    let rest = Fraction("n_rest_yes", of: ["n_rest_yes", "n_rest_no"])
    return ResultTable(
      unchecked: "equity",
      summary: "Shares by group and arm, compared with the rest of the arm.",
      columns: [
        .label("measure", "accepted, engaged, or an outcome"),
        .label("profile", "The column"), .label("group", "The group; heterogeneity is the test"),
        .label("arm", "The arm, or all"),
        .count("n", "People of whom it is known"), .count("n_yes", "Of them with the event"),
        .count("n_unknown", "People of whom it is not known, left out"),
        .derived("estimate", from: own, "The share of those of whom it is known")
          .remade(.fraction(share), otherwise: .coarse(2)),
        .derived("conf.low", from: own, "Wilson's lower limit")
          .remade(.wilson(.low, share), otherwise: .coarse(2)),
        .derived("conf.high", from: own, "Wilson's upper limit")
          .remade(.wilson(.high, share), otherwise: .coarse(2)),
        .derived("difference", from: both, "The share less that of the rest of the arm")
          .remade(.difference(share, rest), otherwise: .coarse(2)),
        .derived("difference.low", from: both, "Newcombe's lower limit")
          .remade(.newcombe(.low, share, rest), otherwise: .coarse(2)),
        .derived("difference.high", from: both, "Newcombe's upper limit")
          .remade(.newcombe(.high, share, rest), otherwise: .coarse(2)),
        .derived("ratio", from: both, "The share over that of the rest")
          .remade(.ratio(share, rest), otherwise: .coarse(2)),
        .derived("ratio.low", from: both, "Its lower limit")
          .remade(.logRatio(.low, share, rest), otherwise: .coarse(2)),
        .derived("ratio.high", from: both, "Its upper limit")
          .remade(.logRatio(.high, share, rest), otherwise: .coarse(2)),
        .derived("statistic", from: both, "Pearson's chi-squared; F of the test")
          .remade(.pearson(share, rest), otherwise: .coarse(2)),
        .derived("df", from: both, "Its degrees of freedom"),
        .derived("df.residual", from: both, "Denominator degrees of freedom of the F test"),
        .derived("p.value", from: both, "The p-value")
          .remade(.pearsonTail(share, rest), otherwise: .coarse(2)),
        .derived("p.holm", from: both, "The p-value adjusted for the number of groups and arms")
          .coarse(1),
        .number("n_sites", "Sites behind the test"),
        .text("note", "Why there is no test"),
        .hiddenCount("n_no"), .hiddenCount("n_rest_yes"), .hiddenCount("n_rest_no"),
      ],
      sums: [
        .inRow(whole: "n", parts: ["n_yes", "n_no"]),
        .overRows(label: "arm", total: "all"),
        .partition(count: "n", within: ["measure", "profile", "arm"]),
        .partition(count: "n_yes", within: ["measure", "profile", "arm"]),
        .partition(count: "n_no", within: ["measure", "profile", "arm"]),
        .partition(count: "n_unknown", within: ["measure", "profile", "arm"]),
      ])
  }
}
