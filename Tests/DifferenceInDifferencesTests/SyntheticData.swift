import DifferenceInDifferences
import Foundation
import Statistics
import TestSupport

/// Panels for synthetic comparisons.
struct SyntheticData {
  var unit: [String]
  var time: [Double]
  var group: [Double?]
  var outcome: [Double]

  func panel() throws(SiblingError) -> PanelDesign {
    try PanelDesign(unit: Factor(unit.map { $0 }), time: time, group: group)
  }

  /// The rows in another order.
  func permuted(_ order: [Int]) -> SyntheticData {
    SyntheticData(
      unit: order.map { unit[$0] }, time: order.map { time[$0] }, group: order.map { group[$0] },
      outcome: order.map { outcome[$0] })
  }

  func keeping(_ condition: (Int) -> Bool) -> SyntheticData {
    permuted(unit.indices.filter(condition))
  }

  /// Cigarette packs sold a person in 39 states, 1970–2000; California's tax rose in 1989.
  static func california() throws -> SyntheticData {
    let file = try Golden.csv("panels/california_prop99.csv")
    return SyntheticData(
      unit: file["state"] ?? [], time: Golden.numbers(file["year"]),
      group: Golden.numbers(file["start"]).map { $0 }, outcome: Golden.numbers(file["packs"]))
  }

  /// Two factors whose loadings decide who is treated: trends differ, so equal weights are biased.
  static func factors(
    treated: [Double], donors: Int = 24, periods: Int = 24, effect: Double, noise: Double,
    seed: UInt64
  ) -> SyntheticData {
    var data = SyntheticData(unit: [], time: [], group: [], outcome: [])
    var loadings = RandomStream(seed: seed, name: "loadings")
    var shocks = RandomStream(seed: seed, name: "shocks")
    var paths: [(Double, Double)] = []
    for t in 0..<periods {
      let wave: Double = 2 * sin(Double(t) / 3)
      let step: Double = t > periods / 2 ? 1.5 : 0
      paths.append((Double(t) / 4, wave + step))
    }
    for i in 0..<(donors + treated.count) {
      let isTreated = i >= donors
      let first = isTreated ? 0.75 + 0.1 * loadings.uniform() : loadings.uniform()
      let second = isTreated ? 0.7 + 0.1 * loadings.uniform() : loadings.uniform()
      let start: Double? = isTreated ? treated[i - donors] : nil
      for (t, path) in paths.enumerated() {
        let time = Double(2000 + t)
        data.unit.append(isTreated ? "t\(i)" : "d\(i)")
        data.time.append(time)
        data.group.append(start)
        let isOn = time >= (start ?? .infinity)
        let common: Double = 10 + 3 * first * path.0 + 3 * second * path.1
        let shock: Double = noise * shocks.normal()
        data.outcome.append(common + shock + (isOn ? effect : 0))
      }
    }
    return data
  }
}
