// TARGET, the statement on transparent reporting of observational studies that emulate a target trial
// (Cashin and others 2025, doi:10.1001/jama.2025.13350): 21 items, numbered as there, in our own words.

extension ReportingChecklist {
  private static let question = "Question, estimand and target trial"
  private static let definitions = "Setting and definitions"
  private static let balance = "How alike the groups are"
  private static let flow = "Who was included"

  /// TARGET's items.
  static let target = ReportingChecklist(
    name: "TARGET",
    items: [
      ChecklistItem("1a", "Says that a target trial is emulated", (.key("data"), question)),
      ChecklistItem("1b", "Names the data in the summary", (.sources, "Methods")),
      ChecklistItem("1c", "Summarises methods, findings and conclusion", (.always, firstPage)),
      ChecklistItem("2", "Background and gap in knowledge", (.author("background"), "")),
      ChecklistItem("3", "The causal question", (.always, question)),
      ChecklistItem("4", "Why a trial is emulated with these data", (.author("rationale"), "")),
      ChecklistItem("5", "Where the data come from, and for what", (.author("data-source"), "")),
      ChecklistItem("6a", "Trial: who would be eligible", (.setting("population"), question)),
      ChecklistItem(
        "6b", "Trial: what would be compared",
        (.all([.setting("programme"), .setting("comparison")]), question)),
      ChecklistItem("6c", "Trial: chance would assign", (.key("data"), question)),
      ChecklistItem(
        "6d", "Trial: start and end of follow-up",
        (.all([.setting("time-zero"), .setting("follow-up")]), question)),
      ChecklistItem("6e", "Trial: outcomes", (.key("outcomes"), question)),
      ChecklistItem("6f", "Trial: contrasts and measures", (.table("estimates"), question)),
      ChecklistItem(
        "6g", "Trial: assumptions that identify the effect", (.key("matching"), "Limitations"),
        (.key("difference-in-differences"), "Limitations")),
      ChecklistItem(
        "6h", "Trial: plan of the analysis", (.key("plan"), "Deviations from the plan")),
      ChecklistItem("7a", "Data: how eligibility was applied", (.table("attrition"), flow)),
      ChecklistItem(
        "7b", "Data: how treatment was told",
        (.all([.key("treatment"), .setting("programme")]), question)),
      ChecklistItem("7c", "Data: how treatment came about", (.mechanism, question)),
      ChecklistItem(
        "7d", "Data: start and end of follow-up",
        (.all([.setting("time-zero"), .setting("follow-up")]), question)),
      ChecklistItem("7e", "Data: how outcomes were made", (.key("outcomes"), definitions)),
      ChecklistItem("7f", "Data: contrasts and measures", (.table("estimates"), results)),
      ChecklistItem(
        "7g(i)", "Data: assumptions, confounding at the start", (.key("matching"), "Limitations"),
        (.key("difference-in-differences"), "Limitations")),
      ChecklistItem("7g(ii)", "Data: what was adjusted for", (.table("balance"), balance)),
      ChecklistItem("7h(i)", "Data: methods and missing values", (.table("estimates"), "Methods")),
      ChecklistItem(
        "7h(ii)", "Data: analyses of sensitivity",
        (.table("sensitivity"), "Sensitivity to the design"),
        (.table("hidden_bias"), "What something unrecorded could do"),
        (.table("missing_evidence"), "What unknown outcomes could change")),
      ChecklistItem(
        "8", "Numbers assessed, eligible and in each group", (.table("attrition"), flow)),
      ChecklistItem("9", "What the groups were like at the start", (.table("balance"), balance)),
      ChecklistItem(
        "10", "Length of follow-up and why it ended", (.table("survival"), "Time to event")),
      ChecklistItem("11", "Missing values by group", (.table("data_quality"), "Data quality")),
      ChecklistItem(
        "12", "Outcomes in each group", (.table("funnel"), "From referral to a sustained job"),
        (.table("means"), "Difference-in-differences"), (.table("survival"), "Time to event")),
      ChecklistItem("13", "Effects with their precision", (.table("estimates"), results)),
      ChecklistItem(
        "14", "Results of analyses of sensitivity",
        (.table("sensitivity"), "Sensitivity to the design"),
        (.table("hidden_bias"), "What something unrecorded could do"),
        (.table("missing_evidence"), "What unknown outcomes could change")),
      ChecklistItem(
        "15", "Interpretation", (.author("interpretation"), ""),
        (.always, "What you can and cannot say")),
      ChecklistItem("16", "Limitations", (.always, "Limitations")),
      ChecklistItem("17", "Ethics approval", (.author("ethics"), "")),
      ChecklistItem("18", "Registration", (.author("registered"), "")),
      ChecklistItem(
        "19", "Where data and code can be had", (.author("sharing"), ""),
        (.publicData, "How to reproduce this report")),
      ChecklistItem("20", "Funding", (.author("funding"), "")),
      ChecklistItem("21", "Conflicts of interest", (.author("conflicts"), "")),
    ])

  /// What stands before the first numbered section.
  static let firstPage = "First page"
}
