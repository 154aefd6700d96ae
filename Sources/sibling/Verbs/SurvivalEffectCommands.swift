import ArgumentParser
import Studies

/// Commands of effects on survival after matching or weighting.
enum SurvivalEffectCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [SurvivalEffectCommand.self]
}

struct SurvivalEffectCommand: EstimatorCommand {
  static let verb = Verb.survivalEffect
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "survival")) var survival: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "measures")) var measures: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "times")) var times: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "tau")) var tau: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "ties")) var ties: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "se")) var se: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "bootstrap")) var bootstrap: String?
  @OptionGroup(title: "Design") var matching: MatchingOptions
  @OptionGroup(title: "Weights") var weighting: WeightingOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
