internal import Statistics

/// The section `gate` of a study file.
struct GateSettings {
  /// The limits of the checks.
  let limits: GateLimits
  /// Why effects are shown although a check failed; nil without such a reason.
  let override: String?
  /// The smallest effects that matter, by outcome, in the order of the study file.
  let smallest: [(outcome: String, effect: Double)]

  /// Decodes the section.
  ///
  /// - Throws: `badValue` for a threshold, an effect or a reason that is none, located.
  init(_ study: StudyFile) throws(SiblingError) {
    limits = try GateLimits(study)
    let node = study.node["gate"]
    override = node?["override"]?["reason"]?.text
    if let override, !override.contains(where: { $0.isLetter }) {
      throw SiblingError(
        .badValue, "the gate can be overridden only for a reason",
        help: "say in words why effects are shown although a check failed; the report repeats it",
        location: node?["override"]?["reason"]?.location)
    }
    var smallest: [(String, Double)] = []
    for (name, place) in node?["smallest-effect"]?.keys ?? [] {
      guard study.outcomeColumns.contains(name) else {
        throw SiblingError(
          .badValue, "'\(name)' is none of the study's outcomes",
          help: "the outcomes are: " + study.outcomeColumns.joined(separator: ", "),
          suggestion: nearestName(to: name, among: study.outcomeColumns), location: place)
      }
      let value = node?["smallest-effect"]?[name]
      guard let effect = value?.text.flatMap({ Double($0) }), effect > 0, effect.isFinite else {
        throw SiblingError(
          .badValue, "the smallest effect on '\(name)' that matters is a number above zero",
          help: "in the outcome's unit: 0.05 for five percentage points", location: value?.location)
      }
      smallest.append((name, effect))
    }
    self.smallest = smallest
  }
}
