import ArgumentParser
import Studies

/// The verb of dose and response across sites.
enum DoseResponseCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [DoseResponseCommand.self]
}

struct DoseResponseCommand: EstimatorCommand {
  static let verb = Verb.doseResponseAcrossSites
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.doseResponseAcrossSites, "std-error"))
  var stdError: String?
  @Option(parsing: .unconditional, help: .of(.doseResponseAcrossSites, "method"))
  var method: String?
  @Option(parsing: .unconditional, help: .of(.doseResponseAcrossSites, "inference"))
  var inference: String?
  @Option(parsing: .unconditional, help: .of(.doseResponseAcrossSites, "permutations"))
  var permutations: String?
  @Option(parsing: .unconditional, help: .of(.doseResponseAcrossSites, "at")) var at: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
