import Testing

@testable import Studies

/// A matched comparison in which nothing serious was found.
private func matched(_ change: (inout EvidenceDiagnostics) -> Void = { _ in })
  -> EvidenceDiagnostics
{
  var facts = EvidenceDiagnostics()
  facts.assignment = .chosen
  facts.clusters = 400
  facts.attrition = .init(overall: 0.02, differential: 0.01)
  (facts.imbalance, facts.overlap) = (0.02, 1)
  facts.steadiness = .steady
  (facts.eValue, facts.preTrend) = (3, 0.5)
  facts.plan = .kept
  change(&facts)
  return facts
}

@Suite struct MarylandLevelTests {
  private func level(_ change: (inout EvidenceDiagnostics) -> Void = { _ in }) -> Int? {
    let facts = matched(change)
    return MarylandLevel(facts, EvidenceRating(facts)).level
  }

  @Test func theLevelFollowsTheDesign() {
    #expect(level { $0.assignment = .random } == 5)
    #expect(level { $0.comparison = .change } == 3)
    #expect(level() == 2)
    #expect(level { $0.imbalance = 0.4 } == 1)
    #expect(level { $0.imbalance = nil } == 1)
    #expect(level { $0.assignment = .unknown } == 1)
    #expect(level { $0.hasComparison = false } == nil)
  }

  @Test func lostOutcomesAndOtherTrendsCostALevel() {
    #expect(
      level { ($0.assignment, $0.attrition) = (.random, .init(overall: 0.5, differential: 0.2)) }
        == 3)
    #expect(level { ($0.assignment, $0.attrition) = (.random, nil) } == 3)
    #expect(level { ($0.comparison, $0.preTrend) = (.change, 0.001) } == 2)
    #expect(level { ($0.comparison, $0.preTrend) = (.change, nil) } == 2)
  }
}

@Suite struct RobinsITests {
  private var known: RobinsI.Facts {
    RobinsI.Facts(hasTimeZero: true, hasCountedInclusion: true, isTreatmentOnRecord: true)
  }

  private func risks(
    _ facts: EvidenceDiagnostics, _ more: RobinsI.Facts? = nil,
    _ answers: [RobinsI.Domain: RobinsI.Answer] = [:]
  ) -> RobinsI {
    RobinsI(facts, EvidenceRating(facts), more ?? known, answers: answers)
  }

  private func risk(_ domain: RobinsI.Domain, in robins: RobinsI) -> RobinsI.Risk? {
    robins.rows.first { $0.domain == domain }?.risk
  }

  @Test func everyDomainIsThereInItsOrder() {
    #expect(risks(matched()).rows.map(\.domain) == RobinsI.Domain.allCases)
    #expect(RobinsI.Domain.allCases.count == 7)
  }

  @Test func aRunJudgesOnlyWhatItSees() {
    let robins = risks(matched())
    #expect(risk(.confounding, in: robins) == .moderate)
    #expect(risk(.selection, in: robins) == .moderate)
    #expect(risk(.classification, in: robins) == .low)
    #expect(risk(.deviations, in: robins) == .noInformation)
    #expect(risk(.missing, in: robins) == .low)
    #expect(risk(.measurement, in: robins) == .noInformation)
    #expect(risk(.reporting, in: robins) == .low)
    #expect(robins.overall == .noInformation)
  }

  @Test func worseFindingsAreWorse() {
    #expect(risk(.confounding, in: risks(matched { $0.imbalance = 0.5 })) == .serious)
    #expect(risk(.confounding, in: risks(matched { $0.isSiteLevel = true })) == .serious)
    #expect(risk(.confounding, in: risks(matched { $0.plan = .overridden })) == .critical)
    #expect(risk(.confounding, in: risks(matched { $0.assignment = .unknown })) == .critical)
    #expect(risk(.missing, in: risks(matched { $0.steadiness = .moves })) == .serious)
    #expect(risk(.missing, in: risks(matched { $0.attrition = nil })) == .noInformation)
    #expect(risk(.reporting, in: risks(matched { $0.plan = nil })) == .noInformation)
    var ends = known
    ends.endsAtThreshold = true
    #expect(risk(.measurement, in: risks(matched(), ends)) == .serious)
  }

  /// The overall risk is at least that of the worst domain, whatever the authors answer.
  @Test func theOverallRiskIsAtLeastTheWorstDomains() {
    for answer in RobinsI.Risk.allCases {
      for facts in [matched(), matched { $0.imbalance = 0.5 }, matched { $0.plan = .overridden }] {
        var answers: [RobinsI.Domain: RobinsI.Answer] = [:]
        for domain in RobinsI.Domain.allCases { answers[domain] = .init(risk: answer, why: "so") }
        let robins = risks(facts, nil, answers)
        let worst = robins.rows.map { max($0.risk.severity, answer.severity) }.max() ?? 0
        if robins.overall == .noInformation {
          #expect(worst < RobinsI.Risk.serious.severity && answer == .noInformation)
        } else {
          #expect(robins.overall.severity >= worst)
        }
      }
    }
  }

  @Test func authorsCanFillInButNotWhitewash() {
    var answers: [RobinsI.Domain: RobinsI.Answer] = [:]
    for domain in RobinsI.Domain.allCases { answers[domain] = .init(risk: .low, why: "so") }
    #expect(risks(matched(), nil, answers).overall == .moderate)
    #expect(risks(matched { $0.imbalance = 0.5 }, nil, answers).overall == .serious)
  }
}

@Suite struct ReportingChecklistTests {
  /// TARGET has 21 numbered items, STROBE 22; none is missing or there twice.
  @Test func everyItemIsThereOnce() {
    for (list, count) in [(ReportingChecklist.target, 21), (.strobe, 22)] {
      let numbers = list.items.map { Int($0.number.prefix { $0.isNumber }) ?? 0 }
      #expect(numbers == numbers.sorted())
      #expect(Set(numbers) == Set(1...count))
      #expect(Set(list.items.map(\.number)).count == list.items.count)
      #expect(Set(list.items.map(\.topic)).count == list.items.count)
    }
    #expect(ReportingChecklist.target.items.count == 39)
  }

  /// With nothing in the study file only what every report has is established.
  @Test func withoutEvidenceNothingIsEstablished() throws {
    let study = try StudyFile(
      text: "study: a\ntitle: A\nquestion: Q?\npublic: true\ncontracts:\n  claims: c.csv\n",
      path: "study.yaml")
    var facts = DesignFacts()
    facts.hasComparison = false
    let reader = EvidenceReader(study: study, gate: Gate(facts), released: [:])
    for list in [ReportingChecklist.target, .strobe] {
      for item in list.items {
        let found = ReportingChecklist.find(item, reader)
        let isAlways = item.proofs.contains { if case .always = $0.proof { true } else { false } }
        let isPublic = item.proofs.contains {
          if case .publicData = $0.proof { true } else { false }
        }
        #expect(
          (found.state == ReportingChecklist.notEstablished) == !(isAlways || isPublic),
          "\(list.name) \(item.number): \(found)")
        #expect((found.section == nil) == (found.state == ReportingChecklist.notEstablished))
      }
    }
  }
}
