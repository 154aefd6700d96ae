// The study file, described once.

extension Shape {
  private static let text = Shape.scalar(.text)
  private static let texts = Shape.list(.scalar(.text))

  /// The whole study file.
  static let study = Shape.fields(
    "study",
    [
      Field("study", text, required: true, "Short name; reports go to Reports/<study>."),
      Field("title", text, required: true, "Title of the report."),
      Field("question", text, required: true, "The question in one plain sentence."),
      Field("public", .scalar(.flag), "Whether the data are public, so that cells may be shown."),
      Field(
        "disclosure", disclosureStudy,
        "Disclosure profile of everything written. acro-default unless the data are public."),
      Field("sources", texts, "Citations of the data and the study."),
      Field("setting", setting, "Who, where, when and what, in words for the report."),
      Field("data", data, "The client-level file or panel; not needed for performance alone."),
      Field("treatment", treatment, "Which column says who was treated."),
      Field("assignment", assignment, "How treatment came about; the gate rests on it."),
      Field("gate", gateStudy, "Settings of the checks that are made before any effect."),
      Field("plan", planStudy, "The plan that was fixed before outcomes were seen."),
      Field("attrition", .list(attritionStep), "Inclusion rules, in order; every one is counted."),
      Field("outcomes", .list(outcome), "Outcomes, the primary one first."),
      Field("matching", matching, "The matched design."),
      Field("effects", .list(effect), "Effects to estimate on the matched design."),
      Field(
        "hidden-bias", hiddenBias,
        "How strong something unrecorded must be to change the conclusion on the first effect."),
      Field(
        "difference-in-differences", .list(differences),
        "Two-period or panel designs, the leading one first."),
      Field("event-study", eventStudy, "Effects by period relative to the start."),
      Field(
        "few-clusters", fewClusters,
        "Settings of the methods for few sites, which run whenever fewer than 40 stand behind an effect."
      ),
      Field("survival", .list(survival), "Survival analyses."),
      Field("states", .list(states), "Where people are over time: out of work, in a job, gone."),
      Field(
        "analyses", .list(call),
        "Further analyses by any verb, each with that verb's options; one table of the report each."
      ),
      Field("funnel", funnel, "People from referral to a sustained job, by arm and site."),
      Field("creaming", creaming, "Whether easier clients were taken on, by arm and over time."),
      Field("equity", equity, "Access and outcomes by profile."),
      Field(
        "payment-threshold", paymentThreshold,
        "Whether jobs end just after the length that a contract pays for."),
      Field("missing-evidence", missingEvidence, "What unknown outcomes could change."),
      Field("imputation", imputation, "Effects with missing values imputed several times."),
      Field("planning", planning, "What the design could find, without comparing outcomes."),
      Field("performance", performance, "Achievements against contract targets and payments."),
      Field("contracts", contractsStudy, "Claims replayed under the contracts' dated terms."),
      Field(
        "incentives", incentivesStudy,
        "What the rules of payment may have done to the records: bunching, hours, claims."),
      Field(
        "dose-response", doseResponseStudy,
        "Whether effects go with outcome share or management intensity across sites."),
      Field("scenario", scenarioStudy, "What contracts would pay and cost in simulated futures."),
      Field("value-for-money", valueStudy, "Costs, and what an additional outcome costs."),
      Field(
        "decisions", decisionsStudy, "Several outcomes, and margins that decide between readings."),
      Field(
        "specifications", specificationsStudy,
        "Choices over which the primary effect is estimated again."),
      Field("evidence", evidenceStudy, "What only the authors know about the evidence."),
      Field("benchmark", benchmark, "A known answer to show beside the estimate."),
      Field(
        "labels", .dictionary,
        "What covariates are called in charts and tables: {re75: Earnings 1975}."),
      Field("limitations", texts, "Limitations that only the authors can know."),
      Field("seed", .scalar(.integer), "Seed of every random stream."),
      Field("level", .scalar(.number), "Confidence level, 0.95 unless given."),
    ])

  private static let setting = Shape.fields(
    "setting",
    [
      Field("short-name", text, "What the programme is called in a sentence: 'the training'."),
      Field("programme", text, "The programme that the treated received."),
      Field("comparison", text, "What the others received."),
      Field("population", text, "Who is studied."),
      Field("place", text, "Where."),
      Field("period", text, "When."),
      Field("time-zero", text, "When follow-up starts."),
      Field("follow-up", text, "How long people are followed."),
    ])

  private static let data = Shape.fields(
    "data",
    [
      Field("file", text, "Data file, relative to the study file; or else 'tables'."),
      Field("tables", cohortTables, "Tables in the client-level schema: clients, sites, jobs."),
      Field(
        "definitions", .list(outcomeDefinition),
        "Outcomes to make from the jobs: names of the library, or definitions."),
      Field("follow-up", .scalar(.integer), "Weeks from acceptance over which work is followed."),
      Field(
        "engine", .scalar(OptionKey.engine.kind),
        "Where the rows are, when they are in no file: memory, duckdb, postgresql or spark. Connections come"
          + " from the environment."),
      Field("source", text, "Table, view or file in the engine."),
      Field(
        "by", .scalar(.choice(["rows", "sums"])),
        "rows (unless given): the columns that the study names are fetched. sums: no row leaves the engine,"
          + " and what can't be had from sums is left out of the report."),
      Field("engine-timeout", .scalar(.number), OptionKey.engineTimeout.help),
      Field(
        "id", text,
        "Column that identifies a row's person or unit; rows from an engine are put in its order."),
      Field(
        "joins", joins,
        "Other files whose columns are put beside the data file's by key, before 'derive'."),
      Field(OptionKey.derive),
      Field(OptionKey.types),
      Field(OptionKey.dateFormat),
      Field(OptionKey.missingWords),
      Field(OptionKey.separator),
      Field("weekly", weekly, "Weekly employment history from which outcomes are made."),
    ])

  private static let weekly = Shape.fields(
    "weekly",
    [
      Field(
        "columns", text, required: true, "First and last weekly column with a colon: emp1:emp52."),
      Field(
        "last-week", text, required: true, "Column with the last week under observation."),
      Field(
        "exited", text, required: true, "Column (yes/no) that says whether an exit ended it."),
      Field("exit-label", text, "What that exit is called, such as arrest."),
      Field("sustained", .list(definition), "Sustainment outcomes to make."),
    ])

  private static let definition = Shape.fields(
    "sustainment definition",
    [
      Field("name", text, required: true, "Column to make; bounds get _low and _high."),
      Field("weeks", .scalar(.integer), required: true, "Weeks that the first job must last."),
      Field(
        "start-by", .scalar(.integer), required: true, "Latest week in which the job may start."),
      Field("permitted-gap", .scalar(.integer), "Weeks without work that do not end the job."),
    ])

  private static let treatment = Shape.fields(
    "treatment",
    [
      Field("column", text, required: true, "The column."),
      Field("treated", text, "Its level that means treated."),
      Field("label", text, required: true, "What the treated are called in the report."),
      Field("comparison-label", text, required: true, "What the others are called."),
    ])

  private static let assignment = Shape.fields(
    "assignment",
    [
      Field(
        "level", .scalar(.choice(["individual", "site"])), required: true,
        "Whether people or whole sites were assigned."),
      Field(
        "mechanism",
        .scalar(.choice(["randomised", "self-selected", "policy", "contract", "unknown"])),
        required: true, "What decided it."),
      Field("site", text, "Column of the site, when sites were assigned."),
      Field(
        "unnamed-groups", text,
        "What groups were assigned, in the plural, when the data do not name them: states."),
    ])

  private static let attritionStep = Shape.fields(
    "attrition step",
    [
      Field("rule", text, required: true, "The rule in words."),
      Field("keep", text, required: true, "Expression that is true for rows that stay."),
    ])

  private static let outcome = Shape.fields(
    "outcome",
    [
      Field("name", text, required: true, "Column of the outcome."),
      Field("label", text, required: true, "What it is called: 'earnings in 1978'."),
      Field(
        "kind", .scalar(.choice(["binary", "share", "amount", "weeks", "number"])), required: true,
        "How it is measured and worded."),
      Field("unit", text, "Unit of an amount: $, £, points."),
      Field(
        "better", .scalar(.choice(["higher", "lower"])),
        "Which direction is good; higher if absent."
      ),
      Field("phrase", text, "What follows 'more weeks' in a sentence: 'in work in the year'."),
      Field(
        "important", .scalar(.number),
        "The smallest difference that matters, above 0: 0.05 is 5 percentage points of a share."),
      Field("lower-bound", text, "Column with the outcome under the worst reading of unknowns."),
      Field("upper-bound", text, "Column with the outcome under the best reading of unknowns."),
    ])

  private static let matching = Shape.fields(
    "matching",
    [
      Field("formula", text, required: true, "treatment ~ covariates, in R's notation."),
      Field(
        "alternatives",
        .list(
          .fields(
            "alternative",
            [
              Field("name", text, required: true, "What the alternative is called.")
            ]
              + ([OptionKey.balanceMethod] + OptionKey.matchDesign + OptionKey.weighting).map {
                Field($0)
              })),
        "Other designs, for the sensitivity table."),
    ]
      + ([OptionKey.balanceMethod] + OptionKey.matchDesign + OptionKey.weighting
      + OptionKey.balanceDetail).map { Field($0) })

  private static let effect = Shape.fields(
    "effect",
    [
      Field("outcome", text, required: true, "The outcome's name."),
      Field(
        "estimators", .list(.scalar(.choice(OptionKey.estimators))),
        "Estimators to show side by side; gcomp and difference if absent."),
    ] + (OptionKey.effectSettings + [OptionKey.cluster]).map { Field($0) })

  private static let differences = Shape.fields(
    "difference-in-differences", (OptionKey.did + [OptionKey.cluster]).map { Field($0) })

  private static let fewClusters = Shape.fields(
    "few-clusters", OptionKey.fewClustersOfStudies.map { Field($0) })

  private static let eventStudy = Shape.fields(
    "event-study", (OptionKey.eventStudy + [OptionKey.cluster]).map { Field($0) })

  private static let survival = Shape.fields(
    "survival analysis",
    [
      Field("name", text, required: true, "Short name, used in file rows."),
      Field("label", text, required: true, "What is followed: 'time to first job'."),
      Field("event", text, required: true, "What the event is called: 'losing the job'."),
      Field("formula", text, required: true, "Surv(time, event) ~ arm."),
      Field("adjust", text, "Covariates of the Cox model: '~ age + race'."),
      Field(
        "sample", .scalar(.choice(["all", "matched"])),
        "All rows, or the matched sample with its weights and pairs."),
      Field("time-unit", text, "Unit of time: weeks."),
      Field("note", text, "A paragraph for the report, on competing exits for instance."),
      Field(
        "causes", .dictionary,
        "Competing ends: the column of causes, then what each code is called: {column: why, 1:"
          + " lost, 2: arrest}; 0 is censored."),
      Field(
        "descriptive", .scalar(.flag), "Among a group chosen after time zero: no causal reading."),
      Field(
        "models", .scalar(.flag),
        "Compare parametric models and splines with the curves, by AIC and in a chart."),
      Field(OptionKey.times),
      Field(OptionKey.tau),
      Field(OptionKey.confidence),
      Field(OptionKey.ties),
    ] + OptionKey.timeZero.map { Field($0) })

  private static let states = Shape.fields(
    "analysis of states",
    [
      Field("name", text, required: true, "Short name, used in file rows."),
      Field("label", text, required: true, "What is followed: 'work in the year after release'."),
      Field("formula", text, required: true, "Surv(start, stop, state) ~ arm; ~ arm with weekly."),
      Field("time-unit", text, "Unit of time: weeks."),
      Field("note", text, "A paragraph for the report."),
    ] + OptionKey.stateStudy.map { Field($0) }
      + Verb.studyKeys.filter {
        ![OptionKey.filter, .imputation].contains($0)
      }.map { Field($0) })

  private static let call = Shape.call(
    "analysis",
    [
      Field("name", text, required: true, "Short name: rows go to results/analysis_<name>.csv."),
      Field(
        "verb", .scalar(.choice(Verb.inStudies.map(\.name))), required: true,
        "The verb, as on the command line."),
      Field("label", text, required: true, "What is estimated, as a heading of the report."),
      Field("formula", text, "The formula, where the verb takes one."),
      Field(
        "sample", .scalar(.choice(["all", "matched"])),
        "All rows, or the matched sample with its weights and sets; all unless given."),
      Field(
        "table", text,
        "Another table of 'data: tables', such as site_periods, with its sites' columns beside it."),
      Field("note", text, "A paragraph for the report."),
      Field(
        "descriptive", .scalar(.flag), "Among a group chosen after time zero: no causal reading."),
    ])

  private static let benchmark = Shape.fields(
    "benchmark",
    [
      Field("outcome", text, required: true, "The outcome that it concerns."),
      Field("estimate", .scalar(.number), "The known effect, as published."),
      Field("file", text, "CSV of the experiment from which the known effect is computed."),
      Field("label", text, required: true, "What it is."),
      Field("source", text, "Where it was published."),
    ])
}
