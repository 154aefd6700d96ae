internal import Statistics
internal import Tables

/// `margin`: non-inferiority or equivalence of one estimate, or of every row of a file of estimates.
struct MarginAnalysis: VerbAnalysis {
  /// The estimate as given: a number, or a column's name.
  var estimate: String?
  var standardError: String?
  var degrees: String?
  var name: String?
  var test: MarginTest

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` for numbers that are none, none or two questions, margins in the wrong order.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    let level = try CommonSettings(options).level
    let margin = try options.number(.marginOfError)
    let (low, high) = (try options.number(.marginLow), try options.number(.marginHigh))
    let better = try options.choice(.marginBetter)
    estimate = options.text(.marginEstimate)
    standardError = options.text(.marginError)
    degrees = options.text(.marginDegrees)
    name = options.text(.rowName)
    switch (margin, low, high) {
    case (let margin?, nil, nil):
      test = try MarginTest(better == "higher" ? .above(margin) : .below(margin), level: level)
    case (nil, let low?, let high?):
      guard !options.isGiven(.marginBetter) else {
        throw options.wrong(.marginBetter, "does not apply to equivalence, which has both margins")
      }
      test = try MarginTest(.within(low, high), level: level)
    case (nil, nil, nil):
      throw options.wrong(.marginOfError, "is needed, or both --low and --high")
    case (nil, _, _):
      throw options.wrong(low == nil ? .marginLow : .marginHigh, "is needed with the other margin")
    default:
      throw options.wrong(.marginOfError, "can't be combined with --low and --high")
    }
  }

  /// The answers for every row of a table of estimates.
  ///
  /// - Throws: `unknownColumn`, `wrongType`; `invalidOption` for a standard error that is not positive.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let estimates = try table.doubles(estimate ?? "estimate")
    let errors = try table.doubles(standardError ?? "std.error")
    var all = [Double](repeating: .nan, count: estimates.count)
    if let column = degrees ?? (table["df"] == nil ? nil : "df") { all = try table.doubles(column) }
    var names: [String?]?
    if let column = name ?? (table["term"] == nil ? nil : "term") {
      let factor = try table.factor(column)
      names = factor.codes.map { $0 < 0 ? nil : factor.levels[Int($0)] }
    }
    var answers: [(Int, MarginTest.Result)] = []
    for row in estimates.indices where !estimates[row].isNaN && !errors[row].isNaN {
      do throws(SiblingError) {
        answers.append(
          (
            row,
            try test.test(
              estimate: estimates[row], standardError: errors[row],
              degreesOfFreedom: all[row].isNaN ? nil : all[row])
          ))
      } catch {
        throw error.located(table.location(row: row))
      }
    }
    let left = estimates.count - answers.count
    return output(
      answers.map(\.1), names: names.map { names in answers.map { names[$0.0] } },
      notes: left == 0 ? [] : ["\(left) rows without estimate or standard error are left out"])
  }

  /// The answer for one estimate.
  ///
  /// - Throws: `invalidOption` for a number that is none or is missing.
  func runWithoutData() throws(SiblingError) -> AnalysisOutput {
    func number(_ key: OptionKey, _ text: String?) throws(SiblingError) -> Double? {
      guard let text else { return nil }
      guard let value = Double(text), value.isFinite else {
        throw SiblingError(
          .invalidOption, "\(key.name) takes a number where no data file is given", help: key.help,
          column: key.name)
      }
      return value
    }
    guard let value = try number(.marginEstimate, estimate),
      let error = try number(.marginError, standardError)
    else {
      throw SiblingError(
        .invalidOption, "--estimate and --std-error are needed, or a data file that has them",
        help: OptionKey.marginEstimate.help, column: "estimate")
    }
    let answer = try test.test(
      estimate: value, standardError: error,
      degreesOfFreedom: try number(.marginDegrees, degrees))
    return output([answer], names: nil, notes: [])
  }

  private func output(
    _ answers: [MarginTest.Result], names: [String?]?, notes: [String]
  ) -> AnalysisOutput {
    var (question, low, high) = ("non-inferiority", Double?.none, Double?.none)
    switch test.question {
    case .above(let margin): low = margin
    case .below(let margin): high = margin
    case .within(let from, let to): (question, low, high) = ("equivalence", from, to)
    }
    var columns: [Column] = names.map { [.texts("name", $0)] } ?? []
    columns += [
      .texts("question", answers.map { _ in question }),
      .numbers("margin.low", answers.map { _ in low }),
      .numbers("margin.high", answers.map { _ in high }),
      .numbers("estimate", answers.map(\.estimate)), .numbers("p.value", answers.map(\.pValue)),
      .numbers("alpha", answers.map { _ in test.alpha }),
      .numbers("conf.low", answers.map(\.interval.low)),
      .numbers("conf.high", answers.map(\.interval.high)),
      .numbers("conf.level", answers.map(\.interval.level)),
      .texts("verdict", answers.map(\.verdict.rawValue)),
    ]
    var output = AnalysisOutput(columns: columns, notes: notes)
    output.derivedTexts = ["verdict"]
    return output
  }
}
