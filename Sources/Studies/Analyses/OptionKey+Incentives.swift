/// Options of the verbs of `Verb+Incentives`.
extension OptionKey {
  static let bunchingDuration = OptionKey(
    "duration", .text, "Column of the jobs' lengths, in the unit.")
  static let bunchingUnit = OptionKey(
    "unit", .choice(["weeks", "days"]), default: "weeks", "What lengths are counted in.")
  static let bunchingEnded = OptionKey(
    "ended", .text,
    "Column (0/1) that says whether a job was seen to end; without it every job was. Jobs that go on"
      + " count in the hazard only.")
  static let bunchingThresholds = OptionKey(
    "threshold", .numbers,
    "Lengths that are paid for, in the unit; 13 weeks unless given.")
  static let bunchingArm = OptionKey(
    "arm", .text,
    "Column of two arms, one of which is paid at the threshold: the level of --treated, else 1, true or"
      + " the second level.")
  static let bunchingSite = OptionKey(
    "site", .text, "Column of sites: the clusters of the comparison.")
  static let bunchingRound = OptionKey(
    "round", .choice(["whole-months", "weeks-4", "none"]), default: "whole-months",
    "Lengths at which records heap for reasons of their own.")
  static let bunchingPlacebo = OptionKey(
    "placebo", .text,
    "Lengths that nobody pays for: FROM:TO in whole weeks, or a list in the unit; 5 weeks to 22 beyond"
      + " the threshold unless given.")
  static let bunchingBandwidth = OptionKey(
    "bandwidth", .number,
    "Bandwidth of the density test on either side, in the unit; chosen by the data unless given.")
  static let bunchingHours = OptionKey(
    "hours", .text, "Column of weekly hours, for the audit of heaping at 16.")
  static let bunchingEvent = OptionKey(
    "event", .text, "Column of the days of paid outcomes, for the audit of claims.")
  static let bunchingClaimed = OptionKey(
    "claimed", .text, "Column of the days of the claims.")
  static let bunchingDeadline = OptionKey(
    "claim-deadline", .integer, "Days from the outcome within which it has to be claimed.")
  static let bunchingDraws = OptionKey(
    "draws", .integer, default: "499", "Draws of bootstraps and exchanges of sites.")

  static let bunching: [OptionKey] = [
    bunchingDuration, bunchingUnit, bunchingEnded, bunchingThresholds, bunchingArm, bunchingSite,
    bunchingRound, bunchingPlacebo, bunchingBandwidth, bunchingHours, bunchingEvent,
    bunchingClaimed, bunchingDeadline, bunchingDraws,
  ]

  /// What a study file takes of them; its lengths are weeks.
  static let studyThresholds = OptionKey(
    "thresholds", .numbers,
    "Weeks of a job that are paid for; those of the contracts' tariffs if absent, else 13.")
  static let studyPlacebo = OptionKey(
    "placebo", .text,
    "Weeks that nobody pays for, FROM:TO or a list; 5 to 22 beyond the threshold if absent.")

  static let studyIncentives: [OptionKey] = [
    studyThresholds, studyPlacebo, bunchingRound, bunchingDraws,
  ]
}
