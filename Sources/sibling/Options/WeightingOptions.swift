import ArgumentParser
import Studies

/// Options of the weights that `weight`, `balance` and `effect` share.
struct WeightingOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.weight, "trim")) var trim: String?
  @Flag(help: .of(.weight, "stabilise")) var stabilise = false
  @Option(parsing: .unconditional, help: .of(.weight, "moments")) var moments: String?
  @Flag(help: .of(.weight, "moment-products")) var momentProducts = false
  @Option(parsing: .unconditional, help: .of(.weight, "tolerance")) var tolerance: String?
  @Option(parsing: .unconditional, help: .of(.weight, "site-weights")) var siteWeights: String?
}
