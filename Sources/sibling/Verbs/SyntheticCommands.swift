import ArgumentParser
import Studies

/// Commands of synthetic controls.
enum SyntheticCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [SyntheticCommand.self]
}

struct SyntheticCommand: EstimatorCommand {
  static let verb = Verb.synth
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.synth, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.synth, "unit")) var unit: String?
  @Option(parsing: .unconditional, help: .of(.synth, "time")) var time: String?
  @Option(parsing: .unconditional, help: .of(.synth, "group")) var group: String?
  @Option(parsing: .unconditional, help: .of(.synth, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.synth, "covariates")) var covariates: String?
  @Option(parsing: .unconditional, help: .of(.synth, "inference")) var inference: String?
  @Option(parsing: .unconditional, help: .of(.synth, "draws")) var draws: String?
  @Option(parsing: .unconditional, help: .of(.synth, "solver")) var solver: String?
  @Flag(help: .of(.synth, "gaps")) var gaps = false
  @Option(parsing: .unconditional, help: .of(.synth, "weights-out")) var weightsOut: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}
