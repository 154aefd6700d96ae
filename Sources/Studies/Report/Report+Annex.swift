internal import LinearAlgebra
internal import Matching
internal import Reporting
internal import Statistics

// The gate, limitations, methods, glossary, disclosure and reproduction.

extension Report {
  /// The gate's checks.
  mutating func diagnostics() throws(SiblingError) {
    guard let table = context.table("diagnostics") else { return }
    section("Diagnostics")
    document.paragraph(
      "These checks were made before any effect was estimated, except those that belong to a model. FAIL withholds effects; WARN is for the reader; NOT EVALUATED says that nobody looked."
    )
    document.table(
      table, caption: "Checks of the design and of the models.",
      columns: [
        .init("analysis", "Analysis"), .init("check", "Check"),
        .init("value", "Value", .significant(6)),
        .init("comparator", "Must be"), .init("threshold", "Threshold", .significant(6)),
        .init("status", "Status"),
      ])
    document.list(warnings)
  }

  /// Limitations, those that bias results first.
  mutating func limitations() {
    section("Limitations")
    var items: [Prose] = []
    if context.gate.verdict == .associational {
      items.append(
        "Chance did not decide who was treated. If the treated differed in ways that were not recorded and that matter for the outcome, the estimate is biased, in a direction that the data can't show."
      )
    }
    if context.study.node["assignment"]?["level"]?.text == "site" {
      items.append(
        context.designWords == nil
          ? "Sites were treated, not people: whatever else changed at them at the same time is part of the estimate."
          : "Sites were treated, not people: whatever else differs between sites is part of the estimate."
      )
    }
    items += context.study.limitations.map { Prose(plain: $0) }
    if items.isEmpty { items.append("None was declared by the authors of the study file.") }
    document.list(items)
  }

  /// Where the method of the design comes from.
  private static func designSource(_ study: StudyNode) -> Prose {
    switch study["matching"]?["method"]?.text {
    case "entropy":
      "Of all weights under which the moments agree, those of least relative entropy (Hainmueller 2012, doi:10.1093/pan/mpr025)."
    case "cbps":
      "The coefficients of the score solve the equations of balance instead of the likelihood's (Imai and Ratkovic 2014, doi:10.1111/rssb.12027)."
    case "cem":
      "People are compared within the cells of coarsened covariates that hold both groups (Iacus, King and Porro 2012, doi:10.1093/pan/mpr013)."
    case "exact":
      "People are compared within the cells of equal covariates that hold both groups."
    case "cardinality":
      "The largest samples whose means differ by no more than the tolerance (Zubizarreta, Paredes and Rosenbaum 2014, doi:10.1214/13-AOAS713)."
    case _
    where CovariateDistance.Metric(rawValue: study["matching"]?["distance"]?.text ?? "") != nil:
      "People are compared by the distance between their covariates, in units of the spread within groups unless it is plain Euclidean (Rubin 1980, doi:10.2307/2529981)."
    default:
      "The propensity score is a binomial regression of treatment on the covariates (Rosenbaum and Rubin 1983, doi:10.1093/biomet/70.1.41). Conventions of matching follow MatchIt (Ho, Imai, King and Stuart 2011, doi:10.18637/jss.v042.i08)."
    }
  }

  /// The methods, by what was run.
  mutating func methods() {
    section("Methods")
    var items: [Prose] = []
    let study = context.study.node
    if let words = context.designWords {
      items.append("**Design.** \(capitalised(words)). " + Self.designSource(study))
      items.append(
        "**Balance.** Standardised mean differences divide by a standard deviation of the unadjusted sample, that of the treated for the ATT, so that adjusting does not change the yardstick (see `smd_denominator`; on the measure, Austin 2009, doi:10.1002/sim.3697)."
      )
      items.append(
        "**Effects.** The weighted difference of means, and g-computation: an outcome model in which every covariate's slope may differ between the groups, predicted for the target group with and without treatment. Standard errors are clustered by matched set (Abadie and Spiess 2022, doi:10.1080/01621459.2020.1840383), or robust where nobody was paired; for estimated weights they are M-estimation's, which knows that the weights were estimated (Lunceford and Davidian 2004, doi:10.1002/sim.1903)."
      )
      items += estimatorMethods
    }
    if let hiddenBias = hiddenBiasMethods { items.append(hiddenBias) }
    if study["difference-in-differences"] != nil || study["event-study"] != nil {
      items.append(
        "**Difference-in-differences.** Two periods: Sant'Anna and Zhao (2020, doi:10.1016/j.jeconom.2020.06.003). Group-time effects: Callaway and Sant'Anna (2021, doi:10.1016/j.jeconom.2020.12.001), averaged over treated cells. Two-way fixed effects and the event study: unit and period effects, standard errors clustered by unit with the factor (N − 1)/(N − K)·G/(G − 1)."
      )
    }
    if study["survival"] != nil {
      items.append(
        "**Survival.** Kaplan–Meier curves with Greenwood's variance; restricted means (Royston and Parmar 2013, doi:10.1186/1471-2288-13-152); Cox regression with Efron's treatment of ties\(hazardTest)."
      )
    }
    if study["performance"] != nil {
      items.append(
        "**Performance.** Garwood's exact Poisson interval (1936, doi:10.1093/biomet/28.3-4.437) of the achieved count divided by the target; Clopper–Pearson intervals of conversion rates (1934, doi:10.1093/biomet/26.4.404). Money is added in whole pence."
      )
    }
    items += ContractSections.all.flatMap { $0.methods(self) }
    items += EvaluationSections.all.flatMap { $0.methods(self) }
    for node in study["analyses"]?.elements ?? [] {
      guard let verb = Verb.inStudies.first(where: { $0.name == node["verb"]?.text }) else {
        continue
      }
      let entry: Prose = "**`\(fixed: verb.name)`.** \(fixed: verb.discussion)"
      if !items.contains(entry) { items.append(entry) }
    }
    document.list(items)
    if !context.study.sources.isEmpty {
      document.paragraph("Sources of the data and the study:")
      document.list(context.study.sources.map { Prose(plain: $0) })
    }
  }

  /// Words that the report uses.
  mutating func glossary() {
    section("Glossary")
    var words: [(Prose, Prose)] = [
      (
        "95% interval",
        "the range of true values with which the data are compatible; in repeated studies 95 of 100 such ranges hold the true value"
      ),
      (
        "inconclusive",
        "the interval includes zero (or a ratio of one); more data could show either direction"
      ),
      (
        "social outcomes contract",
        "a contract that pays for outcomes, with a social investor's money in between; also social impact bond (SIB) or social outcomes partnership (SOP)"
      ),
      ("p", "the probability of a result at least as far from no difference, if there were none"),
    ]
    if context.designWords != nil {
      words += [
        ("ATT", "average effect of treatment on the treated"),
        ("propensity score", "the probability of being treated, given the recorded covariates"),
        ("SMD", "standardised mean difference between the groups"),
        ("effective sample size", "how many equally weighted people the weighted ones are worth"),
      ]
    }
    if context.table("performance") == nil {
      words.removeAll { $0.0 == "social outcomes contract" }
    }
    if context.study.node["data"] == nil {
      words.removeAll { $0.0 == "p" || $0.0 == "inconclusive" }
    }
    if context.table("survival") != nil {
      words += [
        ("hazard ratio", "how many times as fast the event comes in one group as in the other"),
        ("censored", "observation ended before the event could be seen"),
      ]
    }
    document.table(headings: ["Term", "Meaning"], rows: words.map { [$0.0, $0.1] })
  }

  /// The test of proportional hazards, which studies by sums don't make.
  private var hazardTest: Prose {
    context.isBySums
      ? ""
      : "; the score test of proportional hazards (Grambsch and Therneau 1994, doi:10.1093/biomet/81.3.515)"
  }

  /// How to get the same report again.
  mutating func reproducibility() {
    section("How to reproduce this report")
    document.paragraph("In the folder of the study file:")
    document.code(context.study.command, language: "console")
    var items: [Prose] = [
      "Version \(SiblingVersion.text), seed \("\(context.study.seed)"), processor kernel \(BLASInformation.kernel).",
      context.isBySums && !context.isInMemory
        ? "`manifest.json` holds the hash of the plan and one of what sums tell of the source: columns, types, numbers of rows and of missing values, sums of numbers, counts of levels; `datapackage.json` those of every result."
        : "`manifest.json` holds the hashes of every input and of the plan; `datapackage.json` those of every result.",
      context.isBySums && !context.isInMemory
        ? "The same source, seed, version and kernel give the same numbers but for their last digits: an engine adds in parallel."
        : "The same input, seed, version and kernel give the same bytes on any number of threads.",
      "`claims.csv` says of every number above where it comes from; `sibling audit` checks that.",
    ]
    if context.table("notes") != nil {
      items.append("[results/notes.csv](results/notes.csv) holds the numbers of notes.")
    }
    if context.table("important_differences") != nil {
      items.append(
        "[results/important_differences.csv](results/important_differences.csv) holds the differences that the study calls important."
      )
    }
    document.list(items)
  }
}
