import ArgumentParser
import Studies

/// Commands of effects on survival after matching or weighting.
enum SurvivalEffectCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [
    SurvivalEffectCommand.self, AdjustedCurveCommand.self,
  ]
}

struct SurvivalEffectCommand: EstimatorCommand {
  static let verb = Verb.survivalEffect
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "survival")) var survival: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "measures")) var measures: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "times")) var times: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "tau")) var tau: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "ties")) var ties: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "se")) var se: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "bootstrap")) var bootstrap: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "censoring")) var censoring: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "censoring-trim"))
  var censoringTrim: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "delta")) var delta: String?
  @Option(parsing: .unconditional, help: .of(.survivalEffect, "delta-arm")) var deltaArm: String?
  @OptionGroup(title: "Design") var matching: MatchingOptions
  @OptionGroup(title: "Weights") var weighting: WeightingOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct AdjustedCurveCommand: EstimatorCommand {
  static let verb = Verb.adjustedCurve
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.adjustedCurve, "survival")) var survival: String?
  @Option(parsing: .unconditional, help: .of(.adjustedCurve, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.adjustedCurve, "times")) var times: String?
  @Option(parsing: .unconditional, help: .of(.adjustedCurve, "outcome-model"))
  var outcomeModel: String?
  @Flag(help: .of(.adjustedCurve, "proportional")) var proportional = false
  @Option(parsing: .unconditional, help: .of(.adjustedCurve, "conf")) var conf: String?
  @Option(parsing: .unconditional, help: .of(.adjustedCurve, "distance")) var distance: String?
  @Option(parsing: .unconditional, help: .of(.adjustedCurve, "trim")) var trim: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
