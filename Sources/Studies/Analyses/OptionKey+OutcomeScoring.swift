/// Options of `outcomes` and `harmonise`.
extension OptionKey {
  static let outcomeDefinitions = OptionKey(
    "definitions", .texts,
    "Definitions of the library: engagement, job_start, sustained_6, sustained_13, sustained_26,"
      + " mhep-6-weeks, mhep-6-months, lcf-13-weeks, ips-grow-before-2024, ips-grow-from-2024,"
      + " ipspc-13-in-16 and their variants (mhep-job-start; with -lt16 or -ge16;"
      + " ips-grow-13-weeks-…). The six from mhep-6-weeks to ipspc-13-in-16 unless given.")
  static let outcomeFollowUp = OptionKey(
    "follow-up", .integer, default: "52",
    "Weeks after acceptance by which an outcome must have come about.")
  static let definitionPairs = OptionKey(
    "pairs", .flag, "Print instead how each two definitions agree on the same clients.")

  static let outcomeScoring: [OptionKey] = cohortFiles + [outcomeDefinitions, outcomeFollowUp]
  static let harmonising: [OptionKey] =
    cohortFiles + [outcomeDefinitions, outcomeFollowUp, definitionPairs]
}
