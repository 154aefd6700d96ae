/// Options of `contract scenario`: what goes otherwise than planned, and what is printed.
extension OptionKey {
  static let scenarioShortfall = OptionKey(
    "shortfall", .numbers, default: "0,0.2,0.4", "Shares of the planned referrals that do not come."
  )
  static let scenarioVacancy = OptionKey(
    "vacancy", .numbers, default: "0,0.15", "Shares of workers' posts that are vacant.")
  static let scenarioConversion = OptionKey(
    "conversion", .numbers, default: "1,0.8",
    "Factors on the planned conversion: 0.8 is a fifth less than planned.")
  static let scenarioConversionOf = OptionKey(
    "conversion-of", .choice(["start", "all"]), default: "start",
    "What the factor multiplies: the share of the engaged who start a job, or all three rates.")
  static let scenarioSplit = OptionKey(
    "split", .texts,
    "Splits of the contract's value, block:outcomes in per cent: 0:100,27.5:72.5; 'own' is that of the"
      + " contract as it stands. 0:100,20:80,27.5:72.5,50:50,70:30,95:5 if absent, or 'own' with"
      + " --contract. The plan is paid the same under every split: tariffs and caps are scaled.")
  static let scenarioSimulations = OptionKey(
    "simulations", .integer, default: "2000", "Futures simulated.")
  static let scenarioPaths = OptionKey(
    "paths", .flag, "Print instead quantiles by quarter of cash without investors' money.")
  static let scenarioBreakEven = OptionKey(
    "break-even", .flag,
    "Print instead the conversion that is just enough at each shortfall, for an expected surplus of"
      + " nothing and for each of --loss-levels. --shortfall is then 0 to 0.5, --conversion 0.4 to 1.6"
      + " unless given.")
  static let scenarioLossLevels = OptionKey(
    "loss-levels", .numbers, default: "0.1,0.5", "Chances of loss whose lines --break-even gives.")
  static let scenarioContract = OptionKey(
    "contract", .text,
    "Take block, tariffs, cap, shares, management cost and capital from this contract of --contracts and"
      + " --tariffs; what is given as an option goes first.")
  static let scenarioVersion = OptionKey(
    "contract-version", .text, "The version of --contract; its first if absent.")

  static let scenario: [OptionKey] =
    [
      scenarioShortfall, scenarioVacancy, scenarioConversion, scenarioConversionOf, scenarioSplit,
    ] + scenarioPlan + [
      contractTermsFile, tariffsFile, payerSharesFile, scenarioContract, scenarioVersion,
      scenarioSimulations, scenarioPaths, scenarioBreakEven, scenarioLossLevels,
    ]

  /// What the study file takes of them: everything is shown there.
  static let scenarioOfStudy: [OptionKey] = scenario.filter {
    ![scenarioPaths, scenarioBreakEven].contains($0)
  }
}
