internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// The declared choices of the analysis, decoded into one plan for each combination.
struct SpecificationChoices {
  /// The options of a design that a choice may set.
  static let designKeys = [OptionKey.balanceMethod] + OptionKey.matchDesign + OptionKey.weighting
  /// Combinations that run unless another maximum is declared.
  static let standardMaximum = 200

  /// One choice with its options.
  struct Choice {
    let name: String
    let options: [StudyNode]
    /// The option's names in order.
    let names: [String]
  }

  let study: StudyFile
  let choices: [Choice]
  /// Exchanges of treatment for a joint test; nil for none.
  let draws: Int?
  /// How many combinations there are.
  let count: Int

  /// Decodes the section; nil without one.
  ///
  /// - Throws: names given twice, two choices that set the same key, more combinations than may run, an
  ///   outcome that is not declared or estimated; located.
  init?(_ study: StudyFile) throws(SiblingError) {
    guard let node = study.node["specifications"] else { return nil }
    self.study = study
    guard study.node["matching"] != nil, study.node["effects"]?.elements.isEmpty == false,
      study.node["treatment"] != nil
    else {
      throw SiblingError(
        .missingKey, "'specifications' vary a matched or weighted design, and there is none",
        help: "add 'matching' and 'effects'", location: node.location)
    }
    var found: [Choice] = []
    var setBy: [String: String] = [:]
    for element in node["choices"]?.elements ?? [] {
      let choice = try Self.choice(element)
      guard !found.contains(where: { $0.name == choice.name }) else {
        throw SiblingError(
          .duplicateKey, "two choices are called '\(choice.name)'", location: element.location)
      }
      for key in Set(choice.options.flatMap { $0.keys.map(\.name) }).sorted() where key != "name" {
        guard let other = setBy.updateValue(choice.name, forKey: key) else { continue }
        throw SiblingError(
          .badValue, "the choices '\(other)' and '\(choice.name)' both set '\(key)'",
          help: "let one choice decide it, so that every combination has one meaning",
          location: element.location)
      }
      found.append(choice)
    }
    guard !found.isEmpty else {
      throw SiblingError(.missingKey, "no choice is declared", location: node.location)
    }
    choices = found
    var ways = 1
    for choice in found {
      let (product, overflow) = ways.multipliedReportingOverflow(by: choice.options.count)
      ways = overflow ? .max : product
    }
    count = ways
    let most = try Self.whole(node["maximum"], 1...10_000) ?? Self.standardMaximum
    guard ways <= most else {
      throw SiblingError(
        .badValue, "the choices make \(ways) combinations, more than the \(most) that may run",
        help: "drop options, or allow more with 'maximum: \(ways)'",
        location: node["choices"]?.location)
    }
    draws = try Self.whole(node["draws"], 99...1_000_000)
    if draws != nil, study.siteColumn == nil {
      throw SiblingError(
        .badValue, "'draws' exchange treatment between sites, and no sites were assigned",
        help: "leave 'draws' out; shares and ranges need none", location: node["draws"]?.location)
    }
    try checkOutcomes()
  }

  private static func choice(_ node: StudyNode) throws(SiblingError) -> Choice {
    let name = node["name"]?.text ?? ""
    let options = node["options"]?.elements ?? []
    let names = options.map { $0["name"]?.text ?? "" }
    guard !options.isEmpty, Set(names).count == names.count else {
      throw SiblingError(
        .badValue, "the choice '\(name)' needs options of different names",
        location: node["options"]?.location ?? node.location)
    }
    return Choice(name: name, options: options, names: names)
  }

  private static func whole(
    _ node: StudyNode?, _ range: ClosedRange<Int>
  ) throws(SiblingError) -> Int? {
    guard let node else { return nil }
    guard let value = node.text.flatMap({ Int($0) }), range.contains(value) else {
      throw SiblingError(
        .badValue, "a whole number from \(range.lowerBound) to \(range.upperBound) is needed",
        location: node.location)
    }
    return value
  }

  private func checkOutcomes() throws(SiblingError) {
    let outcomes = study.node["outcomes"]?.elements ?? []
    let kind = outcomes.first?["kind"]?.text
    for option in choices.flatMap(\.options) {
      guard let node = option["outcome"], let name = node.text else { continue }
      guard let declared = outcomes.first(where: { $0["name"]?.text == name }) else { continue }
      guard declared["kind"]?.text == kind else {
        throw SiblingError(
          .badValue, "'\(name)' is measured otherwise than the primary outcome",
          help: "estimates of one curve stand on one axis; name an outcome of the same kind",
          location: node.location)
      }
    }
  }

  /// The column of each choice in the table of results.
  var columns: [(column: String, meaning: String)] {
    choices.map { choice in
      let safe = choice.name.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
      return ("choice_\(safe)", "The option of the choice '\(choice.name)'")
    }
  }

  /// The options of a combination, one a choice; the last choice changes fastest.
  func options(_ combination: Int) -> [Int] {
    var rest = combination
    var result = [Int](repeating: 0, count: choices.count)
    for place in choices.indices.reversed() {
      result[place] = rest % choices[place].options.count
      rest /= choices[place].options.count
    }
    return result
  }

  /// A combination that is ready to be estimated.
  struct Plan: Sendable {
    /// The options taken, one a choice.
    let taken: [Int]
    let design: MatchDesign
    let analysis: EffectAnalysis
    let outcome: String
    let filter: String?
    /// Whether the estimator is the difference that few sites can judge.
    let isPlain: Bool
    /// Whether every choice leaves all as in the study.
    let isAsReported: Bool
    /// Whether outcome and estimand are those of the study.
    let isSameQuestion: Bool
  }

  /// The plan of a combination.
  ///
  /// - Throws: what is wrong with the options together.
  func plan(_ combination: Int, _ run: EvaluationRun) throws(SiblingError) -> Plan {
    let taken = options(combination)
    let nodes = zip(choices, taken).map { $0.options[$1] }
    func given(_ key: String) -> StudyNode? { nodes.lazy.compactMap { $0[key] }.first }
    guard let design = run.design, let table = run.table, let matching = study.node["matching"],
      let effect = study.node["effects"]?.elements.first
    else { throw SiblingError(.internalError, "specifications without a design") }
    let primary = effect["outcome"]?.text ?? ""
    let outcome = given("outcome")?.text ?? primary
    // Another method brings its own settings: a caliper of pairs means nothing to weights.
    let kept =
      given(OptionKey.balanceMethod.name) == nil ? Self.designKeys : [OptionKey.estimand]
    var options = study.options(matching, kept)
    for key in Self.designKeys {
      guard let node = given(key.name) else { continue }
      let texts =
        node.isMapping
        ? node.keys.compactMap { pair in node[pair.name]?.text.map { "\(pair.name)=\($0)" } }
        : node.elements.compactMap(\.text)
      options.set(key, OptionValues.Entry(texts, location: node.location))
    }
    let made = try MatchDesign(
      formula: given("formula")?.text ?? matching["formula"]?.text, options: options,
      method: MatchDesign.method(named: try options.choice(.balanceMethod)) ?? .nearest)
    let phase = EffectsPhase(
      study: study, phase: design, table: table, gate: run.gate.verdict.rawValue)
    let estimator = given("estimator")?.text
    var analysis = try phase.analysis(
      effect, outcome: outcome,
      estimator: estimator ?? phase.estimators(effect).first ?? "gcomp", design: made)
    if let model = given("outcome-model")?.text { analysis.outcomeModel = model }
    return Plan(
      taken: taken, design: made, analysis: analysis, outcome: outcome,
      filter: given("where")?.text, isPlain: estimator == nil || estimator == "difference",
      isAsReported: nodes.allSatisfy { $0.keys.count == 1 },
      isSameQuestion: outcome == primary && made.estimand == design.design.estimand)
  }
}
