/// ROBINS-I's seven domains of bias, as far as a run can see, beside what the authors answer.
///
/// Sterne and others 2016, doi:10.1136/bmj.i4919. A run judges only what it has evidence of; the rest
/// is "no information" until the authors answer under `evidence` in the study file. Overall the risk is
/// at least that of the worst domain.
struct RobinsI: Sendable, Equatable {
  /// A judgement, from the least to the greatest risk.
  enum Risk: String, Sendable, CaseIterable {
    case low, moderate, serious, critical
    case noInformation = "no information"

    /// How grave; no information is below all, and `overall` treats it apart.
    var severity: Int {
      switch self {
      case .noInformation: 0
      case .low: 1
      case .moderate: 2
      case .serious: 3
      case .critical: 4
      }
    }

    /// The graver of two.
    static func worse(_ left: Risk, _ right: Risk) -> Risk {
      left.severity >= right.severity ? left : right
    }
  }

  /// A domain, by the key that the study file uses.
  enum Domain: String, Sendable, CaseIterable {
    case confounding, selection, classification, deviations
    case missing = "missing-data"
    case measurement, reporting

    /// The domain's name.
    var words: String {
      switch self {
      case .confounding: "Confounding"
      case .selection: "Selection of participants"
      case .classification: "Classification of interventions"
      case .deviations: "Departures from intended interventions"
      case .missing: "Missing data"
      case .measurement: "Measurement of outcomes"
      case .reporting: "Selection of the reported result"
      }
    }

    /// What a person must still judge.
    var question: String {
      switch self {
      case .confounding: "whether everything that decides both treatment and outcome was recorded"
      case .selection:
        "whether anybody was left out or let in because of what happened after time zero"
      case .classification:
        "whether who was treated was recorded at the time and without the outcome"
      case .deviations:
        "whether people got what their group should get, and nothing else that matters"
      case .missing: "why outcomes are unknown, and whether that goes with them"
      case .measurement:
        "whether outcomes were recorded in the same way in both groups, whoever is paid for them"
      case .reporting: "whether this result was chosen among several because of what it says"
      }
    }
  }

  /// What the authors answer on a domain.
  struct Answer: Sendable, Equatable {
    var risk: Risk
    var why: String
  }

  /// One domain.
  struct Row: Sendable, Equatable {
    var domain: Domain
    /// What this run can say.
    var risk: Risk
    /// Its evidence.
    var evidence: String
    /// What the authors say, when they do.
    var answer: Answer?

    /// The run's judgement and the authors' together: the graver one.
    var combined: Risk { answer.map { Risk.worse(risk, $0.risk) } ?? risk }
  }

  /// What is known besides the rating's diagnostics.
  struct Facts: Sendable, Equatable {
    /// Whether the study file says when follow-up starts.
    var hasTimeZero = false
    /// Whether inclusion was counted.
    var hasCountedInclusion = false
    /// Whether a contract, a policy or chance decided, which is on record.
    var isTreatmentOnRecord = false
    /// Whether jobs end, or lengths bunch, where payment starts.
    var endsAtThreshold = false
    /// Whether treatment came about in a way that the study adjusts for nothing.
    var isUnadjusted = false
  }

  /// The seven domains in their order.
  let rows: [Row]

  /// Judges a study that compares groups.
  init(
    _ facts: EvidenceDiagnostics, _ rating: EvidenceRating, _ more: Facts,
    answers: [Domain: Answer] = [:]
  ) {
    rows = Domain.allCases.map { domain in
      let (risk, evidence) = Self.judge(domain, facts, rating, more)
      return Row(domain: domain, risk: risk, evidence: evidence, answer: answers[domain])
    }
  }

  /// The overall risk: the worst domain's; where none is serious or worse and one has no information,
  /// there is not enough information.
  var overall: Risk {
    let risks = rows.map(\.combined)
    let worst = risks.reduce(Risk.noInformation, Risk.worse)
    if worst.severity >= Risk.serious.severity { return worst }
    return risks.contains(.noInformation) ? .noInformation : worst
  }

  private static func judge(
    _ domain: Domain, _ facts: EvidenceDiagnostics, _ rating: EvidenceRating, _ more: Facts
  ) -> (Risk, String) {
    func found(_ domain: EvidenceRating.Domain) -> EvidenceRating.Judgement {
      rating.rows.first { $0.domain == domain }?.judgement ?? .notEvaluated
    }
    switch domain {
    case .confounding: return confounding(facts, more, found)
    case .selection:
      return more.hasTimeZero && more.hasCountedInclusion
        ? (.moderate, "time zero is declared and every inclusion rule is counted by group")
        : (.noInformation, "time zero is not declared, or inclusion was not counted")
    case .classification:
      return more.isTreatmentOnRecord
        ? (.low, "a contract, a policy or chance decided, which is on record")
        : (.noInformation, "how it was recorded who was treated is not in the data")
    case .deviations:
      return (.noInformation, "the data do not say who got what was intended")
    case .missing:
      let worst = [found(.attrition), found(.missing)]
      if worst.contains(.serious) {
        return (.serious, "many or uneven unknown outcomes, or a likely reading of them matters")
      }
      if found(.attrition) == .notEvaluated {
        return (.noInformation, "unknown outcomes were not counted by group, or are withheld")
      }
      return worst == [.clear, .clear]
        ? (.low, "few outcomes are unknown, and no reading of them changes the conclusion")
        : (.moderate, "some outcomes are unknown, or what they could change was not looked at")
    case .measurement:
      return more.endsAtThreshold
        ? (.serious, "recorded lengths gather where payment starts")
        : (.noInformation, "the data do not say how outcomes were recorded")
    case .reporting:
      switch facts.plan {
      case .kept: return (.low, "the plan was fixed before outcomes were read, and kept")
      case .departed: return (.moderate, "the plan was departed from; the report lists how")
      case .overridden: return (.serious, "effects are shown although a check of the design failed")
      case nil: return (.noInformation, "no plan from before is on record")
      }
    }
  }

  private static func confounding(
    _ facts: EvidenceDiagnostics, _ more: Facts,
    _ found: (EvidenceRating.Domain) -> EvidenceRating.Judgement
  ) -> (Risk, String) {
    if facts.assignment == .random {
      return (.low, "chance decided; there is another instrument for trials")
    }
    if facts.plan == .overridden {
      return (.critical, "a check of the design failed, and effects are shown all the same")
    }
    if more.isUnadjusted || facts.assignment == .unknown {
      return (.critical, "nothing is adjusted for, or nobody says how treatment came about")
    }
    if [found(.balance), found(.overlap), found(.trends), found(.hiddenBias)].contains(.serious) {
      return (.serious, "the groups differ, or something weak and unrecorded could matter")
    }
    if facts.isSiteLevel, facts.comparison == .level {
      return (.serious, "whole sites were treated and are compared only afterwards")
    }
    return (
      .moderate,
      facts.comparison == .change
        ? "lasting differences drop out; what changed differently is not known"
        : "what was recorded is adjusted for; the rest is not known"
    )
  }
}
