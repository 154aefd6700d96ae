import Contracts
import Statistics
import TestSupport
import Testing

@Suite struct PaymentTests {
  @Test func totalsReconcileToThePenny() throws {
    let golden = try Golden.json("mhep_performance.json")["payments"]
    let result = try QuarterlyPayments().reconcile(try MHEP.payments(), maxima: try MHEP.maxima())
    #expect(result.quarters.count == 114)
    #expect(Array(result.totals.map(\.project).dropLast()) == golden.keys)
    for total in result.totals.dropLast() {
      let expected = golden[total.project]
      #expect(total.firstPlan.pence == Int(expected["first"].double))
      #expect(total.latestPlan.pence == Int(expected["latest"].double))
      #expect(total.actual.pence == Int(expected["actual"].double))
      #expect(total.firstPlanToDate?.pence == Int(expected["first_to_date"].double))
      #expect(total.latestPlanToDate?.pence == Int(expected["latest_to_date"].double))
      #expect(total.quarters == Int(expected["quarters"].double))
      #expect(total.quartersReported == Int(expected["reported"].double))
      #expect(total.asOf?.description == expected["as_of"].string)
    }
    // All five: 1568319 + 604045 + 1034487 + 1243387 + 1724694 = 6174932 paid, of
    // 1439148 + 620689 + 1034484 + 1307059 + 2068270 = 6469650.
    let all = try #require(result.totals.last)
    #expect(all.project == "all")
    #expect(all.actual == Money(pence: 617_493_200))
    #expect(all.maximum == Money(pence: 646_965_000))
    #expect(all.actualMinusMaximum == Money(pence: -29_471_800))
    #expect(result.asOf?.description == "2024-03")
  }

  @Test func quartersCarryDifferencesAndRunningSums() throws {
    let result = try QuarterlyPayments().reconcile(try MHEP.payments(), maxima: try MHEP.maxima())
    let rows = result.quarters.filter { $0.project == "INDIGO-POJ-0176" }
    // 61276 − 34911 = 26365; then 61276 + 105793 = 167069 against 34911 + 55638 = 90549.
    #expect(rows[0].actualMinusFirstPlan == Money(pence: 2_636_500))
    #expect(rows[0].actualMinusLatestPlan == Money(pence: -33_000))
    #expect(rows[1].cumulativeActual == Money(pence: 16_706_900))
    #expect(rows[1].cumulativeFirstPlan == Money(pence: 9_054_900))
    // 2023-06 is not reported: no difference and no running sum, rather than a zero.
    let later = try #require(rows.first { $0.quarter.description == "2023-06" })
    #expect(later.actual == nil)
    #expect(later.actualMinusFirstPlan == nil)
    #expect(later.cumulativeActual == nil)
    #expect(later.cumulativeFirstPlan != nil)
    // Pence survive: 150310.17 planned, 77724 paid.
    let uneven = try #require(rows.first { $0.quarter.description == "2022-09" })
    #expect(uneven.actualMinusLatestPlan == Money(pence: -7_258_617))
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let result = try QuarterlyPayments().reconcile(try MHEP.payments(), maxima: try MHEP.maxima())
    let named = Set(
      result.anomalies.map { "\($0.project.suffix(4)) \($0.rule.rawValue) \($0.subject)" })
    #expect(named.count == result.anomalies.count)
    #expect(
      named == [
        "0176 latest-plan-missing 2024-12, 2025-03",
        // The latest plan has 0 for 2022-03 (136671 paid) and for 2023-03 (10747 paid).
        "0176 paid-against-zero-plan 2022-03", "0176 paid-against-zero-plan 2023-03",
        // 1568319 paid against a maximum of 1439148; 1034487 against 1034484.
        "0176 paid-above-maximum total", "0189 paid-above-maximum total",
        "0188 latest-plan-missing 2024-09 to 2026-03 (7 quarters)",
        "0189 latest-plan-missing 2024-12 to 2026-03 (6 quarters)",
        "0193 off-quarter-label 2024-10", "0193 quarter-labels-disagree 2024-10, 2024-12",
        "0193 first-plan-missing 2024-10",
        "0193 latest-plan-missing 2024-09 to 2026-03 (7 quarters)",
      ])
    let over = result.anomalies.first { $0.rule == .paidAboveMaximum }
    #expect(
      over?.sentence == "Haringey and Barnet: £1,568,319 was paid, £129,171 more than the"
        + " contract's maximum of £1,439,148.")
  }

  @Test func gapsAbsencesAndPaymentsWithoutPlan() throws {
    func quarter(_ text: String, _ plan: Int?, _ actual: Int?) throws -> PaymentQuarter {
      PaymentQuarter(
        project: "A", quarter: try CalendarMonth(text), firstPlan: plan.map(Money.init(pence:)),
        latestPlan: plan.map(Money.init(pence:)), actual: actual.map(Money.init(pence:)))
    }
    let rows = [
      try quarter("2021-12", nil, 70), try quarter("2021-03", 100, 90),
      try quarter("2021-06", 100, nil),
    ]
    let result = try QuarterlyPayments().reconcile(
      rows, maxima: [ContractMaximum(project: "A", site: "Alpha", maximum: nil)])
    #expect(result.quarters.map(\.quarter.description) == ["2021-03", "2021-06", "2021-12"])
    #expect(result.anomalies.map(\.rule) == [.quarterAbsent, .actualWithoutPlan, .gapInActuals])
    #expect(result.anomalies.map(\.subject) == ["2021-09", "2021-12", "2021-06"])
    // A quarter is missing before 2021-12, so the running sum stays unknown there.
    #expect(result.quarters.map(\.cumulativeActual) == [Money(pence: 90), nil, nil])
    let total = try #require(result.totals.first)
    #expect(result.totals.count == 1)
    #expect(total.actual == Money(pence: 160))
    #expect(total.firstPlanToDate == nil)
    #expect(total.shareOfMaximum == nil)
  }

  @Test func moneyIsExact() throws {
    #expect(try Money(pounds: 150310.17).pence == 15_031_017)
    #expect(try Money(pounds: 0.29).pence == 29)
    #expect(try Money(pounds: -74812.5).description == "-74812.50")
    #expect(Money(pence: 5).description == "0.05")
    #expect(Money(pence: 100_000_000).text == "£1,000,000")
    #expect(Money(pence: -123_405).text == "−£1,234.05")
    #expect(Money(pence: 99_900).text == "£999")
    for pence in stride(from: 1, to: 2_000_000, by: 7919) {
      #expect(try Money(pounds: Money(pence: pence).pounds).pence == pence)
    }
    for pounds in [0.001, .nan, .infinity, 1e15] {
      #expect(throws: SiblingError.self) { try Money(pounds: pounds) }
    }
  }

  @Test func monthsAreChecked() throws {
    #expect(try CalendarMonth("2024-10").description == "2024-10")
    #expect(try CalendarMonth("2023-12") < CalendarMonth("2024-01"))
    #expect(try CalendarMonth("2024-09").endsQuarter)
    for text in ["2024-13", "2024-00", "2024-1", "24-01", "2024/01", "2024-1x", "", "0001-01"] {
      #expect(throws: SiblingError.self) { try CalendarMonth(text) }
    }
  }

  @Test func badPaymentsAreRefused() throws {
    let month = try CalendarMonth("2021-03")
    let row = PaymentQuarter(
      project: "A", quarter: month, firstPlan: .zero, latestPlan: .zero, actual: .zero)
    let contract = ContractMaximum(project: "A", site: "A", maximum: .zero)
    func code(_ rows: [PaymentQuarter], _ maxima: [ContractMaximum]) -> SiblingError.Code? {
      do {
        _ = try QuarterlyPayments().reconcile(rows, maxima: maxima)
        return nil
      } catch { return error.code }
    }
    var negative = row
    negative.actual = Money(pence: -1)
    #expect(code([], [contract]) == .noRows)
    #expect(code([row], []) == .missingKey)
    #expect(code([row], [contract, contract]) == .duplicateKey)
    #expect(code([row, row], [contract]) == .duplicateKey)
    #expect(code([negative], [contract]) == .badValue)
    #expect(code([row], [contract]) == nil)
  }
}
