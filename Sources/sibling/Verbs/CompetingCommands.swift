import ArgumentParser
import Studies

struct IncidenceCommand: EstimatorCommand {
  static let verb = Verb.incidence
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.incidence, "conf")) var conf: String?
  @Option(parsing: .unconditional, help: .of(.incidence, "times")) var times: String?
  @Option(parsing: .unconditional, help: .of(.incidence, "variance")) var variance: String?
  @Flag(help: .of(.incidence, "events-only")) var eventsOnly = false
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct GrayCommand: EstimatorCommand {
  static let verb = Verb.gray
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.gray, "rho")) var rho: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct FineGrayCommand: EstimatorCommand {
  static let verb = Verb.fineGray
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.fineGray, "cause")) var cause: String?
  @Option(parsing: .unconditional, help: .of(.fineGray, "censoring")) var censoring: String?
  @Flag(help: .of(.fineGray, "robust")) var robust = false
  @Flag(help: .of(.fineGray, "exponentiate")) var exponentiate = false
  @Option(parsing: .unconditionalSingleValue, help: .of(.fineGray, "at")) var at: [String] = []
  @Option(parsing: .unconditional, help: .of(.fineGray, "times")) var times: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct StatesCommand: EstimatorCommand {
  static let verb = Verb.states
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.states, "id")) var id: String?
  @Option(parsing: .unconditional, help: .of(.states, "initial")) var initial: String?
  @Option(parsing: .unconditional, help: .of(.states, "tau")) var tau: String?
  @Option(parsing: .unconditional, help: .of(.states, "times")) var times: String?
  @Option(parsing: .unconditional, help: .of(.states, "conf")) var conf: String?
  @Option(parsing: .unconditional, help: .of(.states, "weekly")) var weekly: String?
  @Option(parsing: .unconditional, help: .of(.states, "last-week")) var lastWeek: String?
  @Option(parsing: .unconditional, help: .of(.states, "exit")) var exit: String?
  @Option(parsing: .unconditional, help: .of(.states, "sustained")) var sustained: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

struct MeanCountCommand: EstimatorCommand {
  static let verb = Verb.meanCount
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.meanCount, "id")) var id: String?
  @Option(parsing: .unconditional, help: .of(.meanCount, "cause")) var cause: String?
  @Option(parsing: .unconditional, help: .of(.meanCount, "times")) var times: String?
  @Option(parsing: .unconditional, help: .of(.meanCount, "conf")) var conf: String?
  @Option(parsing: .unconditional, help: .of(.meanCount, "weekly")) var weekly: String?
  @Option(parsing: .unconditional, help: .of(.meanCount, "last-week")) var lastWeek: String?
  @Option(parsing: .unconditional, help: .of(.meanCount, "exit")) var exit: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}

/// Commands of competing exits, states and several jobs.
enum CompetingCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [
    IncidenceCommand.self, GrayCommand.self, FineGrayCommand.self, StatesCommand.self,
    MeanCountCommand.self,
  ]
}
