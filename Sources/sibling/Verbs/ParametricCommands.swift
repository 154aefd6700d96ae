import ArgumentParser
import Studies

struct AcceleratedCommand: EstimatorCommand {
  static let verb = Verb.accelerated
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.accelerated, "dist")) var dist: String?
  @Option(parsing: .unconditional, help: .of(.accelerated, "times")) var times: String?
  @Option(parsing: .unconditional, help: .of(.accelerated, "by")) var by: String?
  @Flag(help: .of(.accelerated, "robust")) var robust = false
  @Flag(help: .of(.accelerated, "exponentiate")) var exponentiate = false
  @Flag(help: .of(.accelerated, "statistics")) var statistics = false
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct FlexibleCommand: EstimatorCommand {
  static let verb = Verb.flexible
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.flexible, "knots")) var knots: String?
  @Option(parsing: .unconditional, help: .of(.flexible, "scale")) var scale: String?
  @Option(parsing: .unconditional, help: .of(.flexible, "time-varying")) var timeVarying: String?
  @Option(parsing: .unconditional, help: .of(.flexible, "times")) var times: String?
  @Option(parsing: .unconditional, help: .of(.flexible, "by")) var by: String?
  @Flag(help: .of(.flexible, "robust")) var robust = false
  @Flag(help: .of(.flexible, "exponentiate")) var exponentiate = false
  @Flag(help: .of(.flexible, "statistics")) var statistics = false
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct DiscreteCommand: EstimatorCommand {
  static let verb = Verb.discrete
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.discrete, "link")) var link: String?
  @Option(parsing: .unconditional, help: .of(.discrete, "baseline")) var baseline: String?
  @Option(parsing: .unconditional, help: .of(.discrete, "interval")) var interval: String?
  @Option(parsing: .unconditional, help: .of(.discrete, "knots")) var knots: String?
  @Flag(help: .of(.discrete, "robust")) var robust = false
  @Flag(help: .of(.discrete, "exponentiate")) var exponentiate = false
  @Flag(help: .of(.discrete, "statistics")) var statistics = false
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct PiecewiseCommand: EstimatorCommand {
  static let verb = Verb.piecewise
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.piecewise, "cuts")) var cuts: String?
  @Flag(help: .of(.piecewise, "robust")) var robust = false
  @Flag(help: .of(.piecewise, "exponentiate")) var exponentiate = false
  @Flag(help: .of(.piecewise, "statistics")) var statistics = false
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct CureCommand: EstimatorCommand {
  static let verb = Verb.cure
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.cure, "dist")) var dist: String?
  @Option(parsing: .unconditional, help: .of(.cure, "incidence")) var incidence: String?
  @Flag(help: .of(.cure, "robust")) var robust = false
  @Flag(help: .of(.cure, "exponentiate")) var exponentiate = false
  @Flag(help: .of(.cure, "statistics")) var statistics = false
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct SurvivalModelsCommand: EstimatorCommand {
  static let verb = Verb.survivalModels
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.survivalModels, "knots")) var knots: String?
  @Option(parsing: .unconditional, help: .of(.survivalModels, "by")) var by: String?
  @Flag(help: .of(.survivalModels, "curves")) var curves = false
  @Option(parsing: .unconditional, help: .of(.survivalModels, "times")) var times: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

/// Commands of parametric and discrete-time models.
enum ParametricCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [
    AcceleratedCommand.self, FlexibleCommand.self, DiscreteCommand.self, PiecewiseCommand.self,
    CureCommand.self, SurvivalModelsCommand.self,
  ]
}
