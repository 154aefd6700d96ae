import Contracts
import Statistics
import TestSupport
import Testing

@Suite struct PerformanceTests {
  @Test func ratiosIntervalsAndPValuesOfThePublishedRows() throws {
    let golden = try Golden.json("mhep_performance.json")["rows"].array
    let performance = try PerformanceAgainstTargets().compare(try MHEP.counts())
    #expect(performance.rows.count == 20)
    #expect(golden.count == 20)
    for (row, expected) in zip(performance.rows, golden) {
      #expect(row.project == expected["project"].string)
      #expect(row.stage.rawValue == expected["outcome"].string)
      #expect(row.band.rawValue == expected["band"].string)
      let ratio = try #require(row.ratio)
      #expect(close(ratio.estimate, expected["ratio"].double, .closedForm))
      #expect(close(ratio.interval?.low ?? .nan, expected["low"].double, .converged))
      #expect(close(ratio.interval?.high ?? .nan, expected["high"].double, .converged))
      // p-values as small as 1e-19: relative agreement, with no floor.
      let relative = Tolerance(relative: 1e-8, absolute: 0)
      #expect(close(ratio.pValue ?? .nan, expected["p"].double, relative))
    }
  }

  @Test func conversionRatesOfTheNestedProjects() throws {
    let golden = try Golden.json("mhep_performance.json")["conversions"].array
    let performance = try PerformanceAgainstTargets().compare(try MHEP.counts())
    let given = performance.conversions.filter {
      $0.basis == .achieved && $0.project != "all" && $0.rate != nil
    }
    #expect(given.count == 12)
    #expect(golden.count == 12)
    for (conversion, expected) in zip(given, golden) {
      #expect(conversion.project == expected["project"].string)
      #expect(conversion.from.rawValue == expected["from"].string)
      #expect(conversion.to.rawValue == expected["to"].string)
      #expect(close(conversion.rate?.estimate ?? .nan, expected["rate"].double, .closedForm))
      #expect(
        close(conversion.rate?.interval?.low ?? .nan, expected["low"].double, .converged))
      #expect(
        close(conversion.rate?.interval?.high ?? .nan, expected["high"].double, .converged))
    }
  }

  @Test func totalsAddUpByHand() throws {
    let performance = try PerformanceAgainstTargets().compare(try MHEP.counts())
    func total(
      _ project: String, _ cohort: String, _ stage: OutcomeStage, _ band: HoursBand
    ) -> [Int] {
      performance.totals.filter {
        $0.project == project && $0.cohort == cohort && $0.stage == stage && $0.band == band
      }.flatMap { [$0.target, $0.achieved, $0.difference] }
    }
    // Haringey and Barnet: 113 + 93 = 206 and 51 + 53 = 104.
    #expect(total("INDIGO-POJ-0176", "smi", .sustained, .any) == [206, 104, -102])
    // Tower Hamlets LD: 40 + 17 = 57 and 96 + 9 = 105.
    #expect(total("INDIGO-POJ-0192", "ld", .sustained, .any) == [57, 105, 48])
    // Engagements: 799 + 546 + 419 + 370 + 1223 = 3357; 704 + 239 + 496 + 75 + 1171 = 2685.
    #expect(total("all", "all", .engagement, .any) == [3357, 2685, -672])
    // Starts: 379 + 181 + 197 + 182 + 454 = 1393; 219 + 84 + 170 + 111 + 358 = 942.
    #expect(total("all", "all", .jobStart, .any) == [1393, 942, -451])
    // Under 16 hours: 113 + 55 + 66 + 40 + 193 = 467; 51 + 16 + 18 + 96 + 68 = 249.
    #expect(total("all", "all", .sustained, .under16) == [467, 249, -218])
    // 16 hours or more: 93 + 55 + 56 + 17 + 158 = 379; 53 + 40 + 60 + 9 + 126 = 288.
    #expect(total("all", "all", .sustained, .atLeast16) == [379, 288, -91])
    #expect(total("all", "all", .sustained, .any) == [846, 537, -309])
    // Without Tower Hamlets LD, the only project for people with learning disabilities.
    #expect(total("all", "smi", .engagement, .any) == [2987, 2610, -377])
    #expect(total("all", "smi", .jobStart, .any) == [1211, 831, -380])
    #expect(total("all", "smi", .sustained, .any) == [789, 432, -357])
    #expect(total("all", "ld", .sustained, .any).isEmpty)
  }

  @Test func countsThatAreNotNestedAreNamedAndTheirRatesRefused() throws {
    let performance = try PerformanceAgainstTargets().compare(try MHEP.counts())
    let learning = performance.conversions.filter {
      $0.project == "INDIGO-POJ-0192" && $0.basis == .achieved
    }
    #expect(learning.count == 3)
    #expect(learning.allSatisfy { $0.rate == nil })
    #expect(learning.allSatisfy { $0.refusal?.rule == .laterStageExceedsEarlier })
    // Its targets are nested (370, 182, 57), so the planned rates stand.
    let planned = performance.conversions.filter {
      $0.project == "INDIGO-POJ-0192" && $0.basis == .target
    }
    let plannedRates = planned.compactMap { $0.rate?.estimate }
    let byHand: [Double] = [182.0 / 370.0, 57.0 / 182.0, 57.0 / 370.0]
    #expect(plannedRates == byHand)
    #expect(planned.allSatisfy { $0.rate?.interval == nil })
    // A total that contains it is refused too; the total without it is given: 831 of 2610.
    let all = performance.conversions.filter {
      $0.project == "all" && $0.cohort == "all" && $0.basis == .achieved
    }
    #expect(all.count == 3)
    #expect(all.allSatisfy { $0.rate == nil && $0.refusal != nil })
    let mental = performance.conversions.first {
      $0.project == "all" && $0.cohort == "smi" && $0.basis == .achieved
    }
    let mentalRate = try #require(mental?.rate?.estimate)
    #expect(close(mentalRate, 831.0 / 2610.0, .closedForm))

    let named = performance.anomalies.map { "\($0.project) \($0.rule.rawValue) \($0.counts)" }
    #expect(
      named == [
        "INDIGO-POJ-0192 later-stage-exceeds-earlier [111, 75]",
        "INDIGO-POJ-0192 later-stage-exceeds-earlier [105, 75]",
        "INDIGO-POJ-0192 achieved-far-above-target [96, 40]",
      ])
    #expect(
      performance.anomalies[0].sentence
        == "Tower Hamlets LD reports 111 job starts but only 75 engagements: the two can't count"
        + " the same clients once each, so its conversion rates are refused.")
  }

  @Test func targetsAreCheckedToo() throws {
    let performance = try PerformanceAgainstTargets().compare([
      OutcomeCount(project: "A", site: "A", stage: .engagement, target: 10, achieved: 9),
      OutcomeCount(project: "A", site: "A", stage: .jobStart, target: 4, achieved: 5),
      OutcomeCount(project: "A", site: "A", stage: .sustained, target: 6, achieved: 2),
    ])
    #expect(performance.anomalies.map(\.rule) == [.sustainedAboveStarts])
    #expect(performance.conversions.filter { $0.basis == .target }.allSatisfy { $0.rate == nil })
    #expect(performance.conversions.filter { $0.basis == .achieved }.allSatisfy { $0.rate != nil })
  }

  @Test func zeroCountsAndZeroTargets() throws {
    let performance = try PerformanceAgainstTargets().compare([
      OutcomeCount(project: "A", site: "A", stage: .engagement, target: 3, achieved: 0),
      OutcomeCount(project: "A", site: "A", stage: .jobStart, target: 0, achieved: 0),
    ])
    // Nothing achieved: interval from 0 to −ln(0.025)/3, p = 2·exp(−3).
    let none = try #require(performance.rows[0].ratio)
    let interval = try #require(none.interval)
    let p = try #require(none.pValue)
    #expect(interval.low == 0)
    #expect(close(interval.high, 3.6888794541139363 / 3, .closedForm))
    #expect(close(p, 2 * 0.049787068367863944, .closedForm))
    #expect(performance.rows[1].ratio == nil)
    let achieved = performance.conversions.filter { $0.basis == .achieved }
    #expect(achieved.map(\.refusal?.rule) == [.emptyStage])
  }

  @Test func everyoneAndNobodyConverted() throws {
    // Clopper–Pearson has closed forms at the ends: 0.025^(1/n) and 1 − 0.025^(1/n).
    let performance = try PerformanceAgainstTargets().compare([
      OutcomeCount(project: "A", site: "A", stage: .engagement, target: 9, achieved: 2),
      OutcomeCount(project: "A", site: "A", stage: .jobStart, target: 9, achieved: 2),
      OutcomeCount(project: "A", site: "A", stage: .sustained, target: 9, achieved: 0),
    ])
    let achieved = performance.conversions.filter { $0.basis == .achieved }
    let intervals = try achieved.map { try #require($0.rate?.interval) }
    let limit = 0.025.squareRoot()
    #expect(close(intervals[0].low, limit, .closedForm))
    #expect(intervals[0].high == 1)
    #expect(intervals[1].low == 0)
    #expect(close(intervals[1].high, 1 - limit, .closedForm))
  }

  @Test func theOrderOfRowsMovesNoNumber() throws {
    let counts = try MHEP.counts()
    let there = try PerformanceAgainstTargets().compare(counts)
    let back = try PerformanceAgainstTargets().compare(counts.reversed())
    #expect(back.rows == there.rows.reversed())
    for total in there.totals { #expect(back.totals.contains(total)) }
    for conversion in there.conversions { #expect(back.conversions.contains(conversion)) }
  }

  @Test func badRowsAreRefused() {
    func code(_ counts: [OutcomeCount], level: Double = 0.95) -> SiblingError.Code? {
      do {
        _ = try PerformanceAgainstTargets(level: level).compare(counts)
        return nil
      } catch { return error.code }
    }
    let row = OutcomeCount(project: "A", site: "A", stage: .sustained, target: 3, achieved: 1)
    var band = row
    band.band = .under16
    var negative = row
    negative.achieved = -1
    var elsewhere = row
    elsewhere.cohort = "ld"
    elsewhere.stage = .jobStart
    #expect(code([]) == .noRows)
    #expect(code([row], level: 1) == .badValue)
    #expect(code([row, row]) == .duplicateKey)
    #expect(code([row, band]) == .dataQuality)
    #expect(code([negative]) == .badValue)
    #expect(code([row, elsewhere]) == .dataQuality)
    #expect(code([row]) == nil)
  }
}
