import Foundation
import Reporting
import Statistics

/// Survival curves, and charts of competing exits and states.
extension Gallery {
  static func survivalCharts() throws -> [Figure] {
    try [
      survivalStrokes(), survivalYears(), incidence(), incidenceOneArm(), incidenceByCause(),
      incidenceLongNames(), incidenceOneArmLong(), incidenceOneCause(), incidenceHeld(), stacked(),
      stackedManyCauses(), stackedThinAreas(),
      stackedHeld(),
      states(), statesManyArms(), statesMerged(), statesWithheld(), logLog(), logLogFourArms(),
      logLogOnePoint(),
      schoenfeld(), schoenfeldWithheld(), schoenfeldManyTerms(), models(), modelsCompared(),
      modelsHeld(), forestMilestones(),
    ]
  }

  static func survivalStrokes() throws -> Figure {
    try SurvivalChart(
      title: "Maintenance held remission longer in a small trial",
      subtitle: "Share in remission, by weeks since it was reached", measure: "In remission",
      eventName: "Relapses"
    ).figure(
      released(curves([("Maintained", 24, 0.02), ("Not maintained", 22, 0.04)])),
      name: "survival_strokes")
  }

  static func survivalYears() throws -> Figure {
    var table = ResultTable.survival
    for (arm, shift) in [("Standard", 0.0), ("Placement first", 0.08)] {
      for step in 0...12 {
        let time = Double(step) / 4
        try table.append([
          "analysis": "job", "arm": .text(arm), "time": .number(time),
          "n_risk": Cell(400 - 25 * step), "n_event": step == 0 ? 0 : 15,
          "n_censor": step == 0 ? 0 : 10, "survival": .number(exp(-time * (0.3 - shift))),
        ])
      }
    }
    return try SurvivalChart(
      title: "Half a year between the ticks", subtitle: "No bands were given",
      measure: "Still employed", unit: "years", ticks: [0, 0.5, 1, 1.5, 2, 2.5, 3],
      marksCensoring: false
    ).figure(released(table), name: "survival_years")
  }

  /// Competing exits week by week, with hazards by cause.
  static func incidences(
    _ arms: [(String, Int)], _ causes: [(String, Double)], weeks: Int = 52, seed: UInt64 = 7
  ) throws -> ResultTable {
    var table = ResultTable.cumulativeIncidence
    var draws = Draws(seed)
    for (position, (arm, people)) in arms.enumerated() {
      var risk = people
      var survival = 1.0
      var shares = causes.map { _ in 0.0 }
      var counts = causes.map { _ in 0 }
      for week in 1...weeks where risk > 0 {
        var ends = causes.map { _ in 0 }
        var censored = 0
        for _ in 0..<risk {
          var draw = draws.uniform()
          for (cause, hazard) in causes.enumerated() {
            let own = hazard.1 * (1 + 0.3 * Double(position))
            if draw >= 0, draw < own { ends[cause] += 1 }
            draw -= own
          }
          if draw >= 0, draw < 0.004 { censored += 1 }
        }
        for cause in causes.indices {
          shares[cause] += survival * Double(ends[cause]) / Double(risk)
          counts[cause] += ends[cause]
        }
        survival *= 1 - Double(ends.reduce(0, +)) / Double(risk)
        risk -= ends.reduce(0, +) + censored
        for (cause, share) in shares.enumerated() where ends[cause] > 0 {
          let error = (share * (1 - share) / Double(people)).squareRoot()
          try table.append([
            "analysis": "job", "arm": .text(arm), "cause": .text(causes[cause].0),
            "time": Cell(week), "estimate": Cell(share), "std.error": Cell(error),
            "conf.low": Cell(max(0, share - 1.96 * error)),
            "conf.high": Cell(min(1, share + 1.96 * error)), "n_event": Cell(counts[cause]),
          ])
        }
      }
    }
    return table
  }

  private static let exits = [("quit", 0.008), ("dismissed", 0.005), ("ended", 0.011)]
  private static let exitNames = [
    "quit": "Left for another job", "dismissed": "Dismissed", "ended": "Contract ended",
    "1": "Supported employment", "0": "Usual services",
  ]

  static func incidence() throws -> Figure {
    try CumulativeIncidenceChart(
      title: "More contracts ended without support",
      subtitle: "Cumulative incidence of job ends, by weeks since the start, England",
      measure: "Share of jobs that have ended",
      names: exitNames
    ).figure(released(incidences([("1", 300), ("0", 280)], exits)), name: "incidence")
  }

  static func incidenceOneArm() throws -> Figure {
    try CumulativeIncidenceChart(
      title: "Contracts ended more often than people were dismissed",
      subtitle: "Cumulative incidence of job ends", names: exitNames
    ).figure(released(incidences([("", 300)], exits)), name: "incidence_one")
  }

  private static let manyCauses: [(String, Double)] = [
    ("Left for another job with better pay or hours", 0.006), ("Dismissed", 0.004),
    ("Contract ended and was not renewed by the employer", 0.009), ("Illness", 0.003),
    ("Caring responsibilities", 0.002), ("Moved away", 0.001), ("Retired", 0.0005),
  ]

  static func incidenceByCause() throws -> Figure {
    try CumulativeIncidenceChart(
      title: "Seven causes, a panel each", subtitle: "Cumulative incidence of job ends",
      names: exitNames
    ).figure(
      released(incidences([("1", 500), ("0", 480)], manyCauses)), name: "incidence_causes")
  }

  static func incidenceLongNames() throws -> Figure {
    let arms = [
      (
        "Tower Hamlets, people with learning disabilities who were referred by social services", 200
      ),
      ("Enfield", 180), ("Shropshire", 220), ("Haringey & Barnet", 250), ("Camden", 100),
    ]
    return try CumulativeIncidenceChart(
      title: "Five sites with long names", subtitle: "Cumulative incidence of job ends",
      names: exitNames
    ).figure(released(incidences(arms, Array(manyCauses.prefix(4)))), name: "incidence_long")
  }

  static func incidenceOneArmLong() throws -> Figure {
    try CumulativeIncidenceChart(
      title: "Four causes with long names beside their lines", subtitle: "Simulated"
    ).figure(
      released(incidences([("", 300)], Array(manyCauses.prefix(4)))), name: "incidence_one_long")
  }

  static func incidenceOneCause() throws -> Figure {
    try CumulativeIncidenceChart(
      title: "One cause only", subtitle: "Simulated", unit: "days", names: exitNames
    ).figure(
      released(incidences([("1", 90), ("0", 80)], [("quit", 0.01)])), name: "incidence_cause")
  }

  static func incidenceHeld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    let table = try control.release(incidences([("1", 200), ("0", 60)], exits))
    return try CumulativeIncidenceChart(
      title: "Held curves step only when ten more have ended",
      subtitle: "Cumulative incidence of job ends", names: exitNames
    ).figure(table, name: "incidence_held")
  }

  static func stacked() throws -> Figure {
    try StackedIncidenceChart(
      title: "Two in three jobs had ended after a year",
      subtitle: "Cumulative incidence of job ends, by weeks since the start",
      measure: "Share of all jobs", remaining: "Still employed", names: exitNames
    ).figure(released(incidences([("1", 300), ("0", 280)], exits)), name: "stacked")
  }

  static func stackedManyCauses() throws -> Figure {
    try StackedIncidenceChart(
      title: "Seven causes, the three greatest by name",
      subtitle: "Cumulative incidence of job ends",
      remaining: "Still employed", names: exitNames
    ).figure(
      released(
        incidences(
          [("1", 500), ("0", 480), ("A third arm with a long name, too", 300)], manyCauses)
      ), name: "stacked_many")
  }

  static func stackedThinAreas() throws -> Figure {
    try StackedIncidenceChart(
      title: "Areas too thin for their names", subtitle: "Simulated", unit: "months"
    ).figure(
      released(
        incidences(
          [("", 900)], [("Retired", 0.0004), ("Caring", 0.0005), ("Moved", 0.03)], weeks: 36)),
      name: "stacked_thin")
  }

  static func stackedHeld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    let table = try control.release(incidences([("1", 200), ("0", 60)], exits))
    return try StackedIncidenceChart(
      title: "Areas step only when ten more have ended",
      subtitle: "Cumulative incidence of job ends",
      remaining: "Still employed", names: exitNames
    ).figure(table, name: "stacked_held")
  }

  /// People who move between four states week by week.
  static func occupancy(_ arms: [(String, Int)], weeks: Int = 52) throws -> ResultTable {
    let states = ["Out of work", "In a job", "Sustained 26 weeks", "Left the service"]
    let moves: [[(to: Int, chance: Double)]] = [
      [(1, 0.05), (3, 0.01)], [(0, 0.03), (2, 0.035), (3, 0.002)], [(0, 0.01), (3, 0.001)], [],
    ]
    var table = ResultTable.stateOccupancy
    var draws = Draws(13)
    for (arm, people) in arms {
      var place = [Int](repeating: 0, count: people)
      for week in 0...weeks {
        if week > 0 {
          for person in place.indices {
            var draw = draws.uniform()
            for move in moves[place[person]] where draw >= 0 {
              if draw < move.chance {
                place[person] = move.to
                draw = -1
              }
              draw -= move.chance
            }
          }
        }
        for (state, name) in states.enumerated() {
          let count = place.count { $0 == state }
          let share = Double(count) / Double(people)
          let error = (share * (1 - share) / Double(people)).squareRoot()
          try table.append([
            "analysis": "path", "arm": .text(arm), "state": .text(name), "time": Cell(week),
            "estimate": Cell(share), "std.error": Cell(error),
            "conf.low": Cell(max(0, share - 1.96 * error)),
            "conf.high": Cell(min(1, share + 1.96 * error)), "n_risk": Cell(count),
          ])
        }
      }
    }
    return table
  }

  static func states() throws -> Figure {
    try StateOccupancyChart(
      title: "A third had a sustained job after a year",
      subtitle: "Share of clients in each state, by weeks since they were accepted",
      names: ["1": "Supported employment", "0": "Usual services"]
    ).figure(released(occupancy([("1", 300), ("0", 280)])), name: "states")
  }

  static func statesManyArms() throws -> Figure {
    let arms = [
      ("Tower Hamlets, learning disabilities", 200), ("Enfield", 180), ("Shropshire", 60),
      ("Haringey & Barnet", 90), ("Camden", 100), ("Kent", 120), ("Surrey", 90),
    ]
    return try StateOccupancyChart(title: "Seven sites", subtitle: "Share in each state")
      .figure(released(occupancy(arms)), name: "states_many")
  }

  /// Six states of which the smallest three stand together.
  static func statesMerged() throws -> Figure {
    var table = ResultTable.stateOccupancy
    let shares = [
      ("Out of work", 0.4), ("Sick", 0.05), ("In a job of fewer than sixteen hours a week", 0.25),
      ("In training", 0.04), ("In a job of sixteen hours or more a week", 0.2), ("Left", 0.06),
    ]
    for quarter in 0...8 {
      for (state, share) in shares {
        let drift = state == "Out of work" ? -0.03 : state == "Left" ? 0.03 : 0
        try table.append([
          "analysis": "path", "arm": "all", "state": .text(state), "time": Cell(quarter),
          "estimate": Cell(share + drift * Double(quarter)), "n_risk": 100,
        ])
      }
    }
    return try StateOccupancyChart(
      title: "Six states, the small ones together", subtitle: "Simulated", unit: "quarters"
    ).figure(released(table), name: "states_merged")
  }

  static func statesWithheld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    let table = try control.release(occupancy([("1", 150), ("0", 60)]))
    return try StateOccupancyChart(
      title: "Shares of few people are withheld", subtitle: "Share in each state",
      names: ["1": "Supported employment", "0": "Usual services"]
    ).figure(table, name: "states_withheld")
  }
}
