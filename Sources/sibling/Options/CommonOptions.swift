import ArgumentParser
import Studies

/// What every estimator verb takes besides its own options.
struct CommonOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.regress, "format")) var format: String?
  @Option(parsing: .unconditional, help: .of(.regress, "output")) var output: String?
  @Option(name: .customLong("where"), parsing: .unconditional, help: .of(.regress, "where"))
  var filter: String?
  @Option(parsing: .unconditionalSingleValue, help: .of(.regress, "join"))
  var join: [String] = []
  @Option(parsing: .unconditionalSingleValue, help: .of(.regress, "derive"))
  var derive: [String] = []
  @Option(parsing: .unconditional, help: .of(.regress, "weights")) var weights: String?
  @Option(parsing: .unconditional, help: .of(.regress, "cluster")) var cluster: String?
  @Option(parsing: .unconditional, help: .of(.regress, "level")) var level: String?
  @Option(parsing: .unconditional, help: .of(.regress, "seed")) var seed: String?
  @Option(parsing: .unconditional, help: .of(.regress, "threads")) var threads: String?
  @Option(parsing: .unconditional, help: .of(.regress, "missing")) var missing: String?
  @Option(parsing: .unconditional, help: .of(.regress, "treated")) var treated: String?
  @Option(parsing: .unconditional, help: .of(.regress, "disclosure")) var disclosure: String?
  @Option(parsing: .unconditional, help: .of(.regress, "types")) var types: String?
  @Option(parsing: .unconditional, help: .of(.regress, "date-format")) var dateFormat: String?
  @Option(parsing: .unconditional, help: .of(.regress, "missing-words")) var missingWords: String?
  @Option(parsing: .unconditional, help: .of(.regress, "separator")) var separator: String?
  @Option(parsing: .unconditional, help: .of(.regress, "imputation")) var imputation: String?
  @Option(parsing: .unconditional, help: .of(.regress, "engine")) var engine: String?
  @Option(parsing: .unconditional, help: .of(.regress, "source")) var source: String?
  @Option(parsing: .unconditional, help: .of(.regress, "engine-timeout")) var engineTimeout: String?
  @OptionGroup var talk: TalkOptions
}

/// How much is said on standard error.
struct TalkOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say nothing but errors.") var quiet = false
  @Flag(name: .shortAndLong, help: "Say more: what was read and how long it took.")
  var verbose = false
}

/// Options of the design that `match`, `balance` and `effect` share.
struct MatchingOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.match, "distance")) var distance: String?
  @Option(parsing: .unconditional, help: .of(.match, "estimand")) var estimand: String?
  @Option(parsing: .unconditional, help: .of(.match, "ratio")) var ratio: String?
  @Option(parsing: .unconditional, help: .of(.match, "min-ratio")) var minRatio: String?
  @Option(parsing: .unconditional, help: .of(.match, "max-ratio")) var maxRatio: String?
  @Flag(help: .of(.match, "replace")) var replace = false
  @Option(parsing: .unconditional, help: .of(.match, "reuse-max")) var reuseMax: String?
  @Option(parsing: .unconditional, help: .of(.match, "caliper")) var caliper: String?
  @Flag(help: .of(.match, "caliper-raw")) var caliperRaw = false
  @Option(parsing: .unconditional, help: .of(.match, "covariate-caliper"))
  var covariateCaliper: String?
  @Option(parsing: .unconditional, help: .of(.match, "exact")) var exact: String?
  @Option(parsing: .unconditional, help: .of(.match, "anti-exact")) var antiExact: String?
  @Option(parsing: .unconditional, help: .of(.match, "order")) var order: String?
  @Option(parsing: .unconditional, help: .of(.match, "discard")) var discard: String?
  @Option(parsing: .unconditional, help: .of(.match, "subclasses")) var subclasses: String?
  @Option(parsing: .unconditional, help: .of(.match, "cutpoints")) var cutpoints: String?
  @Option(parsing: .unconditional, help: .of(.match, "mahalanobis-on")) var mahalanobisOn: String?
  @Option(parsing: .unconditional, help: .of(.match, "prefer")) var prefer: String?
  @Flag(help: .of(.match, "k2k")) var k2k = false
}
