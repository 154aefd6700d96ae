import ArgumentParser
import Studies

/// Verbs that ask what missing outcomes could change.
enum MissingEvidenceCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [
    EvidenceReadingsCommand.self, TippingPointCommand.self, OutcomeAttritionCommand.self,
  ]
}

struct EvidenceReadingsCommand: EstimatorCommand {
  static let verb = Verb.evidenceReadings
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.evidenceReadings, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.evidenceReadings, "lower")) var lower: String?
  @Option(parsing: .unconditional, help: .of(.evidenceReadings, "upper")) var upper: String?
  @Option(parsing: .unconditional, help: .of(.evidenceReadings, "predictors"))
  var predictors: String?
  @Option(parsing: .unconditional, help: .of(.evidenceReadings, "estimand"))
  var estimand: String?
  @Option(parsing: .unconditional, help: .of(.evidenceReadings, "truncate"))
  var truncate: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct TippingPointCommand: EstimatorCommand {
  static let verb = Verb.tippingPoint
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.tippingPoint, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.tippingPoint, "grid")) var grid: String?
  @Option(parsing: .unconditional, help: .of(.tippingPoint, "delta")) var delta: String?
  @Option(parsing: .unconditional, help: .of(.tippingPoint, "estimand")) var estimand: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct OutcomeAttritionCommand: EstimatorCommand {
  static let verb = Verb.outcomeAttrition
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.outcomeAttrition, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.outcomeAttrition, "reason")) var reason: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
