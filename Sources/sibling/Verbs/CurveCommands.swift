import ArgumentParser
import Studies

/// Commands of curves beyond `km`: milestones and interval-censored times; power.
enum CurveCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [
    MilestonesCommand.self, TurnbullCommand.self, PowerCommand.self,
  ]
}

/// When the clock starts: what `km`, `logrank`, `cox`, `rmst` and `milestones` share.
struct TimeZeroOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.kaplanMeier, "treated-from"))
  var treatedFrom: String?
  @Option(parsing: .unconditional, help: .of(.kaplanMeier, "landmark")) var landmark: String?
  @Flag(help: .of(.kaplanMeier, "reset-clock")) var resetClock = false
  @Flag(help: .of(.kaplanMeier, "time-varying-treatment")) var timeVaryingTreatment = false
}

struct MilestonesCommand: EstimatorCommand {
  static let verb = Verb.milestones
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.milestones, "times")) var times: String?
  @Option(parsing: .unconditional, help: .of(.milestones, "quantity")) var quantity: String?
  @Option(parsing: .unconditional, help: .of(.milestones, "estimator")) var estimator: String?
  @Option(parsing: .unconditional, help: .of(.milestones, "conf")) var conf: String?
  @Option(parsing: .unconditional, help: .of(.milestones, "difference-conf"))
  var differenceConf: String?
  @Flag(help: .of(.milestones, "robust")) var robust = false
  @OptionGroup(title: "Time zero") var timeZero: TimeZeroOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct TurnbullCommand: EstimatorCommand {
  static let verb = Verb.turnbull
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.turnbull, "times")) var times: String?
  @Flag(help: .of(.turnbull, "bounds")) var bounds = false
  @Option(parsing: .unconditional, help: .of(.turnbull, "conf")) var conf: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
