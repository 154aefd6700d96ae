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
    ] + survivalCharts() + panelCharts() + flowCharts() + planningCharts() + tippingCharts()
      + scenarioCharts()
      + waterfallCharts()
      + incentiveCharts()
      + valueCharts()
      + doseCharts()
      + planCharts()
      + specificationCharts()
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
}
