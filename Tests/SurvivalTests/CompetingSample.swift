import LinearAlgebra
import Statistics
import Survival
import TestSupport

/// The lung rows with two made-up causes of exit, in days or in months with many ties.
struct CompetingSample {
  let sample: Sample
  let causes: Factor
  let times: SurvivalTimes
  let late: SurvivalTimes

  init(months: Bool) throws {
    let sample = try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "sex", "ph.ecog"],
      also: ["inst"])
    let days = sample["time"]
    let start = zip(sample["age"], days).map { age, time in
      min((age * 7).truncatingRemainder(dividingBy: 300), time - 1)
    }
    let event = sample["status"].map { $0 == 2 }
    let stop = months ? days.map { ($0 / 28).rounded(.up) } : days
    let from = months ? zip(start, stop).map { min(($0 / 28).rounded(.down), $1 - 1) } : start
    self.sample = sample
    times = try SurvivalTimes(time: stop, event: event)
    late = try SurvivalTimes(start: from, time: stop, event: event)
    causes = Factor(
      codes: event.indices.map { row in
        event[row] ? sample["age"][row].truncatingRemainder(dividingBy: 3) == 0 ? 1 : 0 : -1
      }, levels: ["1", "2"])
  }

  var third: Factor {
    Factor.numbered(sample["inst"].map { $0.truncatingRemainder(dividingBy: 3) })
  }
}

extension Synthetic {
  /// Two causes of exit, by turns.
  var causes: Factor {
    Factor(
      codes: event.indices.map { event[$0] ? Int32($0 % 2) : -1 }, levels: ["a", "b"])
  }
}
