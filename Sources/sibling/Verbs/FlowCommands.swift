import ArgumentParser
import Studies

/// Verbs that follow people through a service, and ask who gets in.
enum FlowCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [
    FunnelCommand.self, CreamingCommand.self, EquityCommand.self,
  ]
}

struct FunnelCommand: EstimatorCommand {
  static let verb = Verb.funnel
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.funnel, "jobs")) var jobs: String?
  @Option(parsing: .unconditional, help: .of(.funnel, "sites")) var sites: String?
  @Option(parsing: .unconditional, help: .of(.funnel, "by")) var by: String?
  @Option(parsing: .unconditional, help: .of(.funnel, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.funnel, "follow-up")) var followUp: String?
  @Flag(help: .of(.funnel, "exclusions")) var exclusions = false
  @Flag(help: .of(.funnel, "periods")) var periods = false
  @OptionGroup(title: "Common") var common: CommonOptions
}

struct CreamingCommand: EstimatorCommand {
  static let verb = Verb.creaming
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.creaming, "jobs")) var jobs: String?
  @Option(parsing: .unconditional, help: .of(.creaming, "sites")) var sites: String?
  @Option(parsing: .unconditional, help: .of(.creaming, "contracts")) var contracts: String?
  @Option(parsing: .unconditional, help: .of(.creaming, "covariates")) var covariates: String?
  @Option(parsing: .unconditional, help: .of(.creaming, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.creaming, "reference")) var reference: String?
  @Option(parsing: .unconditional, help: .of(.creaming, "follow-up")) var followUp: String?
  @Option(parsing: .unconditional, help: .of(.creaming, "window")) var window: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}

struct EquityCommand: EstimatorCommand {
  static let verb = Verb.equity
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.equity, "jobs")) var jobs: String?
  @Option(parsing: .unconditional, help: .of(.equity, "sites")) var sites: String?
  @Option(parsing: .unconditional, help: .of(.equity, "profile")) var profile: String?
  @Option(parsing: .unconditional, help: .of(.equity, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.equity, "follow-up")) var followUp: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}
