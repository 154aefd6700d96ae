import ArgumentParser
import Studies

/// The verbs of several p-values and of margins.
enum DecisionsCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [AdjustCommand.self, MarginCommand.self]
}

struct AdjustCommand: EstimatorCommand {
  static let verb = Verb.adjust
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.adjust, "p")) var p: String?
  @Option(parsing: .unconditional, help: .of(.adjust, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.adjust, "name")) var name: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}

struct MarginCommand: EstimatorCommand {
  static let verb = Verb.marginTest
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(
    help: "CSV, Stata or SPSS file of estimates, or - for standard input; none with numbers.")
  var data: String?
  @Option(parsing: .unconditional, help: .of(.marginTest, "estimate")) var estimate: String?
  @Option(parsing: .unconditional, help: .of(.marginTest, "std-error")) var stdError: String?
  @Option(parsing: .unconditional, help: .of(.marginTest, "df")) var df: String?
  @Option(parsing: .unconditional, help: .of(.marginTest, "margin")) var margin: String?
  @Option(parsing: .unconditional, help: .of(.marginTest, "low")) var low: String?
  @Option(parsing: .unconditional, help: .of(.marginTest, "high")) var high: String?
  @Option(parsing: .unconditional, help: .of(.marginTest, "better")) var better: String?
  @Option(parsing: .unconditional, help: .of(.marginTest, "name")) var name: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var path: String { data ?? "" }
}
