// Tables of competing exits, states and survival models, for their charts. The times of a table
// that is held, or of a grid, never tell of one person; hidden counts say how many stand behind a
// statistic.

extension ResultTable {
  /// Share that has ended by each cause (Aalen–Johansen): `results/cumulative_incidence.csv`.
  ///
  /// The rows of a curve are its steps, or chosen times only. Under a profile with thresholds a row
  /// is released when enough have ended by the cause since the released row before it.
  public static var cumulativeIncidence: ResultTable {
    ResultTable(
      unchecked: "cumulative_incidence",
      summary: "Share that has ended by each cause (Aalen–Johansen), competing ends counted.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("arm", "The arm"),
        .label("cause", "The cause"),
        .label("time", "Time since time zero, in the study's unit", type: .number),
        .derived("estimate", from: ["n_event"], "Share that has ended by the cause")
          .remade(.scaled(["n_event"]), otherwise: .coarse(2)),
        .derived("std.error", from: ["n_event"], "Its standard error")
          .remade(.scaled(["n_event"]), otherwise: .coarse(2)),
        .derived("conf.low", from: ["n_event"], "The lower confidence limit")
          .remade(.scaled(["n_event"]), otherwise: .coarse(2)),
        .derived("conf.high", from: ["n_event"], "The upper confidence limit")
          .remade(.scaled(["n_event"]), otherwise: .coarse(2)),
        .count("n_event", "Ends by the cause so far"),
      ],
      hold: HoldRule(
        kind: .cumulative, curves: ["analysis", "arm", "cause"], time: "time", count: "n_event"))
  }

  /// Share in each state over time: `results/state_occupancy.csv`.
  ///
  /// Give the rows of one time together, a row a state. Under a profile with thresholds the rows of
  /// a time are released when enough have changed state or left since the released time before.
  public static var stateOccupancy: ResultTable {
    ResultTable(
      unchecked: "state_occupancy", summary: "Share in each state over time.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("arm", "The arm"),
        .label("state", "The state"),
        .label("time", "Time since time zero, in the study's unit", type: .number),
        .derived("estimate", from: ["n_risk"], "Share that is in the state")
          .remade(.scaled(["n_risk"]), otherwise: .coarse(2)),
        .derived("std.error", from: ["n_risk"], "Its standard error")
          .remade(.scaled(["n_risk"]), otherwise: .coarse(2)),
        .derived("conf.low", from: ["n_risk"], "The lower confidence limit")
          .remade(.scaled(["n_risk"]), otherwise: .coarse(2)),
        .derived("conf.high", from: ["n_risk"], "The upper confidence limit")
          .remade(.scaled(["n_risk"]), otherwise: .coarse(2)),
        .count("n_risk", "Followed in the state; entered so far, if nobody leaves it"),
      ],
      hold: HoldRule(
        kind: .occupancy, curves: ["analysis", "arm"], time: "time", count: "n_risk"))
  }

  /// Smooth of the scaled Schoenfeld residuals over time: `results/schoenfeld_smooth.csv`.
  ///
  /// The times are a grid, not the times of events. `near` counts the events that the smooth at a
  /// time rests on.
  public static var schoenfeldSmooth: ResultTable {
    ResultTable(
      unchecked: "schoenfeld_smooth",
      summary: "How coefficients vary over time: smooths of scaled Schoenfeld residuals.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("term", "The coefficient"),
        .label("time", "Time since time zero, in the study's unit", type: .number),
        .derived(
          "transformed", from: ["near"],
          "The time as the test of proportional hazards transforms it"
        ).alwaysCoarse(2),
        .derived("estimate", from: ["near"], "The smooth: the coefficient at the time"),
        .derived("conf.low", from: ["near"], "The lower confidence limit"),
        .derived("conf.high", from: ["near"], "The upper confidence limit"),
        .derived("coefficient", from: ["n_event"], "The coefficient as fitted, constant"),
        .hiddenCount("near", "Events that the smooth rests on"),
        .hiddenCount("n_event", "Events of the model"),
      ])
  }

  /// Scaled Schoenfeld residuals, one event a row: `results/schoenfeld_residuals.csv`.
  ///
  /// The rows are single people, so that a profile with thresholds releases none of them.
  public static var schoenfeldResiduals: ResultTable {
    ResultTable(
      unchecked: "schoenfeld_residuals", summary: "Scaled Schoenfeld residuals, one event a row.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("term", "The coefficient"),
        .label("event", "The number of the event in the order of time", type: .number),
        .number("time", "Time since time zero, in the study's unit"),
        .number("transformed", "The time as the test of proportional hazards transforms it"),
        .number("residual", "The scaled Schoenfeld residual, the coefficient added"),
      ], hasRowsOfPeople: true)
  }

  /// Survival as parametric models have it: `results/survival_models.csv`.
  ///
  /// The times are a grid, not the times of events.
  public static var survivalModels: ResultTable {
    ResultTable(
      unchecked: "survival_models", summary: "Survival curves of parametric models.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("arm", "The arm"),
        .label("model", "The model"),
        .label("time", "Time since time zero, in the study's unit", type: .number),
        .derived("survival", from: ["n_event"], "Share still surviving after the time"),
        .hiddenCount("n_event", "Events of the arm"),
      ])
  }

  /// How well survival models fit: `results/model_comparison.csv`.
  public static var modelComparison: ResultTable {
    ResultTable(
      unchecked: "model_comparison", summary: "Information criteria of survival models.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("model", "The model"),
        .number("df", "Parameters of the model"),
        .derived("loglik", from: ["n_event"], "The log-likelihood"),
        .derived("aic", from: ["n_event"], "Akaike's criterion; lower is better"),
        .derived("bic", from: ["n_event"], "The Bayesian criterion; lower is better"),
        .hiddenCount("n_event", "Events of the model"),
      ])
  }
}

extension ResultTable {
  /// How a table of running counts is held under a profile with thresholds.
  public struct HoldRule: Sendable, Equatable, Codable {
    /// What the counts are.
    public enum Kind: Sendable, Equatable, Codable {
      /// A count of all until the time, which only grows.
      case cumulative
      /// A count of those in one of several states at the time; together they are everybody.
      case occupancy
    }

    /// What the counts are.
    public var kind: Kind
    /// The labels that tell curves apart.
    public var curves: [String]
    /// The time.
    public var time: String
    /// The count.
    public var count: String

    /// A hold rule.
    public init(kind: Kind, curves: [String], time: String, count: String) {
      self.kind = kind
      self.curves = curves
      self.time = time
      self.count = count
    }

    var columnNames: [String] { curves + [time, count] }

    /// How many people, at least, stand between two moments with a number a state (or one number).
    func people(from last: [Double], to now: [Double]) -> Double {
      var (more, fewer) = (0.0, 0.0)
      for (new, old) in zip(now, last) {
        if new > old { more += new - old } else { fewer += old - new }
      }
      return kind == .cumulative ? more : max(more, fewer)
    }
  }
}
