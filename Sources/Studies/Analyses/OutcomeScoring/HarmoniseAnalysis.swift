internal import Cohorts
internal import Statistics
internal import Tables

/// `harmonise`: the same clients under several definitions.
struct HarmoniseAnalysis: VerbAnalysis {
  let settings: OutcomeSettings
  let printsPairs: Bool

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    settings = try OutcomeSettings(options)
    printsPairs = try options.flag(.definitionPairs)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (cohort, rows) = try settings.cohort(table)
    let fit = try DefinitionHarmoniser(
      settings.definitions, followUpWeeks: settings.followUpWeeks, level: settings.level
    ).fit(cohort, rows: rows)
    var output = printsPairs ? pairs(fit) : counts(fit)
    output.notes += fit.notes
    guard !printsPairs else { return output }
    let silent = fit.differences.filter { $0.note != nil }
    if silent.count > 1, Set(silent.map(\.note)).count == 1 {
      output.notes.append("no interval of \(silent.count) differences: \(silent[0].note ?? "")")
    } else {
      output.notes += silent.map { "\($0.definition): \($0.note ?? "")" }
    }
    output.notes.append(
      "intervals of the differences: CR2 with Satterthwaite's degrees of freedom, clustered on sites;"
        + " nothing is adjusted for who the clients are")
    return output
  }

  private func counts(_ fit: HarmonisedDefinitions) -> AnalysisOutput {
    struct Row {
      var definition, arm: String
      var counts: [Int]
      var numbers: [Double?]
      var people: [Int]
    }
    var rows: [Row] = []
    for difference in fit.differences {
      let own = fit.counts.filter { $0.definition == difference.definition }
      let arms = own.filter { $0.arm != "all" }
      func fewest(_ value: (HarmonisedDefinitions.Counts) -> Int) -> Int {
        arms.map(value).min() ?? own.map(value).min() ?? 0
      }
      // The arms' counts add to those of all, so that the rows of a definition stand and fall together.
      let people = [fewest(\.yes), fewest(\.no), fewest(\.unknown)]
      for count in own {
        rows.append(
          Row(
            definition: count.definition, arm: count.arm,
            counts: [
              count.accepted, count.eligible, count.mature, count.yes, count.no, count.unknown,
            ], numbers: [count.rate, nil, nil, nil, nil, nil, count.rateLow, count.rateHigh, nil],
            people: people))
      }
      func sum(_ value: (HarmonisedDefinitions.Counts) -> Int) -> Int {
        arms.map(value).reduce(0, +)
      }
      rows.append(
        Row(
          definition: difference.definition, arm: "difference",
          counts: [
            sum(\.accepted), sum(\.eligible), sum(\.mature), sum(\.yes), sum(\.no), sum(\.unknown),
          ],
          numbers: [
            difference.estimate, difference.standardError, difference.degreesOfFreedom,
            difference.pValue, difference.interval?.low, difference.interval?.high, difference.low,
            difference.high, difference.change,
          ], people: people))
    }
    let countNames = ["n", "n_eligible", "n_mature", "n_yes", "n_no", "n_unknown"]
    let numberNames = [
      "estimate", "std.error", "df", "p.value", "conf.low", "conf.high", "low", "high", "change",
    ]
    var output = AnalysisOutput(
      columns: [
        .texts("definition", rows.map(\.definition)), .texts("arm", rows.map(\.arm)),
      ]
        + countNames.enumerated().map { place, name in
          .integers(name, rows.map { $0.counts[place] })
        }
        + numberNames.enumerated().map { place, name in
          .numbers(name, rows.map { $0.numbers[place] })
        })
    for (place, name) in ["yes", "no", "unknown"].enumerated() {
      output.people[name] = rows.map { $0.people[place] }
    }
    return output
  }

  private func pairs(_ fit: HarmonisedDefinitions) -> AnalysisOutput {
    let pairs = fit.agreement
    var output = AnalysisOutput(columns: [
      .texts("definition", pairs.map(\.first)), .texts("other", pairs.map(\.second)),
      .integers("n_both", pairs.map(\.bothYes)), .integers("n_first", pairs.map(\.onlyFirst)),
      .integers("n_second", pairs.map(\.onlySecond)), .integers("n_neither", pairs.map(\.bothNo)),
      .integers("n_not_comparable", pairs.map(\.notComparable)),
    ])
    output.people = [
      "both": pairs.map(\.bothYes), "first": pairs.map(\.onlyFirst),
      "second": pairs.map(\.onlySecond), "neither": pairs.map(\.bothNo),
    ]
    return output
  }
}
