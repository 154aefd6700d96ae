internal import Cohorts
internal import Contracts
internal import Statistics

/// What verb and study ask of value for money.
struct ValueSettings {
  /// Stages after acceptance and engagement: a job start, and the outcome.
  var flow: FlowSettings
  var perspectives: [CostPerspective]
  var rules: CostRules
  var prices: PriceBase
  var analysis: CostEffectiveness

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(
    _ given: OptionValues, perspectives: OptionKey, payers: OptionKey, publicBodies: OptionKey,
    own: [OutcomeDefinition] = []
  ) throws(SiblingError) {
    var options = given
    let outcome = options.text(.valueOutcome) ?? "sustained_13"
    guard !outcome.contains(",") else {
      throw options.wrong(.valueOutcome, "takes one outcome")
    }
    if outcome != "job_start" {
      options.set(
        .valueOutcome,
        OptionValues.Entry(
          ["job_start", outcome], location: given.location(.valueOutcome)))
    }
    flow = try FlowSettings(options, .valueOutcome, own: own)
    var chosen: [CostPerspective] = []
    for name in given.texts(perspectives) {
      guard let perspective = CostPerspective(rawValue: name), !chosen.contains(perspective) else {
        let all = CostPerspective.allCases.map(\.rawValue)
        throw given.wrong(
          perspectives, "takes each of these once: " + all.joined(separator: ", "),
          suggestion: nearestName(to: name, among: all))
      }
      chosen.append(perspective)
    }
    guard !chosen.isEmpty else { throw given.wrong(perspectives, "takes a perspective or more") }
    self.perspectives = CostPerspective.allCases.filter(chosen.contains)
    rules = CostRules(
      payers: Set(given.texts(payers)), publicBodies: Set(given.texts(publicBodies)))
    prices = try Self.prices(given)
    var values: [Double] = []
    for value in try given.numbers(.valueWillingness) {
      guard (0...1e9).contains(value) else {
        throw given.wrong(.valueWillingness, "takes pounds from 0 to a billion")
      }
      if !values.contains(value) { values.append(value) }
    }
    analysis = try CostEffectiveness(
      level: flow.level, willingness: values.sorted(),
      draws: CostEffectDraws(
        draws: try given.integer(.valueDraws, in: 100...1_000_000) ?? 5000, seed: flow.seed))
  }

  private static func prices(_ options: OptionValues) throws(SiblingError) -> PriceBase {
    let year = try options.integer(.valueBaseYear, in: 1900...2100)
    var levels: [Int: Double] = [:]
    for (name, text) in try options.pairs(.valueDeflator) {
      guard let year = Int(name), (1900...2100).contains(year), let level = Double(text),
        level.isFinite, level > 0
      else {
        throw options.wrong(.valueDeflator, "takes a level above zero for each year: 2019=90.1")
      }
      guard levels.updateValue(level, forKey: year) == nil else {
        throw options.wrong(.valueDeflator, "names \(year) twice")
      }
    }
    guard (year == nil) == levels.isEmpty else {
      throw options.wrong(
        year == nil ? .valueDeflator : .valueBaseYear,
        "goes together with \(year == nil ? "base-year" : "deflator"): prices of one year need both"
      )
    }
    let rate = try options.number(.valueDiscount, in: -0.999...1) ?? 0.035
    do throws(SiblingError) {
      return try PriceBase(baseYear: year, deflator: levels, discountRate: rate)
    } catch {
      throw options.wrong(.valueBaseYear, error.message)
    }
  }

  /// The names of the stages in words of rows: `cost.per.engaged`.
  static func term(_ stage: String) -> String { "cost.per.\(stage)" }
}
