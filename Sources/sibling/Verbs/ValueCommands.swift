import ArgumentParser
import Studies

/// The verb of value for money.
enum ValueCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [ValueCommand.self]
}

struct ValueCommand: EstimatorCommand {
  static let verb = Verb.contractValue
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "Costs: CSV, Stata or SPSS file, or - for standard input.") var path: String = ""
  @Option(parsing: .unconditional, help: .of(.contractValue, "sites")) var sites: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "clients")) var clients: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "jobs")) var jobs: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "site-periods"))
  var sitePeriods: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "contracts")) var contracts: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "claims")) var claims: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "payer-shares"))
  var payerShares: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "follow-up")) var followUp: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "perspective"))
  var perspective: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "payer")) var payer: String?
  @Option(
    name: .customLong("public"), parsing: .unconditional, help: .of(.contractValue, "public"))
  var publicBodies: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "deflator")) var deflator: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "base-year")) var baseYear: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "discount")) var discount: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "willingness"))
  var willingness: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "draws")) var draws: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "effect")) var effect: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "effect-se")) var effectSe: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "effect-df")) var effectDf: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "correlation"))
  var correlation: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "delta-cost")) var deltaCost: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "delta-cost-se"))
  var deltaCostSe: String?
  @Option(parsing: .unconditional, help: .of(.contractValue, "delta-cost-df"))
  var deltaCostDf: String?
  @Flag(help: .of(.contractValue, "by-site")) var bySite = false
  @Flag(help: .of(.contractValue, "categories")) var categories = false
  @OptionGroup(title: "Common") var common: CommonOptions
}
