internal import Reporting
internal import Statistics

/// Everything that the report is composed from: released tables, and words that no client is behind.
struct ReportContext {
  let study: StudyFile
  let gate: Gate
  /// Released tables by name.
  let released: [String: Released<ResultTable>]
  /// The matched or weighted design in words; nil without one.
  let designWords: String?
  /// Whom the matched effect is about, in words.
  let population: String?
  /// What was found about the data's quality.
  let findings: [String]
  /// What in published figures can't be right.
  let anomalies: [String]
  /// Names of projects by identifier.
  let projectNames: [String: String]
  /// The latest quarter with payments.
  let paymentsAsOf: String?
  /// How the panel was analysed, in words, with its notes.
  let panelNotes: [String]
  /// What was asked of hidden bias and can't be given, in words.
  let hiddenBiasRemarks: [String]
  /// What the reader must know of few clusters, by analysis and outcome.
  let fewClusterNotes: [String: [String]]
  /// What the reader must know of further analyses, by name.
  let furtherNotes: [String: [String]]
  /// What the reader must know of the sections about the cohort, by the name of their table.
  let cohortNotes: [String: [String]]
  /// What speaks against reading a survival analysis at face value, by its name.
  let survivalNotes: [String: [String]]
  /// Whether people count unequally in the adjusted sample, so that only its means are alike.
  let hasUnequalWeights: Bool
  /// The disclosure profile's name.
  let profile: String
  /// What a study by sums leaves out because it needs rows.
  let leftOut: [SumsRun.LeftOut]

  /// Whether the study was made from sums.
  var isBySums: Bool { study.node["data"]?["by"]?.text == "sums" }

  /// Whether its data are a file, worked in memory.
  var isInMemory: Bool { ["memory", nil].contains(study.node["data"]?["engine"]?.text) }
  /// What was withheld, as a count in words.
  let withheld: String

  /// The released table of a name, when it has rows.
  func table(_ name: String) -> Released<ResultTable>? {
    guard let table = released[name], !table.value.rows.isEmpty else { return nil }
    return table
  }

  /// The rows of a table that match, when there are any.
  func rows(_ name: String, where match: [String: ResultTable.Cell]) -> Released<ResultTable>? {
    guard let rows = table(name)?.rows(where: match), !rows.value.rows.isEmpty else { return nil }
    return rows
  }

  /// Whom the effect is about after matching: `among the 113 of 185 treated within the caliper`.
  var populationWords: String? {
    guard let population, let start = population.firstRange(of: "among ") else { return nil }
    return String(population[start.lowerBound...])
  }

  /// Whether chance decided who was treated.
  var isRandomised: Bool { study.node["assignment"]?["mechanism"]?.text == "randomised" }

  /// The analysis that leads: the groups as randomised, or else the matched design.
  ///
  /// Where few sites stand behind it, the adjusted difference judged by its sites leads.
  var leadingAnalysis: String {
    isRandomised
      ? "unadjusted"
      : rows("estimates", where: ["analysis": "few-sites"]) != nil ? "few-sites" : "matched"
  }

  /// What the treated are called.
  var treatedLabel: String { study.node["treatment"]?["label"]?.text ?? "the treated" }
  /// What the others are called.
  var comparisonLabel: String {
    study.node["treatment"]?["comparison-label"]?.text ?? "the comparison group"
  }
  /// A text of the setting.
  func setting(_ key: String) -> String? { study.node["setting"]?[key]?.text }

  /// The declared outcomes.
  var outcomes: [OutcomeWords] {
    (study.node["outcomes"]?.elements ?? []).map { OutcomeWords($0) }
  }
  /// The declared outcome of a name.
  func outcome(_ name: String) -> OutcomeWords? { outcomes.first { $0.name == name } }

  /// What the study calls its covariates.
  var labels: [String: String] {
    let node = study.node["labels"]
    var names: [String: String] = [:]
    for key in node?.keys ?? [] { names[key.name] = node?[key.name]?.text }
    return names
  }

  /// Place and period for chart subtitles.
  var placeAndPeriod: String {
    capitalised([setting("place"), setting("period")].compactMap { $0 }.joined(separator: ", "))
  }

  /// The names of arms for charts.
  var armNames: [String: String] {
    [
      "treated": capitalised(treatedLabel), "comparison": capitalised(comparisonLabel),
      "all": "All",
    ]
  }
}

/// An outcome's words and how its numbers are written.
struct OutcomeWords {
  let name: String
  let label: String
  let kind: String
  let unit: String
  let higherIsBetter: Bool
  /// What follows "more weeks": `in work during the year`.
  let phrase: String

  init(_ node: StudyNode) {
    name = node["name"]?.text ?? ""
    label = node["label"]?.text ?? name
    kind = node["kind"]?.text ?? "number"
    unit = node["unit"]?.text ?? ""
    higherIsBetter = node["better"]?.text != "lower"
    phrase = node["phrase"]?.text ?? "(\(label))"
  }

  /// How differences of the outcome are written.
  var difference: NumberStyle {
    switch kind {
    case "binary", "share": .percentagePoints(1)
    case "amount": .money(unit)
    case "weeks": .weeks(1)
    default: .decimals(3)
    }
  }

  /// How standard errors of differences are written: in the unit of the estimates beside them.
  var error: NumberStyle {
    switch kind {
    case "binary", "share": .perHundred(2)
    default: .significant(4)
    }
  }
}

extension NumberStyle {
  /// The style for tables, where the heading names the unit.
  var withoutWords: NumberStyle { bare }
}

/// The text with its first letter in upper case.
func capitalised(_ text: String) -> String {
  text.prefix(1).uppercased() + text.dropFirst()
}

/// The text as a sentence: a capital first, one full stop last.
func sentence(_ text: String) -> String {
  let end = text.hasSuffix(".") || text.hasSuffix("?") || text.hasSuffix(":") ? "" : "."
  return capitalised(text) + end
}
