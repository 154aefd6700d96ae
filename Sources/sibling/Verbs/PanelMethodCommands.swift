import ArgumentParser
import Studies

/// Commands of other panel estimators: decomposition and triple difference.
enum PanelMethodCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [BaconCommand.self, TripleDifferenceCommand.self]
}

struct BaconCommand: EstimatorCommand {
  static let verb = Verb.bacon
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.bacon, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.bacon, "unit")) var unit: String?
  @Option(parsing: .unconditional, help: .of(.bacon, "time")) var time: String?
  @Option(parsing: .unconditional, help: .of(.bacon, "group")) var group: String?
  @Option(parsing: .unconditional, help: .of(.bacon, "covariates")) var covariates: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}

struct TripleDifferenceCommand: EstimatorCommand {
  static let verb = Verb.tripleDifference
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.tripleDifference, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.tripleDifference, "unit")) var unit: String?
  @Option(parsing: .unconditional, help: .of(.tripleDifference, "time")) var time: String?
  @Option(parsing: .unconditional, help: .of(.tripleDifference, "group")) var group: String?
  @Option(parsing: .unconditional, help: .of(.tripleDifference, "eligible")) var eligible: String?
  @Option(parsing: .unconditional, help: .of(.tripleDifference, "place")) var place: String?
  @Option(parsing: .unconditional, help: .of(.tripleDifference, "covariates"))
  var covariates: String?
  @Option(parsing: .unconditional, help: .of(.tripleDifference, "aggregate"))
  var aggregate: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}
