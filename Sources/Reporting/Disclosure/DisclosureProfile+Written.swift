extension DisclosureProfile {
  /// The rules of a profile of the study's own, read back from `results/disclosure_rules.csv`.
  ///
  /// - Returns: nil when a rule is missing or is none that this version writes.
  public init?(written table: PublishedTable) {
    var values: [String: Double] = [:]
    var settings: [String: String] = [:]
    for row in table.rows.indices {
      guard let rule = table.table[row, "rule"].text else { continue }
      values[rule] = table.table[row, "value"].number
      settings[rule] = table.table[row, "setting"].text
    }
    let roundings: [CountRounding] = [.exact, .nearest(5), .nearest(10), .midpoint(6)]
    guard let minimum = values["minimum count"].flatMap({ Int(exactly: $0) }),
      let zeros = settings["zeros"], ["withheld", "kept"].contains(zeros),
      let rounding = roundings.first(where: {
        $0.words ?? "none" == settings["rounding"] && Double($0.step) == values["rounding"]
      }),
      let curves = ["held": CurveTreatment.held, "midpoint-6": .midpoint][settings["curves"] ?? ""]
    else { return nil }
    var dominance: Dominance?
    if let share = values["dominance share"], let ratio = values["dominance ratio"] {
      dominance = Dominance(share: share, ratio: ratio)
    }
    self.init(
      name: settings["profile"] ?? Self.customName, minimumCount: minimum,
      zerosAreDisclosive: zeros == "withheld",
      minimumResidualDegreesOfFreedom: values["residual degrees of freedom"].flatMap {
        Int(exactly: $0)
      }, rounding: rounding, curves: curves, dominance: dominance, reason: settings["reason"])
  }
}
