import ArgumentParser
import Studies

/// The verb of scenarios.
enum ScenarioCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [ScenarioCommand.self]
}

/// Who comes, and what becomes of them.
struct ScenarioPeopleOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.contractScenario, "referrals")) var referrals: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "years")) var years: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "sites")) var sites: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "rates")) var rates: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "start-delay")) var startDelay:
    String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "sustained-delay"))
  var sustainedDelay: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "stay")) var stay: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "caseload")) var caseload: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "workers")) var workers: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "quarter-cv")) var quarterCv:
    String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "site-cv")) var siteCv: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "site-sd")) var siteSd: String?
}

/// What is paid and what it costs.
struct ScenarioMoneyOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.contractScenario, "tariff")) var tariff: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "cap")) var cap: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "value")) var value: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "block")) var block: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "payers")) var payers: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "block-payer")) var blockPayer:
    String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "lag")) var lag: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "salary")) var salary: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "overhead")) var overhead: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "vacancy-saving"))
  var vacancySaving: String?
}

/// What investors put in.
struct ScenarioCapitalOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.contractScenario, "equity")) var equity: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "loan")) var loan: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "loan-rate")) var loanRate: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "loan-years")) var loanYears:
    String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "loan-kind")) var loanKind: String?
}

struct ScenarioCommand: EstimatorCommand {
  static let verb = Verb.contractScenario
  static let configuration: CommandConfiguration = page(for: verb)

  @Option(parsing: .unconditional, help: .of(.contractScenario, "shortfall")) var shortfall: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "vacancy")) var vacancy: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "conversion")) var conversion:
    String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "conversion-of")) var conversionOf:
    String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "split")) var split: String?
  @OptionGroup(title: "People") var people: ScenarioPeopleOptions
  @OptionGroup(title: "Money") var money: ScenarioMoneyOptions
  @OptionGroup(title: "Capital") var capital: ScenarioCapitalOptions
  @Option(parsing: .unconditional, help: .of(.contractScenario, "contracts")) var contracts: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "tariffs")) var tariffs: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "payer-shares")) var payerShares:
    String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "contract")) var contract: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "contract-version"))
  var contractVersion: String?
  @Option(parsing: .unconditional, help: .of(.contractScenario, "simulations")) var simulations:
    String?
  @Flag(help: .of(.contractScenario, "paths")) var paths = false
  @Flag(help: .of(.contractScenario, "break-even")) var breakEven = false
  @Option(parsing: .unconditional, help: .of(.contractScenario, "loss-levels")) var lossLevels:
    String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var path: String { "" }
}
