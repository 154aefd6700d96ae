internal import Cohorts
internal import Statistics

/// Outcome definitions as a study file has them.
enum DefinitionNodes {
  /// The definitions under `data: definitions:`, in order; none where the key is absent.
  ///
  /// - Throws: `unknownKey`, `badValue` or `duplicateKey`, located.
  static func definitions(_ study: StudyFile) throws(SiblingError) -> [OutcomeDefinition] {
    guard let list = study.node["data"]?["definitions"] else { return [] }
    var made: [OutcomeDefinition] = []
    for node in list.elements {
      let definition = try definition(node, followUpWeeks: followUpWeeks(study))
      guard !made.contains(where: { $0.column == definition.column }) else {
        throw SiblingError(
          .duplicateKey, "two definitions are called '\(definition.name)'",
          help: "give one of them another 'name'", location: node.location)
      }
      made.append(definition)
    }
    return made
  }

  /// The weeks of follow-up under `data: follow-up:`, else 52.
  ///
  /// - Throws: `badValue`, located.
  static func followUpWeeks(_ study: StudyFile) throws(SiblingError) -> Int {
    guard let node = study.node["data"]?["follow-up"] else {
      return OutcomeDefinition.usualFollowUpWeeks
    }
    guard let weeks = node.text.flatMap({ Int($0) }), (1...5000).contains(weeks) else {
      throw SiblingError(
        .badValue, "'follow-up' takes a whole number of weeks from 1", location: node.location)
    }
    return weeks
  }

  /// Definitions by the names of the library, as a verb's option has them.
  ///
  /// - Throws: `invalidOption` for a name that the library doesn't have.
  static func named(
    _ options: OptionValues, _ key: OptionKey
  ) throws(SiblingError) -> [OutcomeDefinition] {
    guard options.isGiven(key) else { return OutcomeDefinition.harmonised }
    var made: [OutcomeDefinition] = []
    for name in options.texts(key) {
      guard let definition = OutcomeDefinition.named(name) else {
        let names = OutcomeDefinition.library.map(\.name)
        var error = options.wrong(
          key, "takes names of definitions: " + names.joined(separator: ", "))
        error.suggestion = nearestName(to: name, among: names)
        throw error
      }
      guard !made.contains(definition) else { throw options.wrong(key, "names a definition twice") }
      made.append(definition)
    }
    guard !made.isEmpty else { throw options.wrong(key, "takes at least one definition") }
    return made
  }

  /// One definition: a name of the library or a mapping.
  ///
  /// - Throws: as `definitions`.
  static func definition(
    _ node: StudyNode, followUpWeeks: Int = OutcomeDefinition.usualFollowUpWeeks
  ) throws(SiblingError) -> OutcomeDefinition {
    if let problem = node.problems(against: .outcomeDefinition, path: "definitions").first {
      throw problem
    }
    if !node.isMapping { return try library(node) }
    var rule: OutcomeDefinition
    if let use = node["use"] {
      rule = try library(use)
      if node["name"] != nil || node.keys.count > 1 {
        rule.source += " Changed in the study file."
      }
    } else {
      guard let name = node["name"]?.text else {
        throw SiblingError(
          .missingKey, "a definition needs a 'name', or one of the library under 'use'",
          location: node.location)
      }
      let hasDuration = ["weeks", "days", "months"].contains { node[$0] != nil }
      guard hasDuration || node["kind"] != nil else {
        throw SiblingError(
          .missingKey, "the definition '\(name)' doesn't say what has to happen",
          help: "give 'weeks' for a sustained job, or 'kind'", location: node.location)
      }
      rule = OutcomeDefinition(name, .sustained)
    }
    try read(node, into: &rule)
    do throws(SiblingError) {
      try rule.within(weeks: followUpWeeks).check()
    } catch {
      throw error.located(node.location)
    }
    return rule
  }

  private static func library(_ node: StudyNode) throws(SiblingError) -> OutcomeDefinition {
    guard let definition = OutcomeDefinition.named(node.text ?? "") else {
      throw SiblingError(
        .badValue, "the library has no such definition",
        suggestion: nearestName(
          to: node.text ?? "", among: OutcomeDefinition.library.map(\.name)),
        location: node.location)
    }
    return definition
  }

  private static func read(
    _ node: StudyNode, into rule: inout OutcomeDefinition
  ) throws(SiblingError) {
    func integer(_ key: String) -> Int? { node[key]?.text.flatMap { Int($0) } }
    func number(_ key: String) -> Double? { node[key]?.text.flatMap { Double($0) } }
    func flag(_ key: String) -> Bool? { node[key]?.text.map { $0 == "true" } }
    if let name = node["name"] {
      let text = name.text ?? ""
      let isPlain =
        text.first?.isLetter == true
        && text.unicodeScalars.allSatisfy {
          $0.isASCII
            && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
              || "_-".unicodeScalars.contains($0))
        }
      guard isPlain else {
        throw SiblingError(
          .badValue, "a definition's name is letters, digits, '-' and '_', a letter first",
          location: name.location)
      }
      if rule.label == rule.name { rule.label = text }
      rule.name = text
    }
    if let label = node["label"]?.text { rule.label = label }
    if let source = node["source"]?.text { rule.source = source }
    let durations = ["weeks", "days", "months"].filter { node[$0] != nil }
    guard durations.count < 2 else {
      throw SiblingError(
        .badValue, "a duration is given twice: " + durations.joined(separator: ", "),
        location: node.location)
    }
    if let weeks = integer("weeks") { rule.duration = .weeks(weeks) }
    if let days = integer("days") { rule.duration = .days(days) }
    if let months = integer("months") { rule.duration = .months(months) }
    if let kind = node["kind"]?.text.flatMap({ OutcomeDefinition.Kind(rawValue: $0) }) {
      rule.kind = kind
    } else if !durations.isEmpty {
      rule.kind = .sustained
    }
    if let window = integer("window") { rule.windowWeeks = window }
    if let gap = integer("permitted-gap") { rule.permittedGapDays = gap }
    var band = rule.hours ?? .init()
    if let low = number("min-hours") { band.low = low }
    if let high = number("below-hours") { band.high = high }
    if let boundary = node["boundary"]?.text.flatMap({ OutcomeDefinition.Boundary(rawValue: $0) }) {
      band.boundary = boundary
    }
    if band.low != nil || band.high != nil { rule.hours = band }
    if let unit = node["per"]?.text.flatMap({ OutcomeDefinition.Unit(rawValue: $0) }) {
      rule.per = unit
    }
    if let hours = number("paid-hours") { rule.paidHours = hours }
    if let days = integer("start-by") { rule.startByDays = days }
    if let days = integer("horizon") { rule.horizonDays = days }
    if let zero = node["time-zero"]?.text.flatMap({ OutcomeDefinition.TimeZero(rawValue: $0) }) {
      rule.timeZero = zero
    }
    if let only = flag("competitive-only") { rule.competitiveOnly = only }
    if node["verification"] != nil {
      rule.verification = Set(
        node.texts("verification").compactMap { JobVerification(rawValue: $0) })
    }
    if let whose = node["eligible"]?.text.flatMap({ OutcomeDefinition.Eligibility(rawValue: $0) }) {
      rule.eligible = whose
    }
    if let counts = flag("furlough-counts") { rule.furloughCounts = counts }
    if let counts = flag("earlier-jobs-count") { rule.earlierJobsCount = counts }
  }
}
