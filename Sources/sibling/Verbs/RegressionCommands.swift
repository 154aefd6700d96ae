import ArgumentParser
import Studies

struct RegressCommand: EstimatorCommand {
  static let verb = Verb.regress
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Argument(help: "Formula in R's notation.") var formula: String
  @Option(parsing: .unconditional, help: .of(.regress, "family")) var family: String?
  @Option(parsing: .unconditional, help: .of(.regress, "link")) var link: String?
  @Option(parsing: .unconditional, help: .of(.regress, "absorb")) var absorb: String?
  @Option(parsing: .unconditional, help: .of(.regress, "vcov")) var vcov: String?
  @Option(parsing: .unconditional, help: .of(.regress, "small-sample")) var smallSample: String?
  @Option(parsing: .unconditional, help: .of(.regress, "unit")) var unit: String?
  @Option(parsing: .unconditional, help: .of(.regress, "time")) var time: String?
  @OptionGroup(title: "Common") var common: CommonOptions

  var formulaText: String? { formula }
}
