internal import Contracts
internal import Reporting

/// What outcomes, payers and contracts are called in sentences about payments.
enum PaymentWords {
  /// An outcome in lower case.
  static func outcome(_ name: String) -> String {
    switch name {
    case "engagement": "engagement"
    case "job_start": "job start"
    case "sustained": "sustained job"
    default: name
    }
  }

  /// Outcomes in the plural.
  static func outcomes(_ name: String) -> String {
    outcomeNames[name]?.lowercased() ?? name
  }

  /// Outcomes as headings of rows.
  static let outcomeNames = [
    "engagement": "Engagements", "job_start": "Job starts", "sustained": "Sustained jobs",
    "all": "All",
  ]

  /// Payers as headings and labels.
  static let payerNames = [
    "commissioner": "Commissioner", "sof": "Social Outcomes Fund",
    "cbo": "Commissioning Better Outcomes", "lcf": "Life Chances Fund",
    "mhep_bii": "MHEP (Big Issue Invest)", "other": "Another payer",
    ClaimReplay.unnamedPayer: "Payer not stated", "all": "All",
  ]

  /// A payer within a sentence.
  static func payer(_ name: String) -> String {
    switch name {
    case "commissioner": "commissioner"
    case "other": "another payer"
    case ClaimReplay.unnamedPayer: "a payer who is not stated"
    default: payerNames[name] ?? name
    }
  }

  /// A number without trailing zeros.
  static func number(_ value: Double) -> String {
    NumberStyle.significant(6).text(value)
  }

  /// The names of contracts: the study's own, else those of its projects.
  static func contracts(_ context: ReportContext) -> [String: String] {
    var names = context.projectNames
    let node = context.study.node["contracts"]?["names"]
    for key in node?.keys ?? [] { names[key.name] = node?[key.name]?.text }
    names[PaymentSums.all] = "All"
    return names
  }
}
