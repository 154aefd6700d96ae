import ArgumentParser
import Studies

struct MatchCommand: EstimatorCommand {
  static let verb = Verb.match
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.match, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.match, "tolerance")) var tolerance: String?
  @Flag(help: .of(.match, "pairs")) var pairs = false
  @Flag(help: .of(.match, "data")) var data = false
  @Option(parsing: .unconditional, help: .of(.match, "row-key")) var rowKey: String?
  @OptionGroup(title: "Design") var matching: MatchingOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct BalanceCommand: EstimatorCommand {
  static let verb = Verb.balance
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.balance, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.balance, "by")) var by: String?
  @Flag(help: .of(.balance, "interactions")) var interactions = false
  @Flag(help: .of(.balance, "squares")) var squares = false
  @Option(parsing: .unconditional, help: .of(.balance, "powers")) var powers: String?
  @Option(parsing: .unconditional, help: .of(.balance, "threshold")) var threshold: String?
  @Option(parsing: .unconditional, help: .of(.balance, "qq")) var qq: String?
  @Option(parsing: .unconditional, help: .of(.balance, "density")) var density: String?
  @Option(parsing: .unconditional, help: .of(.balance, "threshold-ks")) var thresholdKs: String?
  @Option(parsing: .unconditional, help: .of(.balance, "threshold-ratio"))
  var thresholdRatio: String?
  @Flag(help: .of(.balance, "per-subclass")) var perSubclass = false
  @Option(parsing: .unconditional, help: .of(.balance, "site")) var site: String?
  @OptionGroup(title: "Design") var matching: MatchingOptions
  @OptionGroup(title: "Weights") var weighting: WeightingOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct EffectCommand: EstimatorCommand {
  static let verb = Verb.effect
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.effect, "outcome")) var outcome: String?
  @Option(parsing: .unconditionalSingleValue, help: .of(.effect, "method"))
  var method: [String] = []
  @Option(parsing: .unconditional, help: .of(.effect, "effect")) var effect: String?
  @Option(parsing: .unconditional, help: .of(.effect, "outcome-model")) var outcomeModel: String?
  @Option(parsing: .unconditional, help: .of(.effect, "row-key")) var rowKey: String?
  @OptionGroup(title: "Estimation") var estimation: EstimationOptions
  @OptionGroup(title: "Design") var matching: MatchingOptions
  @OptionGroup(title: "Weights") var weighting: WeightingOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
