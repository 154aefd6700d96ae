internal import Cohorts
internal import Statistics
internal import Tables

/// What the verbs that follow people through a service have in common.
struct FlowSettings {
  /// Definitions of outcomes, in order.
  var definitions: [OutcomeDefinition]
  /// Weeks of follow-up for definitions without their own.
  var weeks: Int
  /// The confidence level.
  var level: Double
  /// The seed.
  var seed: UInt64

  /// Decodes the options.
  ///
  /// - Parameters:
  ///   - options: the options.
  ///   - key: the key that names outcomes.
  ///   - own: definitions of the study file, which go before the library's.
  /// - Throws: `invalidOption` for an unknown outcome, with the one that may have been meant.
  init(
    _ options: OptionValues, _ key: OptionKey, own: [OutcomeDefinition] = []
  ) throws(SiblingError) {
    let common = try CommonSettings(options)
    (level, seed) = (common.level, common.seed)
    for key in [OptionKey.weights, .cluster] where options.isGiven(key) {
      throw options.wrong(
        key, "does not apply here: clients count equally, and sites are the clusters")
    }
    weeks = try options.integer(.flowFollowUp, in: 1...520) ?? OutcomeDefinition.usualFollowUpWeeks
    let known = own + OutcomeDefinition.library
    definitions = []
    for name in options.texts(key) {
      guard let found = known.first(where: { $0.name == name || $0.column == name }) else {
        throw options.wrong(
          key, "takes names of definitions; there is none called '\(name)'",
          suggestion: nearestName(to: name, among: known.map(\.name)))
      }
      // Engagement is a stage of its own.
      guard found.kind != .engagement else {
        throw options.wrong(key, "takes outcomes after engagement, which stands there anyway")
      }
      guard !definitions.contains(where: { $0.name == found.name }) else {
        throw options.wrong(key, "names '\(name)' twice")
      }
      do throws(SiblingError) {
        try found.within(weeks: weeks).check()
      } catch {
        throw options.wrong(key, "can't be followed for \(weeks) weeks: \(error.message)")
      }
      definitions.append(found)
    }
  }

  /// The people of a cohort with their stages; outcomes need jobs.
  ///
  /// - Throws: as `Funnel.people` does.
  func people(_ cohort: Cohort) throws(SiblingError) -> Funnel.People {
    try Funnel.people(cohort, outcomes: definitions, weeks: weeks)
  }

  /// The error for a column that the clients don't have.
  static func absent(_ name: String, _ table: Table, _ key: OptionKey) -> SiblingError {
    SiblingError(
      .unknownColumn, "the clients have no column '\(name)'", help: key.help,
      suggestion: nearestName(to: name, among: table.names), column: name)
  }
}
