import ArgumentParser
import Statistics
import Studies

#if canImport(Glibc)
  import Glibc
#endif

/// The root command of `sibling`.
///
/// This room has verbs, messages and exit statuses; no statistics, no file formats.
@main
struct Sibling: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sibling",
    abstract: "Quasi-experimental evaluation: matching, difference-in-differences, survival.",
    discussion: """
      Start with a study file ('sibling run STUDY') or with one line on one data file \
      ('sibling match DATA FORMULA'). Data go to standard output, messages to standard error.

      Exit status: 0 done, 1 no convergence, a failed write or an engine that can't be reached or took too long, 2 the design gate withheld effects, \
      3 disclosure control, 4 drift or a failed check, 64 usage, 65 something wrong with what was given, 130 \
      interrupted.
      """,
    version: SiblingVersion.text,
    groupedSubcommands: [
      CommandGroup(
        name: "Studies",
        subcommands: InitCommands.all + [Validate.self] + PlanCommands.all + [Run.self]
          + [RegisterCommand.self, Schema.self, Doctor.self] + SimulationCommands.all
          + [SimulateCheck.self]),
      CommandGroup(
        name: "Reports",
        subcommands: ReportCommands.all + AuditCommands.all + ReproduceCommands.all
          + DisclosureCommands.all + NotebookCommands.all),
      CommandGroup(
        name: "Cohorts",
        subcommands: OutcomeScoringCommands.all + FlowCommands.all + MissingEvidenceCommands.all
          + ImputingCommands.all),
      CommandGroup(
        name: "Matching",
        subcommands: [
          MatchCommand.self, WeightCommand.self, BalanceCommand.self, EffectCommand.self,
        ]),
      CommandGroup(
        name: "Hidden bias",
        subcommands: [
          RosenbaumCommand.self, RobustnessCommand.self, EValueCommand.self, ManskiCommand.self,
          NegativeControlCommand.self,
        ]),
      CommandGroup(
        name: "Panels",
        subcommands: [DifferenceInDifferencesCommand.self, EventStudyCommand.self]
          + PanelMethodCommands.all + FewSiteCommands.all + PanelRobustnessCommands.all
          + SyntheticCommands.all + TimeSeriesCommands.all),
      CommandGroup(
        name: "Survival",
        subcommands: [
          KaplanMeierCommand.self, LogRankCommand.self, CoxCommand.self,
          ProportionalHazardsCommand.self, RestrictedMeanCommand.self,
        ] + CurveCommands.all + CoxModelCommands.all + CompetingCommands.all
          + ParametricCommands.all + SurvivalEffectCommands.all),
      CommandGroup(
        name: "Contracts",
        subcommands: [ContractCommand.self] + IncentivesCommands.all + DoseResponseCommands.all),
      CommandGroup(name: "Regression", subcommands: [RegressCommand.self]),
      CommandGroup(name: "Decisions", subcommands: DecisionsCommands.all),
      CommandGroup(name: "Manual", subcommands: [Manual.self]),
    ])

  static func main() {
    Console.useBetterKernel()
    Interruption.install()
    let arguments = SourceArgument.placed(Array(CommandLine.arguments.dropFirst()))
    guard let first = arguments.first else {
      print(helpMessage())
      return
    }
    if let error = unknownVerb(first) { Console.fail(error) }
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch let error as SiblingError {
      Console.fail(error)
    } catch {
      exit(withError: error)
    }
  }

  /// The error for a first word that is no verb.
  private static func unknownVerb(_ word: String) -> SiblingError? {
    guard !word.hasPrefix("-"), word != "help" else { return nil }
    let names = configuration.subcommandNames
    guard !names.contains(word) else { return nil }
    return SiblingError(
      .usage, "there is no verb '\(word)'", help: "'sibling --help' lists the verbs",
      suggestion: nearestName(to: word, among: names))
  }
}

extension CommandConfiguration {
  /// The verbs; `static` properties of a command may not be read while it is being made.
  fileprivate var subcommandNames: [String] {
    subcommands.map { $0.configuration.commandName ?? "\($0)".lowercased() }
  }
}
