internal import DifferenceInDifferences
internal import Statistics
internal import Survival

extension PowerAnalysis {
  /// Adds the power and size of each test, with Monte-Carlo errors.
  ///
  /// - Throws: what the simulation refuses.
  func add(
    _ simulation: PlannedSimulation, _ rows: inout [Row], _ notes: inout [String]
  ) throws(SiblingError) {
    let rates: [PlannedSimulation.Rate]
    if let difference {
      let found = try difference.plan.detectableEffect()
      let effect = difference.effect ?? found
      rows.append(("simulated.effect", effect))
      rates = try difference.plan.simulated(effect: effect, simulation)
    } else if let comparison {
      let found = try comparison.simulated(simulation)
      rows.append(("simulated.effect", found.effect))
      rates = found.rates
    } else if let expected, let hazardRatio, let people {
      rates = try power.simulated(
        people: people, hazardRatio: hazardRatio, expected: expected, shape: shape, simulation)
    } else {
      return
    }
    rows.append(("simulations", Double(simulation.samples)))
    for rate in rates {
      rows += [
        ("power.\(rate.method)", rate.power), ("power.\(rate.method).error", rate.powerError),
        ("size.\(rate.method)", rate.size), ("size.\(rate.method).error", rate.sizeError),
      ]
      let untested = 2 * rate.samples - rate.tested.power - rate.tested.size
      if untested > 0 {
        notes.append(
          "\(rate.method) had no p-value in \(untested) of \(2 * rate.samples) samples, which count as"
            + " not found")
      }
    }
    let liberal = rates.filter { $0.size > simulation.level + 3 * $0.sizeError }
    if !liberal.isEmpty {
      notes.append(
        "without any effect \(liberal.map(\.method).joined(separator: " and ")) rejects more often"
          + " than its level: its power is flattered")
    }
  }
}
