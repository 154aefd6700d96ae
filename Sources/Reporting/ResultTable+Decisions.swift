// What is decided between: methods, choices of the analysis, several outcomes, margins; as result files.

public import Statistics

extension ResultTable {
  /// The people behind a number; they are shown in `estimates`, and here only decide what is withheld.
  private static let behind = [
    "hidden_n_treated", "hidden_n_comparison", "hidden_events_treated", "hidden_events_comparison",
  ]
  private static let hidden: [Column] = behind.map { .hiddenCount($0) }

  private static func statistic(
    _ name: String, _ meaning: String, type: ValueType = .number
  ) -> Column {
    .derived(name, from: behind, meaning, type: type)
  }

  /// The fewest people behind any number of a table, on whom a summary rests.
  private static let fewest = "hidden_n_fewest"

  /// The people behind the leading estimate, for what tells how far others lie from it: with two such
  /// distances it could be worked out.
  private static let leading = [
    "hidden_leading_n_treated", "hidden_leading_n_comparison", "hidden_leading_events_treated",
    "hidden_leading_events_comparison",
  ]
  private static let hiddenLeading: [Column] = leading.map { .hiddenCount($0) }

  /// A statistic of the agreement with the leading estimate.
  private static func agreed(
    _ name: String, _ meaning: String, type: ValueType = .number
  ) -> Column {
    .derived(name, from: [fewest] + leading, meaning, type: type)
  }

  private static func summarised(
    _ name: String, _ meaning: String, type: ValueType = .number
  ) -> Column {
    .derived(name, from: [fewest], meaning, type: type)
  }

  private static let treated = Fraction("hidden_events_treated", of: ["hidden_n_treated"])
  private static let comparison = Fraction(
    "hidden_events_comparison", of: ["hidden_n_comparison"])

  /// An effect with its uncertainty.
  ///
  /// It is made again of rounded counts as in `estimates`: its exact digits would tell them.
  private static let estimate: [Column] = Column.estimates(
    [
      statistic("estimate", "The point estimate"), statistic("std.error", "Its standard error"),
      statistic("df", "Degrees of freedom; blank means normal or no such"),
      statistic("p.value", "The two-sided p-value"),
      statistic("conf.low", "The lower confidence limit"),
      statistic("conf.high", "The upper confidence limit"),
      .number("conf.level", "The confidence level"),
    ],
    rules: [
      .difference(treated, comparison), .ratio(treated, comparison),
      .oddsRatio(treated, comparison),
    ])
  private static let residual = ResidualRule(column: "df", unless: "n_clusters")

  /// The primary effect by every method: `results/triangulation.csv`.
  public static var triangulation: ResultTable {
    ResultTable(
      unchecked: "triangulation", summary: "The primary effect by every method that was used.",
      columns: [
        .label("outcome", "The outcome"),
        .label("scale", "The scale; estimates are compared within one only"),
        .label("family", "The kind of method"), .label("method", "The method"),
        .text("source", "The file that holds the estimate; `here` for one made for this table"),
        .text("role", "leads, compared, or beside: shown, but not one of those that are compared"),
        .text("estimand", "Whose effect"),
      ] + estimate + [
        .derived(
          "distance", from: behind + leading,
          "Standard errors of the leading estimate from it, signed; blank where counts are rounded"),
        .derived(
          "agreement", from: behind + leading,
          "same direction, apart (intervals do not meet), or opposite", type: .text),
        .text("assumes", "What it takes for granted"), .number("n_clusters", "Clusters"),
      ] + hidden + hiddenLeading, residual: residual)
  }

  /// How far the methods agree: `results/agreement.csv`.
  public static var agreement: ResultTable {
    ResultTable(
      unchecked: "agreement", summary: "How far the methods for the primary effect agree.",
      columns: [
        .label("outcome", "The outcome"), .label("scale", "The scale"),
        .number("methods", "Methods that are compared, the leading one among them"),
        .number("families", "Kinds of methods among them"),
        agreed("same_direction", "Methods that point the way of the leading one, with itself"),
        agreed("overlapping", "Methods whose interval meets that of the leading one"),
        agreed(
          "clear", "Methods whose interval lies wholly on the leading estimate's side of no effect"),
        agreed(
          "furthest",
          "The greatest distance from the leading estimate, in its errors; blank under a profile"
        ),
        agreed("verdict", "single, close, alike, apart or opposed", type: .text),
        .hiddenCount(fewest),
      ] + hiddenLeading)
  }

  /// The effect over every combination of declared choices: `results/specifications.csv`.
  ///
  /// `choices` names the columns of the choices with what each is.
  ///
  /// - Throws: `duplicateColumn` where a choice is called as another column is.
  public static func specifications(
    _ choices: [(column: String, meaning: String)]
  ) throws(SiblingError) -> ResultTable {
    try ResultTable(
      name: "specifications",
      summary: "The effect over every combination of the declared choices.",
      columns: [.label("specification", "The combination's number", type: .number)]
        + choices.map { .text($0.column, $0.meaning) } + [
          .text("status", "estimated or skipped"),
          .text("reason", "Why it was skipped"),
          .text("outcome", "The outcome"), .text("estimand", "Whose effect"),
          .text("estimator", "The estimator"),
          .flag("same_question", "Whether outcome and estimand are those of the study"),
          .flag("as_reported", "Whether every choice is the study's own"),
        ] + estimate + [
          .derived("n_treated", from: behind, "Treated people; blank under a disclosure profile"),
          .derived("n_comparison", from: behind, "People compared with, likewise"),
          statistic("se_type", "How the standard error was made", type: .text),
          .number("n_clusters", "Clusters"),
        ] + hidden, residual: residual)
  }

  /// What the combinations have in common: `results/specification_summary.csv`.
  public static var specificationSummary: ResultTable {
    ResultTable(
      unchecked: "specification_summary",
      summary: "What the combinations of declared choices have in common.",
      columns: [
        .label("outcome", "The outcome"),
        .number("declared", "Combinations of the choices"),
        .number("estimated", "Combinations that gave an estimate"),
        .number("skipped", "Combinations that can't be made or gave none"),
        .number("other_question", "Estimated with another outcome or estimand; left out below"),
        summarised("same_sign", "Share on the same side of nothing as the median"),
        summarised("favourable", "Share whose interval lies on the better side of nothing"),
        summarised("unfavourable", "Share whose interval lies on the worse side"),
        summarised("estimate_low", "The least estimate").coarse(2),
        summarised("estimate_median", "The median estimate").coarse(2),
        summarised("estimate_high", "The greatest estimate").coarse(2),
        summarised("p.median", "p-value of the median estimate, by exchanging treatment"),
        summarised("p.share", "p-value of the share of intervals on the median's side, likewise"),
        .number("exchanges", "Exchanges of treatment between sites; blank without"),
        .number("conf.level", "The confidence level"), .hiddenCount(fewest),
      ])
  }

  /// P-values of several outcomes: `results/several_outcomes.csv`.
  public static var severalOutcomes: ResultTable {
    ResultTable(
      unchecked: "several_outcomes",
      summary:
        "The leading effects on several outcomes, with p-values that allow for their number.",
      columns: [
        .label("outcome", "The outcome"), .label("analysis", "The analysis that leads"),
        .label("term", "The term; the time of a difference of survival"),
      ] + estimate + [
        .derived("p.holm", from: behind + [fewest], "The p-value by Holm's method").coarse(2),
        .derived(
          "p.romano_wolf", from: behind + [fewest],
          "The p-value stepping down over joint resamples (Romano and Wolf)"
        ).coarse(2),
        .number("family", "How many p-values are allowed for"),
        .number("alpha", "The level that p-values are held against"),
        .text("resampling", "What was resampled"), .number("draws", "How many resamples"),
        .number("n_clusters", "Clusters"),
      ] + hidden + [.hiddenCount(fewest)], residual: residual)
  }

  /// Effects against declared margins: `results/margins.csv`.
  public static var margins: ResultTable {
    ResultTable(
      unchecked: "margins", summary: "Leading effects against margins that were declared.",
      columns: [
        .label("outcome", "The outcome"),
        .label("question", "non-inferiority or equivalence"),
        .number("margin.low", "The lower margin"), .number("margin.high", "The upper margin"),
        .text("why", "Why this margin"),
      ]
        + estimate.map { column in
          column.name == "p.value"
            ? statistic("p.value", "One-sided p-value; of two the greater").coarse(2)
            : column
        } + [
          .number("alpha", "The level of each one-sided test"),
          statistic("verdict", "holds, open or fails", type: .text),
          .text("scale", "difference, ratio or odds-ratio"),
          statistic("se_type", "How the p-value was made", type: .text),
          .number("n_clusters", "Clusters"),
        ] + hidden, residual: residual)
  }
}
