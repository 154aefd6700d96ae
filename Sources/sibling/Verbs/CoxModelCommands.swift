import ArgumentParser
import Studies

/// Commands of Cox models beyond `cox` itself.
enum CoxModelCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [CoxCurveCommand.self]
}

struct CoxCurveCommand: EstimatorCommand {
  static let verb = Verb.coxCurve
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.coxCurve, "at")) var at: String?
  @Flag(help: .of(.coxCurve, "baseline")) var baseline = false
  @Option(parsing: .unconditional, help: .of(.coxCurve, "conf")) var conf: String?
  @Option(parsing: .unconditional, help: .of(.coxCurve, "times")) var times: String?
  @Flag(help: .of(.coxCurve, "events-only")) var eventsOnly = false
  @Option(parsing: .unconditional, help: .of(.coxCurve, "ties")) var ties: String?
  @Flag(help: .of(.coxCurve, "robust")) var robust = false
  @Option(parsing: .unconditional, help: .of(.coxCurve, "id")) var id: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
