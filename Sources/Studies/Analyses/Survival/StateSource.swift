internal import Cohorts
internal import Statistics
internal import Survival
internal import Tables

/// Where `states` has its spells from: rows of spells, or columns of weekly statuses.
struct StateSource: Sendable {
  var formula: String
  var settings: CommonSettings
  var id: String?
  var initial: String?
  var weekly: WeeklyColumns?
  var sustained: Int?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String, settings: CommonSettings, options: OptionValues) throws(SiblingError) {
    self.formula = formula
    self.settings = settings
    id = options.text(.spellPerson)
    initial = options.text(.initialState)
    sustained = try options.integer(.sustained, in: 1...10_000)
    weekly = try WeeklyColumns(options)
    if weekly != nil {
      for key in [OptionKey.spellPerson, .initialState] where options.isGiven(key) {
        throw options.wrong(key, "does not apply to --weekly, which has a row a person")
      }
    } else if sustained != nil {
      throw options.wrong(.sustained, "applies to --weekly only")
    }
  }

  /// Spells with what estimation needs beside them, a row a spell.
  struct Bound {
    var spells: StateSpells
    var arms: Factor?
    var weights: [Double]?
    var cluster: Factor?
    var notes: [String]
    /// For errors: the rows of the table behind the spells.
    var frame: BoundFormula
    var rows: [Int]
  }

  /// Binds the data.
  ///
  /// - Throws: what is wrong with the formula or the data, located.
  func bind(_ table: Table) throws(SiblingError) -> Bound {
    if let weekly { return try bind(table, weekly) }
    let columns = (id.map { [$0] } ?? []) + (initial.map { [$0] } ?? [])
    let bound = try BoundFormula(
      formula, to: table, settings: settings, alsoComplete: columns, causes: true, purpose: .arms)
    return try bound.locating { () throws(SiblingError) in
      guard let response = bound.frame.survival, let causes = response.causes else {
        throw SiblingError(
          .formulaSyntax, "the left side of the formula must be Surv(start, stop, state)",
          help: "state is the one entered at stop; 0 or the first level is none")
      }
      try CompetingBinding.checkNumber(causes.levels.count)
      let people: Factor
      if let id {
        people = try bound.frame.factor(of: id)
      } else {
        let count = response.time.count
        people = Factor(
          codes: (0..<count).map { Int32($0) }, levels: (0..<count).map { "\($0 + 1)" })
      }
      var first: Factor?
      if let initial { first = try bound.frame.factor(of: initial) }
      let spells = try StateSpells(
        start: response.start, stop: response.time,
        entered: Factor(
          codes: causes.codes.map { $0 - 1 }, levels: Array(causes.levels.dropFirst())),
        person: people, initial: first)
      return Bound(
        spells: spells, arms: bound.frame.groups, weights: bound.weights,
        cluster: try bound.singleCluster(), notes: bound.notes, frame: bound,
        rows: bound.frame.rows)
    }
  }

  /// The spells that weekly columns make, of the people whom the formula keeps.
  private func bind(_ table: Table, _ columns: WeeklyColumns) throws(SiblingError) -> Bound {
    let bound = try BoundFormula(formula, to: table, settings: settings, purpose: .arms)
    guard bound.frame.survival == nil, bound.frame.response == nil else {
      throw SiblingError(
        .formulaSyntax, "with --weekly the formula has a right side only",
        help: "for example ~ arm, or ~ 1")
    }
    let history = try WeeklyHistory(table: table, columns: columns)
    let weekly = WeeklySpells(
      history, people: bound.frame.rows, sustainedAfter: sustained, exitName: columns.exited)
    guard !weekly.start.isEmpty else {
      throw SiblingError(.noRows, "no week of anybody is recorded")
    }
    // A spell's place among the rows that the formula keeps.
    var place = [Int](repeating: 0, count: table.rowCount)
    for (index, row) in bound.frame.rows.enumerated() { place[row] = index }
    let places = weekly.person.map { place[Int($0)] }
    let count = bound.frame.rows.count
    let spells = try StateSpells(
      start: weekly.start, stop: weekly.stop,
      entered: Factor(codes: weekly.entered, levels: weekly.states),
      person: Factor(codes: places.map { Int32($0) }, levels: (0..<count).map { "\($0)" }),
      initial: Factor(codes: weekly.held, levels: weekly.states))
    var notes = bound.notes
    if weekly.unrecorded > 0 { notes.append("\(weekly.unrecorded) people have no recorded week") }
    if weekly.exitsLeftOut > 0 {
      notes.append(
        "\(weekly.exitsLeftOut) exits come after weeks without a record and are left out")
    }
    return Bound(
      spells: spells, arms: bound.frame.groups?.selecting(places),
      weights: bound.weights.map { weights in places.map { weights[$0] } },
      cluster: try bound.singleCluster()?.selecting(places), notes: notes, frame: bound,
      rows: weekly.person.map { Int($0) })
  }
}

extension WeeklyColumns {
  /// The columns that `--weekly`, `--last-week` and `--exit` name; nil without them.
  ///
  /// - Throws: `invalidOption`, located.
  init?(_ options: OptionValues) throws(SiblingError) {
    guard let text = options.text(.weekly) else {
      for key in [OptionKey.lastWeek, .exit] where options.isGiven(key) {
        throw options.wrong(key, "applies to --weekly only")
      }
      return nil
    }
    self.init(
      weeks: try Self.series(text, options), lastWeek: try options.required(.lastWeek),
      exited: try options.required(.exit))
  }

  /// The columns from the first to the last of a numbered series.
  private static func series(
    _ text: String, _ options: OptionValues
  ) throws(SiblingError) -> [String] {
    let ends = text.split(separator: ":", omittingEmptySubsequences: false)
    func number(_ name: Substring) -> (prefix: Substring, number: Int)? {
      let digits = name.reversed().prefix { ("0"..."9").contains($0) }.count
      return Int(name.suffix(digits)).map { (name.dropLast(digits), $0) }
    }
    guard ends.count == 2, let first = number(ends[0]), let last = number(ends[1]),
      first.prefix == last.prefix, first.number < last.number, last.number - first.number < 10_000
    else { throw options.wrong(.weekly, "takes a first and a last column such as emp1:emp52") }
    return (first.number...last.number).map { "\(first.prefix)\($0)" }
  }
}
