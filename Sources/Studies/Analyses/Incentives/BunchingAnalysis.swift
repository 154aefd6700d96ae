internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// `bunching`: whether jobs end just after the length that a contract pays for.
struct BunchingAnalysis: VerbAnalysis {
  private var settings: BunchingSettings
  private var common: CommonSettings
  private var duration: String
  private var ended, arm, site, hours, event, claimed: String?
  private var deadline: Int32?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    common = try CommonSettings(options)
    let unit: RoundNumbers.Unit = try options.choice(.bunchingUnit) == "days" ? .days : .weeks
    settings = try BunchingSettings(
      options, unit: unit, thresholds: .bunchingThresholds, placebo: .bunchingPlacebo)
    if settings.thresholds.isEmpty { settings.thresholds = [13 * 7 / unit.days] }
    settings.bandwidth = try options.number(
      .bunchingBandwidth, in: .leastNormalMagnitude...Double.greatestFiniteMagnitude)
    duration = try options.required(.bunchingDuration)
    ended = options.text(.bunchingEnded)
    arm = options.text(.bunchingArm)
    site = options.text(.bunchingSite)
    hours = options.text(.bunchingHours)
    event = options.text(.bunchingEvent)
    claimed = options.text(.bunchingClaimed)
    deadline = try options.integer(.bunchingDeadline, in: 0...36_600).map { Int32($0) }
    if event == nil {
      for key in [OptionKey.bunchingClaimed, .bunchingDeadline] where options.isGiven(key) {
        throw options.wrong(key, "goes with --event")
      }
    }
    if arm == nil, options.isGiven(.treated) {
      throw options.wrong(.treated, "goes with --arm")
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    var notes: [String] = []
    let needed = [duration] + [ended, arm, site].compactMap { $0 }
    for name in needed + [hours, event, claimed].compactMap({ $0 }) { _ = try table.column(name) }
    let rows = try table.completeRows(needed)
    if rows.count < table.rowCount {
      guard !common.missingIsError else {
        let complete = Set(rows)
        let row = (0..<table.rowCount).first { !complete.contains($0) }
        throw SiblingError(
          .missingValue, "a job lacks its length, end, arm or site",
          help: "leave such rows out with --missing drop",
          location: row.flatMap { table.location(row: $0) })
      }
      notes.append(
        "\(table.rowCount - rows.count) jobs left out for want of length, end, arm or site")
    }
    let used = table.selecting(rows: rows)
    let lengths = try used.doubles(duration)
    let ends = try self.ends(used)
    let arms = try self.arms(used)
    let sites = try site.map { name throws(SiblingError) in try used.factor(name) }
    var findings: [IncentiveFinding] = []
    for threshold in settings.thresholds {
      do throws(SiblingError) {
        let result = try settings.audit(threshold).fit(
          durations: lengths, ended: ends, arms: arms, sites: sites)
        findings += result.findings
        notes += result.notes
      } catch {
        throw used.locating(named(error))
      }
    }
    if let hours {
      do throws(SiblingError) {
        findings += try HoursHeaping(level: settings.level, seed: settings.seed).fit(
          hours: used.doubles(hours), arms: arms, sites: sites
        ).findings
      } catch {
        var error = error
        if error.row != nil, error.column == nil { error.column = hours }
        throw used.locating(error)
      }
    }
    findings += try claims(used, arms)
    notes.append(
      "tests of lengths use the \(ends.count { $0 }) jobs that ended, hazards all \(ends.count)")
    return output(findings, notes.distinct)
  }

  /// An error of a row names the column of lengths.
  private func named(_ error: SiblingError) -> SiblingError {
    var error = error
    if error.column == nil { error.column = duration }
    return error
  }

  private func ends(_ table: Table) throws(SiblingError) -> [Bool] {
    guard let ended else { return [Bool](repeating: true, count: table.rowCount) }
    let values = try table.doubles(ended)
    if let row = values.firstIndex(where: { $0 != 0 && $0 != 1 }) {
      throw SiblingError(
        .badCell, "'\(ended)' says whether a job ended, and holds something other than 0 and 1",
        location: table.location(row: row, column: ended), column: ended)
    }
    return values.map { $0 == 1 }
  }

  /// The arms, the paid one first; without a column everybody is one.
  private func arms(_ table: Table) throws(SiblingError) -> Factor {
    guard let arm else {
      return Factor(codes: [Int32](repeating: 0, count: table.rowCount), levels: ["all"])
    }
    let factor = try table.factor(arm).droppingUnusedLevels()
    guard factor.levels.count == 2 else {
      let isOne = factor.levels.count < 2
      throw SiblingError(
        isOne ? .constantTreatment : .badDesign,
        isOne
          ? "the jobs have one arm only, so that there is nothing to compare with"
          : "'\(arm)' has \(factor.levels.count) levels; an audit compares two arms",
        help: isOne
          ? "leave --arm out to audit them by themselves" : "choose two arms with --where",
        location: table.headerLocation(arm), column: arm)
    }
    var paid = 1
    if let treated = common.treated {
      guard let level = factor.levels.firstIndex(of: treated) else {
        throw SiblingError(
          .unknownLevel, "'\(treated)' is not a level of '\(arm)'",
          help: "its levels are: " + factor.levels.joined(separator: ", "),
          location: table.headerLocation(arm), column: arm)
      }
      paid = level
    }
    return Factor(
      codes: factor.codes.map { Int($0) == paid ? 0 : 1 },
      levels: [factor.levels[paid], factor.levels[1 - paid]])
  }

  private func claims(_ table: Table, _ arms: Factor) throws(SiblingError) -> [IncentiveFinding] {
    guard let event else { return [] }
    func known(_ days: [Int32], _ row: Int) -> Int32? { days[row] == .min ? nil : days[row] }
    let events = try table.dates(event)
    let claims = try claimed.map { name throws(SiblingError) in try table.dates(name) }
    var findings: [IncentiveFinding] = []
    for (code, name) in arms.levels.enumerated() {
      let rows = arms.codes.indices.filter { Int(arms.codes[$0]) == code }
      do throws(SiblingError) {
        findings += try ClaimTiming(level: settings.level).fit(
          rows.map { row in
            ClaimTiming.Claim(
              event: known(events, row), claimed: claims.flatMap { known($0, row) },
              deadline: deadline)
          }, arm: name)
      } catch {
        throw table.locating(error, rows: rows)
      }
    }
    return findings
  }

  private func output(_ rows: [IncentiveFinding], _ notes: [String]) -> AnalysisOutput {
    func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    var output = AnalysisOutput(
      columns: [
        .texts("method", rows.map(\.method)), .texts("term", rows.map(\.term)),
        .texts("arm", rows.map(\.arm)), .numbers("threshold", rows.map(\.threshold)),
        .numbers("estimate", rows.map { finite($0.estimate) }),
        .numbers("std.error", rows.map { finite($0.standardError) }),
        .numbers("statistic", rows.map { finite($0.statistic) }),
        .numbers("df", rows.map(\.degreesOfFreedom)), .numbers("p.value", rows.map(\.pValue)),
        .numbers("conf.low", rows.map { finite($0.interval?.low) }),
        .numbers("conf.high", rows.map { finite($0.interval?.high) }),
        .numbers("detectable", rows.map { finite($0.detectable?.amount) }),
        .texts("detectable.measure", rows.map { $0.detectable?.measure.rawValue }),
        .numbers("detectable.share", rows.map { finite($0.detectable?.shareMoved) }),
        .integers("n", rows.map(\.count)), .integers("n_inside", rows.map(\.inside)),
        .integers("n_outside", rows.map(\.outside)),
        .integers("n_rest", rows.map(\.rest)), .texts("convention", rows.map(\.convention)),
      ], notes: notes)
    output.counts = ["n", "n_inside", "n_outside", "n_rest"]
    output.labels = ["threshold"]
    output.derivedTexts = ["convention"]
    output.sums = [.inRow(whole: "n", parts: ["n_inside", "n_outside", "n_rest"])]
    output.blocks = [
      ResultTable.BlockRule(
        ["n", "n_inside", "n_outside", "n_rest"], within: [AnalysisOutput.rowColumn])
    ]
    return output
  }
}

extension IncentiveFinding {
  /// Jobs or claims in neither stretch; nil where there are none.
  var rest: Int? {
    guard let inside, let outside else { return nil }
    let rest = count - inside - outside
    return rest > 0 ? rest : nil
  }
}
