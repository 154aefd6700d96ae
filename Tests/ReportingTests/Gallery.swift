import Foundation
import Reporting
import Statistics
import TestSupport

/// Every chart with realistic data and with data that are hard to draw.
///
/// With `SIBLING_GALLERY=folder` in the environment the tests leave the pictures there to look at.
enum Gallery {
  typealias Cell = ResultTable.Cell

  static func all() throws -> [Figure] {
    try [
      flow(), flowOneArm(), flowWithheld(), love(), loveManyCovariates(), loveFlat(), overlap(),
      overlapTowering(), overlapOneStage(), loveInteractions(), qq(), qqWithheld(), density(),
      densityWithheld(), forest(), forestMoney(), forestRatios(), forestWide(),
      survival(), survivalHeld(), survivalFourArms(), eventStudy(), eventStudyLong(),
      eventStudyTwoPoints(), eventStudySmallNumbers(), targets(), targetsHard(), payments(),
      paymentsOne(), contour(), contourCrowded(), contourNegative(),
    ] + survivalCharts() + panelCharts()
  }

  static func attrition(_ rows: [(String, [(String, Int, Int)])]) throws -> ResultTable {
    var table = ResultTable.attrition
    for (index, (rule, arms)) in rows.enumerated() {
      for (arm, before, excluded) in arms {
        try table.append([
          "step": Cell(index + 1), "rule": .text(rule), "arm": .text(arm),
          "n_before": Cell(before), "n_excluded": Cell(excluded),
          "n_after": Cell(before - excluded),
        ])
      }
    }
    return table
  }

  static func flow() throws -> Figure {
    let table = try attrition([
      (
        "Outcome missing in 1978",
        [("all", 16177, 0), ("treated", 185, 0), ("comparison", 15992, 0)]
      ),
      (
        "Covariates missing (age, education, earnings in 1974 and 1975)",
        [("all", 16177, 12), ("treated", 185, 1), ("comparison", 15992, 11)]
      ),
      (
        "Not matched within a caliper of 0.2 standard deviations",
        [("all", 16165, 15800), ("treated", 184, 3), ("comparison", 15981, 15797)]
      ),
    ])
    return try FlowDiagram(
      title: "Almost every participant found a match",
      subtitle: "Records, National Supported Work and Current Population Survey, 1975 to 1978"
    ).figure(released(table), name: "flow")
  }

  static func flowOneArm() throws -> Figure {
    let table = try attrition([("Released before the study began", [("all", 432, 0)])])
    return try FlowDiagram(title: "Nobody was excluded", subtitle: "Men released, Maryland")
      .figure(released(table), name: "flow_one")
  }

  static func flowWithheld() throws -> Figure {
    let table = try attrition([
      ("No consent", [("treated", 120, 4), ("comparison", 300, 25)]),
      (
        "Moved away before the follow-up interview and could not be reached by letter, telephone "
          + "or through the service within six months",
        [("treated", 116, 20), ("comparison", 275, 31)]
      ),
    ])
    var control = Disclosure(profile: .acroDefault)
    return try FlowDiagram(title: "Few were lost", subtitle: "Clients accepted, 2019 to 2021")
      .figure(control.release(table), name: "flow_withheld")
  }

  static func balance(_ rows: [(String, String, Double, Double?)]) throws -> ResultTable {
    var table = ResultTable.balance
    for (covariate, level, before, after) in rows {
      for (stage, value) in [("unadjusted", before as Double?), ("adjusted", after)] {
        try table.append([
          "analysis": "primary", "covariate": .text(covariate), "level": .text(level),
          "stage": .text(stage), "smd": Cell(value),
        ])
      }
    }
    return table
  }

  static func love() throws -> Figure {
    let table = try balance([
      ("distance", "", 1.79, 0.0), ("age", "", -0.31, 0.04), ("educ", "", 0.05, -0.13),
      ("race", "black", 1.76, 0.02), ("race", "hispan", -0.35, -0.04), ("race", "white", -1.88, 0),
      ("married", "", -0.82, -0.05), ("nodegree", "", 0.24, 0.09), ("re74", "", -0.72, -0.06),
      ("re75", "", -0.29, -0.05),
    ])
    return try LovePlot(
      title: "Matching made the groups alike but for schooling",
      subtitle: "Standardised mean differences, 185 participants and their matches, 1975",
      names: ["educ": "Years of education", "re74": "Earnings in 1974"]
    ).figure(released(table), name: "love_plot")
  }

  static func loveManyCovariates() throws -> Figure {
    var draws = Draws(3)
    let table = try balance(
      (1...40).map { index in
        let long = index % 9 == 0
        let name =
          long
          ? "Number of weeks in contact with secondary mental health services in the two years "
            + "before referral, question \(index)" : "covariate_\(index)"
        return (
          name, index % 4 == 0 ? "level \(index)" : "", draws.uniform() * 1.6 - 0.8,
          index % 11 == 0 ? nil : (draws.uniform() - 0.5) * 0.3
        )
      })
    return try LovePlot(
      title: "Forty covariates, three of them still apart after weighting on the score",
      subtitle: "Standardised mean differences", stageNames: ("Before weighting", "After weighting")
    ).figure(released(table), name: "love_many")
  }

  static func loveFlat() throws -> Figure {
    let table = try balance([
      ("age", "", 0, 0), ("a_single_very_long_unbroken_name_of_a_column_x", "", 0, 0),
    ])
    return try LovePlot(title: "No difference anywhere", subtitle: "Simulated")
      .figure(released(table), name: "love_flat")
  }

  static func bins(_ specification: [(String, String, (Double) -> Double)], count: Int = 20)
    throws -> ResultTable
  {
    var table = ResultTable.overlap
    for (stage, arm, density) in specification {
      let weights = (0..<count).map { density((Double($0) + 0.5) / Double(count)) }
      let sum = weights.reduce(0, +)
      for (index, weight) in weights.enumerated() {
        try table.append([
          "analysis": "primary", "stage": .text(stage), "arm": .text(arm),
          "low": Cell(Double(index) / Double(count)),
          "high": Cell(Double(index + 1) / Double(count)),
          "n": Cell((weight / sum * 500).rounded()), "share": Cell(weight / sum),
        ])
      }
    }
    return table
  }

  static func overlap() throws -> Figure {
    let table = try bins([
      ("unadjusted", "treated", { $0 * $0 * (1.1 - $0) }),
      ("unadjusted", "comparison", { (1 - $0) * (1 - $0) * (0.2 + $0) }),
      ("adjusted", "treated", { $0 * $0 * (1.1 - $0) }),
      ("adjusted", "comparison", { $0 * $0 * (1.15 - $0) }),
    ])
    return try OverlapChart(
      title: "After matching the scores overlap", subtitle: "Share of each group by score",
      stageNames: ("Before matching", "After matching")
    ).figure(released(table), name: "overlap")
  }

  static func overlapTowering() throws -> Figure {
    let table = try bins([
      ("unadjusted", "treated", { $0 * (1.2 - $0) }),
      ("unadjusted", "comparison", { $0 < 0.05 ? 20 : 0.1 * (1 - $0) }),
      ("adjusted", "treated", { $0 * (1.2 - $0) }),
      ("adjusted", "comparison", { $0 * (1.15 - $0) }),
    ])
    return try OverlapChart(
      title: "Most of the population had no chance of the programme",
      subtitle: "Share of each group by score"
    ).figure(released(table), name: "overlap_tower")
  }

  static func overlapOneStage() throws -> Figure {
    let table = try bins(
      [
        ("unadjusted", "treated", { $0 > 0.5 ? 1 : 0 }),
        ("unadjusted", "comparison", { $0 > 0.5 ? 0 : 1 }),
      ], count: 2)
    return try OverlapChart(title: "No overlap at all", subtitle: "Simulated")
      .figure(released(table), name: "overlap_one")
  }

  static func estimates(
    _ rows: [(String, String, Double, Double?, Double?)]
  ) throws -> ResultTable {
    var table = ResultTable.estimates
    for (estimator, subgroup, estimate, low, high) in rows {
      try table.append([
        "analysis": "primary", "estimand": "ATT", "estimator": .text(estimator),
        "outcome": "job", "subgroup": .text(subgroup), "term": "ATT", "estimate": Cell(estimate),
        "conf.low": Cell(low), "conf.high": Cell(high), "conf.level": 0.95,
        "n_treated": 185, "n_comparison": 429,
      ])
    }
    return table
  }

  static func forest() throws -> Figure {
    let table = try estimates([
      ("Difference in means", "", 0.032, -0.06, 0.124), ("G-computation", "", 0.041, -0.02, 0.102),
      ("Doubly robust", "", 0.038, -0.024, 0.1), ("Site-level t", "", 0.05, -0.11, 0.21),
    ])
    return try ForestPlot(
      title: "Jobs may have risen; the interval includes none",
      subtitle: "Difference in the share with a job, per accepted client", style: .percent(1),
      axisTitle: "Difference in percentage points", directions: ("Fewer jobs", "More jobs")
    ).figure(released(table), name: "forest")
  }

  static func forestMoney() throws -> Figure {
    let table = try released(
      estimates([
        ("Unadjusted difference", "", -8497.52, -9893, -7102),
        ("Nearest neighbour, caliper 0.2, then g-computation", "", 1368.3, -96, 2833),
        ("Difference-in-differences, two periods, 1975 to 1978", "", 3621.2, 2480.5, 4762),
        ("Experimental benchmark", "", 1794.34, 551, 3038),
      ]))
    return try ForestPlot(
      title: "Matching comes near the experiment, the raw gap doesn't",
      subtitle: "Effect on earnings in 1978, dollars a year", style: .dollars(),
      axisTitle: "Effect on yearly earnings", directions: ("Earned less", "Earned more"),
      benchmark: (
        try table.cell("estimate", where: ["estimator": "Experimental benchmark"]), "Experiment"
      )
    ).figure(table, name: "forest_money")
  }

  static func forestRatios() throws -> Figure {
    let table = try estimates([
      ("Cox", "Men", 0.69, 0.47, 1.0), ("Cox", "Women", 0.85, 0.31, 2.31),
      ("Weibull", "Men", 0.71, 0.5, 1.02), ("Weibull", "Women", 0.9, 0.33, 2.4),
    ])
    return try ForestPlot(
      title: "Arrest came later with financial aid", subtitle: "Hazard ratios",
      axisTitle: "Hazard ratio (logarithmic scale)", labels: ["subgroup"], group: "estimator",
      null: 1, isLogarithmic: true, directions: ("Fewer arrests", "More arrests")
    ).figure(released(table), name: "forest_ratios")
  }

  static func forestWide() throws -> Figure {
    let table = try estimates([
      ("a", "", 1.2e-5, 1.1e-5, 1.3e-5), ("b", "", 1e-5, -4e-4, 4e-4), ("c", "", 1.1e-5, nil, nil),
      ("d", "", 1.4e-5, 1e-5, 1.6e-5),
    ])
    return try ForestPlot(
      title: "One interval leaves the picture", subtitle: "Very small numbers",
      style: .significant(2), axisTitle: "Effect"
    ).figure(released(table), name: "forest_wide")
  }

  static func curves(_ arms: [(String, Int, Double)], weeks: Int = 52) throws -> ResultTable {
    var table = ResultTable.survival
    var draws = Draws(11)
    for (arm, people, hazard) in arms {
      var risk = people
      var share = 1.0
      var variance = 0.0
      for week in 1...weeks where risk > 0 {
        let events = (0..<risk).count { _ in draws.uniform() < hazard }
        let drawn = (0..<(risk - events)).count { _ in draws.uniform() < 0.012 }
        // Whoever is still in at the end is censored there.
        let censored = week == weeks ? risk - events : drawn
        guard events + censored > 0 else { continue }
        share *= 1 - Double(events) / Double(risk)
        if risk > events { variance += Double(events) / Double(risk * (risk - events)) }
        let reach = 1.96 * variance.squareRoot()
        try table.append([
          "analysis": "job", "arm": .text(arm), "time": Cell(week), "n_risk": Cell(risk),
          "n_event": Cell(events), "n_censor": Cell(censored), "survival": Cell(share),
          "std.error": Cell(share * variance.squareRoot()),
          "conf.low": Cell(share * exp(-reach)), "conf.high": Cell(min(1, share * exp(reach))),
        ])
        risk -= events + censored
      }
    }
    return table
  }

  static func survival() throws -> Figure {
    try SurvivalChart(
      title: "First jobs lasted longer with financial aid",
      subtitle: "Share of first jobs still held, by weeks since the start, Maryland",
      measure: "Still employed", eventName: "Job ends",
      names: ["1": "Financial aid", "0": "No aid"]
    ).figure(released(curves([("1", 216, 0.012), ("0", 216, 0.02)])), name: "survival")
  }

  static func survivalHeld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    let table = try control.release(curves([("sib", 150, 0.02), ("comparison", 420, 0.03)]))
    return try SurvivalChart(
      title: "Held curves step only when ten people have left", subtitle: "Share in work",
      measure: "Still employed"
    ).figure(table, name: "survival_held")
  }

  static func survivalFourArms() throws -> Figure {
    let table = try curves(
      [
        ("Tower Hamlets, learning disabilities", 900, 0.02), ("Enfield", 800, 0.021),
        ("Shropshire", 1200, 0.0205), ("Haringey & Barnet", 700, 0.0202),
      ], weeks: 900 / 10)
    return try SurvivalChart(
      title: "Four sites can hardly be told apart", subtitle: "Share in work", measure: "In work",
      unit: "days"
    ).figure(released(table), name: "survival_four")
  }

  static func events(_ rows: [(Int, Double?, Double)]) throws -> ResultTable {
    var table = ResultTable.eventStudy
    for (time, estimate, error) in rows {
      let isReference = estimate == nil
      let value = estimate ?? 0
      try table.append([
        "analysis": "panel", "rel_time": Cell(time), "estimate": Cell(value),
        "std.error": isReference ? nil : Cell(error),
        "conf.low": isReference ? nil : Cell(value - 1.96 * error),
        "conf.high": isReference ? nil : Cell(value + 1.96 * error),
        "reference": .flag(isReference), "n": 2500,
      ])
    }
    return table
  }

  static func eventStudy() throws -> Figure {
    let table = try events([
      (-4, 0.0033, 0.0245), (-3, 0.0252, 0.018), (-2, 0.0246, 0.0142), (-1, nil, 0),
      (0, -0.0199, 0.0118), (1, -0.051, 0.0169), (2, -0.1373, 0.0364), (3, -0.1008, 0.0343),
    ])
    return try EventStudyChart(
      title: "Teen employment fell after minimum wages rose",
      subtitle: "Effect on log teen employment, 500 US counties, 2003 to 2007", unit: "years",
      start: "Minimum wage rises"
    ).figure(released(table), name: "event_study")
  }

  static func eventStudyLong() throws -> Figure {
    var draws = Draws(5)
    let table = try events(
      (-30...40).map { time in
        (time, time == -1 ? nil : Double(max(0, time)) * 120 + draws.uniform() * 900, 400)
      })
    return try EventStudyChart(
      title: "Seventy periods", subtitle: "Pounds a quarter", style: .pounds(), unit: "quarters"
    ).figure(released(table), name: "event_long")
  }

  static func eventStudyTwoPoints() throws -> Figure {
    try EventStudyChart(title: "Two periods only", subtitle: "Simulated", unit: "years")
      .figure(released(events([(-1, nil, 0), (0, 0, 0)])), name: "event_two")
  }

  static func eventStudySmallNumbers() throws -> Figure {
    try EventStudyChart(title: "Tiny effects", subtitle: "Simulated", style: .significant(2))
      .figure(
        released(events([(-2, 1e-6, 2e-6), (-1, nil, 0), (0, -3e-6, 1e-6), (1, -9e-6, 4e-6)])),
        name: "event_small")
  }

  static func performance(_ rows: [(String, String, Double, Double, String)]) throws -> ResultTable
  {
    var table = ResultTable.performance
    for (contract, outcome, target, actual, note) in rows {
      try table.append([
        "contract": .text(contract), "outcome": .text(outcome), "target": Cell(target),
        "actual": Cell(actual), "ratio": target == 0 ? nil : Cell(actual / target),
        "difference": Cell(actual - target), "note": note.isEmpty ? nil : .text(note),
      ])
    }
    return table
  }

  static func targets() throws -> Figure {
    let outcomes = [
      "Engagement", "Job start", "Sustained, under 16 hours", "Sustained, 16 hours or more",
    ]
    let projects: [(String, [Double], [Double])] = [
      ("Haringey and Barnet", [799, 379, 113, 93], [704, 219, 51, 53]),
      ("Enfield", [546, 181, 55, 55], [239, 84, 16, 40]),
      ("Shropshire", [419, 197, 66, 56], [496, 170, 18, 60]),
      ("Tower Hamlets, learning disabilities", [370, 182, 40, 17], [75, 111, 96, 9]),
      ("Tower Hamlets, mental health", [1223, 454, 193, 158], [1171, 358, 68, 126]),
    ]
    let table = try performance(
      projects.flatMap { project, target, actual in
        outcomes.indices.map { index in
          let note =
            project.hasSuffix("disabilities") && index < 2
            ? "Fewer engagements than job starts were published; the source does not say why." : ""
          return (project, outcomes[index], target[index], actual[index], note)
        }
      })
    return try TargetsChart(
      title: "Job starts fell short of target in every project",
      subtitle: "Outcomes achieved of the contract's target, five MHEP projects, 2019 to 2024"
    ).figure(released(table), name: "targets")
  }

  static func targetsHard() throws -> Figure {
    try TargetsChart(title: "Awkward targets", subtitle: "Simulated").figure(
      released(
        performance([
          ("A", "No target", 0, 12, ""), ("A", "Nothing achieved", 1_200_000, 0, ""),
          ("A", "Far above", 2, 90, "Ninety against two"),
          (
            "B with a name that is much longer than any heading has a right to be, even here", "x",
            10, 10, "Exactly met"
          ),
        ])), name: "targets_hard")
  }

  static func payments() throws -> Figure {
    var table = ResultTable.payments
    var draws = Draws(2)
    for (index, contract) in [
      "Haringey and Barnet", "Enfield", "Shropshire", "Tower Hamlets LD", "Tower Hamlets MH",
    ].enumerated() {
      var totals = [0.0, 0, 0]
      for quarter in 0..<(17 + index) {
        let month = 6 + 3 * quarter
        let date =
          "\(2019 + (month - 1) / 12)-\((month - 1) % 12 + 1 < 10 ? "0" : "")\((month - 1) % 12 + 1)"
        for line in totals.indices { totals[line] += draws.uniform() * 90_000 / Double(line + 1) }
        try table.append([
          "contract": .text(contract), "quarter_end": .text(date),
          "first_plan_total": Cell(totals[0]), "latest_plan_total": Cell(totals[1]),
          "actual_total": quarter < 15 ? Cell(totals[1] * 0.97) : nil, "currency": "GBP",
        ])
      }
    }
    return try PaymentsChart(
      title: "Payments ran below the first plan everywhere",
      subtitle: "Cumulative outcome payments by quarter, pounds, five MHEP projects"
    ).figure(released(table), name: "payments")
  }

  static func paymentsOne() throws -> Figure {
    var table = ResultTable.payments
    for (date, amount) in [("2020-03", 0.0), ("2020-06", 0)] {
      try table.append([
        "contract": "One", "quarter_end": .text(date), "first_plan_total": Cell(amount),
        "latest_plan_total": Cell(amount), "actual_total": Cell(amount),
      ])
    }
    return try PaymentsChart(title: "Nothing was paid", subtitle: "Two quarters")
      .figure(released(table), name: "payments_one")
  }
}
