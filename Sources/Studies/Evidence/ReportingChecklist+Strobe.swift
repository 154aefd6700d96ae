// STROBE, the statement on reporting observational studies (von Elm and others 2007,
// doi:10.1371/journal.pmed.0040296): 22 items, numbered as there, in our own words.

extension ReportingChecklist {
  private static let question = "Question, estimand and target trial"
  private static let definitions = "Setting and definitions"
  private static let balance = "How alike the groups are"
  private static let flow = "Who was included"
  private static let targets = "Performance against targets"

  /// STROBE's items.
  static let strobe = ReportingChecklist(
    name: "STROBE",
    items: [
      ChecklistItem("1a", "The design, early", (.always, firstPage)),
      ChecklistItem("1b", "A balanced summary", (.always, firstPage)),
      ChecklistItem("2", "Background and reasons", (.author("background"), "")),
      ChecklistItem("3", "Objectives", (.always, question)),
      ChecklistItem("4", "Key elements of the design", (.always, question)),
      ChecklistItem(
        "5", "Setting, places and dates",
        (.all([.setting("place"), .setting("period")]), definitions)
      ),
      ChecklistItem(
        "6a", "Who was eligible, and how they were followed",
        (.all([.setting("population"), .table("attrition")]), flow)),
      ChecklistItem("6b", "How people were matched", (.key("matching"), "Methods")),
      ChecklistItem("7", "Outcomes, exposures and confounders", (.key("outcomes"), definitions)),
      ChecklistItem("8", "How each was measured", (.author("measurement"), "")),
      ChecklistItem(
        "9", "What was done against bias",
        (.table("hidden_bias"), "What something unrecorded could do"), (.table("balance"), balance)),
      ChecklistItem(
        "10", "How the size came about", (.author("study-size"), ""),
        (.table("planning"), "What this design could find")),
      ChecklistItem("11", "How measured variables were used", (.table("balance"), balance)),
      ChecklistItem("12a", "Statistical methods", (.always, "Methods")),
      ChecklistItem("12b", "Methods for subgroups", (.subgroups, "Methods")),
      ChecklistItem(
        "12c", "How missing values were met",
        (.table("missing_evidence"), "What unknown outcomes could change"),
        (.table("imputed_effects"), "Missing values filled in")),
      ChecklistItem("12d", "How matching or loss was met", (.key("matching"), "Methods")),
      ChecklistItem(
        "12e", "Analyses of sensitivity", (.table("sensitivity"), "Sensitivity to the design"),
        (.table("hidden_bias"), "What something unrecorded could do")),
      ChecklistItem("13a", "Numbers at each stage", (.table("attrition"), flow)),
      ChecklistItem("13b", "Reasons for leaving people out", (.table("attrition"), flow)),
      ChecklistItem("13c", "A flow diagram", (.table("attrition"), flow)),
      ChecklistItem("14a", "What people were like", (.table("balance"), balance)),
      ChecklistItem(
        "14b", "Missing values of each variable", (.table("data_quality"), "Data quality")),
      ChecklistItem("14c", "Length of follow-up", (.table("survival"), "Time to event")),
      ChecklistItem(
        "15", "Numbers of outcomes", (.table("funnel"), "From referral to a sustained job"),
        (.table("performance"), targets), (.table("survival"), "Time to event")),
      ChecklistItem("16a", "Estimates with their precision", (.table("estimates"), results)),
      ChecklistItem("16b", "Bounds of categories", (.table("balance"), balance)),
      ChecklistItem("16c", "Absolute differences", (.table("estimates"), results)),
      ChecklistItem(
        "17", "Other analyses", (.subgroups, "Subgroups"),
        (.table("sensitivity"), "Sensitivity to the design"), (.key("analyses"), "Further analyses")
      ),
      ChecklistItem("18", "Key results", (.always, firstPage)),
      ChecklistItem("19", "Limitations", (.always, "Limitations")),
      ChecklistItem(
        "20", "Interpretation", (.author("interpretation"), ""),
        (.always, "What you can and cannot say")),
      ChecklistItem("21", "To whom else it may apply", (.author("generalisability"), "")),
      ChecklistItem("22", "Funding", (.author("funding"), "")),
    ])
}
