internal import Contracts
internal import Statistics
internal import Tables

/// What is asked of scenarios, decoded from options.
struct ScenarioRequest: Sendable {
  let options: OptionValues
  var shortfalls, vacancies, conversions: [Double]
  /// Shares of the value paid as block; nil is the contract's own.
  var splits: [Double?]
  var simulations: Int
  var lossLevels: [Double]
  var level: Double
  var seed: UInt64
  /// The plan as far as options tell it.
  private var given = ScenarioPlan()

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` for a value that is none, out of range, or out of place.
  init(_ options: OptionValues) throws(SiblingError) {
    self.options = options
    let common = try CommonSettings(options)
    (level, seed) = (common.level, common.seed)
    shortfalls = try Self.shares(options, .scenarioShortfall, 0...1)
    vacancies = try Self.shares(options, .scenarioVacancy, 0...1)
    conversions = try Self.shares(options, .scenarioConversion, 0...3)
    lossLevels = try Self.shares(options, .scenarioLossLevels, 1e-6...(1 - 1e-6))
    simulations = try options.integer(.scenarioSimulations, in: 10...1_000_000) ?? 2000
    splits = []
    var plan = ScenarioPlan()
    try ScenarioOptions(options).fill(&plan)
    given = plan
    splits = try Self.splits(options)
    if options.isGiven(.scenarioContract) {
      for key in [OptionKey.contractTermsFile, .tariffsFile] where !options.isGiven(key) {
        throw options.wrong(.scenarioContract, "needs --\(key.name)")
      }
    } else {
      let keys: [OptionKey] = [
        .contractTermsFile, .tariffsFile, .payerSharesFile, .scenarioVersion,
      ]
      for key in keys where options.isGiven(key) {
        throw options.wrong(key, "goes with --contract")
      }
      // Without files everything is known already.
      try checked(plan)
    }
  }

  private static func shares(
    _ options: OptionValues, _ key: OptionKey, _ range: ClosedRange<Double>
  ) throws(SiblingError) -> [Double] {
    let values = try options.numbers(key)
    guard !values.isEmpty, values.count <= 100, values.allSatisfy(range.contains) else {
      throw options.wrong(
        key, "takes up to 100 numbers from \(range.lowerBound) to \(range.upperBound)")
    }
    guard Set(values).count == values.count else { throw options.wrong(key, "names a value twice") }
    return values
  }

  private static func splits(_ options: OptionValues) throws(SiblingError) -> [Double?] {
    let usual =
      options.isGiven(.scenarioContract)
      ? ["own"] : ["0:100", "20:80", "27.5:72.5", "50:50", "70:30", "95:5"]
    let texts = options.isGiven(.scenarioSplit) ? options.texts(.scenarioSplit) : usual
    guard !texts.isEmpty, texts.count <= 20, Set(texts).count == texts.count else {
      throw options.wrong(.scenarioSplit, "takes up to 20 different splits such as 20:80")
    }
    var shares: [Double?] = []
    for text in texts {
      guard text != "own" else {
        shares.append(nil)
        continue
      }
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        .compactMap { Double($0) }
      guard parts.count == 2, parts.allSatisfy({ $0 >= 0 && $0 <= 100 }),
        (parts[0] + parts[1] - 100).magnitude < 1e-9
      else {
        throw options.wrong(
          .scenarioSplit, "takes per cents of block and outcomes that sum to 100, such as 20:80")
      }
      shares.append(parts[0] / 100)
    }
    return shares
  }

  /// The plan, with a contract's terms where one is asked for.
  ///
  /// - Parameter read: how a named file is read.
  /// - Returns: the plan, checked.
  /// - Throws: what is wrong with the files, located; `invalidOption` for a plan that can't be simulated.
  func plan(
    reading read: (String) throws(SiblingError) -> Table
  ) throws(SiblingError) -> ScenarioPlan {
    guard let contract = options.text(.scenarioContract) else { return given }
    var plan = given
    let files = ScenarioContract.Files(
      contracts: try read(try options.required(.contractTermsFile)),
      tariffs: try read(try options.required(.tariffsFile)),
      shares: try options.text(.payerSharesFile).map { name throws(SiblingError) in try read(name) }
    )
    try ScenarioContract(files, contract: contract, version: options.text(.scenarioVersion))
      .fill(&plan)
    // What is given goes before what the contract says; costs of management come on top.
    let management = plan.overhead - given.overhead
    try ScenarioOptions(options).fill(&plan, onlyGiven: true)
    plan.overhead = given.overhead + management
    try checked(plan)
    return plan
  }

  private func checked(_ plan: ScenarioPlan) throws(SiblingError) {
    do throws(SiblingError) {
      try plan.check()
      for split in splits { _ = try plan.terms(blockShare: split ?? plan.ownBlockShare) }
    } catch {
      let key = OptionKey.scenario.first { $0.name == error.column }
      guard let key, options.isGiven(key) else { throw error }
      let start = "\(key.name) takes "
      throw options.wrong(
        key,
        error.message.hasPrefix(start)
          ? "takes " + error.message.dropFirst(start.count) : "does not do: " + error.message)
    }
  }

  /// All settings, in the order of the options.
  var settings: [ScenarioSetting] {
    shortfalls.flatMap { shortfall in
      vacancies.flatMap { vacancy in
        conversions.map {
          ScenarioSetting(shortfall: shortfall, vacancy: vacancy, conversion: $0)
        }
      }
    }
  }

  /// What a split is called: `27.5:72.5`.
  static func name(_ blockShare: Double) -> String {
    let block = (blockShare * 1000).rounded() / 10
    func text(_ value: Double) -> String {
      value == value.rounded() ? "\(Int(value))" : NumberText.shortest(value)
    }
    return "\(text(block)):\(text((1000 - block * 10).rounded() / 10))"
  }
}
