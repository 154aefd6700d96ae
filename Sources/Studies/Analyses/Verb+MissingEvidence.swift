/// Verbs that ask what missing outcomes could change.
extension Verb {
  /// The effect under every reading of unknown outcomes.
  public static let evidenceReadings = Verb(
    name: "missing-evidence",
    abstract: "The effect under every reading of the outcomes that nobody knows.",
    discussion: """
      An outcome has three states: yes, no and unknown (an empty cell, or the word 'unknown'). One row a \
      reading: complete-case leaves the unknown out; missing-is-no reads them as 0, which is often done and \
      wrong; ipcw weights the known to stand for everybody (logit of known on covariates and --predictors \
      in each arm; standard errors allow for the estimated weights); worst and best read the unknown \
      against and for the treated; bounds has the range between them in low and high, and one interval that \
      covers the effect wherever it lies there (Imbens and Manski 2004, \
      doi:10.1111/j.1468-0262.2004.00555.x); lee-low and lee-high trim the arm that is known more often \
      (Lee 2009, doi:10.1111/j.1467-937X.2009.00536.x). With covariates the effect is by linear \
      g-computation: covariates interact with treatment. HC2, or with --cluster CR2 and Satterthwaite's \
      degrees of freedom.
      """,
    formula: .required, keys: OptionKey.missingEvidence,
    example: """
      sibling missing-evidence Data/lalonde/lalonde.csv 'treat ~ age + educ' \
      --derive 'worked = ifelse(re75 > 0, re78 > 0, NA)' --outcome worked
      """)

  /// How far from missing at random the conclusion holds.
  public static let tippingPoint = Verb(
    name: "tipping-point",
    abstract: "What must be true of unknown outcomes for the conclusion to change.",
    discussion: """
      People of unknown outcome get what known people of their arm with their covariates have, shifted: \
      by --delta (log odds for an outcome of 0 and 1, else its units; Cro and others 2020, \
      doi:10.1002/sim.8569), or to each of the --grid probabilities in each arm (Liublinska and Rubin 2014, \
      doi:10.1002/sim.6197). The row at-random has no shift. Rows tip have the smallest shift at which the \
      interval begins or stops to include 0, or the sign changes: of one arm with the other missing at \
      random, and of both by the same shift; blank where no shift does. The variance is Rubin's with \
      infinitely many imputations, found without drawing, and at random that of the known outcomes \
      standardised to everybody, so that clusters count.
      """,
    formula: .required, keys: OptionKey.tippingPoint,
    example: """
      sibling tipping-point Data/lalonde/lalonde.csv 'treat ~ 1' \
      --derive 'worked = ifelse(re75 > 0, re78 > 0, NA)' --outcome worked --grid 0,0.5,1
      """)

  /// Whose outcome is unknown.
  public static let outcomeAttrition = Verb(
    name: "attrition",
    abstract: "Whose outcome is unknown: by arm, by reason, by covariates.",
    discussion: """
      Rows rate: the share of unknown outcomes over all, by arm, and the difference between the arms with \
      its interval. Rows reason: the difference in each reason's share. Rows test: joint Wald tests, in a \
      linear probability model, that an unknown outcome goes with arm, with covariates, and with covariates \
      differently by arm; df.num are the restrictions. Rows balance: standardised differences of covariates \
      among everybody and among the known. The row boundary compares the rates with the What Works \
      Clearinghouse's boundary (Standards Handbook 4.1, 2020, Table II.1).
      """,
    formula: .required, keys: OptionKey.outcomeAttrition,
    example: """
      sibling attrition Data/lalonde/lalonde.csv 'treat ~ age + educ' \
      --derive 'worked = ifelse(re75 > 0, re78 > 0, NA)' --outcome worked
      """)

  /// The verbs, in the order of the help page.
  static let missingEvidence: [Verb] = [evidenceReadings, tippingPoint, outcomeAttrition]

  /// The analyses behind them.
  static let missingEvidenceAnalyses: [String: any VerbAnalysis.Type] = [
    evidenceReadings.name: MissingEvidenceAnalysis.self,
    tippingPoint.name: TippingPointAnalysis.self,
    outcomeAttrition.name: OutcomeAttritionAnalysis.self,
  ]
}
