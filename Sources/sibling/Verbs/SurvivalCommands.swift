import ArgumentParser
import Studies

struct KaplanMeierCommand: EstimatorCommand {
  static let verb = Verb.kaplanMeier
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.kaplanMeier, "estimator")) var estimator: String?
  @Flag(help: .of(.kaplanMeier, "cumulative-hazard")) var cumulativeHazard = false
  @Option(parsing: .unconditional, help: .of(.kaplanMeier, "conf")) var conf: String?
  @Option(parsing: .unconditional, help: .of(.kaplanMeier, "times")) var times: String?
  @Option(parsing: .unconditional, help: .of(.kaplanMeier, "quantiles")) var quantiles: String?
  @Flag(help: .of(.kaplanMeier, "events-only")) var eventsOnly = false
  @Flag(help: .of(.kaplanMeier, "robust")) var robust = false
  @OptionGroup(title: "Time zero") var timeZero: TimeZeroOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct LogRankCommand: EstimatorCommand {
  static let verb = Verb.logRank
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.logRank, "rho")) var rho: String?
  @Option(parsing: .unconditional, help: .of(.logRank, "gamma")) var gamma: String?
  @Flag(help: .of(.logRank, "robust")) var robust = false
  @OptionGroup(title: "Time zero") var timeZero: TimeZeroOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct CoxCommand: EstimatorCommand {
  static let verb = Verb.cox
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.cox, "ties")) var ties: String?
  @Flag(help: .of(.cox, "robust")) var robust = false
  @Option(parsing: .unconditional, help: .of(.cox, "id")) var id: String?
  @Option(parsing: .unconditional, help: .of(.cox, "ridge")) var ridge: String?
  @Option(parsing: .unconditional, help: .of(.cox, "frailty")) var frailty: String?
  @Option(parsing: .unconditional, help: .of(.cox, "frailty-distribution"))
  var frailtyDistribution: String?
  @Option(parsing: .unconditional, help: .of(.cox, "recurrent")) var recurrent: String?
  @Option(parsing: .unconditional, help: .of(.cox, "time-varying")) var timeVarying: String?
  @Flag(help: .of(.cox, "exponentiate")) var exponentiate = false
  @Flag(help: .of(.cox, "statistics")) var statistics = false
  @Option(parsing: .unconditional, help: .of(.cox, "residuals")) var residuals: String?
  @OptionGroup(title: "Time zero") var timeZero: TimeZeroOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct ProportionalHazardsCommand: EstimatorCommand {
  static let verb = Verb.proportionalHazards
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.proportionalHazards, "ties")) var ties: String?
  @Flag(help: .of(.proportionalHazards, "robust")) var robust = false
  @Option(parsing: .unconditional, help: .of(.proportionalHazards, "id")) var id: String?
  @Option(parsing: .unconditional, help: .of(.proportionalHazards, "recurrent"))
  var recurrent: String?
  @Option(parsing: .unconditional, help: .of(.proportionalHazards, "transform"))
  var transform: String?
  @Flag(help: .of(.proportionalHazards, "points")) var points = false
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct RestrictedMeanCommand: EstimatorCommand {
  static let verb = Verb.restrictedMean
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.restrictedMean, "tau")) var tau: String?
  @Flag(help: .of(.restrictedMean, "robust")) var robust = false
  @OptionGroup(title: "Time zero") var timeZero: TimeZeroOptions
  @Option(parsing: .unconditional, help: .of(.restrictedMean, "adjust")) var adjust: String?
  @Option(parsing: .unconditional, help: .of(.restrictedMean, "adjust-method"))
  var adjustMethod: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
