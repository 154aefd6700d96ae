internal import Reporting
internal import Statistics

/// A margin that the study declares, decoded.
struct DeclaredMargin {
  let outcome: String
  /// `non-inferiority` or `equivalence`.
  let question: String
  /// The limits; of non-inferiority one only.
  let low: Double?
  let high: Double?
  let why: String
  let location: SiblingError.Location
  /// Whether the effect is a ratio, so that the margins are.
  let isRatio: Bool

  /// The margins of a study, in file order.
  ///
  /// - Throws: an unknown outcome, a margin on the wrong side, none or two questions, a question asked
  ///   twice; located.
  static func all(_ study: StudyFile) throws(SiblingError) -> [DeclaredMargin] {
    var found: [DeclaredMargin] = []
    for node in study.node["decisions"]?["margins"]?.elements ?? [] {
      let margin = try DeclaredMargin(node, study)
      guard
        !found.contains(where: {
          $0.outcome == margin.outcome && $0.question == margin.question
        })
      else {
        throw SiblingError(
          .duplicateKey, "\(margin.question) of '\(margin.outcome)' is asked twice",
          help: "declare one margin, before the results are known", location: node.location)
      }
      found.append(margin)
    }
    return found
  }

  private init(_ node: StudyNode, _ study: StudyFile) throws(SiblingError) {
    location = node.location
    outcome = node["outcome"]?.text ?? ""
    why = node["why"]?.text ?? ""
    let names = study.outcomeColumns
    let name = outcome
    guard
      let declared = study.node["outcomes"]?.elements.first(where: { $0["name"]?.text == name })
    else {
      throw SiblingError(
        .badValue, "'\(outcome)' is not one of the study's outcomes",
        suggestion: nearestName(to: outcome, among: names), location: node["outcome"]?.location)
    }
    let effect = study.node["effects"]?.elements.first { $0["outcome"]?.text == name }
    isRatio = effect?[OptionKey.effectScale.name]?.text.map { $0 != "difference" } ?? false
    let higherIsBetter = declared["better"]?.text != "lower"
    switch (node["non-inferiority"], node["equivalence"]) {
    case (let single?, nil):
      question = "non-inferiority"
      let value = try Self.number(single)
      let null = isRatio ? 1.0 : 0
      guard isRatio ? value > 0 : true, higherIsBetter ? value < null : value > null else {
        throw SiblingError(
          .badValue, "the margin of '\(outcome)' lies on the better side of no difference",
          help: higherIsBetter
            ? "higher is better, so that the margin is the largest loss that would do, such as "
              + (isRatio ? "0.9" : "-0.05")
            : "lower is better, so that the margin is the largest increase that would do, such as "
              + (isRatio ? "1.1" : "0.05"), location: single.location)
      }
      (low, high) = higherIsBetter ? (value, nil) : (nil, value)
    case (nil, let both?):
      question = "equivalence"
      var values: [Double] = []
      for element in both.elements { values.append(try Self.number(element)) }
      if values.count == 1, !isRatio { values = [-values[0].magnitude, values[0].magnitude] }
      let null = isRatio ? 1.0 : 0
      guard values.count == 2, values[0] < null, null < values[1], !isRatio || values[0] > 0 else {
        throw SiblingError(
          .badValue, "the margins of '\(outcome)' must lie on both sides of no difference",
          help: isRatio ? "for example [0.9, 1.11]" : "for example 0.05, or [-0.05, 0.05]",
          location: both.location)
      }
      (low, high) = (values[0], values[1])
    default:
      throw SiblingError(
        .badValue, "a margin asks for either non-inferiority or equivalence",
        help: "give one of the keys 'non-inferiority' and 'equivalence'", location: node.location)
    }
  }

  private static func number(_ node: StudyNode) throws(SiblingError) -> Double {
    guard let value = node.text.flatMap({ Double($0) }), value.isFinite else {
      throw SiblingError(.badValue, "a margin takes a number", location: node.location)
    }
    return value
  }

  /// The test on the scale of the standard error: the logarithm of ratios.
  ///
  /// - Throws: never for a margin that was decoded.
  func test(level: Double) throws(SiblingError) -> MarginTest {
    func scaled(_ value: Double) -> Double { isRatio ? _logarithm(value) : value }
    if question == "equivalence", let low, let high {
      return try MarginTest(.within(scaled(low), scaled(high)), level: level)
    }
    if let low { return try MarginTest(.above(scaled(low)), level: level) }
    return try MarginTest(.below(scaled(high ?? .nan)), level: level)
  }
}
