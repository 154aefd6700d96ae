import ArgumentParser
import Studies

/// Commands of inference with few clusters.
enum FewSiteCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [FewClustersCommand.self]
}

struct FewClustersCommand: EstimatorCommand {
  static let verb = Verb.fewClusters
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.fewClusters, "term")) var term: String?
  @Option(parsing: .unconditional, help: .of(.fewClusters, "null")) var null: String?
  @Option(parsing: .unconditional, help: .of(.fewClusters, "absorb")) var absorb: String?
  @Option(parsing: .unconditional, help: .of(.fewClusters, "time")) var time: String?
  @Option(parsing: .unconditional, help: .of(.fewClusters, "draws")) var draws: String?
  @Option(parsing: .unconditional, help: .of(.fewClusters, "weights-type"))
  var weightsType: String?
  @Option(parsing: .unconditional, help: .of(.fewClusters, "subcluster")) var subcluster: String?
  @Option(parsing: .unconditional, help: .of(.fewClusters, "simulate-size"))
  var simulateSize: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
