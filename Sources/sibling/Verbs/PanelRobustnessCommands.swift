import ArgumentParser
import Studies

struct HonestDifferencesCommand: EstimatorCommand {
  static let verb = Verb.honestDifferences
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input; none with --estimates.")
  var data: String?
  @Option(parsing: .unconditional, help: .of(.honestDifferences, "kind")) var kind: String?
  @Option(parsing: .unconditional, help: .of(.honestDifferences, "m")) var m: String?
  @Option(parsing: .unconditional, help: .of(.honestDifferences, "sign")) var sign: String?
  @Option(parsing: .unconditional, help: .of(.honestDifferences, "monotone"))
  var monotone: String?
  @Option(parsing: .unconditional, help: .of(.honestDifferences, "target")) var target: String?
  @OptionGroup(title: "Event study") var source: EventStudySourceOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var path: String { data ?? "" }
}

struct PreTrendsCommand: EstimatorCommand {
  static let verb = Verb.preTrends
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input; none with --estimates.")
  var data: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "power")) var power: String?
  @OptionGroup(title: "Event study") var source: EventStudySourceOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var path: String { data ?? "" }
}

/// Where an event study's estimates and their covariance come from.
struct EventStudySourceOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.preTrends, "estimates")) var estimates: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "covariance")) var covariance: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "reference")) var reference: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "unit")) var unit: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "time")) var time: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "group")) var group: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "covariates")) var covariates: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "leads")) var leads: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "lags")) var lags: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "vcov")) var vcov: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "control")) var control: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "estimator")) var estimator: String?
  @Option(parsing: .unconditional, help: .of(.preTrends, "anticipation"))
  var anticipation: String?
}

/// Commands of sensitivity to parallel trends.
enum PanelRobustnessCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [
    HonestDifferencesCommand.self, PreTrendsCommand.self,
  ]
}
