import ArgumentParser
import Studies

struct RosenbaumCommand: EstimatorCommand {
  static let verb = Verb.rosenbaum
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation; none for data with one row a pair.")
  var formula: String?
  @Option(parsing: .unconditional, help: .of(.rosenbaum, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.rosenbaum, "gamma")) var gamma: String?
  @Option(parsing: .unconditional, help: .of(.rosenbaum, "statistic")) var statistic: String?
  @Option(parsing: .unconditional, help: .of(.rosenbaum, "alternative")) var alternative: String?
  @Option(parsing: .unconditional, help: .of(.rosenbaum, "p-value")) var pValue: String?
  @Option(parsing: .unconditional, help: .of(.rosenbaum, "huber")) var huber: String?
  @Option(parsing: .unconditional, help: .of(.rosenbaum, "treatment-outcome"))
  var treatmentOutcome: String?
  @Option(parsing: .unconditional, help: .of(.rosenbaum, "comparison-outcome"))
  var comparisonOutcome: String?
  @Option(parsing: .unconditional, help: .of(.rosenbaum, "pair")) var pair: String?
  @Option(parsing: .unconditional, help: .of(.rosenbaum, "method")) var method: String?
  @OptionGroup(title: "Design") var matching: MatchingOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct RobustnessCommand: EstimatorCommand {
  static let verb = Verb.robustness
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input; none with --estimate.")
  var data: String?
  @Argument(help: "Formula in R's notation.") var formula: String?
  @Option(parsing: .unconditional, help: .of(.robustness, "term")) var term: String?
  @Option(parsing: .unconditional, help: .of(.robustness, "benchmark")) var benchmark: String?
  @Option(parsing: .unconditional, help: .of(.robustness, "multiples")) var multiples: String?
  @Option(parsing: .unconditional, help: .of(.robustness, "q")) var q: String?
  @Option(parsing: .unconditional, help: .of(.robustness, "alpha")) var alpha: String?
  @Option(
    name: .customLong("r2-treatment"), parsing: .unconditional,
    help: .of(.robustness, "r2-treatment"))
  var r2Treatment: String?
  @Option(
    name: .customLong("r2-outcome"), parsing: .unconditional, help: .of(.robustness, "r2-outcome"))
  var r2Outcome: String?
  @Option(parsing: .unconditional, help: .of(.robustness, "contour")) var contour: String?
  @Option(parsing: .unconditional, help: .of(.robustness, "estimate")) var estimate: String?
  @Option(parsing: .unconditional, help: .of(.robustness, "std-error")) var stdError: String?
  @Option(parsing: .unconditional, help: .of(.robustness, "df")) var df: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var path: String { data ?? "" }
  var formulaText: String? { formula }
}

struct EValueCommand: EstimatorCommand {
  static let verb = Verb.evalue
  static let configuration: CommandConfiguration = page(for: verb)

  @Option(parsing: .unconditional, help: .of(.evalue, "scale")) var scale: String?
  @Option(parsing: .unconditional, help: .of(.evalue, "estimate")) var estimate: String?
  @Option(parsing: .unconditional, help: .of(.evalue, "low")) var low: String?
  @Option(parsing: .unconditional, help: .of(.evalue, "high")) var high: String?
  @Option(parsing: .unconditional, help: .of(.evalue, "std-error")) var stdError: String?
  @Option(parsing: .unconditional, help: .of(.evalue, "sd")) var sd: String?
  @Flag(help: .of(.evalue, "rare")) var rare = false
  @Option(parsing: .unconditional, help: .of(.evalue, "events-treated"))
  var eventsTreated: String?
  @Option(parsing: .unconditional, help: .of(.evalue, "n-treated")) var nTreated: String?
  @Option(parsing: .unconditional, help: .of(.evalue, "events-comparison"))
  var eventsComparison: String?
  @Option(parsing: .unconditional, help: .of(.evalue, "n-comparison")) var nComparison: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var path: String { "" }
}

struct ManskiCommand: EstimatorCommand {
  static let verb = Verb.manski
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.manski, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.manski, "lower")) var lower: String?
  @Option(parsing: .unconditional, help: .of(.manski, "upper")) var upper: String?
  @Option(parsing: .unconditional, help: .of(.manski, "estimand")) var estimand: String?
  @Option(parsing: .unconditional, help: .of(.manski, "monotone-response"))
  var monotoneResponse: String?
  @Option(parsing: .unconditional, help: .of(.manski, "monotone-selection"))
  var monotoneSelection: String?
  @Option(parsing: .unconditional, help: .of(.manski, "missing-outcome"))
  var missingOutcome: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct NegativeControlCommand: EstimatorCommand {
  static let verb = Verb.negativeControl
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.negativeControl, "outcome")) var outcome: String?
  @Option(parsing: .unconditionalSingleValue, help: .of(.negativeControl, "method"))
  var method: [String] = []
  @Option(parsing: .unconditional, help: .of(.negativeControl, "effect")) var effect: String?
  @Option(parsing: .unconditional, help: .of(.negativeControl, "outcome-model"))
  var outcomeModel: String?
  @Option(parsing: .unconditional, help: .of(.negativeControl, "trim")) var trim: String?
  @OptionGroup(title: "Design") var matching: MatchingOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
