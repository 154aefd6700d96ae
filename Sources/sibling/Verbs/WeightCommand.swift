import ArgumentParser
import Studies

struct WeightCommand: EstimatorCommand {
  static let verb = Verb.weight
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.weight, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.weight, "estimand")) var estimand: String?
  @Option(parsing: .unconditional, help: .of(.weight, "distance")) var distance: String?
  @Option(parsing: .unconditional, help: .of(.weight, "row-key")) var rowKey: String?
  @OptionGroup(title: "Weights") var weighting: WeightingOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
