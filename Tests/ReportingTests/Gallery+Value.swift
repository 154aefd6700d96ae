import Foundation
import Reporting
import Statistics

/// Charts of value for money.
extension Gallery {
  static func valueCharts() throws -> [Figure] {
    try [
      valuePlane(), valuePlaneOneQuarter(), valuePlaneWithheld(), valueCurve(), valueCurveOne(),
    ]
  }

  private static func plane(
    cost: Double, effect: Double, spread: (Double, Double), people: Int = 400
  ) throws -> ResultTable {
    var table = ResultTable.valuePlane
    var stream = RandomStream(seed: 5, name: "gallery")
    for draw in 0...300 {
      let (u, v) = draw == 0 ? (0, 0) : (stream.normal(), stream.normal())
      try table.append([
        "perspective": "all-in", "kind": draw == 0 ? "estimate" : "draw", "draw": Cell(draw),
        "effect": .number(effect + spread.0 * u),
        "cost": .number(cost + spread.1 * (0.4 * u + 0.9 * v)), "n_treated": Cell(people),
        "n_comparison": Cell(2000), "reached_treated": Cell(people / 3),
        "reached_comparison": Cell(500),
      ])
    }
    return table
  }

  static func valuePlane() throws -> Figure {
    try CostEffectivenessPlane(
      title: "Draws fall in several quarters of the plane",
      subtitle: "All resources, bond sites less others, England, 2019 to 2023"
    ).figure(released(plane(cost: 90, effect: 0.04, spread: (0.035, 110))), name: "value_plane")
  }

  static func valuePlaneOneQuarter() throws -> Figure {
    try CostEffectivenessPlane(
      title: "Nearly all draws show more outcomes at a higher cost", subtitle: "Simulated"
    ).figure(
      released(plane(cost: 5200, effect: 0.2, spread: (0.02, 400))), name: "value_plane_quarter")
  }

  static func valuePlaneWithheld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    return try CostEffectivenessPlane(title: "Withheld", subtitle: "Few clients").figure(
      control.release(plane(cost: 90, effect: 0.04, spread: (0.035, 110), people: 6)),
      name: "value_plane_withheld")
  }

  private static func curve(_ names: [String]) throws -> ResultTable {
    var table = ResultTable.valueAcceptability
    for (place, name) in names.enumerated() {
      for step in 0...40 {
        let worth = Double(step) * 750
        let ratio = (worth * 0.05 - 250 * Double(place) - 100) / (90 + worth * 0.02)
        try table.append([
          "perspective": .text(name), "willingness": .number(worth),
          "probability": .number(1 / (1 + exp(-1.7 * ratio))), "n_treated": Cell(400),
          "n_comparison": Cell(2000), "reached_treated": Cell(130), "reached_comparison": Cell(500),
        ])
      }
    }
    return table
  }

  static func valueCurve() throws -> Figure {
    try AcceptabilityChart(
      title: "Whether it looks worth its cost depends on the price",
      subtitle: "Bond sites compared with others, by whose costs count, England, 2019 to 2023",
      names: [
        "outcome-payer": "The outcome payer", "public-sector": "The public sector",
        "all-in": "All resources",
      ]
    ).figure(
      released(curve(["outcome-payer", "public-sector", "all-in"])), name: "value_acceptability")
  }

  static func valueCurveOne() throws -> Figure {
    try AcceptabilityChart(title: "One side only", subtitle: "Simulated").figure(
      released(curve(["all-in"])), name: "value_acceptability_one")
  }
}
