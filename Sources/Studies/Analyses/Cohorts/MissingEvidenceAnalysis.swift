internal import Cohorts
internal import Statistics
internal import Tables

/// `missing-evidence`: the effect under every reading of unknown outcomes.
struct MissingEvidenceAnalysis: VerbAnalysis {
  var source: EvidenceSource
  var readings: MissingEvidence

  /// Decodes the options.
  ///
  /// - Throws: `usage` or `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    source = try EvidenceSource(formula: formula, options: options)
    let truncation = try options.number(.evidenceTruncation, in: 0.5...1) ?? 0.99
    guard truncation > 0.5 else {
      throw options.wrong(.evidenceTruncation, "takes a number above 0.5, up to 1")
    }
    readings = MissingEvidence(
      estimand: try Self.estimand(options), level: source.settings.level, truncation: truncation)
  }

  /// Whose effect is asked for.
  ///
  /// - Throws: `invalidOption`.
  static func estimand(_ options: OptionValues) throws(SiblingError) -> EvidenceEstimand {
    EvidenceEstimand(rawValue: try options.choice(.evidenceEstimand)) ?? .ate
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let bound = try source.bind(table)
    let result = try bound.formula.locating { () throws(SiblingError) in
      try readings.fit(bound.evidence)
    }
    let rows = result.rows
    let counts = result.counts
    var output = AnalysisOutput(
      columns: [
        .texts("reading", rows.map(\.reading.rawValue)),
        .texts("term", rows.map(\.estimate.term)),
        .numbers("estimate", rows.map { $0.estimate.estimate.isNaN ? nil : $0.estimate.estimate }),
        .numbers("std.error", rows.map(\.estimate.standardError)),
        .numbers("statistic", rows.map(\.estimate.statistic)),
        .numbers("df", rows.map(\.estimate.degreesOfFreedom)),
        .numbers("p.value", rows.map(\.estimate.pValue)),
        .numbers("conf.low", rows.map(\.estimate.interval?.low)),
        .numbers("conf.high", rows.map(\.estimate.interval?.high)),
        .numbers("low", rows.map(\.low)), .numbers("high", rows.map(\.high)),
        .integers("n", rows.map(\.rows)),
        .integers("n_treated", rows.map { _ in counts.treated }),
        .integers("n_comparison", rows.map { _ in counts.comparison }),
        .integers("unknown_treated", rows.map { _ in counts.unknownTreated }),
        .integers("unknown_comparison", rows.map { _ in counts.unknownComparison }),
        .texts("se_type", rows.map(\.estimate.convention)),
      ],
      notes: bound.formula.notes + Self.words(bound.evidence) + result.notes)
    output.people = bound.evidence.hiddenPeople.mapValues {
      [Int](repeating: $0, count: rows.count)
    }
    return output
  }

  /// What is unknown, in words.
  static func words(_ evidence: OutcomeEvidence) -> [String] {
    let counts = evidence.counts
    guard counts.unknown > 0 else {
      return [
        evidence.isOpen
          ? "every outcome is recorded; worst and best read those both ways whose bounds differ"
          : "every outcome is known, so all readings are the same"
      ]
    }
    return [
      "the outcome is unknown for \(counts.unknownTreated) of \(counts.treated) treated and"
        + " \(counts.unknownComparison) of \(counts.comparison) comparisons; 'missing-is-no' shows what"
        + " reading them as no would say, and is wrong unless they are known to be no"
    ]
  }
}
