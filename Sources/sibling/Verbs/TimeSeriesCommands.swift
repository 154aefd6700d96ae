import ArgumentParser
import Studies

/// Commands of interrupted time series and of re-runs that leave something out.
enum TimeSeriesCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [
    SensitivityCommand.self, InterruptedSeriesCommand.self,
  ]
}

struct SensitivityCommand: EstimatorCommand {
  static let verb = Verb.didSensitivity
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.didSensitivity, "leave-out")) var leaveOut: String?
  @Option(parsing: .unconditional, help: .of(.didSensitivity, "placebo-dates"))
  var placeboDates: String?
  @Option(parsing: .unconditional, help: .of(.didSensitivity, "placebo-starts"))
  var placeboStarts: String?
  @OptionGroup var difference: DifferenceOptions
  @OptionGroup(title: "Common") var common: CommonOptions
}

struct InterruptedSeriesCommand: EstimatorCommand {
  static let verb = Verb.interruptedSeries
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "outcome")) var outcome: String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "time")) var time: String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "interruption")) var interruption:
    String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "comparison")) var comparison:
    String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "at")) var at: String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "exclude-periods"))
  var excludePeriods: String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "season")) var season: String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "harmonics")) var harmonics:
    String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "lag")) var lag: String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "family")) var family: String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "exposure")) var exposure: String?
  @Option(parsing: .unconditional, help: .of(.interruptedSeries, "covariates")) var covariates:
    String?
  @Flag(help: .of(.interruptedSeries, "exponentiate")) var exponentiate = false
  @Flag(help: .of(.interruptedSeries, "paths")) var paths = false
  @OptionGroup(title: "Common") var common: CommonOptions
}

/// The options of `power --design did`.
struct PlannedPanelOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.power, "periods-before")) var periodsBefore: String?
  @Option(parsing: .unconditional, help: .of(.power, "periods-after")) var periodsAfter: String?
  @Option(parsing: .unconditional, help: .of(.power, "sd")) var sd: String?
  @Option(parsing: .unconditional, help: .of(.power, "autocorrelation"))
  var autocorrelation: String?
  @Option(parsing: .unconditional, help: .of(.power, "people-per-cell")) var peoplePerCell: String?
  @Option(parsing: .unconditional, help: .of(.power, "effect")) var effect: String?
}
