import ArgumentParser
import Studies

struct ImputeCommand: EstimatorCommand {
  static let verb = Verb.impute
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.impute, "columns")) var columns: String?
  @Option(parsing: .unconditional, help: .of(.impute, "predictors")) var predictors: String?
  @Option(parsing: .unconditional, help: .of(.impute, "methods")) var methods: String?
  @Option(parsing: .unconditional, help: .of(.impute, "imputations")) var imputations: String?
  @Option(parsing: .unconditional, help: .of(.impute, "iterations")) var iterations: String?
  @Option(parsing: .unconditional, help: .of(.impute, "site")) var site: String?
  @Option(parsing: .unconditional, help: .of(.impute, "site-effects")) var siteEffects: String?
  @Option(parsing: .unconditional, help: .of(.impute, "interaction")) var interaction: String?
  @Option(parsing: .unconditional, help: .of(.impute, "donors")) var donors: String?
  @Flag(help: .of(.impute, "include-original")) var includeOriginal = false
  @Option(parsing: .unconditional, help: .of(.impute, "traces")) var traces: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}

/// Verbs that fill in missing values.
enum ImputingCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [ImputeCommand.self]
}
