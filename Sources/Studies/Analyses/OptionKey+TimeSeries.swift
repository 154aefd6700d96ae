/// Options of `its` and of re-runs that leave something out.
extension OptionKey {
  static let excludePeriods = OptionKey(
    "exclude-periods", .numbers,
    "Periods left out as if they had never been observed, such as a pandemic's: 2020,2021.")
  static let leaveOut = OptionKey(
    "leave-out", .text,
    "Estimate again without each level in turn: unit, cluster, or a column such as the provider."
      + " unit, when no other re-run is asked for.")
  static let placeboDates = OptionKey(
    "placebo-dates", .numbers,
    "Move treatment earlier by so many periods, using only rows before the true start: 1,2.")
  static let placeboStarts = OptionKey(
    "placebo-starts", .numbers,
    "Pretend that treatment began in these periods, using only rows before the true start: 2004.")

  static let didSensitivity: [OptionKey] =
    did.filter { ![pre, post].contains($0) } + [leaveOut, placeboDates, placeboStarts]
}
