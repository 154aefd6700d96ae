import ArgumentParser
import Studies

/// Options of a difference in differences on a panel, shared by the verbs that run one.
struct DifferenceOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.did, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.did, "unit")) var unit: String?
  @Option(parsing: .unconditional, help: .of(.did, "time")) var time: String?
  @Option(parsing: .unconditional, help: .of(.did, "group")) var group: String?
  @Option(parsing: .unconditional, help: .of(.did, "treatment")) var treatment: String?
  @Option(parsing: .unconditional, help: .of(.did, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.did, "control")) var control: String?
  @Option(parsing: .unconditional, help: .of(.did, "estimator")) var estimator: String?
  @Option(parsing: .unconditional, help: .of(.did, "covariates")) var covariates: String?
  @Option(parsing: .unconditional, help: .of(.did, "anticipation")) var anticipation: String?
  @Option(parsing: .unconditional, help: .of(.did, "base")) var base: String?
  @Option(parsing: .unconditional, help: .of(.did, "aggregate")) var aggregate: String?
  @Option(parsing: .unconditional, help: .of(.did, "balance-e")) var balanceE: String?
  @Option(parsing: .unconditional, help: .of(.did, "vcov")) var vcov: String?
  @Option(parsing: .unconditional, help: .of(.did, "exclude-periods")) var excludePeriods: String?
  @Flag(help: .of(.did, "repeated-cross-sections")) var repeatedCrossSections = false
  @Flag(help: .of(.did, "unbalanced")) var unbalanced = false
}

struct DifferenceInDifferencesCommand: EstimatorCommand {
  static let verb = Verb.did
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @OptionGroup var difference: DifferenceOptions
  @Option(parsing: .unconditional, help: .of(.did, "pre")) var pre: String?
  @Option(parsing: .unconditional, help: .of(.did, "post")) var post: String?
  @Option(parsing: .unconditional, help: .of(.did, "randomisation")) var randomisation: String?
  @Option(parsing: .unconditional, help: .of(.did, "bootstrap")) var bootstrap: String?
  @Option(parsing: .unconditional, help: .of(.did, "bands")) var bands: String?
  @Option(parsing: .unconditional, help: .of(.did, "small-sample")) var smallSample: String?
  @Option(parsing: .unconditional, help: .of(.did, "family")) var family: String?
  @Option(parsing: .unconditional, help: .of(.did, "leads")) var leads: String?
  @Option(parsing: .unconditional, help: .of(.did, "lags")) var lags: String?
  @Option(parsing: .unconditional, help: .of(.did, "stack-weights")) var stackWeights: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}

struct EventStudyCommand: EstimatorCommand {
  static let verb = Verb.eventStudy
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.eventStudy, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "unit")) var unit: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "time")) var time: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "group")) var group: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "treatment")) var treatment: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "covariates")) var covariates: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "leads")) var leads: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "lags")) var lags: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "reference")) var reference: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "vcov")) var vcov: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "bands")) var bands: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "small-sample")) var smallSample: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "family")) var family: String?
  @Option(parsing: .unconditional, help: .of(.eventStudy, "exclude-periods"))
  var excludePeriods: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}
